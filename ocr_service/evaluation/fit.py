"""Fits calibration: maps from score to chance, and thresholds that keep a promise.

Small groups lean on wider ones: a map starts from the map of the next wider group and moves only
as far as its own outcomes pull it.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ocr_service.evaluation.fit_beta import IDENTITY, fit_beta
from ocr_service.evaluation.fit_promise import Claims, Promise, promises
from ocr_service.pipeline.calibrate import Calibration, CalibrationMap
from ocr_service.pipeline.calibration_groups import (
    EVERYTHING,
    is_stopped,
    levels_of,
    levels_of_name,
)

LEAST_OUTCOMES = 20
"""A smaller group is left to the next wider one."""

FOLDS = 5

_TRUST = 200.0
"""So many outcomes a map fitted elsewhere is worth."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One value that was read and checked against truth.

    Attributes:
        group: its finest calibration group.
        score: raw probability of the reader, 0 to 1.
        right: whether the whole value was right.
        page: which page it stood on; values of a page are never parted between folds.
    """

    group: str
    score: float
    right: bool
    page: str = ""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A fit with the figures that speak for it.

    Attributes:
        maps: by group name.
        counts: by group name: outcomes and wrong ones among them.
        promises: by group name, then by promised error rate.
        held_out: outcome and the chance given by maps that had not seen its page.
    """

    maps: Mapping[str, CalibrationMap]
    counts: Mapping[str, tuple[int, int]]
    promises: Mapping[str, Mapping[float, Promise]]
    held_out: tuple[tuple[Outcome, float], ...]


def fit(outcomes: Iterable[Outcome]) -> Fitted:
    """Maps from all outcomes; thresholds from chances that never saw their own page."""
    known = sorted(outcomes, key=lambda o: (o.page, o.group, o.score, o.right))
    held_out = tuple(_held_out(known))
    counts = _counts(known)
    maps = fit_maps(known)
    return Fitted(maps, counts, _promises(maps, held_out), held_out)


def fit_maps(
    outcomes: Sequence[Outcome], priors: Mapping[str, CalibrationMap] | None = None
) -> dict[str, CalibrationMap]:
    """A map for every group and wider group of at least ``LEAST_OUTCOMES``.

    Args:
        outcomes: what was read and whether it was right.
        priors: maps to start from, by group name; by default the next wider group's.
    """
    known = priors or {}
    members = _members(outcomes)
    maps: dict[str, CalibrationMap] = {}
    for name in sorted(members, key=_width):
        own = members[name]
        if len(own) < LEAST_OUTCOMES or name == EVERYTHING:
            continue
        only_reader = "@" in name and len(own) == len(members[name.partition("@")[0]])
        if only_reader and name not in known:
            continue
        wider = next((maps[n] for n in _wider(name) if n in maps), IDENTITY)
        trust = _TRUST if name in known else 0.0
        prior = known.get(name, wider)
        maps[name] = fit_beta([o.score for o in own], [o.right for o in own], prior, trust=trust)
    return maps


def fold_of(page: str) -> int:
    """The fold of a page, the same in every run."""
    digest = hashlib.sha256(page.encode()).digest()
    return digest[0] % FOLDS


def _held_out(outcomes: Sequence[Outcome]) -> Iterable[tuple[Outcome, float]]:
    for fold in range(FOLDS):
        kept = [o for o in outcomes if fold_of(o.page) != fold]
        left = [o for o in outcomes if fold_of(o.page) == fold]
        if left:
            calibration = Calibration(fit_maps(kept))
            yield from ((o, calibration.chance_of(o.group, o.score)) for o in left)


def _promises(
    maps: Mapping[str, CalibrationMap], held_out: Sequence[tuple[Outcome, float]]
) -> dict[str, dict[float, Promise]]:
    pairs: dict[str, list[tuple[float, bool]]] = {}
    for outcome, chance in held_out:
        if not is_stopped(outcome.group):  # these need eyes whatever their chance
            for name in levels_of(outcome.group):
                pairs.setdefault(name, []).append((chance, outcome.right))
    known = maps.keys() | {EVERYTHING}
    claims = {name: Claims.of(found) for name, found in pairs.items() if name in known}
    return {
        name: promises(own, *_pools(name, claims))
        for name, own in claims.items()
        if name != EVERYTHING
    }


def _pools(name: str, claims: Mapping[str, Claims]) -> tuple[list[Claims], list[Claims]]:
    """Wider groups of the same state, and wider ones of other values, too."""
    wider = [n for n in _wider(name) if n in claims]
    return [claims[n] for n in wider if "." in n], [claims[n] for n in wider if "." not in n]


def _members(outcomes: Iterable[Outcome]) -> dict[str, list[Outcome]]:
    members: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        for name in levels_of(outcome.group):
            members.setdefault(name, []).append(outcome)
    return members


def _counts(outcomes: Iterable[Outcome]) -> dict[str, tuple[int, int]]:
    all_of, wrong_of = Counter[str](), Counter[str]()
    for outcome in outcomes:
        for name in levels_of(outcome.group):
            all_of[name] += 1
            wrong_of[name] += not outcome.right
    return {name: (count, wrong_of[name]) for name, count in all_of.items()}


def _width(name: str) -> tuple[int, str]:
    """Widest first, then by name."""
    return (len(levels_of_name(name)), name)


def _wider(name: str) -> tuple[str, ...]:
    return levels_of_name(name)[1:]


__all__ = [
    "FOLDS",
    "LEAST_OUTCOMES",
    "Fitted",
    "Outcome",
    "fit",
    "fit_maps",
    "fold_of",
]
