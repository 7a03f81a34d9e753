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

MAX_REACH_MM = 0.8
_FINE_REACH_MM = 0.4
_MIN_PAIR, _PAIR_OF_CONTRAST = 0.03, 0.1
_PREFER_PLACE = 0.15
_SAME_SHIFT_MM = 0.3  # opposite rules that differ by more are not one box's
_NEIGHBOUR_MM = 10.0  # paper moves as one over about this distance
_AROUND_MM = 3.0
_OPPOSITE = ((1, 3), (2, 0))  # right and left, bottom and top


@dataclass(frozen=True, slots=True)
class _Window:
    gray: Gray
    contrast: float


def refine_boxes(
    canvas: Gray, boxes: Sequence[BoxMm], reach_mm: float = MAX_REACH_MM
) -> tuple[BoxMm, ...]:
    """Each printed box where it really lies, within 0.8 mm of where the template has it.

    A box moves only where its rules are seen and agree with each other; what its neighbours show
    counts the more the nearer they are. A box whose own rules are not seen moves with them.

    Args:
        canvas: the registered page.
        boxes: insides of the rules in millimetres, of one field.
        reach_mm: how far a box may lie off its place, at most 0.8.
    """
    if not boxes:
        return ()
    window = _window(canvas, boxes)
    shifts = _shifts(window, boxes, min(reach_mm, MAX_REACH_MM))
    near_by = [
        BoxMm(box.x + dx, box.y + dy, box.w, box.h)
        for box, (dx, dy) in zip(boxes, shifts.tolist(), strict=True)
    ]
    measured = probe(window, MM_TO_CANVAS, sides_of(near_by), _FINE_REACH_MM)
    offset = measured.offset_mm.reshape(-1, SIDES_PER_FRAME)
    (far_x, near_x), (far_y, near_y) = (
        _axis(offset[:, far], -offset[:, near]) for far, near in _OPPOSITE
    )
    return tuple(
        _moved(box, (float(near_x[i]), float(near_y[i])), (float(far_x[i]), float(far_y[i])))
        for i, box in enumerate(near_by)
    )


def _shifts(window: _Window, boxes: Sequence[BoxMm], reach_mm: float) -> NDArray[np.float64]:
    """(n, 2) how far each box lies off its place, across and down, in millimetres.

    Both opposite rules of a box must show at the same shift; a neighbour's rule, which often lies
    nearer than the box's own, has no partner at the box's width.
    """
    slope, steps = edge_slopes(window, MM_TO_CANVAS, sides_of(boxes), reach_mm)
    sides = slope.reshape(len(boxes), SIDES_PER_FRAME, -1)
    centres = np.array([box.centre for box in boxes])
    apart = np.hypot(*(centres[:, None, :] - centres[None, :, :]).T)
    weight = np.exp(-apart / _NEIGHBOUR_MM)
    least = max(_MIN_PAIR, _PAIR_OF_CONTRAST * window.contrast)
    shifts = np.zeros((len(boxes), 2))
    for axis, (far, near) in enumerate(_OPPOSITE):
        pair = np.minimum(_widened(sides[:, far]), _widened(sides[:, near])[:, ::-1])
        shown = weight @ np.maximum(pair, 0.0)
        shown *= 1.0 - _PREFER_PLACE * np.abs(steps) / MAX_REACH_MM
        at = shown.argmax(axis=1)
        seen = shown[np.arange(len(boxes)), at] >= least
        shifts[:, axis] = np.where(seen, steps[at], 0.0)
    return shifts


def _widened(slope: NDArray[np.float32]) -> NDArray[np.float32]:
    """Slopes widened by a step either way, since boxes differ in size by a tenth of a mm."""
    return cv2.dilate(slope, np.ones((1, 3), np.uint8))


def _axis(
    far: NDArray[np.float64], near: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Last shifts of the far and near rules along one axis; 0 where the two disagree.

    Args:
        far: (n,) shift of the right (lower) rule, NaN where not seen.
        near: (n,) shift of the left (upper) rule, NaN where not seen.
    """
    both = np.isfinite(far) & np.isfinite(near)
    agree = both & (np.abs(np.where(both, far - near, 0.0)) <= _SAME_SHIFT_MM)
    return np.where(agree, far, 0.0), np.where(agree, near, 0.0)


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


__all__ = ["MAX_REACH_MM", "refine_boxes"]
