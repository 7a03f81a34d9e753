"""Small helpers over a seeded generator, so that every page follows from its seed alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np

Rng = np.random.Generator
T = TypeVar("T")


def pick(rng: Rng, items: Sequence[T]) -> T:
    """One of ``items``, each as likely as the others."""
    return items[int(rng.integers(len(items)))]


def choose(rng: Rng, odds: Mapping[T, float]) -> T:
    """A key of ``odds``, each as likely as its value is large."""
    options = tuple(odds)
    weights = np.array([odds[o] for o in options], dtype=np.float64)
    return options[int(rng.choice(len(options), p=weights / weights.sum()))]


def chance(rng: Rng, probability: float) -> bool:
    """True with ``probability``."""
    return float(rng.random()) < probability


def between(rng: Rng, low: float, high: float) -> float:
    """A number from ``low`` up to ``high``."""
    return float(rng.uniform(low, high))


def jitter(rng: Rng, spread: float) -> float:
    """A number round zero with standard deviation ``spread``, never beyond three of them."""
    return float(np.clip(rng.normal(0.0, spread), -3 * spread, 3 * spread)) if spread > 0 else 0.0


def digits(rng: Rng, count: int) -> str:
    """``count`` random digits."""
    return "".join(str(int(d)) for d in rng.integers(0, 10, size=count))


__all__ = ["Rng", "between", "chance", "choose", "digits", "jitter", "pick"]
