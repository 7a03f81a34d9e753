"""Fits one rising map from scores to chances by penalised maximum likelihood."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, combinations

import numpy as np
from numpy.typing import NDArray

from ocr_service.pipeline.calibrate import CalibrationMap

IDENTITY = CalibrationMap(1.0, 1.0, 0.0)
"""Takes scores at their word: where fitting starts from when nothing is known."""

_LEAST_SLOPE = 0.02
_EDGE = 1e-6
_PULL = (1.0, 1.0, 0.25)
"""How strongly a, b and c are held at the prior's: inverse variances."""

_STEPS = 60
_SETTLED = 1e-10
_LONGEST_STEP = 4.0

_Floats = NDArray[np.float64]


def fit_beta(
    scores: Sequence[float],
    rights: Sequence[bool],
    prior: CalibrationMap = IDENTITY,
    *,
    trust: float = 0.0,
) -> CalibrationMap:
    """The map that explains the outcomes best without straying far from ``prior``.

    Outcomes are softened after Platt (1999) with Jeffreys' prior: of N right values the map learns
    chances of (N + 1/2) / (N + 1), so a group without an error does not come out certain. A prior
    that is trusted stands in for that: it is mixed in as so many outcomes that went as it says.

    Args:
        scores: raw scores, 0 to 1.
        rights: whether the value was right, one for each score.
        prior: what is believed before, for example the map of a wider group.
        trust: outcomes that the prior is worth, 0 where it is but a place to start from.

    Returns:
        A strictly rising map; ``prior`` itself where there are no outcomes.
    """
    if not scores:
        return prior
    s = np.clip(np.asarray(scores, np.float64), _EDGE, 1.0 - _EDGE)
    design = np.column_stack([np.log(s), -np.log1p(-s), np.ones_like(s)])
    start = np.array([prior.a, prior.b, prior.c])
    wanted = _softened(np.asarray(rights, np.bool_))
    if trust > 0:
        share = trust / (trust + s.size)
        seen = np.asarray(rights, np.float64)
        wanted = share * _chances(design, start) + (1.0 - share) * seen
    tried = (_fit(design, wanted, start, held) for held in _SUBSETS)
    allowed = [theta for theta in tried if min(theta[0], theta[1]) >= _LEAST_SLOPE - 1e-12]
    best = min(allowed, key=lambda theta: _cost(design, wanted, start, theta))
    a, b, c = (round(float(number), 6) for number in best)
    return CalibrationMap(a, b, c)


_SUBSETS = tuple(chain.from_iterable(combinations((0, 1), size) for size in range(3)))
"""Which slopes to hold at the least one: none, either, both. The cost is convex: one is best."""


def _softened(rights: NDArray[np.bool_]) -> _Floats:
    right = int(rights.sum())
    wrong = rights.size - right
    return np.where(rights, (right + 0.5) / (right + 1), 0.5 / (wrong + 1))


def _chances(design: _Floats, theta: _Floats) -> _Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(design @ theta, -500, 500))), np.float64)


def _cost(design: _Floats, wanted: _Floats, start: _Floats, theta: _Floats) -> float:
    odds = design @ theta
    likelihood = np.sum(np.logaddexp(0.0, odds) - wanted * odds)
    return float(likelihood + 0.5 * np.sum(np.array(_PULL) * (theta - start) ** 2))


def _fit(design: _Floats, wanted: _Floats, start: _Floats, held: tuple[int, ...]) -> _Floats:
    """Newton's method over the parameters that are not held at the least slope."""
    theta = start.copy()
    theta[list(held)] = _LEAST_SLOPE
    free = [i for i in range(3) if i not in held]
    pull = np.array(_PULL)[free]
    for _ in range(_STEPS):
        chances = _chances(design, theta)
        spread = chances * (1.0 - chances)
        part = design[:, free]
        slope = part.T @ (chances - wanted) + pull * (theta - start)[free]
        curve = part.T @ (part * spread[:, None]) + np.diag(pull)
        step = np.zeros(3)
        step[free] = np.clip(np.linalg.solve(curve, slope), -_LONGEST_STEP, _LONGEST_STEP)
        cost = _cost(design, wanted, start, theta)
        # Halved until the cost falls: far from the best, whole steps overshoot.
        while np.max(np.abs(step)) > _SETTLED and _cost(design, wanted, start, theta - step) > cost:
            step /= 2
        if float(np.max(np.abs(step))) <= _SETTLED:
            break
        theta = theta - step
    return theta


__all__ = ["IDENTITY", "fit_beta"]
