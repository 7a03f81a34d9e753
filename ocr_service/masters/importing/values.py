"""Cells as values: dates in every usual spelling, digits, numbers, yes and no."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal, InvalidOperation
from typing import Final

from ocr_service.domain.dates import date_of_digits, parse_era_date
from ocr_service.masters.importing.model import CellsOf, ProblemCode

_WESTERN: Final = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", re.ASCII)
_TRUE: Final = frozenset({"1", "y", "yes", "true", "はい", "有", "○", "〇"})
_FALSE: Final = frozenset({"", "0", "n", "no", "false", "いいえ", "無", "×", "-"})


def parsed_date(text: str) -> dt.date | None:
    """The day that a cell names: 2026-04-01, 2026/4/1, 20260401, 令和8年4月1日, R8.4.1.

    None where the calendar or the era has no such day (昭和64年12月), or it is written otherwise.
    """
    by_era = parse_era_date(text)
    if by_era is not None:
        return by_era.date if by_era.exact else None
    found = _WESTERN.fullmatch(text)
    if found is None:
        return date_of_digits(text)
    return date_of_digits(f"{found[1]}{int(found[2]):02}{int(found[3]):02}")


def date_in(cells: CellsOf, name: str) -> dt.date | None:
    """The date of a cell, None where it is empty; complains about what is no date."""
    text = cells.text(name).replace(" ", "")
    if not text:
        return None
    found = parsed_date(text.removesuffix("00:00:00"))
    if found is None:
        cells.complain(name, ProblemCode.BAD_DATE)
    return found


def needed(cells: CellsOf, name: str, *, longest: int = 200) -> str:
    """The text of a cell that must not be empty."""
    text = cells.text(name)
    if not text:
        cells.complain(name, ProblemCode.MISSING)
    return within(cells, name, longest=longest)


def within(cells: CellsOf, name: str, *, longest: int = 200) -> str:
    """The text of a cell that may be empty, if it is not too long."""
    text = cells.text(name)
    if len(text) > longest:
        cells.complain(name, ProblemCode.TOO_LONG)
    return text


def digits_in(cells: CellsOf, name: str, length: int) -> str:
    """The digits of a cell, "" where it is empty; complains unless there are ``length``.

    A spreadsheet that kept a code as a number has lost its leading zeros, so they are put back;
    a text that is too short is refused, because nobody knows what it lost.
    """
    text = re.sub(r"[\s\-‐−ー－,.・]", "", cells.text(name))
    if not text:
        return ""
    if name in cells.numeric:
        text = text.zfill(length)
    if len(text) != length or not (text.isascii() and text.isdigit()):
        cells.complain(name, ProblemCode.BAD_DIGITS)
    return text


def whole_in(cells: CellsOf, name: str, *, most: int) -> str:
    """A whole number from 0 to ``most`` as text, "" where the cell is empty."""
    text = cells.text(name)
    if text and not (text.isascii() and text.isdigit() and int(text) <= most):
        cells.complain(name, ProblemCode.BAD_NUMBER)
        return ""
    return text


def decimal_in(cells: CellsOf, name: str, *, most: Decimal) -> str:
    """A number above 0 and up to ``most`` as text, "" where the cell is empty."""
    text = cells.text(name)
    if not text:
        return ""
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal(0)
    if not (number.is_finite() and 0 < number <= most):
        cells.complain(name, ProblemCode.BAD_NUMBER)
        return ""
    return f"{number.normalize():f}"


def yes_in(cells: CellsOf, name: str) -> bool:
    """Whether a cell says yes; empty says no."""
    text = cells.text(name).lower()
    if text not in _TRUE and text not in _FALSE:
        cells.complain(name, ProblemCode.BAD_CHOICE)
    return text in _TRUE


def period_in(
    cells: CellsOf, first: str = "valid_from", last: str = "valid_to"
) -> tuple[dt.date | None, dt.date | None]:
    """The days between which a row holds."""
    start, end = date_in(cells, first), date_in(cells, last)
    if start is not None and end is not None and end < start:
        cells.complain(last, ProblemCode.ORDER)
    return start, end


__all__ = [
    "date_in",
    "decimal_in",
    "digits_in",
    "needed",
    "parsed_date",
    "period_in",
    "whole_in",
    "within",
    "yes_in",
]
