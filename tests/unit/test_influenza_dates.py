"""Dates that a ringed or printed era and six cells give together."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ocr_service.domain.dates import ERAS, Era, era_of
from ocr_service.domain.field import Alternative, FieldValue, Flag, Source, Status, Value
from ocr_service.domain.geometry import BoxMm
from ocr_service.forms.fields import Cell, DigitsField, Format, Label
from ocr_service.forms.library import load_library, shipped_folder
from ocr_service.pipeline.combine import combine
from ocr_service.pipeline.values import typed

TEMPLATE = load_library(shipped_folder()).get("influenza-elderly").template
_BOX = BoxMm(10, 10, 30, 7)
_OTHERS = tuple[tuple[Value, float], ...]


def _value(
    key: str,
    value: Value,
    probability: float = 0.99,
    *,
    others: _OTHERS = (),
    flags: frozenset[Flag] = frozenset(),
) -> FieldValue:
    return FieldValue(
        key=key,
        value=value,
        raw=value if isinstance(value, str) else "",
        probability=probability,
        status=Status.ACCEPTED,
        alternatives=tuple(Alternative(v, p) for v, p in others),
        reader="test",
        source=Source.MACHINE,
        flags=flags,
        box=_BOX,
    )


def _birth(cells: FieldValue, era: FieldValue) -> FieldValue:
    (_, found) = combine([era, cells], TEMPLATE)
    return found


def _read(cells: Value, era: Value) -> FieldValue:
    return _birth(
        _value("birth_date", cells, flags=frozenset({Flag.INVALID})), _value("birth_era", era)
    )


@given(st.dates(ERAS[Era.MEIJI].first, ERAS[Era.SHOWA].last), st.sampled_from("0_"))
def test_every_day_comes_back_from_its_era_and_cells(day: dt.date, pad: str) -> None:
    """Written with a leading zero or an empty cell, a day is itself again and is no error."""
    found = era_of(day)
    assert found is not None
    era, year = found
    cells = "".join(str(n).rjust(2, pad) for n in (year, day.month, day.day))
    read = _read(cells, era.name.lower())
    assert read.value == day.isoformat()
    assert Flag.INVALID not in read.flags
    assert read.raw == cells


@pytest.mark.parametrize(
    ("era", "cells", "iso"),
    [
        ("showa", "010105", "1926-01-05"),  # still Taisho 15 on that day
        ("showa", "640301", "1989-03-01"),  # Heisei since January
        ("taisho", "151231", "1926-12-31"),
        ("taisho", "_1_8_1", "1912-08-01"),
    ],
)
def test_days_people_write_with_the_other_era_count(era: str, cells: str, iso: str) -> None:
    """In the year of a change both names are in use; the first year is 1."""
    assert _read(cells, era).value == iso


@pytest.mark.parametrize(
    ("era", "cells"),
    [
        ("showa", "650101"),
        ("taisho", "160101"),
        ("showa", "000101"),
        ("showa", "350230"),
        ("showa", "35023?"),
        ("showa", "35____"),
    ],
)
def test_what_no_era_makes_is_kept_and_doubted(era: str, cells: str) -> None:
    """Nothing that was read is dropped, and nobody need not look at it."""
    read = _read(cells, era)
    assert read.value == cells
    assert Flag.INVALID in read.flags
    assert read.status is Status.REVIEW


def test_chance_is_that_of_era_and_digits_together() -> None:
    """Both must be right; what either might be instead is offered."""
    era = _value("birth_era", "showa", 0.9, others=(("taisho", 0.08), (None, 0.02)))
    cells = _value("birth_date", "100512", 0.8, others=(("160512", 0.15), ("10051?", 0.05)))
    read = _birth(cells, era)
    assert read.value == "1935-05-12"
    assert read.probability == pytest.approx(0.72)
    assert read.status is Status.REVIEW
    offered = {a.value: a.probability for a in read.alternatives}
    assert offered == pytest.approx({"1941-05-12": 0.135, "1921-05-12": 0.064})


def test_sure_date_needs_no_eyes() -> None:
    """The digits alone made no date; with their era they do."""
    era = _value("birth_era", "showa", 0.9999)
    cells = _value("birth_date", "100512", 0.9999, flags=frozenset({Flag.INVALID}))
    assert _birth(cells, era).status is Status.ACCEPTED


@pytest.mark.parametrize("era", [None, "ambiguous"])
def test_date_without_an_era_offers_every_era(era: str | None) -> None:
    """A person picks instead of typing; the most common era comes first."""
    read = _read("100512", era)
    assert read.value == "100512"
    assert read.status is Status.REVIEW
    assert [a.value for a in read.alternatives] == ["1935-05-12", "1921-05-12", "1877-05-12"]


def test_doubts_about_the_era_are_doubts_about_the_date() -> None:
    """Flags of both fields come together."""
    era = _value("birth_era", "showa", flags=frozenset({Flag.CORRECTED}))
    cells = _value("birth_date", "100512", flags=frozenset({Flag.FAINT}))
    read = _birth(cells, era)
    assert read.flags == {Flag.CORRECTED, Flag.FAINT}
    assert read.status is Status.REVIEW


def test_empty_cells_stay_empty() -> None:
    """A ringed era alone is no date, and no reason to doubt that nothing is written."""
    era = _value("birth_era", "showa", flags=frozenset({Flag.CORRECTED}))
    read = _birth(_value("birth_date", None, 0.98), era)
    assert read.value is None
    assert read.probability == pytest.approx(0.98)
    assert read.flags == frozenset()


def test_printed_era_needs_no_field() -> None:
    """The form says Reiwa itself."""
    (read,) = combine([_value("vaccination_date", "081015")], TEMPLATE)
    assert read.value == "2026-10-15"
    assert read.probability == pytest.approx(0.99)


def test_other_values_and_their_order_are_left_alone() -> None:
    """Only dates of an era change."""
    values = [_value("name", "見本　花子"), _value("consent_date", "2026-10-15")]
    assert combine(values, TEMPLATE) == values


def test_six_cells_wait_for_their_era() -> None:
    """By themselves they are no date, and no digit of them is lost."""
    assert typed("100512", Format.DATE) == ("100512", False)


@pytest.mark.parametrize(
    ("cells", "form", "settings"),
    [
        (8, Format.DATE, {"printed_era": "reiwa"}),
        (6, Format.DIGITS, {"printed_era": "reiwa"}),
        (6, Format.DATE, {"printed_era": "reiwa", "era_field": "era"}),
        (6, Format.DATE, {"printed_era": "edo"}),
    ],
)
def test_an_era_that_makes_no_sense_is_refused(
    cells: int, form: Format, settings: dict[str, str]
) -> None:
    """A template's author learns it at once."""
    written = [Cell(box=BoxMm(10 + 6 * i, 10, 5, 7)) for i in range(cells)]
    name = Label(ja="日付", en="Date")
    with pytest.raises(ValidationError, match="era"):
        DigitsField.model_validate(
            {"key": "d", "kind": "digits", "label": name, "format": form, "cells": written}
            | settings
        )
