"""What a field may hold, and which outputs of a reader count as which of these characters.

A reader knows 18,000 characters, a field allows a few. Masking the others out alone loses the
evidence that sits on look-alikes: a handwritten ロ scores half as ロ and half as 口. So every
output is *folded*: onto an allowed character that looks the same, onto nothing where it is mere
punctuation, or away.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import jaconv
import numpy as np
from numpy.typing import NDArray

from ocr_service.forms.fields import Charset
from ocr_service.recognizers.text.lookalikes import (
    DASHES,
    DIGIT_TWINS,
    KATAKANA_TWINS,
    SIMPLIFIED,
    SMALL_MARKS,
)

SPACE = " "
IGNORED = ""
"""Folding target of outputs that stand for nothing in this field (punctuation between digits)."""

_DROPPED = -1
_KANJI_MARKS = "々〆〇仝"
_SIGNS = "、。・「」()/.,:%+&'℃~-ー"
_LEVEL_ONE_ROWS = range(0x88, 0x98)
RARE = 0.15
"""Weight of kanji outside JIS level 1 in a network that saw mostly Chinese text: seldom written,
and often a misreading of a common neighbour."""


@dataclass(frozen=True, slots=True)
class Alphabet:
    """A charset laid over one model's outputs.

    Attributes:
        symbols: allowed characters; column ``k`` of a folded matrix is ``symbols[k - 1]``, column 0
            the blank.
        target: (C,) int32, for each model output the column it counts for, or -1.
        weight: (C,) float32, 0 to 1, how much of it counts.
    """

    symbols: tuple[str, ...]
    target: NDArray[np.int32]
    weight: NDArray[np.float32]


def build_alphabet(characters: Sequence[str], charset: Charset, *, rare: float = RARE) -> Alphabet:
    """The alphabet of ``charset`` over a model whose outputs are the blank, then ``characters``.

    Args:
        characters: the model's, in the order of its outputs.
        charset: what the field may hold.
        rare: how much a kanji outside JIS level 1 counts, 0 to 1.
    """
    folds = [fold_character(character, charset, rare=rare) for character in characters]
    symbols = tuple(sorted({symbol for symbol, _ in folds if symbol}))
    column = {symbol: index for index, symbol in enumerate(symbols, start=1)}
    column[IGNORED] = 0
    target = np.full(len(characters) + 1, _DROPPED, dtype=np.int32)
    weight = np.zeros(len(characters) + 1, dtype=np.float32)
    target[0], weight[0] = 0, 1.0
    for index, (symbol, share) in enumerate(folds, start=1):
        if symbol is not None:
            target[index], weight[index] = column[symbol], share
    return Alphabet(symbols, target, weight)


def fold_character(
    character: str, charset: Charset, *, rare: float = RARE
) -> tuple[str | None, float]:
    """What one output character counts for in a field; ``rare`` as in ``build_alphabet``.

    Returns:
        The allowed character, ``IGNORED`` or None (not allowed), and its weight 0 to 1.
    """
    if charset is Charset.ANY:
        return _spaces_folded(character), 1.0
    if character.isspace():
        return (IGNORED if charset in (Charset.DIGITS, Charset.ALNUM) else SPACE), 1.0
    if charset is Charset.DIGITS:
        return _to_digit(character)
    if charset is Charset.ALNUM:
        return _to_alnum(character), 1.0
    if charset is Charset.KATAKANA:
        return _to_katakana(character)
    folded, weight = _to_japanese(character, name=charset is Charset.NAME)
    return (folded, weight) if weight is not None else (folded, rare)


def _spaces_folded(character: str) -> str:
    return SPACE if character.isspace() else character


def _width_folded(character: str) -> str:
    """Full-width Latin and half-width kana to their usual width; never more than one character."""
    folded = unicodedata.normalize("NFKC", character)
    return folded if len(folded) == 1 else character


def _to_digit(character: str) -> tuple[str | None, float]:
    folded = _width_folded(character)
    if folded in "0123456789":
        return folded, 1.0
    if folded in DASHES or folded in "()[]{}.,・:;'`~_\"／/":
        return IGNORED, 1.0
    return DIGIT_TWINS.get(folded, (None, 0.0))


def _to_alnum(character: str) -> str | None:
    folded = _width_folded(character)
    if folded in DASHES:
        return "-"
    upper = folded.upper()
    return upper if len(upper) == 1 and upper.isascii() and upper.isalnum() else None


def _to_katakana(character: str) -> tuple[str | None, float]:
    folded = _width_folded(character)
    if folded in DASHES or folded == "一":
        return "ー", 1.0
    if folded in SMALL_MARKS:
        return IGNORED, 1.0
    kana = jaconv.hira2kata(folded)
    if "ァ" <= kana <= "ヶ":
        return kana, 1.0
    return KATAKANA_TWINS.get(folded, (None, 0.0))


def _to_japanese(character: str, *, name: bool) -> tuple[str | None, float | None]:
    """The character and its weight, None for that of rare kanji."""
    folded = SIMPLIFIED.get(character, _width_folded(character))
    if folded in DASHES or folded == "一":
        return "一", 1.0
    if "ぁ" <= folded <= "ゖ" or "ァ" <= folded <= "ヶ" or folded in _KANJI_MARKS:
        return folded, 1.0
    if not name and (folded in _SIGNS or (folded.isascii() and folded.isalnum())):
        return folded, 1.0
    level = _kanji_level(folded)
    return (None, 0.0) if level == 0 else (folded, 1.0 if level == 1 else None)


@lru_cache(maxsize=32768)
def _kanji_level(character: str) -> int:
    """1 or 2 by its row in the code page that Japanese offices use; 0 = no kanji of it."""
    if not ("一" <= character <= "龠" or "豈" <= character <= "頻"):
        return 0
    try:
        first_byte = character.encode("cp932")[0]
    except UnicodeEncodeError:
        return 0
    return 1 if first_byte in _LEVEL_ONE_ROWS else 2


__all__ = ["IGNORED", "RARE", "SPACE", "Alphabet", "build_alphabet", "fold_character"]
