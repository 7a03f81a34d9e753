"""How likely a string of katakana is as a Japanese name, from the rules of the syllabary alone."""

from __future__ import annotations

from typing import Final

_SPACE: Final = "\u3000"
_I_ROW: Final = frozenset("イキシチニヒミリギジヂビピ")
_SMALL: Final = frozenset("ァィゥェォャュョヮ")
_SMALL_OF: Final = {"ヤ": "ャ", "ユ": "ュ", "ヨ": "ョ"}
_AFTER_SOKUON: Final = frozenset("カキクケコサシスセソタチツテトパピプペポ")

_IMPOSSIBLE: Final = -7.0
_UNUSUAL: Final = -3.0
_SELDOM: Final = -1.5
_GEMINATE: Final = -2.0
_LONG_VOWEL: Final = -3.5


def kana_log_prior(text: str) -> float:
    """Natural logarithm, at most 0, of how natural a name in katakana is; 0 = entirely.

    Args:
        text: full-width katakana; family and given name parted by U+3000 or written as one.
    """
    total = 0.0
    for part in text.split(_SPACE):
        for index, character in enumerate(part):
            total += _at(character, part[index - 1] if index else "", part[index + 1 : index + 2])
    return total


def _at(character: str, before: str, after: str) -> float:
    if character == "ー":
        return _LONG_VOWEL if before and before not in "ーッ" else _IMPOSSIBLE
    if character == "ッ":
        return _GEMINATE if before and after in _AFTER_SOKUON and after else _IMPOSSIBLE
    if character in _SMALL:
        return _small(character, before, after)
    if character == "ン" and not before:
        return _IMPOSSIBLE
    if character in "ヲヮヰヱヴヵヶ":
        return _UNUSUAL
    return _full_size(character, before, after)


def _small(character: str, before: str, after: str) -> float:
    if character in "ァィゥェォヮ":
        return _UNUSUAL if before in ("フ", "シ", "チ", "ジ", "テ", "デ", "ウ") else _IMPOSSIBLE
    if before not in _I_ROW or before == "イ":
        return _IMPOSSIBLE
    if character == "ャ" or after in ("ウ", "ー") or (character == "ュ" and after == "ン"):
        return 0.0
    return _UNUSUAL


def _full_size(character: str, before: str, after: str) -> float:
    """ヤ, ユ and ヨ where a contracted sound is the usual one: シヨウ for ショウ."""
    if character not in _SMALL_OF or before not in _I_ROW or before == "イ":
        return 0.0
    if character in "ユヨ" and after == "ウ":
        return _UNUSUAL
    return _SELDOM if character == "ユ" and after == "ン" else 0.0


__all__ = ["kana_log_prior"]
