"""Finds printed boxes exactly, each by its own four rules, on a registered page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_service.domain.arrays import Gray
from ocr_service.domain.geometry import BoxMm, bounding_box
from ocr_service.imaging.frames import SIDES_PER_FRAME, edge_slopes, probe, sides_of
from ocr_service.imaging.warp import MM_TO_CANVAS

_REACH_MM = 0.8
_FINE_REACH_MM = 0.4
_MIN_PAIR, _PAIR_OF_CONTRAST = 0.03, 0.1
_PREFER_PLACE = 0.15
_SAME_SHIFT_MM = 0.3  # opposite rules that differ by more are not one box's
_FAR_FROM_REST_MM = 0.4
_AROUND_MM = 3.0
_OPPOSITE = ((1, 3), (2, 0))  # right and left, bottom and top


@dataclass(frozen=True, slots=True)
class _Window:
    gray: Gray
    contrast: float


def refine_boxes(canvas: Gray, boxes: Sequence[BoxMm]) -> tuple[BoxMm, ...]:
    """Each printed box where it really lies, within 0.8 mm of where the template has it.

    A box moves only where its rules are seen and agree, with each other and with the other boxes
    of the field; paper that is stretched or curled moves all of them together. A box whose rules
    are not seen moves with the others.

    Args:
        canvas: the registered page.
        boxes: insides of the rules in millimetres, neighbours of one field.
    """
    if not boxes:
        return ()
    window = _window(canvas, boxes)
    dx, dy = _common_shift(window, boxes)
    near_by = [BoxMm(box.x + dx, box.y + dy, box.w, box.h) for box in boxes]
    measured = probe(window, MM_TO_CANVAS, sides_of(near_by), _FINE_REACH_MM)
    offset = measured.offset_mm.reshape(-1, SIDES_PER_FRAME)
    moved = [_axis(offset[:, far], -offset[:, near]) for far, near in _OPPOSITE]
    (far_x, near_x), (far_y, near_y) = moved
    return tuple(
        _moved(box, (float(near_x[i]), float(near_y[i])), (float(far_x[i]), float(far_y[i])))
        for i, box in enumerate(near_by)
    )


def _common_shift(window: _Window, boxes: Sequence[BoxMm]) -> tuple[float, float]:
    """How far all boxes together lie off their places: (across, down) in millimetres.

    Both opposite rules of a box must show at the same shift; a neighbour's rule, which often lies
    nearer than the box's own, has no partner at the box's width.
    """
    slope, steps = edge_slopes(window, MM_TO_CANVAS, sides_of(boxes), _REACH_MM)
    sides = slope.reshape(len(boxes), SIDES_PER_FRAME, -1)
    least = max(_MIN_PAIR, _PAIR_OF_CONTRAST * window.contrast)
    shifts = []
    for far, near in _OPPOSITE:
        pair = np.minimum(_spread(sides[:, far]), _spread(sides[:, near])[:, ::-1])
        together = pair.mean(axis=0) * (1.0 - _PREFER_PLACE * np.abs(steps) / _REACH_MM)
        at = int(together.argmax())
        shifts.append(float(steps[at]) if together[at] >= least else 0.0)
    return shifts[0], shifts[1]


def _spread(slope: NDArray[np.float32]) -> NDArray[np.float32]:
    """Slopes widened by a step either way, since boxes differ in size by a tenth of a mm."""
    return cv2.dilate(slope, np.ones((1, 3), np.uint8))


def _axis(
    far: NDArray[np.float64], near: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Shifts along one axis of the far and near rules, made consistent.

    Args:
        far: (n,) shift of the right (bottom) rule, NaN where not seen.
        near: (n,) shift of the left (top) rule, NaN where not seen.
    """
    both = np.isfinite(far) & np.isfinite(near)
    agree = both & (np.abs(np.where(both, far - near, 0.0)) <= _SAME_SHIFT_MM)
    middle = (far + near) / 2
    common = float(np.median(middle[agree])) if agree.any() else _lone(far, near)
    trusted = agree & (np.abs(np.where(agree, middle - common, 0.0)) <= _FAR_FROM_REST_MM)
    return np.where(trusted, far, common), np.where(trusted, near, common)


def _lone(far: NDArray[np.float64], near: NDArray[np.float64]) -> float:
    """The common shift told by rules of which the opposite one is not seen."""
    seen = np.concatenate([far, near])
    seen = seen[np.isfinite(seen)]
    if len(seen) < 3 or float(np.ptp(seen)) > _FAR_FROM_REST_MM:  # noqa: PLR2004 -- a majority
        return 0.0
    return float(np.median(seen))


def _moved(box: BoxMm, near: tuple[float, float], far: tuple[float, float]) -> BoxMm:
    return BoxMm(
        box.x + near[0], box.y + near[1], box.w + far[0] - near[0], box.h + far[1] - near[1]
    )


def _window(canvas: Gray, boxes: Sequence[BoxMm]) -> _Window:
    left, top, right, bottom = bounding_box(list(boxes)).grown(_AROUND_MM).to_px()
    part = canvas[max(0, top) : max(1, bottom), max(0, left) : max(1, right)]
    if not part.size:
        return _Window(canvas, 1.0)
    dark, paper = np.percentile(part, (1, 90))
    return _Window(canvas, float(1.0 - dark / max(paper, 1.0)))


__all__ = ["refine_boxes"]
