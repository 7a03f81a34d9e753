"""Evaluation: counts by hand on hand-made records."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from ocr_service.domain.errors import InvalidRequest
from ocr_service.domain.field import FieldValue, Source, Status, Value
from ocr_service.domain.geometry import BoxMm
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.page import Registration
from ocr_service.domain.record import Failure, Record
from ocr_service.domain.statistics import (
    calibration_error,
    calibration_noise,
    quantile,
    risk_coverage,
    upper_bound,
)
from ocr_service.evaluation.report import Report
from ocr_service.evaluation.score import score
from ocr_service.evaluation.table import print_report
from ocr_service.evaluation.truth import TRUTH_FILE, TruthPage, load_truth
from ocr_service.forms.library import TemplateLibrary, load_library, shipped_folder

FORM = ("mhlw-covid19", "2021-05")
TRUTH: dict[str, Value] = {
    "name": "見本　花子",
    "q4_groups": ("age65", "underlying"),
    "birth_date": "1980-02-29",
    "age": None,
    "under_six": False,
    "doctor_signature": True,
    "lot_number": "AB1234",
}


@pytest.fixture(scope="module")
def library() -> TemplateLibrary:
    return load_library(shipped_folder())


def read(
    values: Mapping[str, Value],
    *,
    file: str = "a.jpg",
    accepted: frozenset[str] = frozenset(),
    residual_mm: float = 0.1,
) -> Record:
    fields = tuple(
        FieldValue(
            key=key,
            value=value,
            raw="",
            probability=0.95,
            status=Status.ACCEPTED if key in accepted else Status.REVIEW,
            alternatives=(),
            reader="test",
            source=Source.MACHINE,
            flags=frozenset(),
            box=BoxMm(0, 0, 1, 1),
        )
        for key, value in values.items()
    )
    registration = Registration(
        homography=None,  # type: ignore[arg-type]  # scores never look at it
        residual_mm=residual_mm,
        rotation_deg=0.0,
        marks_found=4,
        structure=1.0,
    )
    return Record(file, 1, *FORM, DocumentState.NEEDS_REVIEW, registration, fields, ())


def page(
    file: str = "a.jpg",
    fields: Mapping[str, Value] | None = None,
    meta: Mapping[str, tuple[str, ...]] | None = None,
) -> TruthPage:
    return TruthPage(file, 1, *FORM, TRUTH if fields is None else fields, meta or {})


def unmatched(file: str) -> Record:
    failure = Failure("page.unmatched", "choose a template")
    return Record(file, 1, None, None, DocumentState.UNMATCHED, None, (), (), failure)


def kinds(report: Report) -> dict[str, dict[str, object]]:
    shown: dict[str, dict[str, object]] = report.to_json()["kinds"]
    return shown


def test_a_faultless_page_is_all_right(library: TemplateLibrary) -> None:
    """Every kind is exact; options have no order."""
    values = TRUTH | {"q4_groups": ("underlying", "age65")}
    report = score([read(values)], [page()], library)
    assert all(kind.total.exact == 1.0 for kind in report.kinds)
    assert (report.pages.read, report.pages.clean) == (1, 1)
    assert {kind.kind for kind in report.kinds} == {
        "text: name", "choice", "digits", "flag", "presence", "sticker",
    }  # fmt: skip


def test_filled_and_blank_fields_are_counted_apart(library: TemplateLibrary) -> None:
    """An empty age read as empty is a right blank, a lost birth date a wrong filled one."""
    report = score([read(TRUTH | {"birth_date": None})], [page()], library)
    digits = next(kind for kind in report.kinds if kind.kind == "digits")
    assert (digits.filled.count, digits.filled.right) == (1, 0)
    assert (digits.blank.count, digits.blank.right) == (1, 1)


def test_digits_are_counted_one_by_one_too(library: TemplateLibrary) -> None:
    """One wrong digit of eight."""
    report = score([read(TRUTH | {"birth_date": "1980-02-28"})], [page()], library)
    digits = next(kind for kind in report.kinds if kind.kind == "digits")
    assert (digits.digits, digits.digits_right) == (8, 7)


def test_escaped_errors_are_those_that_nobody_would_see(library: TemplateLibrary) -> None:
    """Accepted and wrong; wrong in review does not escape."""
    wrong = TRUTH | {"name": "見木　花子", "lot_number": "AB1239"}
    report = score([read(wrong, accepted=frozenset({"name", "age"}))], [page()], library)
    by_kind = {kind.kind: kind.total for kind in report.kinds}
    assert (by_kind["text: name"].accepted, by_kind["text: name"].escaped) == (1, 1)
    assert (by_kind["sticker"].accepted, by_kind["sticker"].escaped) == (0, 0)
    assert by_kind["text: name"].escape_bound == 1.0


def test_a_key_the_record_lacks_is_wrong_unless_blank(library: TemplateLibrary) -> None:
    """Nothing read cannot count as right."""
    report = score([read({})], [page(fields={"name": "見本　花子", "age": None})], library)
    assert {key.key: key.total.right for key in report.keys} == {"name": 0, "age": 1}


def test_pages_without_a_fitting_record_are_counted_as_pages(library: TemplateLibrary) -> None:
    """Unmatched, missing and misplaced pages do not blur the fields."""
    foreign = TruthPage("d.jpg", 1, None, None, {}, {})
    records = [read(TRUTH), unmatched("b.jpg"), read(TRUTH, file="d.jpg"), unmatched("e.jpg")]
    pages = [
        page(),
        page("b.jpg"),
        page("c.jpg"),
        foreign,
        TruthPage("e.jpg", 1, None, None, {}, {}),
    ]
    found = score(records, pages, library).pages
    assert (found.truth, found.read, found.unmatched, found.missing, found.wrong_template) == (
        5, 1, 1, 1, 1,
    )  # fmt: skip
    assert found.states == {"needs_review": 2, "unmatched": 2}


def test_scores_split_by_how_pages_were_made(library: TemplateLibrary) -> None:
    """A page counts under each of its faults."""
    meta = {"font": ("klee",), "faults": ("blur", "specks"), "seed": ("1",)}
    report = score([read(TRUTH)], [page(meta=meta)], library)
    assert {(split.name, split.value) for split in report.splits} == {
        ("font", "klee"), ("faults", "blur"), ("faults", "specks"),
    }  # fmt: skip


def test_residuals_and_seconds_are_summed_up(library: TemplateLibrary) -> None:
    """Median, 95th percentile and the share within 0.3 mm; stages that are absent count as 0."""
    records = [read(TRUTH, file=f"{n}.jpg", residual_mm=mm) for n, mm in enumerate((0.1, 0.2, 0.9))]
    pages = [page(f"{n}.jpg") for n in range(3)]
    seconds = [{"decode": 0.2, "text": 1.0}, {"decode": 0.4}, {"decode": 0.3, "text": 0.5}]
    report = score(records, pages, library, seconds)
    assert report.registration.median_mm == 0.2
    assert report.registration.p95_mm == 0.9
    assert report.registration.within_limit == pytest.approx(2 / 3)
    stages = {stage.stage: stage for stage in report.seconds}
    assert stages["text"].mean_s == pytest.approx(0.5)
    assert stages["all stages"].median_s == pytest.approx(0.8)


def test_the_report_is_json_and_a_table(library: TemplateLibrary) -> None:
    """Both forms come without a hitch, also for nothing at all."""
    console = Console(width=140, record=True, quiet=True)
    meta = {"font": ("klee",)}
    for report in (score([read(TRUTH)], [page(meta=meta)], library), score([], [], library)):
        json.dumps(report.to_json())
        print_report(report, console, splits=True)
    full = score([read(TRUTH)], [page()], library)
    assert kinds(full)["digits"]["digits"] == {"count": 8, "exact": 1.0}


@pytest.mark.parametrize(
    ("errors", "count", "bound"),
    [(0, 0, 1.0), (0, 100, 0.02951), (1, 100, 0.04656), (5, 200, 0.05186), (3, 3, 1.0)],
)
def test_bounds_are_those_of_clopper_and_pearson(errors: int, count: int, bound: float) -> None:
    """One-sided, 95 %, values from published tables."""
    assert upper_bound(errors, count) == pytest.approx(bound, abs=2e-4)


@given(count=st.integers(1, 400), data=st.data())
def test_a_bound_lies_above_the_rate_and_grows_with_errors(count: int, data: st.DataObject) -> None:
    """Never below what was seen."""
    errors = data.draw(st.integers(0, count - 1))
    bound = upper_bound(errors, count)
    assert errors / count < bound <= 1.0
    assert bound <= upper_bound(errors + 1, count)


claims = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60)


@given(claims)
def test_calibration_and_risk_stay_in_range(drawn: list[tuple[float, bool]]) -> None:
    """Errors are shares; at full coverage risk is the plain error rate."""
    assert 0.0 <= calibration_error(drawn) <= 1.0
    points = risk_coverage(drawn)
    assert points[-1].risk == pytest.approx(sum(not right for _, right in drawn) / len(drawn))
    assert [p.threshold for p in points] == sorted((p.threshold for p in points), reverse=True)


def test_calibration_error_measures_the_gap() -> None:
    """Claims of 0.9 that hold half the time are 0.4 off."""
    assert calibration_error([(0.9, True), (0.9, False)]) == pytest.approx(0.4)
    assert calibration_error([]) == 0.0


def test_the_error_of_true_probabilities_is_told_from_others() -> None:
    """In nineteen of twenty sets it stays within the noise; claims that are too high do not."""
    chance = np.random.default_rng(7)
    claimed = list(chance.choice([0.7, 0.9, 0.99], size=200))
    noise = calibration_noise(claimed)
    within = sum(
        calibration_error([(p, bool(chance.random() < p)) for p in claimed]) <= noise
        for _ in range(200)
    )
    assert 180 <= within < 200
    boastful = [(p, bool(chance.random() < p - 0.15)) for p in claimed]
    assert calibration_error(boastful) > noise
    assert calibration_noise([]) == 0.0


@given(st.lists(st.floats(0, 10), min_size=1), st.floats(0, 1))
def test_a_quantile_is_one_of_the_values(values: list[float], share: float) -> None:
    """And at least that share does not exceed it."""
    found = quantile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-9


def test_truth_files_are_read_line_by_line(tmp_path: Path) -> None:
    """Lists become tuples; how a page was made becomes words."""
    line = {
        "file": "a.jpg", "page": 1, "template": FORM[0], "version": FORM[1],
        "fields": {"q4_groups": ["age65"], "age": None, "under_six": False},
        "meta": {"font": "klee", "dpi": 300, "faults": ["blur"], "homography": [[1.0]]},
    }  # fmt: skip
    path = tmp_path / TRUTH_FILE
    path.write_text(json.dumps(line) + "\n\n", "utf-8")
    (only,) = load_truth(path)
    assert only.fields == {"q4_groups": ("age65",), "age": None, "under_six": False}
    assert only.meta == {
        "font": ("klee",), "dpi": ("300",), "faults": ("blur",), "homography": (),
    }  # fmt: skip


@pytest.mark.parametrize("text", ["{", "[]", '{"page": 1}'])
def test_a_broken_truth_file_is_told_by_line(tmp_path: Path, text: str) -> None:
    """The message has the number, never the content."""
    path = tmp_path / TRUTH_FILE
    path.write_text('{"file": "a.jpg"}\n' + text, "utf-8")
    with pytest.raises(InvalidRequest, match="line 2"):
        load_truth(path)
    with pytest.raises(InvalidRequest):
        load_truth(tmp_path / "absent.jsonl")
