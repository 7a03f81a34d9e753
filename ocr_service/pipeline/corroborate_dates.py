"""The dates of a form and the age tell each other.

People write their age on the day of the vaccination, and consent on that day too.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ocr_service.domain.dates import age_on
from ocr_service.domain.field import FieldValue, Flag, Value
from ocr_service.pipeline.corroborate_joint import together

_WRONG_AGE: Final = 0.004
"""Share of people who write another age than that of the day, by one year; by more: a tenth."""

_EVE: Final = 0.15
"""How often people sign at home the day before, next to 1 for the day itself."""

_OTHER_DAY: Final = 0.02
"""The same for all other days together; for a single one far less."""

_NO_DATE: Final = 0.002
"""Share of forms with a date that does not exist, where no reader has weighed that before."""

_MONTHS: Final = 12
_DIGITS: Final = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})", re.ASCII)

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
    """Those values that are there, re-ranked by whether they agree.

    A day that does not exist (2月30日) agrees with an age as the last of its month would: whoever
    writes one means a day nearby, and no other field can say that it was not written. Where the
    cells say no day at all, that doubt stays whatever the other fields make of it.
    """
    there = [value for value in (birth, age, vaccination, consent) if value is not None]
    if len(there) < 2:  # noqa: PLR2004  one says nothing about itself
        return there
    places = [value is not None for value in (birth, age, vaccination, consent)]

    def agreement(picked: Sequence[Value]) -> float:
        left = iter(picked)
        born, years, shot, signed = (next(left) if place else None for place in places)
        weight = 1.0
        for date, field in ((born, birth), (shot, vaccination), (signed, consent)):
            weight *= 1.0 if field is None else _existing(date, field)
        if places[0] and places[1] and places[2]:
            weight *= _age_fits(_near(born), years, _near(shot))
        if places[2] and places[3]:
            weight *= _same_day(_near(shot), _near(signed))
        return weight

    ranked = together(there, agreement, neither=_NEITHER)
    return [_still_doubted(after, before) for after, before in zip(ranked, there, strict=True)]


def _still_doubted(after: FieldValue, before: FieldValue) -> FieldValue:
    """Keep the doubt about cells that say no day: an age cannot tell what stands in them."""
    if not before.cells or Flag.INVALID not in before.flags:
        return after
    return replace(after, flags=after.flags | {Flag.INVALID})


def _existing(value: Value, field: FieldValue) -> float:
    if value is None:
        return _EMPTY
    # the reader of cells has weighed already how rarely people write a day that there is not
    return 1.0 if field.cells or _date(value) is not None else _NO_DATE


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


def _near(value: Value) -> dt.date | None:
    """The day written; where its month is shorter, that month's last; None for anything else."""
    match = _DIGITS.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return _date(value)
    year, month, day = (int(part) for part in match.groups())
    if not (year >= dt.MINYEAR and 1 <= month <= _MONTHS and day):
        return None
    return dt.date(year, month, min(day, calendar.monthrange(year, month)[1]))


__all__ = ["corroborate_dates"]
