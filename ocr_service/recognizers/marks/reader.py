"""Reads check boxes, boxes to be filled and circled words."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocr_service.domain.errors import ModelMissing
from ocr_service.domain.field import Candidate, FieldReading, Flag
from ocr_service.forms.fields import ChoiceField, FlagField, MarkKind
from ocr_service.recognizers.base import CropPart, FieldCrop
from ocr_service.recognizers.marks.decision import (
    BoxReading,
    FieldDecision,
    State,
    decide_flag,
    decide_multiple,
    decide_single,
)
from ocr_service.recognizers.marks.features import (
    box_patch,
    inner_darkness,
    readable,
    word_patches,
)

WEIGHTS = Path(__file__).parents[1] / "weights"
_FAINT_BELOW = 0.3
_OUTSIDE_BELOW = 0.08
_SUREST = 0.9999
"""No box is surer than this: a page of fifty boxes then costs half a per cent."""

_UNREADABLE_CHANCES = (0.5, 0.3, 0.2)


class MarkNetwork:
    """A small network that gives the chances of blank, marked and struck out for pictures."""

    def __init__(self, folder: Path, stem: str) -> None:
        """Load ``<stem>.onnx`` and check it against ``<stem>.json``.

        Raises:
            ModelMissing: a file is absent or the weights are not the recorded ones.
        """
        import onnxruntime  # noqa: PLC0415  heavy engine, loads where it is first needed

        data = _checked_weights(folder, stem)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            data, options, providers=["CPUExecutionProvider"]
        )

    def chances(self, pictures: Sequence[NDArray[np.float32]]) -> NDArray[np.float64]:
        """(N, 3) chances of blank, marked, struck out for N equal pictures; rows add to 1."""
        stacked = np.stack(pictures).astype(np.float32)
        states = np.asarray(self._session.run(None, {"pictures": stacked})[0], np.float64)
        floor = (1 - _SUREST) / 2
        capped = np.clip(states, floor, _SUREST)
        return np.asarray(capped / capped.sum(axis=1, keepdims=True), np.float64)


def _checked_weights(folder: Path, stem: str) -> bytes:
    try:
        recorded = json.loads((folder / f"{stem}.json").read_text("utf-8"))["sha256"]
        data = (folder / f"{stem}.onnx").read_bytes()
    except (OSError, ValueError, KeyError) as error:
        raise ModelMissing(f"weights {stem} are not installed completely") from error
    if hashlib.sha256(data).hexdigest() != recorded:
        raise ModelMissing(f"{stem}.onnx is not the recorded file (sha256 differs)")
    return data


class MarkReader:
    """Reads fields of kind choice and flag. Total: any crop gives a reading."""

    def __init__(self, weights: Path = WEIGHTS) -> None:
        """Load the networks.

        Args:
            weights: folder with ``marks.onnx``, ``marks-word.onnx`` and their records.

        Raises:
            ModelMissing: weights are absent or not the recorded ones.
        """
        self._boxes = MarkNetwork(weights, "marks")
        self._words = MarkNetwork(weights, "marks-word")

    @property
    def name(self) -> str:
        """Name and version."""
        return "marks-cnn-3"

    def read(self, crop: FieldCrop) -> FieldReading:
        """Read one choice or flag."""
        spec = crop.spec
        if not isinstance(spec, ChoiceField | FlagField) or not crop.parts:
            return self._nothing(crop)
        boxes = self.box_readings(crop.parts, spec.mark)
        decision = _decide(spec, boxes)
        return FieldReading(spec.key, decision.candidates, self.name, decision.flags)

    def box_readings(self, parts: Sequence[CropPart], mark: MarkKind) -> list[BoxReading]:
        """What each part shows, in order; all pictures go through the network at once."""
        word = mark is MarkKind.CIRCLE_WORD
        legible = [readable(part) for part in parts]
        pictures = word_patches(parts) if word else [box_patch(part) for part in parts]
        rows = (self._words if word else self._boxes).chances(pictures)
        return [
            _box_reading(part, row if ok else _UNREADABLE_CHANCES, seen, ok=ok, word=word)
            for part, row, seen, ok in zip(parts, rows, pictures, legible, strict=True)
        ]

    def _nothing(self, crop: FieldCrop) -> FieldReading:
        text = "0" if isinstance(crop.spec, FlagField) else ""
        nothing = (Candidate(text, 0.0),)
        return FieldReading(crop.spec.key, nothing, self.name, frozenset({Flag.UNREADABLE}))


def _box_reading(
    part: CropPart,
    row: Sequence[float] | NDArray[np.float64],
    picture: NDArray[np.float32],
    *,
    ok: bool,
    word: bool,
) -> BoxReading:
    chances = (float(row[State.BLANK]), float(row[State.MARKED]), float(row[State.STRUCK]))
    if word or not ok:
        return BoxReading(part.key, chances, readable=ok)
    inside = inner_darkness(picture)
    faint, outside = _OUTSIDE_BELOW <= inside < _FAINT_BELOW, inside < _OUTSIDE_BELOW
    return BoxReading(part.key, chances, faint=faint, outside=outside)


def _decide(spec: ChoiceField | FlagField, boxes: Sequence[BoxReading]) -> FieldDecision:
    if isinstance(spec, FlagField):
        return decide_flag(boxes[0])
    return decide_multiple(boxes) if spec.multiple else decide_single(boxes)


__all__ = ["WEIGHTS", "MarkNetwork", "MarkReader"]
