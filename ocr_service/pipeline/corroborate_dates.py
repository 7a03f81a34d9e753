"""The dates of a form and the age tell each other.

People write their age on the day of the vaccination, and consent on that day too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from ocr_service.domain.dates import age_on
from ocr_service.domain.field import FieldValue, Value
from ocr_service.pipeline.corroborate_joint import together

_WRONG_AGE: Final = 0.004
"""Share of people who write another age than that of the day, by one year; by more: a tenth."""

_EVE: Final = 0.15
"""How often people sign at home the day before, next to 1 for the day itself."""

_OTHER_DAY: Final = 0.02
"""The same for all other days together; for a single one far less."""

_NO_DATE: Final = 0.002
"""Share of forms with a date that does not exist."""

_EMPTY: Final = 0.05
_OLDEST: Final = 115
_EARLIEST: Final = 60
"""Days before the vaccination within which people sign."""

_NEITHER: Final = 1e-3


def corroborate_dates(
    birth: FieldValue | None,
    age: FieldValue | None,
    vaccination: FieldValue | None,
    consent: FieldValue | None,
) -> list[FieldValue]:
    """Those values that are there, re-ranked by whether they agree."""
    there = [value for value in (birth, age, vaccination, consent) if value is not None]
    if len(there) < 2:  # noqa: PLR2004  one says nothing about itself
        return there
    places = [value is not None for value in (birth, age, vaccination, consent)]

    def agreement(picked: Sequence[Value]) -> float:
        left = iter(picked)
        born, years, shot, signed = (next(left) if place else None for place in places)
        dates = [(born, places[0]), (shot, places[2]), (signed, places[3])]
        weight = 1.0
        for date, is_there in dates:
            weight *= _existing(date) if is_there else 1.0
        if places[0] and places[1] and places[2]:
            weight *= _age_fits(_date(born), years, _date(shot))
        if places[2] and places[3]:
            weight *= _same_day(_date(shot), _date(signed))
        return weight

    return together(there, agreement, neither=_NEITHER)


def _existing(value: Value) -> float:
    if value is None:
        return _EMPTY
    return 1.0 if _date(value) is not None else _NO_DATE


def _age_fits(born: dt.date | None, years: Value, shot: dt.date | None) -> float:
    if born is None or shot is None:
        return _WRONG_AGE
    if born > shot or shot.year - born.year > _OLDEST:
        return _WRONG_AGE / 100
    if not isinstance(years, str) or not (years.isascii() and years.isdigit()):
        return _EMPTY
    apart = abs(age_on(born, shot) - int(years))
    if apart == 0:
        return 1.0
    return _WRONG_AGE if apart == 1 else _WRONG_AGE / 10


def _same_day(shot: dt.date | None, signed: dt.date | None) -> float:
    if shot is None or signed is None:
        return _OTHER_DAY
    if shot == signed:
        return 1.0
    if (shot - signed).days == 1:
        return _EVE
    is_before = 0 < (shot - signed).days <= _EARLIEST
    return _OTHER_DAY / 5 if is_before else _OTHER_DAY / 50


def _date(value: Value) -> dt.date | None:
    if not isinstance(value, str):
        return None
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        return None


__all__ = ["corroborate_dates"]
