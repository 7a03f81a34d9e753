"""What candidates of several fields say together; shared by the rules of ``corroborate``."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Final

from ocr_service.domain.field import MAX_ALTERNATIVES, Alternative, FieldValue, Flag, Value

_ENOUGH: Final = 1e-12


def chances(value: FieldValue) -> dict[Value, float]:
    """The value and its alternatives with their chances."""
    others = {other.value: other.probability for other in value.alternatives}
    return others | {value.value: value.probability}


def missing(of: Mapping[Value, float] | Mapping[str, float]) -> float:
    """Chance that a field says none of its candidates."""
    return max(0.0, 1.0 - math.fsum(of.values()))


def reranked(value: FieldValue, of: Mapping[Value, float]) -> FieldValue:
    """The value with the likeliest of ``of``, the others as alternatives.

    A value that another field has put right is valid again.
    """
    ranked = sorted(of.items(), key=lambda entry: -entry[1])
    best, probability = ranked[0]
    return replace(
        value,
        value=best,
        probability=min(1.0, probability),
        alternatives=tuple(Alternative(v, min(1.0, p)) for v, p in ranked[1:][:MAX_ALTERNATIVES]),
        flags=value.flags if best == value.value else value.flags - {Flag.INVALID},
    )


def together(
    values: Sequence[FieldValue],
    agreement: Callable[[Sequence[Value]], float],
    *,
    neither: float,
) -> list[FieldValue]:
    """Values re-ranked by how well one candidate of each goes with the others'.

    Args:
        values: read independently of each other.
        agreement: how likely such values stand on one form, relative to the likeliest, 0 to 1.
        neither: the same for values that no field offers.
    """
    offered = [chances(value) for value in values]
    of: list[dict[Value, float]] = [{} for _ in values]
    total = neither * max((missing(o) for o in offered), default=0.0)
    for combined in product(*(o.items() for o in offered)):
        picked = [value for value, _ in combined]
        weight = math.prod(p for _, p in combined) * agreement(picked)
        total += weight
        for own, value in zip(of, picked, strict=True):
            own[value] = own.get(value, 0.0) + weight
    if total <= _ENOUGH:
        return list(values)
    return [
        reranked(value, {v: weight / total for v, weight in own.items()})
        for value, own in zip(values, of, strict=True)
    ]


__all__ = ["chances", "missing", "reranked", "together"]
