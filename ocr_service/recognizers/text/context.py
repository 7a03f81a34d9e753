"""What a character must be, given its neighbours, where its shape alone cannot tell."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final

_ONE_STROKE: Final = "一"
"""The alphabet folds every horizontal stroke onto this; its neighbours say which one is meant."""

_KATAKANA_OF: Final = MappingProxyType(
    dict(zip("二口力八工夕卜三千才", "ニロカハエタトミチオ", strict=True))
)
_KANJI_OF: Final = MappingProxyType({kana: kanji for kanji, kana in _KATAKANA_OF.items()})
_DIGIT_OF: Final = MappingProxyType(
    {
        "O": "0",
        "o": "0",
        "〇": "0",
        "l": "1",
        "I": "1",
        "Z": "2",
        "S": "5",
        "B": "8",
        "G": "6",
        "b": "6",
    }
)
_DIGIT_BEFORE_COUNTER: Final = re.compile("[OoIlZSBGb〇](?=丁目|番|号|階|歳|年|月|日)")
_HEAVY_OF: Final = MappingProxyType(dict(zip("ヘベペリ", "へべぺり", strict=True)))
_LIGHT_OF: Final = MappingProxyType({light: heavy for heavy, light in _HEAVY_OF.items()})


def settle(text: str) -> str:
    """``text`` with every look-alike turned into the one its neighbours ask for."""
    text = _DIGIT_BEFORE_COUNTER.sub(lambda m: _DIGIT_OF[m.group()], text)
    settled = ""
    for index, character in enumerate(text):
        before = settled[-1:]
        after = text[index + 1 : index + 2]
        settled += _settled(character, before, after)
    return settled


def settle_word(word: str) -> str:
    """A name in katakana if it can be one: 八ナ is ハナ, for no given name mixes them so."""
    turned = "".join(_KATAKANA_OF.get(character, character) for character in word)
    has_katakana = any(_is_katakana(c) and c not in _KANJI_OF for c in word)
    is_all_katakana = all(_is_katakana(character) for character in turned)
    return turned if has_katakana and is_all_katakana else word


def _settled(character: str, before: str, after: str) -> str:
    if character == _ONE_STROKE:
        return _stroke(before, after)
    if character in _DIGIT_OF and (_is_digit(before) or _is_digit(after)):
        return _DIGIT_OF[character]
    if character in _KATAKANA_OF and _is_katakana(before) and _goes_on(after):
        return _KATAKANA_OF[character]
    if character in _KANJI_OF and _is_kanji(before) and _is_kanji(after, at_end=True):
        return _KANJI_OF[character]
    if character in _HEAVY_OF and _is_hiragana(before):
        return _HEAVY_OF[character]
    if character in _LIGHT_OF and _is_katakana(before):
        return _LIGHT_OF[character]
    return character


def _stroke(before: str, after: str) -> str:
    """A long vowel in kana, a hyphen beside digits and Latin letters, else the kanji for one."""
    if _is_katakana(before):
        return "ー"
    if _is_hiragana(before) and _is_hiragana(after):
        return "ー"
    if _is_narrow(before) or (_is_narrow(after) and before):
        return "-"
    return _ONE_STROKE


def _is_narrow(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _is_digit(character: str) -> bool:
    return character.isascii() and character.isdigit()


def _is_katakana(character: str, *, at_end: bool = False) -> bool:
    return at_end if not character else "ァ" <= character <= "ヶ" or character == "ー"


def _goes_on(after: str) -> bool:
    """Whether a katakana word may go on, or end, with what follows."""
    return _is_katakana(after, at_end=True) or after == _ONE_STROKE or after in _KATAKANA_OF


def _is_hiragana(character: str) -> bool:
    return "ぁ" <= character <= "ゖ"


def _is_kanji(character: str, *, at_end: bool = False) -> bool:
    return at_end if not character else "一" <= character <= "龠" or character == "々"


__all__ = ["settle", "settle_word"]
