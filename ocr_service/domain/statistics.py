"""Small statistics over judged fields; for evaluations and for the samples of a running service."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_STEPS = 60
_NOISE_SEED = 1
_NOISE_ROUNDS = 400
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class RiskPoint:
    """The part of the fields the reader is surest of, and how often it is wrong there.

    Attributes:
        coverage: share of the fields, 0 to 1, surest first.
        threshold: smallest probability among them.
        risk: share of them that is wrong.
    """

    coverage: float
    threshold: float
    risk: float


def upper_bound(errors: int, count: int, confidence: float = CONFIDENCE) -> float:
    """Clopper-Pearson: the error rate that so few errors still allow, one-sided.

    Args:
        errors: errors seen.
        count: fields looked at; 0 tells nothing, so the bound is 1.
        confidence: chance that the true rate is no greater.
    """
    if count == 0 or errors >= count:
        return 1.0
    if errors == 0:
        return 1.0 - (1.0 - confidence) ** (1.0 / count)
    return _rate_where(errors, count, 1.0 - confidence)


def is_shown(errors: int, count: int, rate: float, confidence: float = CONFIDENCE) -> bool:
    """Whether the counts show an error rate of at most ``rate``: ``upper_bound`` is no greater."""
    return errors <= rate * count and _at_most(errors, count, rate) <= 1.0 - confidence


def is_refuted(errors: int, count: int, rate: float, confidence: float = CONFIDENCE) -> bool:
    """Whether the counts show an error rate above ``rate``: ``lower_bound`` is greater."""
    return errors > rate * count and _at_most(errors - 1, count, rate) > confidence


def lower_bound(errors: int, count: int, confidence: float = CONFIDENCE) -> float:
    """Clopper-Pearson: the error rate that so many errors show at least, one-sided."""
    return 0.0 if errors == 0 else _rate_where(errors - 1, count, confidence)


@dataclass(frozen=True, slots=True)
class Rate:
    """An error rate with its two-sided interval.

    Attributes:
        rate: best guess, 0 to 1.
        low: lower end of the interval.
        high: upper end.
    """

    rate: float
    low: float
    high: float


NOTHING_KNOWN = Rate(0.0, 0.0, 1.0)


def interval(errors: int, count: int, confidence: float = CONFIDENCE) -> Rate:
    """Clopper-Pearson, two-sided: holds at least as often as ``confidence`` says.

    Args:
        errors: errors seen.
        count: fields looked at; 0 tells nothing.
        confidence: share of such intervals that hold the true rate.
    """
    if count == 0:
        return NOTHING_KNOWN
    side = (1.0 + confidence) / 2
    low, high = lower_bound(errors, count, side), upper_bound(errors, count, side)
    return Rate(errors / count, low, high)


def weighted(strata: Sequence[tuple[float, Rate]]) -> Rate:
    """The rate of a population of strata, each with its weight and what is known of it.

    The interval combines those of the strata without a normal approximation: MOVER, in Zou, Huang
    and Zhang (2009), "A note on confidence interval estimation for a linear function of binomial
    proportions", Computational Statistics & Data Analysis 53. For one stratum it is its own.

    Args:
        strata: (weight, rate); weights are sizes, in any unit, and need not add up to 1.
    """
    total = sum(weight for weight, _ in strata)
    if total <= 0:
        return NOTHING_KNOWN
    shares = [(weight / total, known) for weight, known in strata]
    rate = sum(share * known.rate for share, known in shares)
    below = math.sqrt(sum((share * (known.rate - known.low)) ** 2 for share, known in shares))
    above = math.sqrt(sum((share * (known.high - known.rate)) ** 2 for share, known in shares))
    return Rate(rate, max(0.0, rate - below), min(1.0, rate + above))


def samples_for(promise: float, confidence: float = CONFIDENCE) -> int:
    """How many fields without an error show a rate of at most ``promise``, one-sided."""
    return math.ceil(math.log(1.0 - confidence) / math.log1p(-promise))


def _rate_where(errors: int, count: int, chance: float) -> float:
    """The error rate at which ``errors`` or fewer have the binomial chance ``chance``."""
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if _at_most(errors, count, middle) > chance:
            low = middle
        else:
            high = middle
    return high


def _at_most(errors: int, count: int, rate: float) -> float:
    """Binomial chance of ``errors`` or fewer."""
    if rate <= 0.0 or rate >= 1.0:
        return 1.0 if rate <= 0.0 else 0.0
    k = np.arange(1, errors + 1)
    ways = np.concatenate([[0.0], np.cumsum(np.log((count - k + 1) / k))])
    k = np.concatenate([[0], k])
    logs = ways + k * math.log(rate) + (count - k) * math.log1p(-rate)
    return min(1.0, float(np.exp(logs).sum()))


def calibration_error(claims: Sequence[tuple[float, bool]], bins: int = 10) -> float:
    """Expected calibration error: how far claimed probability and truth lie apart, 0 to 1.

    Args:
        claims: (probability, was right) of each field.
        bins: equal stretches of probability.
    """
    sums = [[0, 0.0, 0] for _ in range(bins)]
    for probability, right in claims:
        place = sums[min(bins - 1, int(probability * bins))]
        place[0] += 1
        place[1] += probability
        place[2] += right
    apart = sum(abs(claimed - right) for _, claimed, right in sums)
    return apart / len(claims) if claims else 0.0


def calibration_noise(
    probabilities: Sequence[float], bins: int = 10, confidence: float = CONFIDENCE
) -> float:
    """The calibration error that probabilities which are all true stay below, 0 to 1.

    Of few fields even true probabilities look wrong: each fifth of ten claims of 0.8 is a matter of
    luck. An error up to this value says nothing against a reader. Simulated, always alike.

    Args:
        probabilities: of each field; 0.0 for none.
        bins: as for ``calibration_error``.
        confidence: share of such sets whose error is no greater.
    """
    if not probabilities:
        return 0.0
    claimed = np.asarray(probabilities, dtype=np.float64)
    place = np.minimum(bins - 1, (claimed * bins).astype(np.int64))
    chance = np.random.default_rng(_NOISE_SEED)
    errors = []
    for _ in range(_NOISE_ROUNDS):
        apart = claimed - (chance.random(len(claimed)) < claimed)
        errors.append(np.abs(np.bincount(place, weights=apart, minlength=bins)).sum())
    return float(np.quantile(errors, confidence)) / len(claimed)


def risk_coverage(
    claims: Sequence[tuple[float, bool]],
    coverages: Sequence[float] = (0.5, 0.7, 0.8, 0.9, 0.95, 1.0),
) -> tuple[RiskPoint, ...]:
    """Risk among the surest fields, for several coverages; empty for no fields."""
    ranked = sorted(claims, key=lambda claim: -claim[0])
    points = []
    for coverage in coverages if ranked else ():
        kept = ranked[: max(1, math.ceil(coverage * len(ranked)))]
        wrong = sum(not right for _, right in kept)
        points.append(RiskPoint(coverage, kept[-1][0], wrong / len(kept)))
    return tuple(points)


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least ``share`` of ``values`` do not exceed; 0.0 for none."""
    if not values:
        return 0.0
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, max(0, math.ceil(share * len(ranked)) - 1))]


__all__ = [
    "CONFIDENCE",
    "NOTHING_KNOWN",
    "Rate",
    "RiskPoint",
    "calibration_error",
    "calibration_noise",
    "interval",
    "is_refuted",
    "is_shown",
    "lower_bound",
    "quantile",
    "risk_coverage",
    "samples_for",
    "upper_bound",
    "weighted",
]
