"""Samples: drawn alike by everybody, judged by people who agree, counted with exact intervals."""

from __future__ import annotations

import math
import random
from bisect import bisect_left
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_service.domain.quality import (
    BANDS,
    EDGES,
    NEVER,
    Look,
    Stratum,
    Verdict,
    band_of,
    is_drawn,
    raised_threshold,
    rate_of,
    same_value,
    verdict,
)
from ocr_service.domain.statistics import (
    NOTHING_KNOWN,
    interval,
    samples_for,
    upper_bound,
    weighted,
)

PROMISE = 0.001


def _tail(errors: int, count: int, rate: float, *, at_least: bool) -> float:
    """The binomial chance, summed term by term."""
    terms = range(errors, count + 1) if at_least else range(errors + 1)
    return sum(math.comb(count, k) * rate**k * (1 - rate) ** (count - k) for k in terms)


@given(st.integers(1, 200), st.data())
def test_the_interval_is_clopper_pearsons(count: int, data: st.DataObject) -> None:
    """By its definition: at each end what was seen has just 2.5 % of a chance."""
    errors = data.draw(st.integers(0, count))
    known = interval(errors, count)
    if errors:
        assert _tail(errors, count, known.low, at_least=True) == pytest.approx(0.025, abs=1e-6)
    else:
        assert known.low == 0.0
    if errors < count:
        assert _tail(errors, count, known.high, at_least=False) == pytest.approx(0.025, abs=1e-6)
    else:
        assert known.high == 1.0
    assert known.low <= known.rate <= known.high


def test_known_figures_of_the_interval() -> None:
    """Rule of three, and a table's value: 1 in 10 lies between 0.25 % and 44.5 %."""
    assert interval(0, 3000).high == pytest.approx(1 - 0.025 ** (1 / 3000))
    assert interval(1, 10).low == pytest.approx(0.00253, abs=1e-5)
    assert interval(1, 10).high == pytest.approx(0.44502, abs=1e-5)
    assert interval(0, 0) == NOTHING_KNOWN


@pytest.mark.parametrize(("promise", "needed"), [(0.001, 2995), (0.005, 598), (0.01, 299)])
def test_how_many_samples_a_promise_takes(promise: float, needed: int) -> None:
    """Without an error among them, the one-sided bound lies below the promise from there on."""
    assert samples_for(promise) == needed
    assert upper_bound(0, needed) <= promise < upper_bound(0, needed - 1)


@given(st.integers(0, 50), st.integers(51, 400), st.floats(0.1, 1e6))
def test_one_stratum_weighs_as_itself(errors: int, count: int, weight: float) -> None:
    """Whatever its size."""
    known = interval(errors, count)
    alone = weighted([(weight, known)])
    ends = (known.rate, known.low, known.high)
    assert (alone.rate, alone.low, alone.high) == pytest.approx(ends)


def test_the_weighted_interval_holds_as_often_as_it_says() -> None:
    """Two thousand drawn populations of three strata: at least 95 in 100 intervals hold."""
    chance = random.Random(20261126)  # noqa: S311 - a simulation
    strata = [(9000, 200, 0.002), (900, 150, 0.02), (100, 40, 0.2)]
    total = sum(size for size, _, _ in strata)
    truth = sum(size / total * rate for size, _, rate in strata)
    interval_of = cache(interval)
    held = 0
    for _ in range(2000):
        seen = []
        for size, count, rate in strata:
            errors = sum(chance.random() < rate for _ in range(count))
            seen.append((float(size), interval_of(errors, count)))
        known = weighted(seen)
        held += known.low <= truth <= known.high
    assert held >= 0.95 * 2000


def test_a_sample_is_the_same_on_every_machine_and_in_every_order() -> None:
    """It hangs on seed and number only; these figures must never change."""
    drawn = [n for n in range(1, 400) if is_drawn("seed", n, 0.02)]
    assert drawn == [n for n in reversed(range(1, 400)) if is_drawn("seed", n, 0.02)][::-1]
    assert drawn == [73, 191, 266, 293, 388]
    assert drawn != [n for n in range(1, 400) if is_drawn("another", n, 0.02)]


@pytest.mark.parametrize("share", [0.0, 0.01, 0.2, 1.0])
def test_a_sample_is_proportional_in_any_stretch(share: float) -> None:
    """Also among every sixtieth number, as one field of a form has: four standard deviations."""
    for numbers in (range(1, 20_001), range(7, 600_000, 60)):
        drawn = sum(is_drawn("s", n, share) for n in numbers)
        apart = 4 * math.sqrt(len(numbers) * share * (1 - share))
        assert abs(drawn - share * len(numbers)) <= apart


@given(st.integers(0, 10**6), st.floats(0, 1), st.floats(0, 1))
def test_a_larger_share_keeps_what_a_smaller_one_drew(
    number: int, one: float, other: float
) -> None:
    """So the share may be raised without beginning anew."""
    small, large = sorted((one, other))
    assert not is_drawn("s", number, small) or is_drawn("s", number, large)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("山田　花子", "山田花子", True),
        ("ﾔﾏﾀﾞ", "ヤマダ", True),
        ("1-2-3", "１－２−３", True),
        ("", None, True),
        ((), None, True),
        (("b", "a"), ("a", "b"), True),
        ("髙橋", "高橋", False),
        (True, False, False),
        (None, False, False),
        ("36.5", "36.6", False),
    ],
)
def test_values_are_compared_by_meaning(one: object, other: object, same: bool) -> None:  # noqa: FBT001 - a case
    """Width, blanks and kinds of dashes aside; variant kanji differ."""
    assert same_value(one, other) is same  # type: ignore[arg-type]


A, B, C = Look("a"), Look("b"), Look("c")
DARK = Look(None, illegible=True)


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        ([], Verdict.OPEN),
        ([A], Verdict.RIGHT),
        ([B], Verdict.DISPUTED),
        ([DARK], Verdict.DISPUTED),
        ([B, A], Verdict.RIGHT),
        ([B, B], Verdict.ESCAPED),
        ([B, C], Verdict.DISPUTED),
        ([B, C, C], Verdict.ESCAPED),
        ([B, C, A], Verdict.RIGHT),
        ([B, C, DARK], Verdict.UNCLEAR),
        ([DARK, DARK], Verdict.UNCLEAR),
        ([DARK, B, B], Verdict.ESCAPED),
    ],
)
def test_an_error_counts_once_two_people_saw_the_same_other_value(
    looks: list[Look], expected: Verdict
) -> None:
    """The machine read ``a``; a slip of one person is no error of the machine."""
    assert verdict("a", looks) is expected


def test_bands_cover_everything_once() -> None:
    """Each edge begins the band above it."""
    assert [band_of(p) for p in (0.0, 0.98, *EDGES, 1.0)] == [0, 0, 1, 2, 3, 3]
    assert len(EDGES) + 1 == BANDS


def _strata(*counts: tuple[int, int, int]) -> list[Stratum]:
    return [Stratum("digits", band, 1000, n, escaped, PROMISE) for band, n, escaped in counts]


def test_a_breach_raises_the_threshold_as_far_as_needed() -> None:
    """Below the lowest band from which the promise is not refuted; if there is none, to the top."""
    assert raised_threshold("digits", _strata((1, 500, 0), (2, 500, 0))) is None
    assert raised_threshold("digits", _strata((1, 50, 8), (2, 500, 0), (3, 500, 0))) == EDGES[1]
    assert raised_threshold("digits", _strata((2, 50, 8), (3, 500, 0))) == EDGES[2]
    assert raised_threshold("digits", _strata((3, 50, 8))) == NEVER
    assert raised_threshold("text", _strata((3, 50, 8))) is None


def test_what_a_threshold_in_force_stops_is_no_breach_again() -> None:
    """Only what still passes counts."""
    strata = _strata((1, 50, 8), (2, 500, 0))
    assert raised_threshold("digits", strata, EDGES[1]) is None
    strata = _strata((1, 50, 8), (2, 50, 9), (3, 100, 0))
    assert raised_threshold("digits", strata, EDGES[1]) == EDGES[2]


def test_a_kind_that_just_keeps_its_promise_is_seldom_raised() -> None:
    """Looking again at each error has its price: at most 15 of 100 such kinds in 6000 samples."""
    chance = random.Random(1)  # noqa: S311 - a simulation
    most = [0]  # of so many errors a breach is shown up to this number of samples
    while len(most) < 12:
        most.append(_most_that_break(len(most)))
    raised = 0
    for _ in range(1000):
        samples = 0
        for errors in range(1, len(most)):
            samples += int(math.log(chance.random()) / math.log1p(-PROMISE)) + 1
            if samples > 6000:
                break
            if samples <= most[errors]:
                raised += 1
                break
    assert raised <= 150


def _most_that_break(errors: int) -> int:
    """The most samples of which so many errors still break the promise."""

    def keeps(samples: int) -> bool:
        return interval(errors, samples).low <= PROMISE

    return bisect_left(range(errors, 8000), True, key=keeps) + errors - 1


def test_strata_that_nobody_sampled_are_told_and_not_guessed() -> None:
    """A tenth of the fields is unseen here."""
    strata = [*_strata((2, 100, 0)), Stratum("digits", 3, 9000, 0, 0, PROMISE)]
    known = rate_of("digits", strata)
    assert known.unseen == pytest.approx(0.9)
    assert known.rate == interval(0, 100)
    assert not known.is_breach
