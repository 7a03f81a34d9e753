"""Samples of accepted fields: which are drawn, what two or three people make of them, what follows.

An accepted field is a value that nobody looked at. A small share of them is shown to people who do
not see the value; what the machine read is then right or wrong, and the error rate that escapes is
known with an interval.
"""

from __future__ import annotations

import hashlib
import math
import unicodedata
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ocr_service.domain.field import Value
from ocr_service.domain.statistics import Rate, interval, weighted

EDGES = (0.99, 0.999, 0.9999)
"""Between the bands of probability; band 0 lies below the first."""

BANDS = len(EDGES) + 1
NEVER = 2.0
"""A threshold that no probability reaches."""

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−ー－ｰ"), "-")
_SPACE_FOR_HASH = 2.0**64


def band_of(probability: float) -> int:
    """Which band of probability, 0 to ``BANDS - 1``."""
    return bisect_right(EDGES, probability)


def is_drawn(seed: str, reading: int, share: float) -> bool:
    """Whether a field is in the sample.

    It depends on nothing but the installation's seed and the number of the reading: whoever has
    both can draw the same sample again, on any machine and in any order.

    Args:
        seed: kept secret until the sample was looked at, so that nobody knows what will be.
        reading: number of the machine's answer.
        share: of the accepted fields, 0 to 1.
    """
    digest = hashlib.sha256(f"{seed}:{reading}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / _SPACE_FOR_HASH < share


def same_value(one: Value, other: Value) -> bool:
    """Whether two values mean the same: width, blanks and kinds of dashes aside."""
    return _folded(one) == _folded(other)


def _folded(value: Value) -> object:
    if isinstance(value, tuple):
        return tuple(sorted(value)) or None
    if isinstance(value, str):
        folded = unicodedata.normalize("NFKC", value).translate(_DASHES)
        return "".join(folded.split()).casefold() or None
    return value


class Verdict(StrEnum):
    """What is known of a sampled field."""

    OPEN = "open"  # nobody looked yet
    DISPUTED = "disputed"  # somebody saw another value; a further person looks
    RIGHT = "right"
    ESCAPED = "escaped"  # two people saw the same other value
    UNCLEAR = "unclear"  # nobody can say what is written there


@dataclass(frozen=True, slots=True)
class Look:
    """What somebody saw who did not know the machine's value; ``illegible`` overrules ``value``."""

    value: Value
    illegible: bool = False


_MOST_LOOKS = 3


def verdict(machine: Value, looks: Sequence[Look]) -> Verdict:
    """What follows from the looks so far.

    One person who sees what the machine read is enough for "right": two that are independent agree.
    One who sees something else may have slipped, so a further one looks; the value escaped once two
    people saw the same other value. After three looks without that nobody can say.

    Args:
        machine: the accepted value.
        looks: oldest first.
    """
    if not looks:
        return Verdict.OPEN
    if any(not look.illegible and same_value(look.value, machine) for look in looks):
        return Verdict.RIGHT
    seen = [_folded(look.value) for look in looks if not look.illegible]
    if any(seen.count(value) > 1 for value in seen):
        return Verdict.ESCAPED
    unreadable = sum(look.illegible for look in looks)
    if unreadable > 1 or len(looks) >= _MOST_LOOKS:
        return Verdict.UNCLEAR
    return Verdict.DISPUTED


@dataclass(frozen=True, slots=True)
class Stratum:
    """The sampled fields of one kind and one band of probability.

    Attributes:
        kind: field kind of the template.
        band: of probability.
        population: accepted fields of it, sampled or not.
        judged: samples with a verdict of right or escaped.
        escaped: of them.
        promise: error rate promised for it.
    """

    kind: str
    band: int
    population: int
    judged: int
    escaped: int
    promise: float

    @property
    def rate(self) -> Rate:
        """Its error rate."""
        return interval(self.escaped, self.judged)


@dataclass(frozen=True, slots=True)
class KindRate:
    """What is known of one kind, or of all together.

    Attributes:
        kind: field kind; "" = all.
        rate: weighted by the sizes of its strata.
        promise: error rate promised, weighted alike.
        judged: samples behind it.
        escaped: of them.
        unseen: share of its fields in strata without a judged sample, which the rate leaves out.
    """

    kind: str
    rate: Rate
    promise: float
    judged: int
    escaped: int
    unseen: float

    @property
    def is_breach(self) -> bool:
        """Whether the promise is shown to be broken."""
        return self.judged > 0 and self.rate.low > self.promise


def rate_of(kind: str, strata: Sequence[Stratum]) -> KindRate:
    """The error rate of some strata together."""
    seen = [stratum for stratum in strata if stratum.judged]
    population = sum(stratum.population for stratum in strata)
    covered = sum(stratum.population for stratum in seen)
    # A stratum whose fields were read again meanwhile may have samples and no population.
    weight = sum(max(1, stratum.population) for stratum in seen)
    return KindRate(
        kind=kind,
        rate=weighted([(max(1, stratum.population), stratum.rate) for stratum in seen]),
        promise=sum(max(1, s.population) * s.promise for s in seen) / weight if seen else 0.0,
        judged=sum(stratum.judged for stratum in seen),
        escaped=sum(stratum.escaped for stratum in seen),
        unseen=1.0 - covered / population if population else 0.0,
    )


def raised_threshold(kind: str, strata: Sequence[Stratum], in_force: float = 0.0) -> float | None:
    """The threshold that ends a breach: accept only from the lowest band up that keeps the promise.

    Args:
        kind: whose threshold.
        strata: all of them.
        in_force: the threshold that an earlier breach has set.

    Returns:
        None where no breach is shown among what the threshold in force still lets pass.
    """
    own = [s for s in strata if s.kind == kind and _floor(s.band) >= in_force]
    if not rate_of(kind, own).is_breach:
        return None
    for band in range(1, BANDS):
        above = [s for s in own if s.band >= band]
        if above and len(above) < len(own) and not rate_of(kind, above).is_breach:
            return EDGES[band - 1]
    return NEVER


def _floor(band: int) -> float:
    return 0.0 if band == 0 else EDGES[band - 1]


def floor_for(kind: str, floors: Mapping[str, float]) -> float:
    """The threshold that breaches have set for a kind; 0 = none."""
    return floors.get(kind, 0.0)


def is_below(probability: float, kind: str, floors: Mapping[str, float]) -> bool:
    """Whether a value needs eyes because its kind broke the promise."""
    return math.isfinite(probability) and probability < floor_for(kind, floors)


__all__ = [
    "BANDS",
    "EDGES",
    "NEVER",
    "KindRate",
    "Look",
    "Stratum",
    "Verdict",
    "band_of",
    "floor_for",
    "is_below",
    "is_drawn",
    "raised_threshold",
    "rate_of",
    "same_value",
    "verdict",
]
