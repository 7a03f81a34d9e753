"""The attention list picks answers; both shipped forms have one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ocr_service.domain.field import FieldValue, Source, Status, Value
from ocr_service.domain.geometry import BoxMm
from ocr_service.forms.attention import Attention, AttentionSpec
from ocr_service.forms.fields import Label
from ocr_service.forms.library import load_library, shipped_folder
from ocr_service.forms.model import FormTemplate
from ocr_service.validators.attention import attention_of

LIBRARY = load_library(shipped_folder())
COVID = LIBRARY.get("mhlw-covid19").template
INFLUENZA = LIBRARY.get("influenza-elderly").template


def field(key: str, value: Value, status: Status = Status.ACCEPTED) -> FieldValue:
    return FieldValue(
        key=key,
        value=value,
        raw="",
        probability=1.0,
        status=status,
        alternatives=(),
        reader="r",
        source=Source.MACHINE,
        flags=frozenset(),
        box=BoxMm(0, 0, 1, 1),
    )


def keys(form: FormTemplate, **values: Value) -> list[str]:
    found = attention_of({key: field(key, value) for key, value in values.items()}, form)
    return [hit.spec.key for hit in found]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("body_temperature", "37.5"),
        ("q7", "yes"),
        ("q8", "yes"),
        ("q9", "yes"),
        ("q11", "yes"),
        ("q5_drugs", ("blood_thinner", "other")),
        ("q5_diseases", ("immune",)),
        ("q9", "ambiguous"),
    ],
)
def test_what_a_doctor_wants_to_see_is_listed(key: str, value: Value) -> None:
    """Fever, allergy, pregnancy, anticoagulants, convulsions; doubtful marks too."""
    assert keys(COVID, **{key: value}) == [key]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("body_temperature", "37.4"),
        ("body_temperature", None),
        ("q9", "no"),
        ("q9", None),
        ("q5_drugs", ("other",)),
        ("q1", "yes"),
    ],
)
def test_unremarkable_answers_are_not(key: str, value: Value) -> None:
    """A blank says nothing; that it is blank is another rule's business."""
    assert keys(COVID, **{key: value}) == []


def test_influenza_form_has_its_own_polarity() -> None:
    """There the treating doctor's "no" is what matters."""
    assert keys(INFLUENZA, q4="no", q1="yes", q7="yes") == ["q7", "q4"]


def test_what_is_written_stands_beside_and_doubt_is_told() -> None:
    """A reading that nobody confirmed is listed as such."""
    values = {"q9": field("q9", "yes", Status.REVIEW), "q9_detail": field("q9_detail", "そば")}
    (hit,) = attention_of(values, COVID)
    assert (hit.detail, hit.confirmed) == ("そば", False)
    settled = {"q9": replace(values["q9"], status=Status.ACCEPTED)}
    (hit,) = attention_of(settled, COVID)
    assert (hit.detail, hit.confirmed) == ("", True)


def test_spec_says_one_thing_and_names_fields_of_its_form() -> None:
    """Mistakes in a template are found when it is loaded."""
    words = Label(ja="発熱", en="Fever")
    with pytest.raises(ValidationError):
        AttentionSpec(key="q1", words=words)
    spec = {"key": "nothing", "answers": ["yes"], "words": words.model_dump()}
    with pytest.raises(ValidationError, match="nothing"):
        FormTemplate.model_validate({**COVID.model_dump(), "attention": [spec]})


_VALUES = st.one_of(
    st.none(), st.booleans(), st.text(max_size=8), st.lists(st.text(max_size=8)).map(tuple)
)


@given(st.dictionaries(st.sampled_from(COVID.record_keys), _VALUES))
def test_any_values_give_a_list(values: dict[str, Value]) -> None:
    """Never an error, and nothing the template does not name."""
    found = attention_of({k: field(k, v) for k, v in values.items()}, COVID)
    assert {hit.spec.key for hit in found} <= {spec.key for spec in COVID.attention}
    assert all(isinstance(hit.spec.level, Attention) for hit in found)
