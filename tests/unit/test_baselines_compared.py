"""Several engines side by side on the same pages."""

from __future__ import annotations

import datetime as dt
import io
import json
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from rich.console import Console

from ocr_service.domain.arrays import Gray
from ocr_service.domain.errors import InvalidRequest
from ocr_service.domain.field import Candidate, FieldReading
from ocr_service.domain.geometry import BoxMm
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.record import Record
from ocr_service.evaluation.baselines.compare import Contender, compare
from ocr_service.evaluation.baselines.page_text import PageText
from ocr_service.evaluation.baselines.readings import (
    field_values,
)
from ocr_service.evaluation.baselines.run import (
    OURS,
    PADDLE_LAID,
    PADDLE_SCALED,
    Engines,
    run_engines,
)
from ocr_service.evaluation.baselines.table import print_comparison
from ocr_service.evaluation.truth import TRUTH_FILE, TruthPage, load_truth
from ocr_service.forms.library import TemplateLibrary
from ocr_service.forms.model import FormTemplate
from ocr_service.imaging.decode import DecodeLimits
from ocr_service.pipeline.calibrate import load_calibration
from ocr_service.pipeline.engine import Engine
from ocr_service.pipeline.reader import EngineReader
from ocr_service.recognizers.base import FieldCrop
from tests.unit.baseline_lines import SCANS, field_box, line_in


def page(**fields: str | bool | None) -> TruthPage:
    return TruthPage("a.jpg", 1, "mhlw-covid19", "2021-05", fields, {})


def contender(form: FormTemplate, name: str, read: dict[str, Candidate]) -> Contender:
    values = field_values(form, read, name)
    state = DocumentState.NEEDS_REVIEW
    record = Record("a.jpg", 1, form.key, form.version, state, None, values, ())
    return Contender(name, (record,), cpu_s=2.0)


def test_engines_are_counted_by_the_same_rules(
    form: FormTemplate, library: TemplateLibrary
) -> None:
    """Right, invented, wrong and unseen, and not asked at all."""
    truth = page(
        name="見本　花子", doctor_name="例　一郎", q6_detail=None, q7_detail=None, q1="yes"
    )
    sure, unsure = 0.99, 0.2
    read = {
        "name": Candidate("見本花子", sure),
        "doctor_name": Candidate("例二郎", unsure),
        "q6_detail": Candidate("風邪", sure),
        "q7_detail": Candidate("", sure),
    }
    outcome = compare([contender(form, "x", read)], [truth], library)
    names, text = outcome.figures["x"]["names"], outcome.figures["x"]["free text"]
    marks = outcome.figures["x"]["marks"]
    assert (names.filled, names.right, names.unseen) == (2, 1, 0)
    assert (text.blank, text.invented, text.unseen) == (2, 1, 1)
    assert (marks.filled, marks.right, marks.answered) == (1, 0, 0)
    assert outcome.cpu_s == {"x": 2.0}
    assert outcome.to_json()["engines"]["x"]["groups"]["names"]["exact"] == 0.5


def test_the_tables_say_what_an_engine_cannot_do(
    form: FormTemplate, library: TemplateLibrary
) -> None:
    """A dash of no fields is not a zero, and what was never answered is not wrong."""
    read = {"name": Candidate("見本花子", 0.99)}
    outcome = compare(
        [contender(form, "other engine", read)], [page(name="見本　花子", q1="yes")], library
    )
    shown = io.StringIO()
    print_comparison(outcome, Console(file=shown, width=120))
    assert "100.0 % (1/1)" in shown.getvalue()
    assert "not possible" in shown.getvalue()


@dataclass(frozen=True, slots=True)
class NothingReader:
    """A reader that finds every field empty."""

    name: str = "nothing"

    def read(self, crop: FieldCrop) -> FieldReading:
        """Empty."""
        empty = "0" if crop.spec.kind in ("flag", "presence") else ""
        return FieldReading(crop.spec.key, (Candidate(empty, 0.5),), self.name)


@dataclass(frozen=True, slots=True)
class OneLinePage:
    """Sees one line, told where by the truth's homography (millimetres to scan pixels)."""

    text: str
    box: BoxMm
    to_scan: NDArray[np.float64]
    name: str = "one-line"

    def read(self, scan: Gray) -> PageText:
        """The line, in pixels."""
        line = line_in(self.box, self.text)
        ends = np.column_stack([line.centres, np.ones(len(self.text))]) @ self.to_scan.T
        found = replace(line, centres=ends[:, :2] / ends[:, 2:])
        return PageText((found,), (scan.shape[1], scan.shape[0]), turned=False)


def engine(library: TemplateLibrary) -> EngineReader:
    nothing = NothingReader()
    kinds = ("text", "print", "digits", "choice", "flag", "presence", "code", "sticker")
    return EngineReader(
        Engine(
            library=library,
            recognizers=dict.fromkeys(kinds, nothing),
            calibration=load_calibration(),
            blank=lambda _loaded, _page: None,
            limits=DecodeLimits(),
            clock=time.thread_time,
            today=lambda: dt.date(2026, 11, 1),
        )
    )


def test_every_engine_reads_every_page(library: TemplateLibrary, form: FormTemplate) -> None:
    """A line on a sample scan comes back as the field it stands in, by our registration."""
    truth = load_truth(SCANS / TRUTH_FILE)[0]
    made = json.loads((SCANS / TRUTH_FILE).read_text("utf-8").splitlines()[0])["meta"]
    homography = np.array(made["homography"], dtype=np.float64)
    seen = OneLinePage("見本花子", field_box(form, "name"), homography)
    given_told: list[tuple[int, int]] = []
    contenders = run_engines(
        Engines(engine(library), seen, None),
        SCANS,
        [truth],
        told=lambda done, total: given_told.append((done, total)),
    )
    assert [c.name for c in contenders] == [OURS, PADDLE_SCALED, PADDLE_LAID]
    assert contenders[2].records[0].field("name").value == "見本花子"
    assert all(len(c.records) == 1 and c.cpu_s > 0 for c in contenders)
    assert given_told == [(1, 1)]


def test_a_missing_scan_is_named(library: TemplateLibrary, tmp_path: Path) -> None:
    """Before anything is scored."""
    nothing = OneLinePage("x", BoxMm(1, 1, 1, 1), np.eye(3))
    with pytest.raises(InvalidRequest, match=r"a\.jpg"):
        run_engines(Engines(engine(library), nothing, None), tmp_path, [page()])
