"""How natural a string of katakana is, from the rules of the syllabary alone."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final

_SPACE: Final = "\u3000"
_I_ROW: Final = frozenset("キシチニヒミリギジヂビピ")
_SMALL: Final = frozenset("ァィゥェォャュョヮ")
_CONTRACTED: Final = frozenset("ャュョ")
_SMALL_OF: Final = MappingProxyType({"ヤ": "ャ", "ユ": "ュ", "ヨ": "ョ"})
_AFTER_SOKUON: Final = frozenset("カキクケコサシスセソタチツテトパピプペポ")
_AFTER_SOKUON_ABROAD: Final = _AFTER_SOKUON | frozenset(
    "ガギグゲゴザジズゼゾダヂヅデドバビブベボフハヒヘホ"
)
_FOREIGN: Final = MappingProxyType(
    {
        "ァ": "ファヴァ",
        "ィ": "フィヴィティディウィ",
        "ゥ": "トゥドゥ",
        "ェ": "フェヴェシェチェジェウェ",
        "ォ": "フォヴォウォ",
        "ュ": "フュヴュテュデュ",
    }
)
"""Pairs of a kana and a small one that only words from abroad have."""

_IMPOSSIBLE: Final = -7.0
_UNUSUAL: Final = -3.0
_SELDOM: Final = -1.5
_GEMINATE: Final = -3.0
_LONG_VOWEL: Final = -3.5
_KATAKANA_WORD: Final = re.compile(r"[ァ-ヶー]+")
_LONE_LATIN: Final = re.compile(r"(?<=[ぁ-ゖァ-ヶー一-龠])[A-Za-z](?=[ぁ-ゖァ-ヶー一-龠])")


def kana_log_prior(text: str) -> float:
    """Natural logarithm, at most 0, of how natural a name's reading is; 0 = entirely.

    Args:
        text: full-width katakana; family and given name parted by U+3000 or written as one.
    """
    total = 0.0
    for part in text.split(_SPACE):
        for index, character in enumerate(part):
            total += _in_name(
                character, part[index - 1] if index else "", part[index + 1 : index + 2]
            )
    return total


def words_log_prior(text: str) -> float:
    """The same for free text: its katakana words, and Latin letters lost between kana and kanji."""
    total = _UNUSUAL * len(_LONE_LATIN.findall(text))
    for word in _KATAKANA_WORD.findall(text):
        for index, character in enumerate(word):
            if not _is_possible(
                character, word[index - 1] if index else "", word[index + 1 : index + 2]
            ):
                total += _IMPOSSIBLE
    return total


def _is_possible(character: str, before: str, after: str) -> bool:
    if character == "ー":
        return before != "" and before not in "ーッ"
    if character == "ッ":
        return before != "" and after != "" and after in _AFTER_SOKUON_ABROAD
    if character in _SMALL:
        return (character in _CONTRACTED and before in _I_ROW) or (
            before != "" and before + character in _FOREIGN.get(character, "")
        )
    return True


def _in_name(character: str, before: str, after: str) -> float:
    if not _is_possible(character, before, after):
        return _IMPOSSIBLE
    if character == "ー":
        return _LONG_VOWEL
    if character == "ッ":
        return _GEMINATE if after in _AFTER_SOKUON else _IMPOSSIBLE
    if character in _SMALL:
        return _small(character, before, after)
    if character == "ン" and not before:
        return _IMPOSSIBLE
    if character in "ヲヮヰヱヴヵヶ":
        return _UNUSUAL
    return _full_size(character, before, after)


def _small(character: str, before: str, after: str) -> float:
    if before not in _I_ROW:
        return _UNUSUAL
    if character == "ャ" or after in ("ウ", "ー") or (character == "ュ" and after == "ン"):
        return 0.0
    return _UNUSUAL


def _full_size(character: str, before: str, after: str) -> float:
    """ヤ, ユ and ヨ where a contracted sound is the usual one: シヨウ for ショウ."""
    if character not in _SMALL_OF or before not in _I_ROW:
        return 0.0
    if character in "ユヨ" and after == "ウ":
        return _UNUSUAL
    return _SELDOM if character == "ユ" and after == "ン" else 0.0


__all__ = ["kana_log_prior", "words_log_prior"]
