"""The committed scans, read by the shipped readers: accuracy may not fall below its floor."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocr_service.domain.lifecycle import DocumentState
from ocr_service.evaluation.folder import FolderScore, score_folder
from ocr_service.evaluation.placement import placement
from ocr_service.evaluation.report import KindScore
from ocr_service.exporters.record_json import record_to_json
from ocr_service.pipeline.reader import EngineReader

SCANS = Path(__file__).resolve().parents[2] / "samples" / "scans"

# Recorded on the sixteen committed scans; raised when the readers get better.
FLOORS = {
    "choice": 0.985,
    "digits": 0.95,
    "code": 0.99,
    "flag": 0.99,
    "presence": 0.96,
    "sticker": 0.9,
    "text: name": 0.8,
    "text: kana": 0.5,
    "text: address": 0.6,
    "text: free": 0.9,
    "text: number": 0.8,
}
DIGIT_FLOOR = 0.985

pytestmark = [pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def scored(reader: EngineReader) -> FolderScore:
    """All sixteen scans, read once."""
    return score_folder(reader, SCANS)


def _kind(scored: FolderScore, kind: str) -> KindScore:
    return next(score for score in scored.report.kinds if score.kind == kind)


def test_every_scan_gives_a_record_of_its_form(scored: FolderScore) -> None:
    """Sixteen scans, sixteen records, none lost, none on the wrong form."""
    assert scored.report.pages.read == 16
    assert all(record.state is DocumentState.NEEDS_REVIEW for record in scored.records)


def test_no_scan_is_read_shifted(scored: FolderScore) -> None:
    """Every point of every page is within 0.3 mm of where the generator put it."""
    placed = placement(scored.records, SCANS / "truth.jsonl")
    assert len(placed.errors_mm) == 16
    assert placed.worst_mm <= 0.3


@pytest.mark.parametrize("kind", sorted(FLOORS))
def test_no_kind_is_read_worse_than_before(scored: FolderScore, kind: str) -> None:
    """Exact fields, filled and blank together."""
    assert _kind(scored, kind).total.exact >= FLOORS[kind]


def test_boxed_digits_keep_their_floor(scored: FolderScore) -> None:
    """Per digit, without any rejection."""
    digits = _kind(scored, "digits")
    assert digits.digits_right / digits.digits >= DIGIT_FLOOR


def test_every_key_is_always_there(scored: FolderScore) -> None:
    """A record names every key of its template; null means nothing written."""
    for record, truth in zip(scored.records, scored.truth, strict=True):
        assert set(record_to_json(record)["fields"]) == set(truth.fields)
