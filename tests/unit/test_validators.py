"""Rules: what they find, what they leave alone, and that nothing makes them fail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_service.domain.field import FieldValue, Flag, Source, Status, Value
from ocr_service.domain.geometry import BoxMm
from ocr_service.domain.record import Issue, Severity
from ocr_service.forms.library import load_library, shipped_folder
from ocr_service.forms.model import FormTemplate
from ocr_service.validators.run import RULES, RuleContext, run_rules

TODAY = dt.date(2026, 11, 20)
FORM: FormTemplate = load_library(shipped_folder()).get("mhlw-covid19@2021-05").template
CONTEXT = RuleContext(template=FORM, today=TODAY)
GOOD: dict[str, Value] = {
    "voucher_kind": "2",
    "voucher_dose": "1",
    "voucher_municipality_code": "131016",
    "voucher_number": "0123456789",
    "address": "見本県見本市1-2-3",
    "name": "見本　花子",
    "name_kana": "ミホン　ハナコ",
    "birth_date": "1980-02-29",
    "body_temperature": "36.5",
    "judgement": "ok",
    "doctor_signature": True,
    "consent": "yes",
    "consent_signature": True,
    "institution_code": "1310121996",
    "vaccination_date": "2021-07-01",
    **{f"q{number}": "no" for number in range(1, 14)},
}


def value_of(key: str, value: Value, flags: frozenset[Flag] = frozenset()) -> FieldValue:
    return FieldValue(
        key=key,
        value=value,
        raw="",
        probability=0.9,
        status=Status.REVIEW,
        alternatives=(),
        reader="test",
        source=Source.MACHINE,
        flags=flags,
        box=BoxMm(0, 0, 1, 1),
    )


def record(**changes: Value) -> dict[str, FieldValue]:
    return {key: value_of(key, value) for key, value in (GOOD | changes).items()}


def check(values: Mapping[str, FieldValue], *names: str) -> tuple[Issue, ...]:
    return run_rules(names or FORM.rules, values, CONTEXT)


def test_a_faultless_record_has_no_issues() -> None:
    """Every rule of the shipped template is content."""
    assert check(record()) == ()


def test_every_rule_the_shipped_templates_name_exists() -> None:
    """A template cannot silently go unchecked."""
    for loaded in load_library(shipped_folder()).loaded:
        assert set(loaded.template.rules) <= set(RULES)


@pytest.mark.parametrize(
    "text",
    ["2021-02-29", "2021-13-01", "20210701", "2021-W01-1", "_1_2", "2027-01-01", "1880-01-01"],
)
def test_dates_that_cannot_be_are_errors(text: str) -> None:
    """Nonexistent, unwritten, future and ancient days block export."""
    found = check(record(birth_date=text), "date.impossible")
    assert [(i.severity, i.fields) for i in found] == [(Severity.ERROR, ("birth_date",))]


def test_today_is_no_future_date() -> None:
    """A form of this very day is fine."""
    assert check(record(vaccination_date=TODAY.isoformat()), "date.impossible") == ()


@pytest.mark.parametrize(
    ("key", "text", "rule"),
    [
        ("institution_code", "1310121997", "institution_code.check_digit"),
        ("institution_code", "13101219", "institution_code.check_digit"),
        ("voucher_municipality_code", "131017", "municipality_code.check_digit"),
        ("body_temperature", "33.9", "temperature.range"),
        ("body_temperature", "42.1", "temperature.range"),
        ("body_temperature", "?6.5", "temperature.range"),
        ("q5", "ambiguous", "answer.ambiguous"),
    ],
)
def test_doubts_are_warnings_on_their_field(key: str, text: str, rule: str) -> None:
    """A person looks; the export is not blocked."""
    found = check(record(**{key: text}))
    assert [(i.rule, i.severity, i.fields) for i in found] == [(rule, Severity.WARNING, (key,))]


@pytest.mark.parametrize(("degrees", "judgement", "warned"), [
    ("37.4", "ok", False), ("37.5", "ok", True), ("38.2", "ok", True), ("38.2", "defer", False),
])  # fmt: skip
def test_fever_and_judged_fit_is_a_warning(degrees: str, judgement: str, *, warned: bool) -> None:
    """From 37.5 degrees on, unless the doctor deferred the shot."""
    found = check(record(body_temperature=degrees, judgement=judgement), "temperature.fever")
    assert [i.fields for i in found] == ([("body_temperature", "judgement")] if warned else [])


@pytest.mark.parametrize(
    ("key", "value", "severity"),
    [
        ("vaccination_date", None, Severity.ERROR),
        ("institution_code", "", Severity.ERROR),
        ("voucher_number", None, Severity.ERROR),
        ("name", None, Severity.WARNING),
        ("q7", None, Severity.WARNING),
        ("doctor_signature", False, Severity.WARNING),
    ],
)
def test_what_is_missing_blocks_only_where_nothing_goes_without_it(
    key: str, value: Value, severity: Severity
) -> None:
    """An unanswered question stays open; a record without its date cannot be registered."""
    found = check(record(**{key: value}), "required.missing")
    assert [(i.severity, i.fields) for i in found] == [(severity, (key,))]


def test_a_voucher_that_is_not_there_is_one_issue() -> None:
    """All four parts are told at once."""
    values = {key: found for key, found in record().items() if not key.startswith("voucher_")}
    (found,) = check(values, "required.missing")
    assert len(found.fields) == 4


def test_differing_prints_are_told_until_a_person_decides() -> None:
    """A human answer settles what the reader doubted."""
    values = record()
    doubted = value_of("voucher_number", "0123456789", frozenset({Flag.DISAGREEMENT}))
    assert [i.fields for i in check(values | {"voucher_number": doubted})] == [("voucher_number",)]
    settled = replace(doubted, source=Source.HUMAN)
    assert check(values | {"voucher_number": settled}) == ()


def test_a_corrected_answer_is_ambiguous_until_a_person_decides() -> None:
    """The flag alone suffices."""
    corrected = value_of("q8", "yes", frozenset({Flag.CORRECTED}))
    assert [i.rule for i in check(record() | {"q8": corrected})] == ["answer.ambiguous"]
    assert check(record() | {"q8": replace(corrected, source=Source.HUMAN)}) == ()


def test_an_unknown_rule_is_told_not_skipped() -> None:
    """A newer template on an older service."""
    assert [i.rule for i in check(record(), "age.of_reason")] == ["rule.unknown"]


anything = st.one_of(
    st.none(), st.booleans(), st.text(max_size=12), st.lists(st.text(max_size=4)).map(tuple)
)
records = st.dictionaries(
    st.sampled_from(FORM.record_keys),
    st.tuples(anything, st.frozensets(st.sampled_from(list(Flag)))),
)


@given(drawn=records, names=st.permutations([*FORM.rules, "no.such_rule"]))
def test_rules_are_total_and_their_order_does_not_matter(
    drawn: dict[str, tuple[Value, frozenset[Flag]]], names: list[str]
) -> None:
    """Any values, any order of rules and keys: the same issues, and never an error."""
    values = {key: value_of(key, value, flags) for key, (value, flags) in drawn.items()}
    backwards = dict(reversed(values.items()))
    assert run_rules(names, values, CONTEXT) == run_rules(sorted(names), backwards, CONTEXT)


@given(text=st.text(min_size=6, max_size=12))
def test_messages_never_contain_a_value(text: str) -> None:
    """Issues go to logs and lists; values do not."""
    values = {key: value_of(key, text + "#") for key in FORM.record_keys}
    for issue in run_rules(FORM.rules, values, CONTEXT):
        assert text + "#" not in issue.message_ja + issue.message_en
