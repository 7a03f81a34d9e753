"""Rules: what they leave alone, where their parameters come from, and that nothing breaks them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_service.domain.errors import InvalidRequest
from ocr_service.domain.field import Alternative, FieldValue, Flag, Source, Value
from ocr_service.domain.record import Issue, Severity
from ocr_service.forms.model import FormTemplate
from ocr_service.validators import run
from ocr_service.validators.base import RuleContext, decimal_of, issue
from ocr_service.validators.base import Text as Words
from ocr_service.validators.dated import read_settings
from ocr_service.validators.facts import EarlierDose, Facts
from ocr_service.validators.roles import parts_of
from ocr_service.validators.run import RULES, run_rules
from tests.unit.rules_world import COVID, FORMS, PLACES, TODAY, check, record, value_of

KNOWN = Facts(
    places=PLACES,
    institutions_known=True,
    lots_known=True,
    residents_known=True,
    duplicates=(3,),
    earlier=(EarlierDose(dt.date(2021, 6, 20), "コミナティ", "covid19", 1, live=False),),
    scanned_on=dt.date(2021, 7, 1),
)


def test_a_record_with_nothing_on_it_is_named() -> None:
    """Beside what is missing there is a finding that says so."""
    empty = {key: value_of(key, None) for key in COVID.record_keys}
    found = check(empty)
    assert ("record.empty", Severity.ERROR) in [(i.rule, i.severity) for i in found]
    assert {"required.missing", "judgement.missing", "answer.missing"} <= {i.rule for i in found}
    assert "record.empty" not in {i.rule for i in check(empty | {"q1": value_of("q1", "yes")})}


def test_without_facts_rules_that_need_them_are_silent() -> None:
    """``ocr-service read`` works without a database."""
    assert check(record(), facts=Facts()) == ()


def test_differing_prints_are_told_until_a_person_decides() -> None:
    """A human answer settles what the reader doubted."""
    values = record()
    doubted = value_of("voucher_number", "0123456789", frozenset({Flag.DISAGREEMENT}))
    found = check(values | {"voucher_number": doubted})
    assert [(i.rule, i.fields) for i in found] == [("voucher.disagreement", ("voucher_number",))]
    settled = replace(doubted, source=Source.HUMAN)
    assert check(values | {"voucher_number": settled}) == ()


def test_a_corrected_answer_is_ambiguous_until_a_person_decides() -> None:
    """The flag alone suffices."""
    for flag in (Flag.CORRECTED, Flag.BOTH_MARKED):
        corrected = value_of("q8", "no", frozenset({flag}))
        assert [i.rule for i in check(record() | {"q8": corrected})] == ["answer.ambiguous"]
        assert check(record() | {"q8": replace(corrected, source=Source.HUMAN)}) == ()


def test_cells_that_may_say_no_day_are_told_until_a_person_decides() -> None:
    """The reader took a day that there is; a clear enough reading says one that there is not."""
    day = value_of("birth_date", "1980-05-31", frozenset({Flag.INVALID}))
    for other, chance, found in (
        ("19800631", 0.06, ["date.impossible"]),
        ("19800631", 0.001, []),
        ("1980-06-30", 0.06, []),
        ("1980063_", 0.06, []),
        ("19801331", 0.06, []),
    ):
        doubted = replace(day, alternatives=(Alternative(other, chance),))
        assert [i.rule for i in check(record() | {"birth_date": doubted}, "date.*")] == found
        settled = replace(doubted, source=Source.HUMAN)
        assert check(record() | {"birth_date": settled}, "date.*") == ()


def test_writing_that_nobody_can_read_is_writing_all_the_same() -> None:
    """It contradicts a no and goes with a yes, whether a reader or a person could not read it."""
    for unread in (
        value_of("q6_detail", None, frozenset({Flag.REJECTED})),
        replace(value_of("q6_detail", None, frozenset({Flag.ILLEGIBLE})), source=Source.HUMAN),
    ):
        for answer, found in (("no", ["answer.detail_with_no"]), ("yes", [])):
            values = record(q6=answer) | {"q6_detail": unread}
            assert [i.rule for i in check(values, "answer.*")] == found
    blank = replace(value_of("q6_detail", None, frozenset({Flag.REJECTED})), source=Source.HUMAN)
    assert check(record() | {"q6_detail": blank}, "answer.*") == ()


def test_an_unknown_rule_is_told_not_skipped() -> None:
    """A newer template on an older service; a group that has no rule is one too."""
    assert [i.rule for i in check(record(), "age.of_reason")] == ["rule.unknown"]
    assert [i.rule for i in check(record(), "nothing.*")] == ["rule.unknown"]


def test_names_may_stand_for_groups() -> None:
    """All rules, or all whose code begins alike."""
    values = record(body_temperature="33.0", phone="1")
    assert [i.rule for i in check(values, "temperature.*")] == ["temperature.range"]
    assert [i.rule for i in check(values, "*")] == ["phone.format", "temperature.range"]


def test_a_template_sets_parameters_and_severity_and_switches_off() -> None:
    """``[rules."temperature.range"] min = 35.5``; the message shows the parameter."""

    def with_rules(**parameters: object) -> FormTemplate:
        raw = COVID.model_dump()
        raw["fields"] = [field.model_dump() for field in COVID.fields]
        raw.pop("rule_parameters")
        return FormTemplate.model_validate(raw | {"rules": {"temperature.range": parameters}})

    def judge(template: FormTemplate, degrees: str) -> tuple[Issue, ...]:
        context = RuleContext(template, TODAY)
        return run_rules(template.rules, record(body_temperature=degrees), context)

    (found,) = judge(with_rules(min=35.5, severity="error"), "35.4")
    assert (found.severity, "35.5" in found.message_ja) == (Severity.ERROR, True)
    assert judge(with_rules(min=35.5), "35.5") == ()
    assert judge(with_rules(enabled=False), "10.0") == ()
    assert judge(with_rules(severity="nonsense"), "10.0")[0].severity is Severity.WARNING


def test_an_operators_file_wins_and_holds_for_its_days(tmp_path: Path) -> None:
    """What changed on a date is judged by the day of vaccination, here and for one form only."""
    own = tmp_path / "own.toml"
    own.write_text(
        '[[rule]]\ncode = "temperature.fever"\ntemplate = "mhlw-covid19"\n'
        "valid_from = 2021-07-01\nvalid_to = 2021-07-31\nparameters = { min = 37.0 }\n"
        '[[product]]\nname = "コミナティ"\ndisease = "covid19"\namounts = [{ ml = ["0.9"] }]\n',
        encoding="utf-8",
    )
    settings = read_settings(own)

    def rules(form: str, **changes: Value) -> list[str]:
        values = record(form, **changes)
        context = RuleContext(FORMS[form], TODAY, settings=settings)
        return [i.rule for i in run_rules(FORMS[form].rules, values, context)]

    day = {"vaccination_date": "2021-08-01", "consent_date": "2021-08-01"}
    assert rules("covid", body_temperature="37.0", dose_ml="0.9") == ["temperature.fever"]
    assert rules("covid", body_temperature="37.0", dose_ml="0.9", **day) == []
    assert rules("influenza", body_temperature="37.0") == []
    assert rules("covid", dose_ml="0.3") == ["dose.amount"]


@pytest.mark.parametrize(
    "text", ["no = [toml", "[[rule]]\ncode = 'x'", "[[product]]\nname = ''", "strange = 1"]
)
def test_a_broken_settings_file_is_refused_by_name(tmp_path: Path, text: str) -> None:
    """The message says which file and where."""
    own = tmp_path / "own.toml"
    own.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidRequest, match=r"own\.toml"):
        read_settings(own)


@dataclass(frozen=True)
class _Plugged:
    """A rule of another package."""

    code: str = "own.name_is_short"

    def check(self, values: Mapping[str, FieldValue], context: RuleContext) -> list[Issue]:
        """One finding, always."""
        assert context.template.key
        assert values
        return [issue(self.code, Severity.INFO, ("name",), Words("短い", "short"))]


def test_other_packages_bring_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """By an entry point; a code that is taken is refused."""
    entry = type("Entry", (), {"name": "own", "load": staticmethod(lambda: [_Plugged()])})
    monkeypatch.setattr(run, "entry_points", lambda group: [entry()] if group else [])
    run.installed_rules.cache_clear()
    try:
        assert [i.rule for i in check(record(), "*")] == ["own.name_is_short"]
        taken = _Plugged("temperature.range")
        entry.load = staticmethod(lambda: taken)  # type: ignore[attr-defined]
        run.installed_rules.cache_clear()
        with pytest.raises(ValueError, match=r"temperature\.range"):
            check(record(), "*")
    finally:
        run.installed_rules.cache_clear()


def test_what_depends_on_what_is_found_by_keys_and_by_attributes() -> None:
    """A detail belongs to the question whose key it begins with, unless the template says more."""
    asked = {a.key: (a.by, a.option, a.question) for a in parts_of(COVID).asked}
    assert asked["q6_detail"] == ("q6", "yes", "q6")
    assert asked["q4_disease"] == ("q4_groups", "underlying", "q4")
    assert asked["q5_drug_name"] == ("q5_drugs", None, "q5")
    assert "consent" not in parts_of(COVID).questions


@pytest.mark.parametrize("text", ["", ".", "1.2.3", "-1", "１", "1e3", "1234567890"])
def test_only_plain_numbers_are_numbers(text: str) -> None:
    """Anything else is none."""
    assert decimal_of(text) is None


anything = st.one_of(
    st.none(),
    st.booleans(),
    st.text(max_size=12),
    st.dates().map(dt.date.isoformat),
    st.from_regex(r"[0-9]{0,13}(\.[0-9])?", fullmatch=True),
    st.sampled_from(["yes", "no", "ok", "defer", "ambiguous", "コミナティ", "FJ7489"]),
    st.lists(st.sampled_from(["underlying", "other", "age65"]), max_size=3).map(tuple),
)
shapes = st.sampled_from(sorted(FORMS))


@given(data=st.data(), form=shapes, known=st.booleans())
def test_rules_are_total_idempotent_and_free_of_order(
    data: st.DataObject, form: str, *, known: bool
) -> None:
    """Any values, any order of rules and keys: the same issues, and never an error."""
    keys = FORMS[form].record_keys
    flags = st.frozensets(st.sampled_from(list(Flag)))
    drawn = data.draw(st.dictionaries(st.sampled_from(keys), st.tuples(anything, flags)))
    names = data.draw(st.permutations([*RULES, "no.such_rule"]))
    values = {key: value_of(key, value, flags) for key, (value, flags) in drawn.items()}
    context = RuleContext(FORMS[form], TODAY, KNOWN if known else Facts())
    first = run_rules(names, values, context)
    backwards = dict(reversed(values.items()))
    assert run_rules(sorted(names), backwards, context) == first
    assert run_rules([*names, *names], values, context) == first


@given(text=st.text(min_size=6, max_size=12), form=shapes)
def test_messages_never_contain_a_value(text: str, form: str) -> None:
    """Issues go to logs and lists; values do not."""
    values = {key: value_of(key, text + "#") for key in FORMS[form].record_keys}
    for found in run_rules(["*"], values, RuleContext(FORMS[form], TODAY, KNOWN)):
        assert text + "#" not in found.message_ja + found.message_en
        assert "{" not in found.message_ja + found.message_en
