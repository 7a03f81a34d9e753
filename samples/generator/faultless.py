"""Questionnaires that a trained clerk has nothing to say about, and how to change one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType

from ocr_service.domain.dates import age_on, legal_age
from samples.generator.chance import Rng
from samples.generator.people import invent_sheet
from samples.generator.sheet import Mark, Sheet, Value, Voucher

_TRIES = 400
_FEVER = "37.5"
_OPTIONAL = frozenset(
    {"q4_groups", "q4_disease", "q5_diseases", "q5_disease_other", "q5_drugs", "q5_drug_name",
     "q6_detail", "q7_detail", "q9_detail", "q10_vaccine", "q10_symptom", "q12_vaccine", "phone",
     "age", "sex", "place", "doctor_name"}
)  # fmt: skip
DETAILS = MappingProxyType(
    {"q6": ("q6_detail",), "q7": ("q7_detail",), "q9": ("q9_detail",),
     "q10": ("q10_vaccine", "q10_symptom"), "q12": ("q12_vaccine",)}
)  # fmt: skip
"""What each question asks for in writing after a yes."""


def faultless(rng: Rng) -> Sheet:
    """A COVID questionnaire that a trained clerk has nothing to say about."""
    for _ in range(_TRIES):
        sheet = invent_sheet(rng)
        if is_faultless(sheet):
            return sheet
    raise RuntimeError("no faultless sheet came up")


def is_faultless(sheet: Sheet) -> bool:
    """Judged by the record alone, apart from the rules that are measured with it."""
    v = sheet.values
    complete = all(value is not None for key, value in v.items() if key not in _OPTIONAL)
    if not complete or "ambiguous" in v.values() or v["judgement"] != "ok":
        return False
    birth, day = date_of(v, "birth_date"), date_of(v, "vaccination_date")
    first = (v["q1"] == "yes") == (v["voucher_dose"] == "1")
    usual = (v["q2"], v["q3"], v["consent"], v["q12"]) == ("yes", "yes", "yes", "no")
    signed = bool(v["doctor_signature"] and v["consent_signature"])
    age = age_on(birth, day)
    aged = v["age"] in {None, str(age)} and age == legal_age(birth, day)
    cool = str(v["body_temperature"]) < _FEVER
    at_home = sheet.voucher is not None and _lives_there(sheet.voucher, str(v["address"]))
    return all((first, usual, signed, aged, cool, at_home, _is_detailed(v)))


def _lives_there(voucher: Voucher, address: str) -> bool:
    return voucher.municipality in address


def _is_detailed(v: Mapping[str, Value]) -> bool:
    """Everything that an answer asks for is written."""
    for question, details in DETAILS.items():
        if v[question] == "yes" and not all(v[key] for key in details):
            return False
    groups, diseases, drugs = v["q4_groups"], v["q5_diseases"], v["q5_drugs"]
    if isinstance(groups, tuple) and "underlying" in groups and not v["q4_disease"]:
        return False
    if isinstance(diseases, tuple) and "other" in diseases and not v["q5_disease_other"]:
        return False
    return not drugs or bool(v["q5_drug_name"])


def date_of(values: Mapping[str, Value], key: str) -> date:
    """A day of the record."""
    return date.fromisoformat(str(values[key]))


def write(sheet: Sheet, key: str, value: str | None, *parts: str) -> Sheet:
    """The sheet with another value in a field of writing or digits."""
    writing = {k: w for k, w in sheet.writing.items() if k != key}
    if value is not None:
        writing[key] = parts or (value,)
    return replace(sheet, values={**sheet.values, key: value}, writing=writing)


def mark(sheet: Sheet, key: str, value: str | None, *options: str) -> Sheet:
    """The sheet with another mark on a choice; ``options`` where more than one is marked."""
    wanted = options or ((value,) if value is not None else ())
    marks = tuple(m for m in sheet.marks if m.key != key)
    marked = (*marks, *(Mark(key, option) for option in wanted))
    return replace(sheet, values={**sheet.values, key: value}, marks=marked)


__all__ = ["DETAILS", "date_of", "faultless", "is_faultless", "mark", "write"]
