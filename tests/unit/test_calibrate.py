"""Maps, thresholds and what they make of values."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_service.domain.errors import ModelMissing
from ocr_service.domain.field import Alternative, FieldValue, Flag, Source, Status
from ocr_service.domain.geometry import BoxMm
from ocr_service.forms.fields import Label, TextField
from ocr_service.forms.library import load_library, shipped_folder
from ocr_service.forms.model import FormTemplate
from ocr_service.pipeline.calibrate import (
    NEVER,
    UNCALIBRATED,
    Calibration,
    CalibrationMap,
    load_calibration,
    with_chance,
)
from ocr_service.pipeline.calibration_groups import (
    group_of,
    is_stopped,
    levels_of,
    levels_of_name,
    reader_stem,
)

chances = st.floats(0, 1, allow_nan=False)
maps = st.builds(CalibrationMap, st.floats(0.02, 5), st.floats(0.02, 5), st.floats(-5, 5))
MAP = CalibrationMap(1.0, 1.0, -1.0)


@pytest.fixture(scope="module")
def form() -> FormTemplate:
    """The shipped form."""
    return load_library(shipped_folder()).get("mhlw-covid19").template


def value(
    key: str, content: str | None = "東町", *, probability: float = 0.9, reader: str = "text-1/x"
) -> FieldValue:
    """A machine's value with one alternative."""
    return FieldValue(
        key=key,
        value=content,
        raw=content or "",
        probability=probability,
        status=Status.REVIEW,
        alternatives=(Alternative("西町", (1 - probability) / 2),),
        reader=reader,
        source=Source.MACHINE,
        flags=frozenset(),
        box=BoxMm(1, 1, 9, 9),
    )


def known(at: float = 0.8, **further: CalibrationMap) -> Calibration:
    """A calibration of text with one threshold for a promise of 0.005."""
    found = {"text": MAP} | {name.replace("_", "."): curve for name, curve in further.items()}
    return Calibration(found, {"text": {0.005: at}}, frozenset({"text"}))


@given(maps, chances, chances)
def test_a_surer_score_never_gets_a_smaller_chance(m: CalibrationMap, a: float, b: float) -> None:
    """Maps rise and stay chances."""
    low, high = sorted((a, b))
    assert 0.0 <= m(low) <= m(high) <= 1.0


@given(maps, st.floats(0.001, 0.999))
def test_a_map_can_be_undone(m: CalibrationMap, score: float) -> None:
    """From the chance one finds the score again: corrections keep only the chance."""
    chance = m(score)
    if 1e-9 < chance < 1 - 1e-9:
        assert m(m.score_of(chance)) == pytest.approx(chance, abs=1e-9)


@given(st.lists(chances, min_size=1, max_size=6), chances)
def test_chances_stay_chances(scores: list[float], chance: float) -> None:
    """The best stays best, the others keep their order, and all together are at most one."""
    total = max(1.0, sum(scores))
    best, *others = sorted((s / total for s in scores), reverse=True)
    alternatives = tuple(Alternative(str(i), p) for i, p in enumerate(others))
    raw = replace(value("place", probability=best), alternatives=alternatives)
    judged = with_chance(raw, chance)
    kept = [a.probability for a in judged.alternatives]
    assert judged.probability + sum(kept) <= 1 + 1e-9
    assert kept == sorted(kept, reverse=True)
    assert [a.value for a in judged.alternatives] == [a.value for a in alternatives]
    assert not kept or judged.probability >= kept[0]


def test_chances_near_one_are_told_apart() -> None:
    """Scores of one error in a thousand and one in a hundred thousand stay apart."""
    assert 1 - MAP(0.999) > 50 * (1 - MAP(0.99999))


def test_a_calibration_of_nothing_takes_scores_at_their_word(form: FormTemplate) -> None:
    """Raw scores stay, and the promise itself is the threshold."""
    sure, unsure = value("place", probability=0.996), value("place", probability=0.994)
    judged = UNCALIBRATED.judge([sure, unsure], form)
    assert [v.probability for v in judged] == [0.996, 0.994]
    assert [v.status for v in judged] == [Status.ACCEPTED, Status.REVIEW]


def test_values_are_accepted_from_their_groups_threshold_on(form: FormTemplate) -> None:
    """Calibrated chance against the threshold of the group, for the promise of the field."""
    at = MAP(0.9)
    below, above = value("place", probability=0.899), value("place", probability=0.901)
    judged = known(at).judge([below, above], form)
    assert [v.status for v in judged] == [Status.REVIEW, Status.ACCEPTED]
    assert judged[1].probability == pytest.approx(MAP(0.901))


def test_a_flag_stops_whatever_the_chance(form: FormTemplate) -> None:
    """A variant kanji needs eyes even at certainty."""
    flagged = replace(value("place", probability=0.9999), flags=frozenset({Flag.VARIANT_KANJI}))
    assert known(0.1).judge([flagged], form)[0].status is Status.REVIEW


def test_another_readers_scores_are_not_taken_for_those_that_were_fitted(
    form: FormTemplate,
) -> None:
    """A plug-in nobody calibrated accepts nothing; a new version of a known reader does."""
    foreign = value("place", probability=0.9999, reader="somebody-1")
    newer = value("place", probability=0.9999, reader="text-2/y")
    judged = known(0.5).judge([foreign, newer], form)
    assert [v.status for v in judged] == [Status.REVIEW, Status.ACCEPTED]
    assert judged[0].probability == 0.9999


def test_a_threshold_by_hand_outranks_the_promise(form: FormTemplate) -> None:
    """``accept_at`` of a field decides, for known and for foreign readers."""
    index, spec = next((i, f) for i, f in enumerate(form.fields) if f.key == "place")
    assert isinstance(spec, TextField)
    manual = spec.model_copy(update={"accept_at": 0.3})
    fields = (*form.fields[:index], manual, *form.fields[index + 1 :])
    changed = form.model_copy(update={"fields": fields})
    values = [value("place", probability=0.7), value("place", probability=0.7, reader="other-1")]
    statuses = [v.status for v in known(NEVER).judge(values, changed)]
    assert statuses == [Status.ACCEPTED, Status.ACCEPTED]


def test_a_stricter_promise_takes_the_next_stricter_threshold() -> None:
    """Promises between two that were fitted are rounded down, never up."""
    ladder = {0.001: 0.99, 0.005: 0.9, 0.01: 0.8}
    calibration = Calibration({"text": MAP}, {"text": ladder}, frozenset({"text"}))
    group = "text.name.filled@text-1"
    asked = (0.0005, 0.001, 0.003, 0.005, 0.5)
    found = [calibration.threshold(group, target) for target in asked]
    assert found == [math.inf, 0.99, 0.99, 0.9, 0.8]


def test_small_groups_take_the_data_of_wider_ones() -> None:
    """The finest level that was fitted counts."""
    narrow = CalibrationMap(1.0, 1.0, 1.0)
    calibration = known(text_name_filled=narrow)
    assert calibration.chance_of("text.name.filled@text-1", 0.5) == narrow(0.5)
    assert calibration.chance_of("text.kana.filled@text-1", 0.5) == MAP(0.5)
    assert calibration.chance_of("digits.date.filled@digits-1", 0.5) == 0.5
    assert calibration.threshold("digits.date.filled@digits-1", 0.01) == NEVER


def test_older_files_do_not_tell_what_bears_a_value_out() -> None:
    """Their threshold counts where the chance itself promises as much."""
    old = Calibration({"text.name.filled": MAP}, {"text.name.filled": {0.005: 0.9}})
    assert old.threshold("text.name+print.filled@text-1", 0.005) == 0.995
    new = Calibration({"text": MAP}, {"text.name+print.filled": {0.005: 0.9}})
    assert new.threshold("text.name+print.filled@text-1", 0.005) == 0.9


def test_questions_with_several_boxes_borrow_nothing_from_single_marks() -> None:
    """What is shown for one box is not shown for six of them together."""
    group = "choice-many.checkbox.one@marks-cnn-1"
    assert levels_of(group)[-2:] == ("choice-many.*.one", "choice-many")
    ladder = {0.001: 0.97}
    own = Calibration({"mark": MAP}, {"mark": ladder, "choice-many": {0.001: 0.9995}})
    assert own.threshold(group, 0.001) == 0.9995
    assert own.threshold("mark.checkbox.one@marks-cnn-1", 0.001) == 0.97


def test_a_file_without_their_own_group_gives_chances_and_no_ease() -> None:
    """Files fitted before: the former group's map, and the chance must keep the promise itself."""
    group = "choice-many.checkbox.none@marks-cnn-1"
    former = CalibrationMap(1.0, 1.0, 1.0)
    file = Calibration(
        {"mark": MAP, "mark.checkbox-many.none": former},
        {"mark": {0.001: 0.97}, "mark.checkbox-many.none": {0.001: 0.97, 0.005: 0.999}},
    )
    assert file.chance_of(group, 0.5) == former(0.5)
    assert file.threshold(group, 0.001) == 0.999
    assert file.threshold(group, 0.005) == 0.999
    assert file.threshold(group, 0.0001) == NEVER
    assert Calibration({"text": MAP}).threshold(group, 0.001) == NEVER


def test_groups_are_what_the_file_calls_them(form: FormTemplate) -> None:
    """Names of groups are part of the file format: changing one orphans fitted data."""
    one, none = value("q1", "yes", reader="marks-cnn-1"), value("q1", None, reader="marks-cnn-1")
    both = replace(
        value("q1", "ambiguous", reader="marks-cnn-1"), flags=frozenset({Flag.BOTH_MARKED})
    )
    pale = replace(one, flags=frozenset({Flag.FAINT}))
    struck = replace(one, flags=frozenset({Flag.CORRECTED}))
    field = form.field_of("q1")
    names = [group_of(field, v, form).partition("@")[0] for v in (one, none, both, pale, struck)]
    states = ("one", "none", "both", "pale", "corrected")
    assert names == [f"mark.checkbox.{state}" for state in states]
    many = replace(one, key="q4_groups")
    assert (
        group_of(form.field_of("q4_groups"), many, form) == "choice-many.checkbox.one@marks-cnn-1"
    )
    assert group_of(form.field_of("name"), value("name"), form) == "text.name+print.filled@text-1/x"
    assert group_of(form.field_of("address"), value("address"), form).startswith(
        "text.address+code"
    )
    doctor = value("doctor_name")
    assert group_of(form.field_of("doctor_name"), doctor, form) == "text.name.filled@text-1/x"
    lot = value("lot_number", None, reader="s-1")
    assert group_of(form.field_of("lot_number"), lot, form) == "sticker.lot.empty@s-1"
    assert levels_of("text.name.filled@t-1") == (
        "text.name.filled@t-1",
        "text.name.filled",
        "text.*.filled",
        "text",
    )
    for group in ("text.name.filled@t-1", "digits.date.filled@d-1"):
        levels = levels_of(group)
        assert [levels_of_name(name) for name in levels] == [levels[n:] for n in range(len(levels))]
    assert is_stopped("mark.checkbox.both@x.y")
    assert not is_stopped("mark.checkbox.one@x.flagged")


def test_calibrating_leaves_a_value_in_its_group(form: FormTemplate) -> None:
    """Groups follow from what was read, not from how sure: stored values can be fitted again."""
    raw = value("place")
    (judged,) = known().judge([raw], form)
    assert group_of(form.field_of("place"), judged, form) == group_of(
        form.field_of("place"), raw, form
    )


def test_versions_are_no_part_of_a_readers_stem() -> None:
    """A reader keeps its stem when it is improved."""
    assert reader_stem("digits-cnn-1") == reader_stem("digits-cnn-2") == "digits-cnn"
    assert reader_stem("text-1/pp-ocrv6-small") == "text"
    assert reader_stem("fixed") == "fixed"


def test_field_promises_outrank_the_forms(form: FormTemplate) -> None:
    """By kind, unless the field has its own."""
    place, birth = form.field_of("place"), form.field_of("birth_date")
    assert form.target_error(place) == 0.005
    assert form.target_error(birth) == 0.001
    assert isinstance(place, TextField)
    assert form.target_error(place.model_copy(update={"target_error": 0.02})) == 0.02
    assert form.manual_accept_at(place) is None


def test_a_fields_promise_beats_a_threshold_by_hand_for_the_whole_form(form: FormTemplate) -> None:
    """What is said of one field is nearer than what is said of all."""
    triage = form.triage.model_copy(update={"accept_at": 0.97})
    changed = form.model_copy(update={"triage": triage})
    place = form.field_of("place")
    assert changed.manual_accept_at(place) == 0.97
    own = TextField(
        key="f",
        kind="text",
        label=Label(ja="欄", en="f"),
        segments=place.segments if isinstance(place, TextField) else (),
        target_error=0.01,
    )
    assert changed.manual_accept_at(own) is None


def test_the_shipped_calibration_knows_the_shipped_readers() -> None:
    """The file in the package is whole and was fitted."""
    shipped = load_calibration()
    assert shipped.readers >= {"text", "digits", "marks-cnn", "presence"}
    assert {"text", "digits", "mark", "presence", "code", "sticker"} <= set(shipped.maps)
    assert set(shipped.thresholds) <= set(shipped.maps)


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        json.dumps({"schema": 1, "groups": {}}),
        json.dumps({"schema": 2, "readers": [], "groups": {"text": {"a": 1}}, "thresholds": {}}),
        json.dumps(
            {
                "schema": 2,
                "readers": [],
                "groups": {"text": {"a": -1, "b": 1, "c": 0}},
                "thresholds": {},
            }
        ),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, content: str) -> None:
    """A damaged file gives a named error, not wrong chances."""
    path = tmp_path / "c.json"
    path.write_text(content)
    with pytest.raises(ModelMissing):
        load_calibration(path)
