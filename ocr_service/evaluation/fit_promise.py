"""From a promised error rate to the chance from which on values need no eyes.

A threshold looks good on the data it was chosen on. So that the promise holds with 95 %
confidence nevertheless, thresholds are tried in an order fixed beforehand, strictest first, and
the first one that fails ends the trial (fixed-sequence testing: Angelopoulos et al. 2021, "Learn
then Test"). Which thresholds are tried follows from the number of values alone.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from operator import neg

from ocr_service.domain.statistics import CONFIDENCE, is_refuted, is_shown, upper_bound

TARGETS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05)
"""Promises for which thresholds are kept; a template's is rounded down to one of them."""

_STEPS = 100
"""Thresholds tried, each letting one more hundredth of the values pass."""

_ROOM_FOR_ERRORS = (2.11, 1.59)
"""Values needed with two errors and with one, as multiples of those needed with none."""

_CLAIM_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Promise:
    """A threshold with what speaks for it.

    Attributes:
        at: smallest chance that keeps the promise; None: no chance does.
        count: calibration values at or above it.
        errors: wrong ones among them.
        bound: greatest error rate these allow with 95 % confidence.
        by: ``group``: shown on the group's own values; ``pool``: on those of a wider group;
            ``claim``: too few values for either, the calibrated chance is taken at its word;
            ``none``: the group's own values speak against it.
    """

    at: float | None
    count: int
    errors: int
    bound: float
    by: str


@dataclass(frozen=True, slots=True)
class Claims:
    """Values of one group, surest first.

    Attributes:
        chances: calibrated by maps fitted without the value's own page, falling.
        wrongs: errors among the first 0, 1, 2, … of them.
    """

    chances: tuple[float, ...]
    wrongs: tuple[int, ...]

    @classmethod
    def of(cls, pairs: Sequence[tuple[float, bool]]) -> Claims:
        """From (chance, was right)."""
        ranked = sorted(pairs, key=lambda pair: -pair[0])
        wrongs = [0]
        for _, right in ranked:
            wrongs.append(wrongs[-1] + (not right))
        return cls(tuple(chance for chance, _ in ranked), tuple(wrongs))

    def promising(self, target: float) -> float | None:
        """Smallest chance from which on values are wrong with ``target`` at most on average.

        None where not even the surest are.
        """
        at, sum_wrong = None, 0.0
        for count, chance in enumerate(self.chances, start=1):
            sum_wrong += 1.0 - chance
            if sum_wrong > target * count:
                break
            at = chance
        return at

    def from_chance(self, at: float) -> tuple[int, int]:
        """How many are at least so sure, and how many of these are wrong."""
        count = bisect_right(self.chances, -at, key=neg)
        return count, self.wrongs[count]


def values_needed(target: float, confidence: float = CONFIDENCE) -> int:
    """Values without an error that show an error rate of at most ``target``."""
    return math.ceil(math.log(1.0 - confidence) / math.log1p(-target))


def proven(claims: Claims, target: float) -> Promise | None:
    """The widest threshold reached whose error rate is shown to be at most ``target``."""
    total = len(claims.chances)
    found: Promise | None = None
    for wanted in _trials(total, target):
        at = claims.chances[wanted - 1]
        count, errors = claims.from_chance(at)
        if not is_shown(errors, count, target):
            break
        found = Promise(at, count, errors, upper_bound(errors, count), "group")
    return found


def _trials(total: int, target: float) -> Sequence[int]:
    """How many values to accept, fewest first; none where even all of them would show nothing."""
    least = values_needed(target)
    if total < least:
        return ()
    # Room for one or two errors in the first trial, where there are values enough for it.
    start = next((n for n in _ROOM_FOR_ERRORS if total >= 1.5 * n * least), 1.0)
    step = max(1, total // _STEPS)
    first = math.ceil(start * least)
    return (*range(first, total, step), total)


def claimed(claims: Claims, target: float) -> Promise:
    """Chances at their word, unless the values themselves show that they promise too much."""
    at = 1.0 - target - _CLAIM_ROUNDING
    count, errors = claims.from_chance(at)
    if is_refuted(errors, count, target):
        return Promise(None, count, errors, upper_bound(errors, count), "none")
    return Promise(at, count, errors, upper_bound(errors, count), "claim")


def promise(
    own: Claims, alike: Sequence[Claims], mixed: Sequence[Claims], target: float
) -> Promise:
    """The threshold of a group for a promised error rate.

    Args:
        own: the group's values.
        alike: groups of the same family and state that it belongs to.
        mixed: wider ones, nearest first. What is shown for these may be due to other values, so
            the group's own chances must promise as much.
        target: share of wrong values allowed among the accepted.
    """
    shown = proven(own, target)
    if shown is not None:
        return shown
    if len(own.chances) < values_needed(target):
        for pool in (*alike, *mixed):
            pooled = proven(pool, target)
            if pooled is None or pooled.at is None:
                continue
            least = 0.0 if pool in alike else own.promising(target)
            if least is None:
                break  # not even its surest values promise as much
            at = max(pooled.at, least)
            count, errors = own.from_chance(at)
            if is_refuted(errors, count, target):
                break  # worse than the others it would be pooled with
            return Promise(at, pooled.count, pooled.errors, pooled.bound, "pool")
    return claimed(own, target)


def promises(own: Claims, alike: Sequence[Claims], mixed: Sequence[Claims]) -> dict[float, Promise]:
    """The thresholds of a group for all ``TARGETS``; a looser promise never asks for more."""
    ladder: dict[float, Promise] = {}
    least: Promise | None = None
    for target in sorted(TARGETS):
        found = promise(own, alike, mixed, target)
        if least is None or least.at is None or (found.at is not None and found.at < least.at):
            least = found
        ladder[target] = least
    return ladder


__all__ = [
    "TARGETS",
    "Claims",
    "Promise",
    "claimed",
    "promise",
    "promises",
    "proven",
    "values_needed",
]
