"""The functions of the expression language: values in, text out, no access to anything else."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import jaconv

from ocr_service.domain.dates import Era, age_on, era_of
from ocr_service.domain.field import Value
from ocr_service.exporters.profile_entry import CellFault

Codes = Mapping[str, Mapping[str, str]]
"""Code tables of the profile."""

MANY = 99
"""As many arguments as one likes."""

_ERA_NAMES = {
    Era.MEIJI: ("明治", "M", "1"),
    Era.TAISHO: ("大正", "T", "2"),
    Era.SHOWA: ("昭和", "S", "3"),
    Era.HEISEI: ("平成", "H", "4"),
    Era.REIWA: ("令和", "R", "5"),
}
_WESTERN_PARTS = re.compile("YYYY|YY|MM|DD|M|D")
_ERA_PARTS = re.compile("EEE|E|N|YY|Y|MM|DD|M|D")
_NOT_DIGITS = re.compile(r"\D", re.ASCII)


def text_of(value: Value) -> str:
    """A value as text: sets joined by ``;``, flags 1 or 0, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    return value if isinstance(value, str) else ";".join(value)


def _day(value: Value) -> dt.date | None:
    text = text_of(value)
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise CellFault("value.not_a_date") from None


def _date(values: Sequence[Value], _codes: Codes) -> Value:
    day = _day(values[0])
    if day is None:
        return None
    parts = {
        "YYYY": f"{day.year:04}",
        "YY": f"{day.year % 100:02}",
        "MM": f"{day.month:02}",
        "DD": f"{day.day:02}",
        "M": str(day.month),
        "D": str(day.day),
    }
    return _WESTERN_PARTS.sub(lambda found: parts[found[0]], text_of(values[1]))


def _era(values: Sequence[Value], _codes: Codes) -> Value:
    day = _day(values[0])
    if day is None:
        return None
    found = era_of(day)
    if found is None:
        raise CellFault("value.no_era")
    era, year = found
    long, letter, number = _ERA_NAMES[era]
    parts = {
        "EEE": long,
        "E": letter,
        "N": number,
        "YY": f"{year:02}",
        "Y": str(year),
        "MM": f"{day.month:02}",
        "DD": f"{day.day:02}",
        "M": str(day.month),
        "D": str(day.day),
    }
    return _ERA_PARTS.sub(lambda part: parts[part[0]], text_of(values[1]))


def _map(values: Sequence[Value], codes: Codes) -> Value:
    table = codes[text_of(values[1])]
    key = text_of(values[0])
    if key in table:
        return table[key]
    if key == "":
        return None
    if "*" in table:
        return table["*"]
    raise CellFault("value.no_code")


def _first(values: Sequence[Value], _codes: Codes) -> Value:
    return next((value for value in values if text_of(value)), None)


def _concat(values: Sequence[Value], _codes: Codes) -> Value:
    return "".join(text_of(value) for value in values)


def _join(values: Sequence[Value], _codes: Codes) -> Value:
    return text_of(values[0]).join(text for text in map(text_of, values[1:]) if text)


def _substring(values: Sequence[Value], _codes: Codes) -> Value:
    start = _number(values[1]) - 1
    stop = start + _number(values[2]) if len(values) > 2 else None  # noqa: PLR2004 - the length
    return text_of(values[0])[max(start, 0) : stop]


def _number(value: Value) -> int:
    text = text_of(value)
    if not (text.isascii() and text.isdigit()):
        raise CellFault("value.not_a_number")
    return int(text)


def _digits(values: Sequence[Value], _codes: Codes) -> Value:
    return _NOT_DIGITS.sub("", unicodedata.normalize("NFKC", text_of(values[0]))) or None


def _family(values: Sequence[Value], _codes: Codes) -> Value:
    return text_of(values[0]).replace("\u3000", " ").partition(" ")[0] or None


def _given(values: Sequence[Value], _codes: Codes) -> Value:
    return text_of(values[0]).replace("\u3000", " ").partition(" ")[2] or None


def _pad(values: Sequence[Value], _codes: Codes) -> Value:
    text = text_of(values[0])
    fill = text_of(values[2]) if len(values) > 2 else "0"  # noqa: PLR2004 - the character
    return text.rjust(_number(values[1]), fill) if text else None


def _narrow(values: Sequence[Value], _codes: Codes) -> Value:
    return jaconv.z2h(text_of(values[0]), kana=True, ascii=True, digit=True) or None


def _wide(values: Sequence[Value], _codes: Codes) -> Value:
    return jaconv.h2z(text_of(values[0]), kana=True, ascii=True, digit=True) or None


def _replace(values: Sequence[Value], _codes: Codes) -> Value:
    return text_of(values[0]).replace(text_of(values[1]), text_of(values[2])) or None


def _has(values: Sequence[Value], _codes: Codes) -> Value:
    value, wanted = values[0], text_of(values[1])
    return wanted in value if isinstance(value, tuple) else text_of(value) == wanted


def _when(values: Sequence[Value], _codes: Codes) -> Value:
    value, wanted, then = values[:3]
    if text_of(value) == text_of(wanted):
        return then
    return values[3] if len(values) > 3 else None  # noqa: PLR2004 - otherwise


def _age(values: Sequence[Value], _codes: Codes) -> Value:
    born, on = _day(values[0]), _day(values[1])
    if born is None or on is None:
        return None
    if on < born:
        raise CellFault("value.not_an_age")
    return str(age_on(born, on))


@dataclass(frozen=True, slots=True)
class Function:
    """A function with how many arguments it takes.

    Attributes:
        least: fewest arguments.
        most: most arguments.
        apply: gives the value.
    """

    least: int
    most: int
    apply: Callable[[Sequence[Value], Codes], Value]


FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "age": Function(2, 2, _age),
        "concat": Function(1, MANY, _concat),
        "date": Function(2, 2, _date),
        "digits": Function(1, 1, _digits),
        "era": Function(2, 2, _era),
        "family": Function(1, 1, _family),
        "first": Function(1, MANY, _first),
        "given": Function(1, 1, _given),
        "has": Function(2, 2, _has),
        "join": Function(2, MANY, _join),
        "map": Function(2, 2, _map),
        "narrow": Function(1, 1, _narrow),
        "pad": Function(2, 3, _pad),
        "replace": Function(3, 3, _replace),
        "substring": Function(2, 3, _substring),
        "when": Function(3, 4, _when),
        "wide": Function(1, 1, _wide),
    }
)
"""By name; ``docs/reference/export-profiles.md`` says what each does."""

__all__ = ["FUNCTIONS", "MANY", "Codes", "Function", "text_of"]
