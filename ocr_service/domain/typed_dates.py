"""Dates as a clerk types them: 450312, S45.3.12, 昭和45年3月12日, 3450312, 19700312, 1970/3/12."""

from __future__ import annotations

import datetime as dt
import re

from ocr_service.domain.dates import (
    ERAS,
    Era,
    date_of_digits,
    date_of_era,
    parse_era_date,
)
from ocr_service.domain.folding import narrow

# The digit that Japanese forms and terminals use for an era.
_ERA_OF_DIGIT = dict(enumerate((Era.MEIJI, Era.TAISHO, Era.SHOWA, Era.HEISEI, Era.REIWA), start=1))
_ERA_LETTER_AND_DIGITS = re.compile(r"([MTSHR])(\d{2})(\d{2})(\d{2})", re.ASCII | re.IGNORECASE)
_ERA_DIGIT_AND_DIGITS = re.compile(r"([1-5])(\d{2})(\d{2})(\d{2})", re.ASCII)
_SHORT = re.compile(r"(\d{2})(\d{2})(\d{2})", re.ASCII)
_WESTERN = re.compile(r"(\d{4})\s*[年./-]\s*(\d{1,2})\s*[月./-]\s*(\d{1,2})\s*日?", re.ASCII)
_SHORT_PARTS = re.compile(r"(\d{1,2})\s*[年./-]\s*(\d{1,2})\s*[月./-]\s*(\d{1,2})\s*日?", re.ASCII)
_CENTURIES = (1900, 2000)


def typed_date(text: str, *, today: dt.date, era: Era | None = None) -> dt.date | None:
    """The date that ``text`` means, or None.

    A year of two digits without an era is a year of ``era`` if the form prints one, else of
    whichever era or century makes the latest day that is not after ``today``: 450312 is 12 March
    of Showa 45 (1970), and 030731 is 31 July of Reiwa 3 (2021). Whoever means another day types
    the era's letter or eight digits.

    Args:
        text: as typed, in any width.
        today: no date without an era or century lies after it.
        era: the era that the form prints beside the field.
    """
    plain = narrow(text)
    parts = _WESTERN.fullmatch(plain)
    if parts is not None:
        return date_of_digits(f"{parts[1]}{int(parts[2]):02}{int(parts[3]):02}")
    return (
        date_of_digits(plain)
        or _named(plain)
        or _by_digit(plain)
        or _short(plain, today=today, era=era)
    )


def _named(text: str) -> dt.date | None:
    found = parse_era_date(text)
    if found is not None:
        return found.date
    parts = _ERA_LETTER_AND_DIGITS.fullmatch(text)
    return None if parts is None else _of(Era(parts[1].upper()), *map(int, parts.groups()[1:]))


def _by_digit(text: str) -> dt.date | None:
    parts = _ERA_DIGIT_AND_DIGITS.fullmatch(text)
    if parts is None:
        return None
    digit, year, month, day = map(int, parts.groups())
    return _of(_ERA_OF_DIGIT[digit], year, month, day)


def _short(text: str, *, today: dt.date, era: Era | None) -> dt.date | None:
    parts = _SHORT.fullmatch(text) or _SHORT_PARTS.fullmatch(text)
    if parts is None:
        return None
    year, month, day = map(int, parts.groups())
    if era is not None:
        return _of(era, year, month, day)
    known = [_of(each, year, month, day) for each in ERAS if each is not Era.MEIJI]
    known += [date_of_digits(f"{base + year}{month:02}{day:02}") for base in _CENTURIES]
    past = [found for found in known if found is not None and found <= today]
    return max(past, default=None)


def _of(era: Era, year: int, month: int, day: int) -> dt.date | None:
    found = date_of_era(era, year, month, day)
    return None if found is None else found.date


__all__ = ["typed_date"]
