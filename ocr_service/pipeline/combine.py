"""Values that only several fields together give: dates written with the year of an era.

The cells say year, month and day; which era it is stands in a field of its own, or is printed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ocr_service.domain.dates import Era, date_of_era
from ocr_service.domain.field import MAX_ALTERNATIVES, Alternative, FieldValue, Flag, Value
from ocr_service.domain.triage import field_status
from ocr_service.forms.fields import DigitsField
from ocr_service.forms.model import FormTemplate
from ocr_service.pipeline.values import EMPTY_CELL

_Chances = dict[Value, float]


def combine(values: Sequence[FieldValue], template: FormTemplate) -> list[FieldValue]:
    """The values with every date of an era turned into ISO 8601.

    The chance of a date is the product of the chances of its era and of its digits; flags of both
    speak for care. Days just outside an era that people still write with its name count (昭和64
    after 7 January). A date that no era makes, or that lacks its era, keeps the digits of its
    cells and is ``INVALID``; the dates that the form's eras would make of them are alternatives.

    Args:
        values: what was read on a page, one value a record key.
        template: says which fields are such dates and where their era stands.

    Returns:
        As many values in the same order.
    """
    by_key = {value.key: value for value in values}
    dated = {f.key: f for f in template.fields if isinstance(f, DigitsField) and f.in_era}
    return [
        _dated(value, dated[value.key], by_key, template) if value.key in dated else value
        for value in values
    ]


def _dated(
    cells: FieldValue, spec: DigitsField, by_key: Mapping[str, FieldValue], template: FormTemplate
) -> FieldValue:
    marked = by_key.get(spec.era_field) if spec.era_field else None
    eras: _Chances = {spec.printed_era: 1.0} if marked is None else _chances(marked)
    named = spec.printed_era if marked is None else marked.value
    found: _Chances = {}
    for digits, chance in _chances(cells).items():
        if digits is None:  # nothing written is nothing, whatever its era
            found[None] = found.get(None, 0.0) + chance
            continue
        for era, chance_of_era in eras.items():
            value = _date(digits, era)
            found[value] = found.get(value, 0.0) + chance * chance_of_era
    if _era(named) is None:
        for era in _eras_offered(spec, template):
            found.setdefault(_date(cells.value, era), 0.0)
    best = _date(cells.value, named)
    flags = cells.flags - {Flag.INVALID}
    if best is not None:
        flags |= marked.flags if marked else frozenset()
        flags |= frozenset() if _is_date(best) else {Flag.INVALID}
    probability = min(1.0, found.get(best, 0.0))
    others = [v for v in sorted(found, key=lambda v: -found[v]) if v != best and _is_value(v)]
    return replace(
        cells,
        value=best,
        probability=probability,
        status=field_status(probability, flags, template.accept_at(spec)),
        alternatives=tuple(Alternative(v, min(1.0, found[v])) for v in others[:MAX_ALTERNATIVES]),
        flags=flags,
    )


def _chances(value: FieldValue) -> _Chances:
    others = {other.value: other.probability for other in value.alternatives}
    return others | {value.value: value.probability}


def _eras_offered(spec: DigitsField, template: FormTemplate) -> tuple[str, ...]:
    """Values of the form's era options, the latest era first: most people are born in it."""
    for field in template.fields:
        if field.key == spec.era_field and field.kind == "choice":
            return tuple(option.value for option in reversed(field.options))
    return ()


def _era(name: Value) -> Era | None:
    """The era that an option's value names, None for anything else (no mark, two marks)."""
    return Era.__members__.get(name.upper()) if isinstance(name, str) else None


def _date(digits: Value, era_name: Value) -> Value:
    """ISO 8601; the digits as they are where they make no date, None where there are none."""
    era = _era(era_name)
    if era is None or not isinstance(digits, str):
        return digits
    parts = [part.strip(EMPTY_CELL) for part in (digits[:2], digits[2:4], digits[4:])]
    if not all(part.isascii() and part.isdigit() for part in parts):
        return digits
    year, month, day = (int(part) for part in parts)
    found = date_of_era(era, year, month, day)
    return digits if found is None else found.date.isoformat()


def _is_date(value: Value) -> bool:
    return isinstance(value, str) and "-" in value


def _is_value(value: Value) -> bool:
    return value is None or _is_date(value)


__all__ = ["combine"]
