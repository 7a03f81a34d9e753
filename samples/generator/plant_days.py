"""Faults of days and ages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from ocr_service.domain.dates import age_on, legal_age
from samples.generator.chance import Rng, pick
from samples.generator.faultless import date_of, write
from samples.generator.sheet import Mark, Sheet

_GUARDIAN_UNDER = 16


def wrong_age(sheet: Sheet, rng: Rng) -> Sheet:
    """An age that the dates do not make."""
    age = int(str(sheet.values["age"])) + pick(rng, (-10, -1, 1, 10))
    return write(sheet, "age", str(age), str(age).rjust(3))


def six_marked(sheet: Sheet, _rng: Rng) -> Sheet:
    """An adult marked as a child under six."""
    marks = (*sheet.marks, Mark("under_six", ""))
    return replace(sheet, values={**sheet.values, "under_six": True}, marks=marks)


def _born(sheet: Sheet, birth: date, age: int | None) -> Sheet:
    sheet = write(sheet, "birth_date", birth.isoformat(), f"{birth:%Y%m%d}")
    return write(sheet, "age", None if age is None else str(age), str(age or "").rjust(3))


def six_unmarked(sheet: Sheet, rng: Rng) -> Sheet:
    """A child of five whose mark is missing."""
    day = date_of(sheet.values, "vaccination_date")
    birth = day - timedelta(days=5 * 366 + int(rng.integers(10, 300)))
    return _born(sheet, birth, age_on(birth, day))


def after_birth(sheet: Sheet, rng: Rng) -> Sheet:
    """Born after the vaccination."""
    day = date_of(sheet.values, "vaccination_date")
    return _born(sheet, day + timedelta(days=int(rng.integers(1, 300))), None)


def no_such_day(sheet: Sheet, rng: Rng) -> Sheet:
    """A day of birth that no calendar has."""
    cells = str(sheet.values["birth_date"])[:4] + pick(rng, ("0230", "0431", "0631", "1131"))
    return write(sheet, "birth_date", cells, cells)


def _vaccinated(sheet: Sheet, day: date) -> Sheet:
    # the form prints the first three digits of the year itself
    sheet = write(sheet, "vaccination_date", day.isoformat(), "   " + f"{day:%Y%m%d}"[3:])
    return write(sheet, "age", None)


def too_early(sheet: Sheet, rng: Rng) -> Sheet:
    """Vaccinated before the programme began."""
    day = date(2020, 6, 1) + timedelta(days=int(rng.integers(200)))
    return write(_vaccinated(sheet, day), "consent_date", None)


def too_late(sheet: Sheet, rng: Rng) -> Sheet:
    """Vaccinated after the programme ended."""
    return _vaccinated(sheet, date(2024, 4, 1) + timedelta(days=int(rng.integers(300))))


def future(sheet: Sheet, rng: Rng) -> Sheet:
    """Vaccinated on a day yet to come."""
    return _vaccinated(sheet, date(2028, 1, 1) + timedelta(days=int(rng.integers(600))))


def consent_after(sheet: Sheet, rng: Rng) -> Sheet:
    """Consent dated after the shot."""
    day = date_of(sheet.values, "vaccination_date") + timedelta(days=int(rng.integers(2, 40)))
    parts = (str(day.year), str(day.month), str(day.day))
    return write(sheet, "consent_date", day.isoformat(), *parts)


def is_minor(sheet: Sheet) -> bool:
    """Whether a guardian has to sign."""
    v = sheet.values
    return legal_age(date_of(v, "birth_date"), date_of(v, "vaccination_date")) < _GUARDIAN_UNDER


def is_adult(sheet: Sheet) -> bool:
    """Whether the person signs himself."""
    return not is_minor(sheet)


def has_age(sheet: Sheet) -> bool:
    """Whether an adult wrote an age."""
    return is_adult(sheet) and sheet.values["age"] is not None


def in_time_for_children(sheet: Sheet) -> bool:
    """Whether small children were vaccinated by then."""
    late = date_of(sheet.values, "vaccination_date") >= date(2022, 3, 1)
    return late and not sheet.values["under_six"]


__all__ = [
    "after_birth",
    "consent_after",
    "future",
    "has_age",
    "in_time_for_children",
    "is_adult",
    "is_minor",
    "no_such_day",
    "six_marked",
    "six_unmarked",
    "too_early",
    "too_late",
    "wrong_age",
]
