"""Raw scores of readers to the chance that the whole field is right.

A map is a rising chain of points per group (field kind and format), fitted on generated pages
whose fonts, senders and seeds serve no test; between points it is linear.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ocr_service.domain.errors import ModelMissing
from ocr_service.domain.field import Candidate, FieldReading
from ocr_service.forms.fields import ChoiceField, DigitsField, FieldSpec, FlagField, TextField

DEFAULT_FILE = Path(__file__).with_name("calibration.json")


@dataclass(frozen=True, slots=True)
class CalibrationMap:
    """A rising piecewise linear map of [0, 1] onto [0, 1].

    Attributes:
        scores: raw scores, rising, first 0.0, last 1.0.
        chances: share of right fields at these scores, never falling.
    """

    scores: tuple[float, ...]
    chances: tuple[float, ...]

    def __call__(self, score: float) -> float:
        """The chance that belongs to ``score``."""
        at = bisect_left(self.scores, score)
        if at == 0:
            return self.chances[0]
        if at == len(self.scores):
            return self.chances[-1]
        low, high = self.scores[at - 1], self.scores[at]
        share = (score - low) / (high - low)
        return self.chances[at - 1] + share * (self.chances[at] - self.chances[at - 1])


@dataclass(frozen=True, slots=True)
class Calibration:
    """Maps by group; a group without one keeps its raw scores."""

    maps: Mapping[str, CalibrationMap]

    def apply(self, spec: FieldSpec, reading: FieldReading) -> FieldReading:
        """The reading with calibrated probabilities; the order of candidates stays.

        The best candidate gets its chance from the map; what is left is shared among the others
        in proportion to their raw scores.
        """
        chance_of = self.maps.get(group_of(spec, empty=reading.text == ""))
        if chance_of is None:
            return reading
        best, *others = reading.candidates
        chance = chance_of(best.probability)
        rest = sum(c.probability for c in others)
        scale = min(1.0, (1.0 - chance) / rest) if rest > 0 else 0.0
        return replace(
            reading,
            candidates=(
                Candidate(best.text, chance),
                *(Candidate(c.text, min(chance, c.probability * scale)) for c in others),
            ),
        )


def group_of(spec: FieldSpec, *, empty: bool) -> str:
    """Calibration group: kind, format or mark, and whether the field was read as empty."""
    match spec:
        case TextField() | DigitsField():
            name = f"{spec.kind}.{spec.format.value}"
        case ChoiceField() | FlagField():
            name = f"{spec.kind}.{spec.mark.value}"
        case _:
            name = spec.kind
    return f"{name}.empty" if empty else name


def load_calibration(path: Path = DEFAULT_FILE) -> Calibration:
    """The maps in ``path``.

    Raises:
        ModelMissing: the file is absent or not of this form.
    """
    try:
        data = json.loads(path.read_text("utf-8"))
        maps = {
            group: CalibrationMap(tuple(points["scores"]), tuple(points["chances"]))
            for group, points in data["groups"].items()
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelMissing(f"calibration {path.name} cannot be read") from error
    return Calibration(maps)


__all__ = ["DEFAULT_FILE", "Calibration", "CalibrationMap", "group_of", "load_calibration"]
