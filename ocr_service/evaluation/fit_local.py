"""Fits the calibration of one installation on what its people answered."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ocr_service.domain.statistics import calibration_error
from ocr_service.evaluation.fit import Outcome, fit_maps, fold_of
from ocr_service.pipeline.calibrate import Calibration, CalibrationMap

_SUREST = 1e-6


@dataclass(frozen=True, slots=True)
class Figures:
    """How true chances are.

    Attributes:
        count: values.
        right: confirmed ones.
        error: expected calibration error, 0 to 1.
        log_loss: mean of -ln of the chance given to what was so; smaller is better.
    """

    count: int
    right: int
    error: float
    log_loss: float


@dataclass(frozen=True, slots=True)
class LocalFit:
    """Maps fitted on an installation's answers, compared on documents they had not seen.

    Attributes:
        maps: changed maps by group name.
        before: figures of the calibration in force, by family and ``all``.
        after: of maps fitted on the other half of the documents.
    """

    maps: Mapping[str, CalibrationMap]
    before: Mapping[str, Figures]
    after: Mapping[str, Figures]

    @property
    def is_better(self) -> bool:
        """Whether the new maps tell more about documents they had not seen."""
        return bool(self.maps) and self.after["all"].log_loss < self.before["all"].log_loss


def fit_local(base: Calibration, outcomes: Sequence[Outcome]) -> LocalFit:
    """Move the maps in force as far as the answers pull them.

    Args:
        base: calibration to start from; its thresholds stay: they are chances.
        outcomes: raw scores and whether a person confirmed the value.
    """
    before: list[tuple[Outcome, float]] = []
    after: list[tuple[Outcome, float]] = []
    for half in (0, 1):
        seen = [o for o in outcomes if fold_of(o.page) % 2 != half]
        unseen = [o for o in outcomes if fold_of(o.page) % 2 == half]
        trained = Calibration({**base.maps, **fit_maps(seen, base.maps)})
        before += [(o, base.chance_of(o.group, o.score)) for o in unseen]
        after += [(o, trained.chance_of(o.group, o.score)) for o in unseen]
    maps = fit_maps(outcomes, base.maps)
    return LocalFit(maps, _figures(before), _figures(after))


def _figures(chances: Sequence[tuple[Outcome, float]]) -> dict[str, Figures]:
    groups: dict[str, list[tuple[float, bool]]] = {}
    for outcome, chance in chances:
        for name in ("all", outcome.group.partition(".")[0]):
            groups.setdefault(name, []).append((chance, outcome.right))
    return {
        name: Figures(
            count=len(claims),
            right=sum(right for _, right in claims),
            error=calibration_error(claims),
            log_loss=sum(_surprise(*claim) for claim in claims) / len(claims),
        )
        for name, claims in sorted(groups.items())
    }


def _surprise(chance: float, right: bool) -> float:  # noqa: FBT001 - half of a pair
    given = chance if right else 1.0 - chance
    return -math.log(min(max(given, _SUREST), 1.0))


__all__ = ["Figures", "LocalFit", "fit_local"]
