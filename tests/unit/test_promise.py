"""Thresholds that keep a promised error rate."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import Generator

from ocr_service.domain.statistics import lower_bound, upper_bound
from ocr_service.evaluation.fit import Outcome, fit
from ocr_service.evaluation.fit_file import calibration_text
from ocr_service.evaluation.fit_promise import (
    TARGETS,
    Claims,
    claimed,
    promise,
    proven,
    values_needed,
)
from ocr_service.pipeline.calibrate import NEVER, parse_calibration

GROUP = "digits.date.filled@digits-1"


def _draw(rng: Generator, count: int) -> list[tuple[float, bool]]:
    """A calibrated reader: most values nearly certain, some doubtful."""
    chances = 1.0 - 10.0 ** -rng.uniform(0.3, 4.0, count)
    return [(float(c), bool(rng.random() < c)) for c in chances]


def _true_risk(at: float) -> float:
    """Error rate of that reader above a threshold, in closed form over its scores."""
    low = -np.log10(1.0 - at)
    grid = np.linspace(low, 4.0, 2001)
    return float(np.mean(10.0**-grid))


def test_about_three_thousand_faultless_values_show_one_in_a_thousand() -> None:
    """The well known rule of three."""
    assert values_needed(0.001) == 2995
    assert upper_bound(0, 2995) <= 0.001 < upper_bound(0, 2994)


def test_the_promise_holds_in_nineteen_of_twenty_fits() -> None:
    """Over many draws of calibration data the true error rate exceeds the promise rarely."""
    rng = np.random.default_rng(11)
    broken = fits = 0
    for _ in range(100):
        found = proven(Claims.of(_draw(rng, 2500)), 0.01)
        if found is not None and found.at is not None:
            fits += 1
            broken += _true_risk(found.at) > 0.01
    assert fits > 80
    assert broken <= 0.05 * fits


def test_a_promise_is_not_kept_by_throwing_everything_away() -> None:
    """With enough data the threshold comes near the widest that keeps the promise."""
    found = proven(Claims.of(_draw(np.random.default_rng(3), 40_000)), 0.05)
    assert found is not None
    assert found.at is not None
    assert _true_risk(found.at) > 0.02
    assert found.bound <= 0.05


def test_too_few_values_show_nothing() -> None:
    """A thousand right values do not show one error in a thousand."""
    claims = Claims.of([(0.9999, True)] * 1000)
    assert proven(claims, 0.001) is None
    kept = promise(claims, [], [], 0.001)
    assert kept.by == "claim"
    assert kept.at == pytest.approx(0.999)


def test_small_groups_lean_on_the_pool() -> None:
    """A small group takes the pool's threshold, a large one its own."""
    pool = Claims.of([(0.99, True)] * 9000)
    small, large = Claims.of([(0.99, True)] * 50), Claims.of([(0.98, True)] * 9000)
    assert promise(small, [pool], [], 0.001).by == "pool"
    assert promise(large, [pool], [], 0.001).by == "group"


def test_a_group_worse_than_its_pool_is_not_hidden_in_it() -> None:
    """Errors of the group itself forbid the pool's threshold."""
    pool = Claims.of([(0.99, True)] * 20_000)
    bad = Claims.of([(0.995, i % 10 > 0) for i in range(200)])
    assert promise(bad, [pool], [], 0.001).by == "claim"


def test_sure_values_of_other_kinds_do_not_carry_doubtful_ones() -> None:
    """What holds for everything together is no reason to accept a group's own doubts."""
    doubtful = [(0.9 + 0.0999 * n / 300, n % 40 > 0) for n in range(300)]
    everything = Claims.of([*doubtful, *[(0.99995, True)] * 40_000])
    own = Claims.of(doubtful)
    loose = proven(everything, 0.005)
    assert loose is not None
    assert loose.at is not None
    assert loose.at < 0.95
    kept = promise(own, [], [everything], 0.005)
    assert kept.at is not None
    assert kept.at > 0.985


def test_chances_that_lie_are_never_accepted() -> None:
    """Where values said to be sure are often wrong, no threshold is given."""
    lying = Claims.of([(0.9999, i % 20 > 0) for i in range(400)])
    assert claimed(lying, 0.001).at is None
    assert promise(lying, [], [], 0.001).by == "none"


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 30), st.integers(1, 3000))
def test_bounds_enclose_what_was_seen(errors: int, count: int) -> None:
    """Lower bound, share and upper bound stand in this order."""
    errors = min(errors, count)
    assert 0.0 <= lower_bound(errors, count) <= errors / count <= upper_bound(errors, count) <= 1.0


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_stricter_promise_never_accepts_more(seed: int) -> None:
    """Thresholds fall as the promise gets looser, whatever way they were found."""
    rng = np.random.default_rng(seed)
    outcomes = [Outcome(GROUP, c, r, f"p{i // 20}") for i, (c, r) in enumerate(_draw(rng, 800))]
    ladder = fit(outcomes).promises["digits.date.filled"]
    kept = (ladder[target].at for target in TARGETS)
    found = [NEVER if at is None else at for at in kept]
    assert found == sorted(found, reverse=True)


def test_the_value_that_set_the_threshold_reaches_it() -> None:
    """Rounding in the file lets nothing fall below its own threshold."""
    outcomes = [Outcome(GROUP, 0.9, right=True, page=f"p{i // 9}") for i in range(6000)]
    fitted = fit(outcomes)
    text = calibration_text(fitted, readers=["digits-1"], fitted_on="simulation")
    parsed = parse_calibration(text)
    at = parsed.threshold(GROUP, 0.001)
    least = min(chance for _, chance in fitted.held_out)
    assert at <= least
