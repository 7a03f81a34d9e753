"""Raw scores of readers to the chance that a value is right, and what needs no eyes.

A map turns the scores of one group of values into chances; a threshold says from which chance on
the values of a group keep a promised error rate. Both are fitted on pages whose senders and seeds
serve no test (``scripts/fit_calibration.py``), or on what people answered in one installation
(``ocr-service calibrate``). See ``docs/reference/calibration.md``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from ocr_service.domain.errors import ModelMissing
from ocr_service.domain.field import Alternative, FieldValue
from ocr_service.domain.triage import field_status
from ocr_service.forms.fields import FieldSpec
from ocr_service.forms.model import FormTemplate
from ocr_service.pipeline.calibration_groups import (
    former_levels_of,
    group_of,
    levels_of,
    reader_stem,
)

DEFAULT_FILE = Path(__file__).with_name("calibration.json")
SCHEMA = 2
NEVER = math.inf
"""A threshold that no chance reaches."""

_EDGE = 1e-6
_HALVINGS = 60


@dataclass(frozen=True, slots=True)
class CalibrationMap:
    """A rising map of (0, 1) into (0, 1): beta calibration (Kull, Silva Filho, Flach 2017).

    The log-odds of the chance are ``a ln s - b ln(1 - s) + c``. Near 1 it is a straight line on
    the scale of -ln(1 - s), where the difference between one error in a hundred and one in a
    thousand is large.

    Attributes:
        a: slope for small scores, > 0.
        b: slope for scores near 1, > 0.
        c: shift.
    """

    a: float
    b: float
    c: float

    def __call__(self, score: float) -> float:
        """The chance that belongs to ``score``, 0 to 1."""
        s = min(max(score, _EDGE), 1.0 - _EDGE)
        odds = self.a * math.log(s) - self.b * math.log1p(-s) + self.c
        return 1.0 / (1.0 + math.exp(-odds)) if odds > -700 else 0.0  # noqa: PLR2004  exp's limit

    def score_of(self, chance: float) -> float:
        """The score that this map turns into ``chance``, as near as there is one."""
        low, high = 0.0, 1.0
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            if self(middle) < chance:
                low = middle
            else:
                high = middle
        return high


@dataclass(frozen=True, slots=True)
class Calibration:
    """Maps and thresholds by group of values.

    Attributes:
        maps: by group name; a value takes the first of its ``levels_of`` that is here.
        thresholds: by group name and then by promised error rate: the smallest chance that keeps
            the promise, ``NEVER`` where the data allow none.
        readers: stems of the readers whose scores were fitted.
    """

    maps: Mapping[str, CalibrationMap]
    thresholds: Mapping[str, Mapping[float, float]] = field(default_factory=dict)
    readers: frozenset[str] = frozenset()

    def judge(self, values: Iterable[FieldValue], template: FormTemplate) -> list[FieldValue]:
        """The values with calibrated probabilities and the status that follows.

        Args:
            values: a record's values with raw scores, typed and combined.
            template: gives the fields, their promises and manual thresholds.
        """
        specs = {key: spec for spec in template.fields for key in spec.record_keys}
        return [self._judged(value, specs[value.key], template) for value in values]

    def chance_of(self, group: str, score: float) -> float:
        """The chance that a value of ``group`` with this raw score is right."""
        chances = self._map_of(group)
        return score if chances is None else chances(score)

    def score_of(self, group: str, chance: float) -> float:
        """The raw score that gives ``chance`` in ``group``."""
        chances = self._map_of(group)
        return chance if chances is None else chances.score_of(chance)

    def threshold(self, group: str, target_error: float) -> float:
        """Smallest chance at which values of ``group`` keep ``target_error``.

        A group of which nothing is known is never accepted, except by a calibration of nothing,
        which takes scores at their word.
        """
        if not self.maps:
            return 1.0 - target_error
        own = self._kept(levels_of(group), target_error)
        if own is not None:
            return own
        # Shown for single boxes: of several together the chance itself must promise as much.
        former = self._kept(former_levels_of(group), target_error)
        return NEVER if former is None else max(former, 1.0 - target_error)

    def _kept(self, names: Iterable[str], target_error: float) -> float | None:
        """The threshold of the first group that has any; None where none has."""
        ladder = next((self.thresholds[name] for name in names if name in self.thresholds), None)
        if ladder is None:
            return None
        kept = [target for target in ladder if target <= target_error * (1 + 1e-9)]
        return ladder[max(kept)] if kept else NEVER

    def _judged(self, value: FieldValue, spec: FieldSpec, template: FormTemplate) -> FieldValue:
        group = group_of(spec, value, template)
        manual = template.manual_accept_at(spec)
        if self.maps and reader_stem(value.reader) not in self.readers:
            # Another reader's scores mean something else: a person looks, unless told otherwise.
            at = NEVER if manual is None else manual
            status = field_status(value.probability, value.flags, at)
            return replace(value, status=status)
        at = self.threshold(group, template.target_error(spec)) if manual is None else manual
        judged = with_chance(value, self.chance_of(group, value.probability))
        return replace(judged, status=field_status(judged.probability, value.flags, at))

    def _map_of(self, group: str) -> CalibrationMap | None:
        names = (*levels_of(group), *former_levels_of(group))
        return next((self.maps[name] for name in names if name in self.maps), None)


UNCALIBRATED = Calibration({})
"""Leaves raw scores as they are."""


def with_chance(value: FieldValue, chance: float) -> FieldValue:
    """The value with ``chance``; its alternatives share what is left, their order stays."""
    if chance == value.probability:
        return value
    rest = sum(other.probability for other in value.alternatives)
    scale = min(1.0, (1.0 - chance) / rest) if rest > 0 else 0.0
    others = tuple(
        Alternative(other.value, min(chance, other.probability * scale))
        for other in value.alternatives
    )
    return replace(value, probability=chance, alternatives=others)


def own_calibration_file(data_dir: Path) -> Path:
    """Where an installation keeps the calibration it fitted itself."""
    return data_dir.resolve() / "calibration.json"


def load_calibration(path: Path = DEFAULT_FILE) -> Calibration:
    """The maps and thresholds in ``path``.

    Raises:
        ModelMissing: the file is absent or not of this form.
    """
    try:
        return parse_calibration(path.read_text("utf-8"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelMissing(f"calibration {path.name} cannot be read; remove or refit it") from error


def parse_calibration(text: str) -> Calibration:
    """The maps and thresholds in the text of a calibration file.

    Raises:
        ValueError, KeyError, TypeError, AttributeError: not of this form.
    """
    data = json.loads(text)
    if data["schema"] != SCHEMA:
        raise ValueError("another schema")
    maps = {
        name: CalibrationMap(float(m["a"]), float(m["b"]), float(m["c"]))
        for name, m in data["groups"].items()
    }
    if any(not (m.a > 0 and m.b > 0 and math.isfinite(m.c)) for m in maps.values()):
        raise ValueError("a map that does not rise")
    thresholds = {
        name: {float(t): NEVER if p["at"] is None else float(p["at"]) for t, p in ladder.items()}
        for name, ladder in data["thresholds"].items()
    }
    return Calibration(maps, thresholds, frozenset(data["readers"]))


__all__ = [
    "DEFAULT_FILE",
    "NEVER",
    "SCHEMA",
    "UNCALIBRATED",
    "Calibration",
    "CalibrationMap",
    "load_calibration",
    "own_calibration_file",
    "parse_calibration",
    "with_chance",
]
