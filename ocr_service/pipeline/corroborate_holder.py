"""The name on the voucher is nearly always that of the person who fills the form in."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from rapidfuzz.distance import Levenshtein

from ocr_service.domain.field import FieldValue, Value
from ocr_service.masters.kanji_variants import plain_kanji
from ocr_service.pipeline.corroborate_joint import chances, missing, reranked

_SAME_PERSON: Final = 0.98
"""Chance that the voucher was stuck on its own holder's form. A guess; no trial counts it."""

_OTHER_NAME: Final = 1 / 300
"""Chance of one other name if it was not: a relative's, who shares the family name."""

_EDIT: Final = -3.5
"""Natural logarithm of the chance that a character of a name is misread."""


def corroborate_holder(name: FieldValue, printed: FieldValue) -> FieldValue:
    """The handwritten name re-ranked by the name printed on the voucher.

    What is printed takes part even where the handwriting was read as something else, by how
    easily it is misread so. A name that is clearly another's stays: a rule will say that they
    differ. Shapes of one kanji count as equal here; neither print nor handwriting tells them apart.

    Args:
        name: as written by hand, family U+3000 given.
        printed: the field that reads the voucher's print, in the same form.
    """
    read, holders = _texts(name), _texts(printed)
    if not name.value or not read or not holders:
        return name
    weights: dict[Value, float] = {}
    for holder, chance in holders.items():
        weights[holder] = _written_as(holder, read) * _SAME_PERSON * chance
    for text, chance in read.items():
        another = (1.0 - _SAME_PERSON) * _OTHER_NAME
        if text not in holders:
            weights[text] = chance * (another + _SAME_PERSON * _misprinted(text, holders))
    total = math.fsum(weights.values()) + missing(read) * (1.0 - _SAME_PERSON) * _OTHER_NAME
    if total <= 0.0:
        return name
    return reranked(name, {text: weight / total for text, weight in weights.items()})


def _written_as(holder: str, read: Mapping[str, float]) -> float:
    """Chance of what the handwriting shows, if it says the holder's name."""
    doubt = 1.0 - max(read.values())
    return max(
        chance * (1.0 if _edits(holder, text) == 0 else doubt * _slips(holder, text))
        for text, chance in read.items()
    )


def _misprinted(text: str, holders: Mapping[str, float]) -> float:
    """Chance that the voucher says ``text`` and its print was misread."""
    return missing(holders) * max(chance * _slips(text, h) for h, chance in holders.items())


def _slips(wanted: str, got: str) -> float:
    return math.exp(_EDIT * _edits(wanted, got))


def _edits(one: str, other: str) -> int:
    """Characters in which two names differ, but for shapes and for where they are parted."""
    return Levenshtein.distance(_closed(one), _closed(other))


def _closed(name: str) -> str:
    return plain_kanji("".join(name.split()))


def _texts(value: FieldValue) -> dict[str, float]:
    return {v: p for v, p in chances(value).items() if isinstance(v, str) and v}


__all__ = ["corroborate_holder"]
