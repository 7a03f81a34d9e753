"""How likely a row of cells is to be written, given what the field holds.

Weights are relative to the most usual way of filling the field (1.0). They are no licence to
invent: an unlikely row keeps its weight above zero, so that clear writing wins over expectation.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType

from ocr_service.domain.codes import institution_code_valid
from ocr_service.domain.dates import date_of_digits
from ocr_service.forms.fields import Format

EMPTY_CELL = "_"
UNREADABLE_CELL = "?"
INVALID_BELOW = 0.02
"""Rows that weigh less do not make a value of the format."""

_YEARS = range(1900, 2036)
_DATE_LENGTH = 8
_ERA_DATE_LENGTH = 6
_ERA_YEARS = range(1, 65)
_LEAP_YEAR = "2000"
_OLDEST = 120
_MOST_UNREADABLE = 2

_NO_SUCH_VALUE = 0.001
# 30 February and 31 June are written now and then; month 13 is a misread digit.
_NO_SUCH_DAY = 0.003
_GAP = 0.005
_CHECK_FAILS = 0.01
_ONE_CELL_OF_TWO = 0.15
_HALF_FILLED = 0.05
_LEFT_ALIGNED = 0.3
_LEADING_ZERO = 0.1


def weight(text: str, form: Format) -> float:
    """Relative likelihood that somebody fills the field like this, above 0 and at most 1.

    Args:
        text: one character a cell: a digit, "_" for an empty cell, "?" for one that cannot be
            read, which counts as the digit that fits best.
        form: the field's format.
    """
    if text.count(UNREADABLE_CELL) > _MOST_UNREADABLE:
        return 1.0
    if UNREADABLE_CELL in text:
        return max(weight(text.replace(UNREADABLE_CELL, d, 1), form) for d in "0123456789")
    if text.strip(EMPTY_CELL) == "":
        return 1.0
    return _BY_FORMAT.get(form, _digits)(text)


def is_valid(text: str, form: Format) -> bool:
    """Whether the row makes a value of the format, or could with its unreadable cells filled."""
    return weight(text, form) >= INVALID_BELOW


def _date(text: str) -> float:
    if len(text) == _ERA_DATE_LENGTH:
        return _era_date(text)
    if len(text) != _DATE_LENGTH:
        return _digits(text)
    (month, day), likely = _pairs(text[4:])
    date = date_of_digits(text[:4] + month + day)
    if date is None and date_of_digits(text[:4] + "01" + day) is not None:
        is_month = date_of_digits(text[:4] + month + "01") is not None
        return (_NO_SUCH_DAY if is_month else _NO_SUCH_VALUE) * likely
    if date is None or date.year not in _YEARS:
        return _NO_SUCH_VALUE * likely
    return likely


def _era_date(text: str) -> float:
    """Year of an era, month, day; which era is written elsewhere, so any may hold the year."""
    (year, month, day), likely = _pairs(text)
    if not (year + month + day).isdigit() or int(year) not in _ERA_YEARS:
        return _NO_SUCH_VALUE * likely
    # A leap year, so that 29 February is not ruled out before the era is known.
    if date_of_digits(_LEAP_YEAR + month + day) is None:
        return _NO_SUCH_VALUE * likely
    return likely


def _pairs(text: str) -> tuple[list[str], float]:
    """Two cells a number, zeros filled in, and how usual it is to leave them out as was done."""
    likely = 1.0
    pairs = []
    for start in range(0, len(text), 2):
        pair = text[start : start + 2]
        digits = pair.strip(EMPTY_CELL)
        if len(digits) == 1:  # "_5" or "5_" for 05
            likely *= _ONE_CELL_OF_TWO
        pairs.append(digits.zfill(2) if digits else pair)
    return pairs, likely


def _institution_code(text: str) -> float:
    if EMPTY_CELL in text:
        return _GAP
    return 1.0 if institution_code_valid(text) else _CHECK_FAILS


def _number(text: str) -> float:
    digits = text.strip(EMPTY_CELL)
    if EMPTY_CELL in digits or int(digits) > _OLDEST:
        return _NO_SUCH_VALUE
    likely = _LEFT_ALIGNED if text.endswith(EMPTY_CELL) else 1.0
    return likely * (_LEADING_ZERO if digits != "0" and digits.startswith("0") else 1.0)


def _decimal(text: str) -> float:
    digits = text.strip(EMPTY_CELL)
    if EMPTY_CELL in digits:
        return _NO_SUCH_VALUE
    if text.endswith(EMPTY_CELL) or len(digits) == 1:
        return _GAP  # the tenth, or all before it, is missing
    return 1.0


def _digits(text: str) -> float:
    if EMPTY_CELL not in text:
        return 1.0
    return _GAP if EMPTY_CELL in text.strip(EMPTY_CELL) else _HALF_FILLED


_BY_FORMAT: MappingProxyType[Format, Callable[[str], float]] = MappingProxyType(
    {
        Format.DATE: _date,
        Format.INSTITUTION_CODE: _institution_code,
        Format.NUMBER: _number,
        Format.DECIMAL: _decimal,
    }
)

__all__ = ["EMPTY_CELL", "INVALID_BELOW", "UNREADABLE_CELL", "is_valid", "weight"]
