"""Fitting calibration maps."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ocr_service.evaluation.fit import Outcome, fit_maps


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=200))
def test_maps_rise_from_zero_to_one(samples: list[tuple[float, bool]]) -> None:
    """Whatever was seen, a higher score never means a smaller chance."""
    points = fit_maps(Outcome("g", score, right) for score, right in samples)["g"]
    assert points["scores"][0] == 0.0
    assert points["scores"][-1] == 1.0
    assert all(a < b for a, b in zip(points["scores"], points["scores"][1:], strict=False))
    assert all(a <= b for a, b in zip(points["chances"], points["chances"][1:], strict=False))
    assert all(0.0 < c < 1.0 for c in points["chances"])


def test_an_overconfident_reader_is_brought_down() -> None:
    """Scores near 0.99 that are right in 80 of 100 cases become chances near 0.8."""
    rng = np.random.default_rng(5)
    outcomes = [Outcome("g", 0.99, bool(rng.random() < 0.8)) for _ in range(2000)]
    outcomes += [Outcome("g", 0.5, bool(rng.random() < 0.3)) for _ in range(2000)]
    points = fit_maps(outcomes)["g"]
    chances = dict(zip(points["scores"], points["chances"], strict=True))
    assert abs(chances[0.99] - 0.8) < 0.03
    assert abs(chances[0.5] - 0.3) < 0.03


def test_no_errors_is_not_certainty() -> None:
    """A hundred right fields promise 99.5 %, not 100 %."""
    points = fit_maps([Outcome("g", 0.9, right=True)] * 100)["g"]
    assert abs(max(points["chances"]) - 100.5 / 101) < 1e-6
