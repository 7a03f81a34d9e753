"""Rules are found by short cuts that give what the long way gives."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr_service.imaging.ink import _quantiles
from ocr_service.imaging.rules import _crossings, _long_runs, _stroke


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(3, 40), st.floats(0.5, 0.98))
def test_long_runs_are_the_opening_of_each_row(seed: int, length: int, dark: float) -> None:
    """Runs by a sliding mean are those of OpenCV's opening, at the window's edges too."""
    bits = (np.random.default_rng(seed).random((12, 90)) < dark).astype(np.uint8)
    bits[3, :25] = 1
    bits[4, 60:] = 1
    opened = cv2.morphologyEx(bits, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    rows = bits.sum(axis=1) >= length // 2
    assert np.array_equal(_long_runs(bits, length, rows), opened)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.lists(st.integers(0, 96), min_size=1, max_size=3))
def test_crossings_near_rules_are_those_of_the_whole_window(seed: int, tops: list[int]) -> None:
    """Looking only where rules and writing meet loses no crossing and adds none."""
    rng = np.random.default_rng(seed)
    rules = np.zeros((100, 80), np.uint8)
    for top in tops:
        rules[top : top + 4] = 1
    rest = np.zeros_like(rules)
    for _ in range(3):
        ends = rng.integers(0, 80, 4).tolist()
        cv2.line(rest, (ends[0], ends[1]), (ends[2], ends[3]), 1, 3)
    rest &= 1 - rules
    thick = int(rules.sum(axis=0).max())
    span = round(min(thick + 0.3 * 12, 1.4 * 12)) | 1
    joined = np.zeros_like(rest)
    for lean in (-0.5, 0.0, 0.5):
        joined |= cv2.morphologyEx(rest, cv2.MORPH_CLOSE, _stroke(span, lean))
    assert np.array_equal(_crossings(rest, rules, 12.0), joined & rules)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 300))
def test_quantiles_are_those_of_numpy(seed: int, count: int) -> None:
    """One partition gives what np.percentile gives."""
    levels = np.random.default_rng(seed).uniform(0, 255, count).astype(np.float32)
    expected = np.percentile(levels, (50, 70, 99.5))
    assert _quantiles(levels, (0.5, 0.7, 0.995)) == pytest.approx(expected, abs=1e-3)
