"""From text as written to the canonical value of a format.

Every function takes the text of a reading and gives ``(value, valid)``. Text that does not make a
value of its format is kept as it is with ``valid`` False: nothing read is ever dropped.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from types import MappingProxyType

import jaconv

from ocr_service.forms.fields import Format

EMPTY_CELL = "_"
UNREADABLE_CELL = "?"
IDEOGRAPHIC_SPACE = "\u3000"

_SPACES = re.compile(r"\s+")
_KANA = re.compile(r"[ァ-ヺー・]+(?:\u3000[ァ-ヺー・]+)*")
_HYPHENS = re.compile(r"[‐‑‒–—―−－ｰ-]")
_HYPHEN_AFTER_DIGIT = re.compile(r"(?<=[0-9])[ー一]+(?=[0-9])")
_PHONE_LENGTHS = (10, 11)
_OLDEST_AGE = 120
_HYPHENS_IN_A_DATE = 2
_ERA_DATE_LENGTH = 6
_YEAR_BEFORE_REIWA = 2018
_LAST_SHORT_REIWA = 18
_CENTURY, _CENTURY_LENGTH = 2000, 100


def _folded(text: str) -> str:
    """Half-width letters and digits, full-width kana, no outer spaces."""
    half = jaconv.z2h(text, kana=False, ascii=True, digit=True)
    return jaconv.h2z(half, kana=True, ascii=False, digit=False).strip()


def _text(text: str) -> tuple[str, bool]:
    return _SPACES.sub(" ", _folded(text)), True


def _name(text: str) -> tuple[str, bool]:
    spaced = _SPACES.sub(IDEOGRAPHIC_SPACE, text.strip())
    return spaced, True


def _kana(text: str) -> tuple[str, bool]:
    full = jaconv.hira2kata(jaconv.h2z(text.strip(), kana=True))
    spaced = _SPACES.sub(IDEOGRAPHIC_SPACE, _HYPHENS.sub("ー", full))
    return spaced, _KANA.fullmatch(spaced) is not None


def _address(text: str) -> tuple[str, bool]:
    joined = _HYPHENS.sub("-", _SPACES.sub("", _folded(text)))
    return _HYPHEN_AFTER_DIGIT.sub("-", joined), True


def _phone(text: str) -> tuple[str, bool]:
    digits = re.sub(r"\D", "", _folded(text))
    return digits, len(digits) in _PHONE_LENGTHS and digits.startswith("0")


def _date(text: str) -> tuple[str, bool]:
    if len(text) == _ERA_DATE_LENGTH and text.count("-") < _HYPHENS_IN_A_DATE:
        return text, False  # the year of an era: ``combine`` makes a date of it
    year, month, day = (
        text.split("-")
        if text.count("-") == _HYPHENS_IN_A_DATE
        else (text[:4], text[4:6], text[6:])
    )
    parts = [part.strip(EMPTY_CELL) for part in (year, month, day)]
    if not all(part.isascii() and part.isdigit() for part in parts):
        return text, False
    try:
        date = dt.date(_full_year(int(parts[0])), int(parts[1]), int(parts[2]))
    except (ValueError, OverflowError):
        return text, False
    return date.isoformat(), True


def _full_year(year: int) -> int:
    """Years written short: 3 is Reiwa 3, 21 is 2021."""
    if year <= _LAST_SHORT_REIWA:
        return year + _YEAR_BEFORE_REIWA
    return year + _CENTURY if year < _CENTURY_LENGTH else year


def _digits(text: str) -> tuple[str, bool]:
    return text, text.isascii() and text.isdigit()


def _number(text: str) -> tuple[str, bool]:
    digits = text.strip(EMPTY_CELL)
    if not (digits.isascii() and digits.isdigit()):
        return text, False
    number = int(digits)
    return str(number), number <= _OLDEST_AGE


def _decimal(text: str) -> tuple[str, bool]:
    whole, tenth = text[:-1].strip(EMPTY_CELL), text[-1:]
    if not (whole + tenth).isdigit() or not tenth.isdigit():
        return text, False
    return f"{int(whole or '0')}.{tenth}", whole != ""


_BY_FORMAT: MappingProxyType[Format, Callable[[str], tuple[str, bool]]] = MappingProxyType(
    {
        Format.TEXT: _text,
        Format.NAME: _name,
        Format.KANA: _kana,
        Format.ADDRESS: _address,
        Format.PHONE: _phone,
        Format.DATE: _date,
        Format.DIGITS: _digits,
        Format.NUMBER: _number,
        Format.DECIMAL: _decimal,
        Format.INSTITUTION_CODE: _digits,
    }
)


def typed(text: str, form: Format) -> tuple[str | None, bool]:
    """The canonical value of ``text``, and whether it is a value of that format at all.

    Args:
        text: a candidate's text by the conventions of ``recognizers.base.Recognizer``.
        form: the field's format.

    Returns:
        (None, True) for an empty field.
    """
    if text.strip(EMPTY_CELL + " \u3000") == "":
        return None, True
    return _BY_FORMAT[form](text)


__all__ = ["EMPTY_CELL", "IDEOGRAPHIC_SPACE", "UNREADABLE_CELL", "typed"]
