"""Fits calibration maps: what share of fields with such a score was right?

Isotonic regression by pooling adjacent violators (Ayer et al. 1955), with half a success and half
an error added to every pool so that a pool without errors does not claim certainty.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

_LEAST_POOL = 25
"""Smaller pools are joined with their neighbour: their share means little."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One field that was read and checked against truth.

    Attributes:
        group: calibration group.
        score: raw probability of the reader, 0 to 1.
        right: whether the whole field was right.
    """

    group: str
    score: float
    right: bool


@dataclass(frozen=True, slots=True)
class _Pool:
    score_sum: float
    right: float
    count: int

    @property
    def share(self) -> float:
        return (self.right + 0.5) / (self.count + 1.0)

    def joined(self, other: _Pool) -> _Pool:
        return _Pool(
            self.score_sum + other.score_sum, self.right + other.right, self.count + other.count
        )


def fit_maps(outcomes: Iterable[Outcome]) -> Mapping[str, dict[str, list[float]]]:
    """Points of a rising map for every group, in the form ``calibration.json`` keeps."""
    ordered = sorted(outcomes, key=lambda o: (o.group, o.score))
    return {
        group: _points(list(members)) for group, members in groupby(ordered, key=lambda o: o.group)
    }


def _points(members: list[Outcome]) -> dict[str, list[float]]:
    pools: list[_Pool] = []
    for score, equals in groupby(members, key=lambda o: round(o.score, 4)):
        rights = [member.right for member in equals]
        pools.append(_Pool(score * len(rights), float(sum(rights)), len(rights)))
        while len(pools) > 1 and _must_join(pools[-2], pools[-1]):
            last = pools.pop()
            pools[-1] = pools[-1].joined(last)
    if len(pools) > 1 and pools[-1].count < _LEAST_POOL:
        last = pools.pop()
        pools[-1] = pools[-1].joined(last)
    scores = [pool.score_sum / pool.count for pool in pools]
    chances = _rising([pool.share for pool in pools])
    return _with_ends(scores, chances)


def _must_join(before: _Pool, after: _Pool) -> bool:
    return before.count < _LEAST_POOL or before.share >= after.share


def _rising(chances: list[float]) -> list[float]:
    risen: list[float] = []
    for chance in chances:
        risen.append(max(chance, risen[-1]) if risen else chance)
    return risen


def _with_ends(scores: list[float], chances: list[float]) -> dict[str, list[float]]:
    """Points from 0 to 1; equal scores are told once, with the higher chance."""
    points = dict(zip((round(s, 6) for s in scores), (round(c, 6) for c in chances), strict=True))
    points.setdefault(0.0, min(points.values()))
    points.setdefault(1.0, max(points.values()))
    ordered = sorted(points.items())
    return {"scores": [s for s, _ in ordered], "chances": [c for _, c in ordered]}


__all__ = ["Outcome", "fit_maps"]
