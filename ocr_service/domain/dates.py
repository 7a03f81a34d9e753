"""Calendar dates as forms write them: eight digits, or a year of a Japanese era."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

JAPAN = dt.timezone(dt.timedelta(hours=9), "JST")
"""Days of exports and reports are days there."""

_EIGHT_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_ONE_DAY = dt.timedelta(days=1)


class Era(StrEnum):
    """An era, by the letter that forms use for it."""

    MEIJI = "M"
    TAISHO = "T"
    SHOWA = "S"
    HEISEI = "H"
    REIWA = "R"


@dataclass(frozen=True, slots=True)
class EraSpan:
    """First and last day of an era; its year 1 is the calendar year of ``first``."""

    first: dt.date
    last: dt.date


ERAS: MappingProxyType[Era, EraSpan] = MappingProxyType(
    {
        Era.MEIJI: EraSpan(dt.date(1868, 1, 25), dt.date(1912, 7, 29)),
        Era.TAISHO: EraSpan(dt.date(1912, 7, 30), dt.date(1926, 12, 24)),
        Era.SHOWA: EraSpan(dt.date(1926, 12, 25), dt.date(1989, 1, 7)),
        Era.HEISEI: EraSpan(dt.date(1989, 1, 8), dt.date(2019, 4, 30)),
        Era.REIWA: EraSpan(dt.date(2019, 5, 1), dt.date.max),
    }
)

_NAMES: MappingProxyType[str, Era] = MappingProxyType(
    {
        **{era.value: era for era in Era},
        "明治": Era.MEIJI,
        "大正": Era.TAISHO,
        "昭和": Era.SHOWA,
        "平成": Era.HEISEI,
        "令和": Era.REIWA,
        "明": Era.MEIJI,
        "大": Era.TAISHO,
        "昭": Era.SHOWA,
        "平": Era.HEISEI,
        "令": Era.REIWA,
    }
)
_WRITTEN = re.compile(
    rf"({'|'.join(sorted(_NAMES, key=len, reverse=True))})\s*(\d{{1,2}}|元)\s*[年./-]"
    r"\s*(\d{1,2})\s*[月./-]\s*(\d{1,2})\s*日?",
    re.ASCII | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class EraDate:
    """A date written by era.

    Attributes:
        date: the day in the Gregorian calendar.
        exact: the era was in force on that day; False for days of the calendar year in which
            the era changed that people write with the other name (昭和64年3月1日).
    """

    date: dt.date
    exact: bool


def date_of_digits(text: str) -> dt.date | None:
    """The date that eight digits YYYYMMDD name, or None where there is no such day."""
    match = _EIGHT_DIGITS.fullmatch(text)
    if match is None:
        return None
    year, month, day = (int(part) for part in match.groups())
    return _date(year, month, day)


def date_of_era(era: Era, year: int, month: int, day: int) -> EraDate | None:
    """The date of an era's year, or None where there is no such day near that era.

    Args:
        era: which era.
        year: year of the era, 1 for 元年.
        month: 1 to 12.
        day: 1 to 31.
    """
    span = ERAS[era]
    if year < 1:
        return None
    date = _date(span.first.year + year - 1, month, day)
    if date is None or date.year > span.last.year:
        return None
    return EraDate(date, exact=span.first <= date <= span.last)


def parse_era_date(text: str) -> EraDate | None:
    """A date written like 昭和39年10月10日, 令和元年5月1日 or S39.10.10, or None."""
    match = _WRITTEN.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if match is None:
        return None
    name, year, month, day = match.groups()
    era_year = 1 if year == "元" else int(year)
    return date_of_era(_NAMES[name.upper()], era_year, int(month), int(day))


def era_of(date: dt.date) -> tuple[Era, int] | None:
    """The era in force on a day and its year, or None before Meiji."""
    for era, span in ERAS.items():
        if span.first <= date <= span.last:
            return era, date.year - span.first.year + 1
    return None


def age_on(birth: dt.date, on: dt.date) -> int:
    """Years lived as people count them: one more on each birthday (1 March after 29 February).

    Raises:
        ValueError: ``on`` lies before ``birth``.
    """
    if on < birth:
        raise ValueError("nobody has an age before being born")
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


def legal_age(birth: dt.date, on: dt.date) -> int:
    """Years lived as the law counts them: one more on the day before each birthday.

    Raises:
        ValueError: ``on`` lies before ``birth``.
    """
    if on < birth:
        raise ValueError("nobody has an age before being born")
    return age_on(birth, on + _ONE_DAY)


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


__all__ = [
    "ERAS",
    "JAPAN",
    "Era",
    "EraDate",
    "EraSpan",
    "age_on",
    "date_of_digits",
    "date_of_era",
    "era_of",
    "legal_age",
    "parse_era_date",
]
