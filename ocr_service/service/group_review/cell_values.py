"""From single cells that people checked to the value of their field."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from ocr_service.domain.dates import Era, date_of_digits, date_of_era
from ocr_service.domain.errors import InvalidRequest
from ocr_service.domain.field import Value
from ocr_service.forms.fields import DigitsField, Format

EMPTY_CELL = "_"
"""A cell that nobody wrote in."""

_PAIR = 2
_YEAR = 4


def written_cells(spec: DigitsField) -> tuple[int, ...]:
    """Places of the cells that people write in; the form prints the others itself."""
    return tuple(place for place, cell in enumerate(spec.cells) if cell.printed is None)


def value_of_cells(spec: DigitsField, said: Mapping[int, str], era: Value) -> str | None:
    """The canonical value of a field of which every written cell is known.

    Args:
        spec: the field.
        said: a digit or ``EMPTY_CELL`` by place, for all its written cells.
        era: value of the field that says the era, None where there is none.

    Returns:
        None where every cell is empty.

    Raises:
        InvalidRequest: the cells make no value: a date that does not exist, a gap in a number.
    """
    if all(said[place] == EMPTY_CELL for place in written_cells(spec)):
        return None
    text = "".join(cell.printed or said[place] for place, cell in enumerate(spec.cells))
    value = _value(spec, text, era)
    if value is None:
        raise InvalidRequest(f"the cells of {spec.key} make no value; answer the field as a whole")
    return value


def _value(spec: DigitsField, text: str, era: Value) -> str | None:
    if spec.format is Format.DATE:
        date = _era_date(spec, text, era) if spec.in_era else _date(text)
        return None if date is None else date.isoformat()
    if spec.format is Format.NUMBER:
        digits = text.strip(EMPTY_CELL)
        return str(int(digits)) if digits.isdigit() else None
    if spec.format is Format.DECIMAL:
        whole, tenth = text[:-1].strip(EMPTY_CELL), text[-1]
        return f"{int(whole)}.{tenth}" if whole.isdigit() and tenth.isdigit() else None
    return text if text.isdigit() else None


def _date(text: str) -> dt.date | None:
    if len(text) != _YEAR + 2 * _PAIR:
        return None
    month, day = (_two_digits(text[start : start + _PAIR]) for start in (_YEAR, _YEAR + _PAIR))
    return date_of_digits(text[:_YEAR] + month + day)


def _era_date(spec: DigitsField, text: str, era: Value) -> dt.date | None:
    name = spec.printed_era or era
    known = Era.__members__.get(name.upper()) if isinstance(name, str) else None
    parts = [_two_digits(text[start : start + _PAIR]) for start in range(0, len(text), _PAIR)]
    if known is None or not all(part.isdigit() for part in parts):
        return None
    year, month, day = (int(part) for part in parts)
    found = date_of_era(known, year, month, day)
    return None if found is None else found.date


def _two_digits(pair: str) -> str:
    """A pair of cells of which one may have been left empty for a leading zero."""
    digits = pair.strip(EMPTY_CELL)
    return digits.zfill(_PAIR) if digits else pair


__all__ = ["EMPTY_CELL", "value_of_cells", "written_cells"]
