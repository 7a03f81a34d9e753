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


def corroborate_holder(name: FieldValue, printed: FieldValue) -> tuple[FieldValue, FieldValue]:
    """The handwritten name and the one printed on the voucher, each re-ranked by the other.

    What one of them says takes part in the other even where that was read as something else, by
    how easily it is misread so. A name that is clearly another's stays: a rule will say that they
    differ. Shapes of one kanji count as equal here; neither print nor handwriting tells them apart.

    Args:
        name: as written by hand, family U+3000 given.
        printed: the field that reads the voucher's print, in the same form.

    Returns:
        The two values; unchanged where either is empty.
    """
    read, holders = _texts(name), _texts(printed)
    if not name.value or not read or not holders:
        return name, printed
    of_one = {text: _SAME_PERSON * weight for text, weight in _same(read, holders).items()}
    another = (1.0 - _SAME_PERSON) * _OTHER_NAME
    return (
        _weighed(name, read, of_one, another),
        _weighed(printed, holders, _printed_shapes(of_one, holders), another),
    )


def _same(read: Mapping[str, float], holders: Mapping[str, float]) -> dict[str, float]:
    """How likely both show one name, by that name."""
    weights = {h: chance * _written_as(h, read) for h, chance in holders.items()}
    fresh = {t: chance * _misprinted(t, holders) for t, chance in read.items() if t not in holders}
    return weights | fresh


def _printed_shapes(of_one: Mapping[str, float], holders: Mapping[str, float]) -> dict[str, float]:
    """The same where the handwriting's shape of a name that was printed is another."""
    known = {_closed(h) for h in holders}
    return {t: w for t, w in of_one.items() if t in holders or _closed(t) not in known}


def _weighed(
    value: FieldValue, own: Mapping[str, float], of_one: Mapping[str, float], another: float
) -> FieldValue:
    """``value`` re-ranked: what it says with the other field, or by itself with another's name."""
    weights: dict[Value, float] = {
        text: of_one.get(text, 0.0) + another * own.get(text, 0.0)
        for text in dict.fromkeys((*of_one, *own))
    }
    total = math.fsum(weights.values()) + missing(own) * another
    if total <= 0.0:
        return value
    return reranked(value, {text: weight / total for text, weight in weights.items()})


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
