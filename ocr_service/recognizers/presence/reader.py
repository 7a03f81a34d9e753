"""Tells whether somebody signed or stamped an area."""

from __future__ import annotations

import json
import math
from pathlib import Path

from ocr_service.domain.errors import ModelMissing
from ocr_service.domain.field import Candidate, FieldReading, Flag
from ocr_service.forms.fields import PresenceField
from ocr_service.recognizers.base import CropPart, FieldCrop
from ocr_service.recognizers.marks.features import readable_paper
from ocr_service.recognizers.presence.features import InkMeasure, measure_ink

WEIGHTS = Path(__file__).parents[1] / "weights" / "marks-presence.json"
_SUREST = 0.999
_FAINT_CONTRAST = 0.15
_LEAST_AREA_MM2 = 0.02


class PresenceReader:
    """Reads fields of kind presence. Total: any crop gives "1" or "0"."""

    def __init__(self, weights: Path = WEIGHTS) -> None:
        """Load the logistic parameters.

        Raises:
            ModelMissing: they are absent or not of this form.
        """
        try:
            data = json.loads(weights.read_text("utf-8"))
            self._bias = float(data["bias"])
            self._by_area = float(data["log_area_ratio"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelMissing(f"weights {weights.name} cannot be read") from error

    @property
    def name(self) -> str:
        """Name and version."""
        return "presence-1"

    def chance(self, measure: InkMeasure, min_ink_mm2: float) -> float:
        """Chance that the measured ink is a signature or stamp, 0 to 1.

        Rises with the ink's area in units of ``min_ink_mm2``.
        """
        logit = self._bias + self._by_area * log_area_ratio(measure, min_ink_mm2)
        chance = 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))
        return min(max(chance, 1 - _SUREST), _SUREST)

    def read(self, crop: FieldCrop) -> FieldReading:
        """Read one area."""
        spec = crop.spec
        part = crop.parts[0] if crop.parts else None
        if not isinstance(spec, PresenceField) or part is None or not _legible(part):
            unknown = (Candidate("0", 0.5), Candidate("1", 0.5))
            return FieldReading(spec.key, unknown, self.name, frozenset({Flag.UNREADABLE}))
        measure = measure_ink(part)
        chance = self.chance(measure, spec.min_ink_mm2)
        pairs = sorted((("1", chance), ("0", 1 - chance)), key=lambda pair: -pair[1])
        faint = pairs[0][0] == "1" and measure.contrast < _FAINT_CONTRAST
        flags = frozenset({Flag.FAINT}) if faint else frozenset[Flag]()
        return FieldReading(spec.key, tuple(Candidate(t, p) for t, p in pairs), self.name, flags)


def log_area_ratio(measure: InkMeasure, min_ink_mm2: float) -> float:
    """Natural logarithm of the ink's area over ``min_ink_mm2``, what the chance is made of."""
    return math.log(max(measure.area_mm2, _LEAST_AREA_MM2) / min_ink_mm2)


def _legible(part: CropPart) -> bool:
    return readable_paper(part.gray)


__all__ = ["WEIGHTS", "PresenceReader", "log_area_ratio"]
