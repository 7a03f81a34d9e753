"""Calibration maps."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_service.domain.errors import ModelMissing
from ocr_service.domain.field import Candidate, FieldReading
from ocr_service.domain.geometry import BoxMm
from ocr_service.forms.fields import Label, Segment, TextField
from ocr_service.pipeline.calibrate import Calibration, CalibrationMap, group_of, load_calibration

SPEC = TextField(
    key="f", kind="text", label=Label(ja="欄", en="f"), segments=(Segment(box=BoxMm(1, 1, 9, 9)),)
)
MAP = CalibrationMap((0.0, 0.5, 1.0), (0.1, 0.2, 0.9))

chances = st.floats(0, 1, allow_nan=False)


@given(chances, chances)
def test_a_surer_score_never_gets_a_smaller_chance(a: float, b: float) -> None:
    """The map rises and stays within its ends."""
    low, high = sorted((a, b))
    assert MAP.chances[0] <= MAP(low) <= MAP(high) <= MAP.chances[-1]


@given(st.lists(chances, min_size=1, max_size=6))
def test_chances_stay_chances(scores: list[float]) -> None:
    """After calibration the best stays best and everything sums to at most one."""
    scores = sorted((s / max(1.0, sum(scores)) for s in scores), reverse=True)
    reading = FieldReading("f", tuple(Candidate(str(i), s) for i, s in enumerate(scores)), "t")
    calibrated = Calibration({group_of(SPEC, empty=False): MAP}).apply(SPEC, reading)
    probabilities = [c.probability for c in calibrated.candidates]
    assert sum(probabilities) <= 1 + 1e-9
    assert probabilities[0] == max(probabilities)


def test_a_group_without_a_map_keeps_its_scores() -> None:
    """No map, no change."""
    reading = FieldReading("f", (Candidate("x", 0.4),), "t")
    assert Calibration({}).apply(SPEC, reading) == reading


def test_the_shipped_calibration_loads() -> None:
    """The file in the package is whole."""
    assert load_calibration().maps is not None


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    """A damaged file gives a named error, not wrong chances."""
    path = tmp_path / "c.json"
    path.write_text(json.dumps({"groups": {"text.text": {"scores": [0, 1]}}}))
    with pytest.raises(ModelMissing):
        load_calibration(path)
