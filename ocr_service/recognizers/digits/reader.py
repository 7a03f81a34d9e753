"""Reads digits written one to a box, with a small network and the field's own rules."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from ocr_service.domain.field import CellReading, FieldReading, Flag
from ocr_service.domain.geometry import CANVAS_PX_PER_MM
from ocr_service.forms.fields import DigitsField, Format
from ocr_service.recognizers.base import CropPart, FieldCrop
from ocr_service.recognizers.digits.classes import CLASSES, EMPTY, REJECT
from ocr_service.recognizers.digits.decoding import SYMBOLS, decode
from ocr_service.recognizers.digits.formats import EMPTY_CELL, UNREADABLE_CELL
from ocr_service.recognizers.digits.prep import BoxPx, PreparedCell, prepare_cell
from ocr_service.recognizers.own_weights import WEIGHTS_FOLDER, recorded_weights

DEFAULT_WEIGHTS = WEIGHTS_FOLDER / "digits-1.onnx"
"""The network that comes with the service; its record lies beside it as ``.json``."""

# Less writing than this share of the box is no digit, whatever it looks like magnified.
_NO_INK = 0.0015
# More than this is a blot or a torn-off corner.
_ALL_INK = 0.6
_OUTSIDE = 0.35
_FAINT = 0.22
_SURE = 0.999
# Cells with something else than a digit are rarer on paper than among the cells trained on.
_REJECT_ODDS = 0.2


class DigitReader:
    """Recognizer of ``digits`` fields. Safe to share between threads.

    Args:
        weights: ONNX file with a record (``.json``: sha256) beside it.
        threads: threads one call may use.

    Raises:
        ModelMissing: file or record is absent, or they do not belong together.
    """

    def __init__(self, weights: Path | None = None, threads: int = 1) -> None:
        path = weights or DEFAULT_WEIGHTS
        data = recorded_weights(path)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            data, options, providers=["CPUExecutionProvider"]
        )
        self._name = path.stem

    @property
    def name(self) -> str:
        """Name and version of the weights, for example ``digits-1``."""
        return self._name

    def read(self, crop: FieldCrop) -> FieldReading:
        """Read one field; cells that the form prints itself are taken as printed."""
        printed = _printed(crop)
        parts = [p for p, c in zip(crop.parts, printed, strict=True) if c is None]
        prepared = [prepare_cell(p.gray, p.ink, box_px(p)) for p in parts]
        form = crop.spec.format if isinstance(crop.spec, DigitsField) else Format.DIGITS
        chances = self.classify(prepared)
        decoded = decode(chances, printed, form)
        flags = set[Flag]().union(*(_flags(cell) for cell in prepared))
        if UNREADABLE_CELL in decoded.raw or UNREADABLE_CELL in decoded.candidates[0].text:
            flags.add(Flag.REJECTED)
        if not decoded.valid:
            flags.add(Flag.INVALID)
        return FieldReading(
            key=crop.spec.key,
            candidates=decoded.candidates,
            reader=self._name,
            flags=frozenset(flags),
            cells=_cells(parts, chances, decoded.candidates[0].text),
        )

    def classify(self, cells: list[PreparedCell]) -> NDArray[np.float32]:
        """(N, CLASSES) calibrated probabilities of the cells, in one run of the network."""
        if not cells:
            return np.zeros((0, CLASSES), np.float32)
        views = np.stack([cell.views for cell in cells])
        probabilities: NDArray[np.float32] = self._session.run(None, {"views": views})[0]
        probabilities[:, REJECT] *= _REJECT_ODDS
        probabilities /= probabilities.sum(axis=1, keepdims=True)
        for row, cell in zip(probabilities, cells, strict=True):
            if cell.ink_share < _NO_INK:
                _settle(row, EMPTY)
            elif cell.ink_share > _ALL_INK:
                _settle(row, REJECT)
        return probabilities


def box_px(part: CropPart) -> BoxPx:
    """The printed box in pixels of the part's arrays."""
    left, top = part.window.x, part.window.y
    return (
        round((part.box.x - left) * CANVAS_PX_PER_MM),
        round((part.box.y - top) * CANVAS_PX_PER_MM),
        round((part.box.right - left) * CANVAS_PX_PER_MM),
        round((part.box.bottom - top) * CANVAS_PX_PER_MM),
    )


def _printed(crop: FieldCrop) -> list[str | None]:
    if isinstance(crop.spec, DigitsField) and len(crop.spec.cells) == len(crop.parts):
        return [cell.printed for cell in crop.spec.cells]
    return [None] * len(crop.parts)


def _cells(
    parts: list[CropPart], chances: NDArray[np.float32], text: str
) -> tuple[CellReading, ...]:
    """The cells people write in, as ``text`` (one character a cell; "" = all empty) has them."""
    found = []
    for part, row in zip(parts, chances, strict=True):
        position = int(part.key)
        symbol = text[position] if text else EMPTY_CELL
        chance = float(row[SYMBOLS.index(symbol)])
        found.append(CellReading(position, symbol, chance, part.box))
    return tuple(found)


def _settle(row: NDArray[np.float32], sure: int) -> None:
    row[:] = (1 - _SURE) / (CLASSES - 1)
    row[sure] = _SURE


def _flags(cell: PreparedCell) -> set[Flag]:
    flags = set()
    if cell.ink_share > _ALL_INK:
        flags.add(Flag.UNREADABLE)
    if cell.ink_share >= _NO_INK and cell.beyond_share > _OUTSIDE:
        flags.add(Flag.OUTSIDE)
    if cell.ink_share >= _NO_INK and cell.contrast < _FAINT:
        flags.add(Flag.FAINT)
    return flags


__all__ = ["DEFAULT_WEIGHTS", "DigitReader", "box_px"]
