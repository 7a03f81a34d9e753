"""A page that lost its pencil is not taken for one that was left blank here and there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ocr_service.domain.field import FieldValue, Flag, Source, Status
from ocr_service.domain.geometry import BoxMm
from ocr_service.domain.triage import field_status
from ocr_service.forms.library import load_library, shipped_folder
from ocr_service.forms.model import FormTemplate
from ocr_service.pipeline.corroborate import corroborate
from ocr_service.pipeline.faded import mark_faded

PRINTED = {"voucher_name", "voucher_number", "lot_number"}


@pytest.fixture(scope="module")
def template() -> FormTemplate:
    """The ministry's form."""
    return load_library(shipped_folder()).get("mhlw-covid19").template


def page(template: FormTemplate, *blank: str) -> list[FieldValue]:
    """Every field says something but those named."""
    return [
        FieldValue(
            key=key,
            value=None if key in blank else "x",
            raw="",
            probability=0.9999,
            status=Status.ACCEPTED,
            alternatives=(),
            reader="r-1",
            source=Source.MACHINE,
            flags=frozenset(),
            box=BoxMm(0, 0, 10, 10),
        )
        for key in template.record_keys
    ]


def test_many_empty_required_fields_stop_all_that_is_written_by_hand(
    template: FormTemplate,
) -> None:
    """Blank or not: the rest may have faded in part. Print is as good as ever."""
    read = page(template, "name_kana", "q1", "q2", "q3", "q4", "consent", "q5_drugs")
    found = {value.key: value for value in corroborate(read, template)}
    assert all(Flag.FADED in found[key].flags for key in ("name_kana", "q5_drugs", "q6", "place"))
    assert all(Flag.FADED not in found[key].flags for key in PRINTED)
    faded = found["q5_drugs"]
    assert field_status(faded.probability, faded.flags, 0.5) is Status.REVIEW


def test_people_may_leave_something_out(template: FormTemplate) -> None:
    """A few empty fields, and any number that need not be filled in, mean nothing."""
    optional = [f.key for f in template.fields if not f.required and len(f.record_keys) == 1]
    read = page(template, "q7", "q9", "doctor_signature", "consent", *optional)
    assert mark_faded(read, template) == read


def test_an_empty_form_is_not_taken_for_granted(template: FormTemplate) -> None:
    """Nothing written at all: a person looks."""
    found = mark_faded([replace(v, value=None) for v in page(template)], template)
    assert sum(Flag.FADED in value.flags for value in found) > 30
