"""Marks in boxes: ticks, rings, crosses, fillings, and marks that were struck out again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_service.domain.geometry import BoxMm
from samples.generator.chance import Rng, between, chance, choose, jitter
from samples.generator.digits import CropBook
from samples.generator.handwriting import bend, harden
from samples.generator.paper import PX_PER_MM, Coverage, Ink, Paper

_OVER = 4
_SHIFT_BITS = 4
Points = NDArray[np.float64]


class MarkStyle(StrEnum):
    """How a person marks an option."""

    TICK = "tick"
    RING = "ring"
    CROSS = "cross"
    FILL = "fill"
    SLASH = "slash"
    REAL_TICK = "check"
    REAL_RING = "circle"
    REAL_CROSS = "cross"


_STYLES = {
    MarkStyle.TICK: 0.7,
    MarkStyle.RING: 0.12,
    MarkStyle.CROSS: 0.07,
    MarkStyle.FILL: 0.06,
    MarkStyle.SLASH: 0.05,
}
_REAL = {
    MarkStyle.TICK: MarkStyle.REAL_TICK,
    MarkStyle.RING: MarkStyle.REAL_RING,
    MarkStyle.CROSS: MarkStyle.REAL_CROSS,
}


@dataclass(frozen=True, slots=True)
class MarkHand:
    """One person's marks.

    Attributes:
        style: shape.
        ink: pen.
        width_mm: stroke width.
        size: mark size over box size.
        drift: (x, y) the marks stand off the middle of the box, as a share of its size.
        crops: real marks, for the ``REAL_`` styles.
    """

    style: MarkStyle
    ink: Ink
    width_mm: float
    size: float
    drift: tuple[float, float]
    crops: CropBook | None


def invent_mark_hand(rng: Rng, ink: Ink, crops: CropBook | None) -> MarkHand:
    """A person's way of marking: ticks mostly."""
    style = choose(rng, _STYLES)
    if crops is not None and chance(rng, 0.35):
        style = _REAL.get(style, style)
    beside = chance(rng, 0.05)
    return MarkHand(
        style=style,
        ink=ink,
        width_mm=between(rng, 0.22, 0.6),
        size=between(rng, 0.8, 1.6),
        drift=(-between(rng, 0.5, 0.8) if beside else jitter(rng, 0.12), jitter(rng, 0.12)),
        crops=crops,
    )


def draw_mark(paper: Paper, box: BoxMm, hand: MarkHand, rng: Rng) -> None:
    """Mark ``box`` in the hand's way, with overshoot and off the middle as people do."""
    side = (box.w + box.h) / 2
    x = box.centre[0] + (hand.drift[0] + jitter(rng, 0.08)) * side
    y = box.centre[1] + (hand.drift[1] + jitter(rng, 0.08)) * side
    if hand.style in _REAL.values() and hand.crops is not None:
        shape = hand.crops.shape(hand.style.value, rng)
        if shape is not None:
            _draw_real(paper, shape, (x, y), side, hand, rng)
            return
    size = side * hand.size * between(rng, 0.85, 1.15)
    if hand.style is MarkStyle.FILL:
        _fill(paper, box, hand, rng)
        return
    for line in _lines(hand.style, rng):
        stroke(paper, np.array([x, y]) + line * size, hand, rng)


def fill_box(paper: Paper, box: BoxMm, ink: Ink, rng: Rng) -> None:
    """Blacken a box by scribbling over it."""
    _fill(paper, box, MarkHand(MarkStyle.FILL, ink, 0.45, 1.0, (0.0, 0.0), None), rng)


def strike_out(paper: Paper, box: BoxMm, hand: MarkHand, rng: Rng) -> None:
    """Cross out the mark in ``box``: two lines, or a zigzag."""
    x, y = box.centre
    wide, high = box.w * between(rng, 0.9, 1.5), box.h * between(rng, 0.25, 0.5)
    if chance(rng, 0.6):
        tilt = jitter(rng, 0.25) * box.h
        for offset in (-0.16 * box.h, 0.16 * box.h):
            line = [[x - wide, y + offset + tilt], [x, y + offset], [x + wide, y + offset - tilt]]
            stroke(paper, np.array(line), hand, rng)
        return
    steps = np.linspace(-1, 1, 8)
    zigzag = [[x + s * wide, y + (high if n % 2 else -high)] for n, s in enumerate(steps)]
    stroke(paper, np.array(zigzag), hand, rng)


def stroke(paper: Paper, points_mm: Points, hand: MarkHand, rng: Rng) -> None:
    """Draw a smooth line through points.

    Args:
        paper: page.
        points_mm: (N, 2) points in millimetres, N at least 2.
        hand: ink and stroke width.
        rng: source of chance.
    """
    wobbly = points_mm + rng.normal(0, 0.06, points_mm.shape)
    curve = _smooth(wobbly)
    width_px = hand.width_mm * PX_PER_MM * between(rng, 0.85, 1.2)
    margin = width_px + 4
    low = np.floor(curve.min(axis=0) * PX_PER_MM - margin).astype(int)
    high = np.ceil(curve.max(axis=0) * PX_PER_MM + margin).astype(int)
    size = (high - low) * _OVER
    canvas = np.zeros((int(size[1]), int(size[0])), np.uint8)
    local = (curve * PX_PER_MM - low) * _OVER
    # A pen presses differently along the line.
    press = 1 + 0.25 * np.sin(np.linspace(0, np.pi, len(local)) + between(rng, -1, 1))
    for start, end, weight in zip(local[:-1], local[1:], press[1:], strict=True):
        cv2.line(
            canvas,
            _fixed(start),
            _fixed(end),
            255,
            max(1, round(width_px * _OVER * float(weight))),
            cv2.LINE_AA,
            _SHIFT_BITS,
        )
    small = cv2.resize(canvas, None, fx=1 / _OVER, fy=1 / _OVER, interpolation=cv2.INTER_AREA)
    coverage: Coverage = small.astype(np.float32) / 255
    paper.ink(coverage, int(low[0]), int(low[1]), hand.ink, rng)


def _fixed(point: Sequence[float] | Points) -> tuple[int, int]:
    return round(float(point[0]) * (1 << _SHIFT_BITS)), round(float(point[1]) * (1 << _SHIFT_BITS))


def _smooth(points: Points) -> Points:
    """Catmull-Rom through the points, ten steps to a stretch."""
    padded = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
    steps = np.linspace(0, 1, 10, endpoint=False)[:, None]
    parts = []
    for p0, p1, p2, p3 in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        parts.append(
            0.5
            * (
                2 * p1
                + (p2 - p0) * steps
                + (2 * p0 - 5 * p1 + 4 * p2 - p3) * steps**2
                + (3 * p1 - p0 - 3 * p2 + p3) * steps**3
            )
        )
    return np.vstack([*parts, points[-1:]])


def _lines(style: MarkStyle, rng: Rng) -> list[Points]:
    """Unit shapes round the origin, about 1 wide."""
    if style in (MarkStyle.RING, MarkStyle.REAL_RING):
        start, sweep = between(rng, -2.2, -1.2), between(rng, 5.9, 6.9)
        angles = start - np.linspace(0, sweep, 14)
        radius_x, radius_y = between(rng, 0.4, 0.55), between(rng, 0.38, 0.55)
        return [np.column_stack([radius_x * np.cos(angles), radius_y * np.sin(angles)])]
    if style in (MarkStyle.CROSS, MarkStyle.REAL_CROSS):
        reach = between(rng, 0.4, 0.6)
        return [
            np.array([[-reach, -reach], [0.02, 0.03], [reach, reach]]),
            np.array([[reach, -reach], [0.0, 0.0], [-reach, reach * between(rng, 0.8, 1.2)]]),
        ]
    if style is MarkStyle.SLASH:
        reach = between(rng, 0.45, 0.7)
        return [np.array([[reach, -reach], [0.0, 0.05], [-reach, reach]])]
    return [_tick(rng)]


def _tick(rng: Rng) -> Points:
    """A tick: short down-stroke, long up-stroke; sometimes rounded, flat or with a tail."""
    left = [-between(rng, 0.25, 0.55), between(rng, -0.25, 0.1)]
    foot = [between(rng, -0.2, 0.05), between(rng, 0.25, 0.5)]
    tip = [between(rng, 0.4, 1.05), -between(rng, 0.35, 0.95)]
    knee = [
        foot[0] + 0.45 * (tip[0] - foot[0]) + jitter(rng, 0.05),
        foot[1] + 0.5 * (tip[1] - foot[1]) + jitter(rng, 0.05),
    ]
    points = [left, [(left[0] + foot[0]) / 2, (left[1] + foot[1]) / 2 + 0.02], foot]
    if chance(rng, 0.7):  # a sharp foot: stay on the point
        points.append([foot[0] + 0.03, foot[1] - 0.03])
    return np.array([*points, knee, tip])


def _fill(paper: Paper, box: BoxMm, hand: MarkHand, rng: Rng) -> None:
    rows = max(5, round(box.h / 0.3))
    ys = np.linspace(box.y + 0.1 * box.h, box.bottom - 0.1 * box.h, rows)
    reach = between(rng, 0.38, 0.52) * box.w
    x = box.centre[0]
    points = [[x + (reach if n % 2 else -reach) + jitter(rng, 0.1), y] for n, y in enumerate(ys)]
    stroke(paper, np.array(points), hand, rng)


def _draw_real(
    paper: Paper,
    shape: Coverage,
    centre_mm: tuple[float, float],
    side_mm: float,
    hand: MarkHand,
    rng: Rng,
) -> None:
    scale = side_mm * hand.size * 1.15 * PX_PER_MM / max(shape.shape)
    coverage = bend(
        shape,
        scale=(scale * between(rng, 0.85, 1.15), scale * between(rng, 0.85, 1.15)),
        angle_deg=jitter(rng, 5),
        slant=jitter(rng, 0.1),
        wobble=0.02,
        rng=rng,
    )
    coverage = harden(coverage, between(rng, 0.3, 0.5))
    left = centre_mm[0] * PX_PER_MM - coverage.shape[1] / 2
    top = centre_mm[1] * PX_PER_MM - coverage.shape[0] / 2
    paper.ink(coverage, round(left), round(top), hand.ink, rng)


__all__ = [
    "MarkHand",
    "MarkStyle",
    "draw_mark",
    "fill_box",
    "invent_mark_hand",
    "strike_out",
    "stroke",
]
