"""Handwritten marks as pen strokes, drawn with chance in place of a hand.

Coordinates are in units of the printed box: (0, 0) is its top-left inner corner, (1, 1) its
bottom-right one, so that one shape fits every box size.
"""

# ruff: noqa: PLR2004 - the numbers are shares of chance, each used once
from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TypeAlias

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Points: TypeAlias = NDArray[np.float64]
"""(N, 2) pen positions in box units."""

Strokes: TypeAlias = list[Points]
Shape: TypeAlias = Callable[[Generator], Strokes]


def _at(*pairs: tuple[float, float]) -> Points:
    return np.array(pairs, np.float64)


def smooth(points: Points, rng: Generator, tremor: float = 0.02) -> Points:
    """Round the corners of a polyline as a moving hand does, and let the hand tremble a little."""
    dense = [points[:1]]
    for a, b in itertools.pairwise(points):
        count = max(2, int(np.hypot(*(b - a)) * 14))
        dense.append(a + (b - a) * np.linspace(0, 1, count + 1)[1:, None])
    line = np.vstack(dense)
    kernel = np.ones(int(rng.integers(1, 4)) * 2 - 1)
    kernel /= kernel.size
    pad = kernel.size // 2
    padded = np.pad(line, ((pad, pad), (0, 0)), mode="edge")
    line = np.stack([np.convolve(padded[:, i], kernel, "valid") for i in (0, 1)], axis=1)
    wobble = np.cumsum(rng.normal(0, tremor / 4, line.shape), axis=0)
    return line + wobble - wobble.mean(axis=0)


def tick(rng: Generator) -> Strokes:
    """A check mark whose corner lies in the box; its ends may lie far outside."""
    corner = np.array([rng.uniform(0.15, 0.8), rng.uniform(0.4, 1.08)])
    down = np.array([rng.uniform(0.05, 0.7), rng.uniform(0.1, 0.9)])
    up = np.array([rng.uniform(0.35, 2.0), rng.uniform(0.35, 2.2)])
    if rng.random() < 0.25:  # a hand that starts low: the corner hangs below the box
        corner[1] = rng.uniform(1.05, 1.5)
        down[1] = rng.uniform(0.3, 0.9)
        up[1] = corner[1] + rng.uniform(-0.55, 0.8)
        up[0] = min(up[0], rng.uniform(0.25, 1.1))
    if rng.random() < 0.2:  # a barb that comes from far left
        down *= rng.uniform(1.2, 2.0)
    if rng.random() < 0.25:  # nearly upright first leg
        down = np.array([rng.uniform(-0.1, 0.12), rng.uniform(0.5, 1.3)])
    return [np.vstack([corner - down, corner, corner + up * (1, -1)])]


def small_tick(rng: Generator) -> Strokes:
    """A check mark wholly inside the box."""
    size = rng.uniform(0.35, 0.75)
    at = rng.uniform(0.05, 0.95 - size, 2)
    shape = _at((0, rng.uniform(0.3, 0.7)), (rng.uniform(0.25, 0.5), 1), (1, rng.uniform(0, 0.3)))
    return [at + shape * size]


def cross(rng: Generator) -> Strokes:
    """Two crossing strokes."""
    half = rng.uniform(0.28, 0.85)
    centre = rng.normal(0.5, 0.1, 2)
    jitter = rng.normal(0, 0.1, (4, 2)) * half
    ends = _at((-1, -1), (1, 1), (1, -1), (-1, 1)) * half + jitter + centre
    return [ends[:2], ends[2:]]


def slash(rng: Generator) -> Strokes:
    """One slanted or upright stroke."""
    half = rng.uniform(0.3, 0.95)
    angle = rng.uniform(-0.3, 1.3) + (np.pi / 2 if rng.random() < 0.2 else 0)
    centre = rng.normal(0.5, 0.12, 2)
    way = np.array([np.cos(angle), -np.sin(angle)]) * half
    bend = rng.normal(0, 0.06, 2)
    return [np.vstack([centre - way, centre + bend, centre + way])]


def ellipse(rng: Generator, centre: Points, radii: Points) -> Points:
    """A hand-drawn ring that starts anywhere and need not close."""
    start = rng.uniform(0, 2 * np.pi)
    sweep = 2 * np.pi * rng.uniform(0.88, 1.25) * (-1 if rng.random() < 0.7 else 1)
    turn = np.linspace(start, start + sweep, 40)
    drift = np.linspace(1, rng.uniform(0.85, 1.15), 40)[:, None]
    return centre + np.stack([np.cos(turn), np.sin(turn)], 1) * radii * drift


def ring_inside(rng: Generator) -> Strokes:
    """A small circle in the box."""
    return [ellipse(rng, rng.normal(0.5, 0.08, 2), rng.uniform(0.2, 0.5, 2))]


def ring_round(rng: Generator) -> Strokes:
    """A circle drawn round the box."""
    radius = rng.uniform(0.68, 1.2)
    return [ellipse(rng, rng.normal(0.5, 0.1, 2), radius * rng.uniform(0.85, 1.2, 2))]


def triangle(rng: Generator) -> Strokes:
    """A triangle in or over the box."""
    half = rng.uniform(0.3, 0.7)
    corners = _at((0, -1), (-1, 0.9), (1, 0.9), (0, -1)) * half + rng.normal(0, 0.08, (4, 2))
    return [corners + rng.normal(0.5, 0.08, 2)]


def _zigzag(rng: Generator, box: tuple[float, float, float, float], passes: int) -> Points:
    left, top, right, bottom = box
    at = np.linspace(top, bottom, passes)
    points = []
    for i, y in enumerate(at):
        x = left if i % 2 == 0 else right
        points.append((x + rng.normal(0, 0.05), y + rng.normal(0, 0.03)))
    line = np.array(points)
    angle = rng.choice([0.0, np.pi / 2, np.pi / 4, -np.pi / 4]) + rng.normal(0, 0.15)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    centre = np.array([(left + right) / 2, (top + bottom) / 2])
    return (line - centre) @ turn.T + centre


def fill(rng: Generator) -> Strokes:
    """The box blackened by hatching that keeps to it."""
    half = rng.uniform(0.3, 0.52)
    box = (0.5 - half, 0.5 - half, 0.5 + half, 0.5 + half)
    return [_zigzag(rng, box, int(rng.integers(5, 14)))]


def blob(rng: Generator) -> Strokes:
    """A thick dot, a millimetre or more."""
    radius = rng.uniform(0.18, 0.4)
    turn = np.linspace(0, 2 * np.pi * rng.uniform(2, 4), 60)
    grow = np.linspace(0.1, 1, 60)[:, None] * radius
    return [rng.normal(0.5, 0.1, 2) + np.stack([np.cos(turn), np.sin(turn)], 1) * grow]


def heavy(rng: Generator) -> Strokes:
    """A tick or cross gone over two or three times: a sure mark, no deletion."""
    base = tick(rng) if rng.random() < 0.7 else cross(rng)
    again = int(rng.integers(1, 3))
    return base + [s + rng.normal(0, 0.05, s.shape) for _ in range(again) for s in base]


def beside(rng: Generator) -> Strokes:
    """A tick, cross or dot that misses the box by little, on the left, above or below."""
    shape = [small_tick, cross, small_tick, slash][int(rng.integers(4))](rng)
    middle = np.vstack(shape).mean(axis=0)
    places = ((-0.5, 0.5), (-0.5, 0.4), (0.4, -0.4), (0.5, 1.3), (1.25, 0.5))
    away = places[int(rng.integers(5))]
    target = np.array(away) + rng.normal(0, 0.1, 2)
    return [(s - middle) * 0.9 + target for s in shape]


def half_beside(rng: Generator) -> Strokes:
    """A mark of usual size that begins left of the box and ends over it, or near it."""
    shape = [tick, tick, cross, ring_inside, slash][int(rng.integers(5))](rng)
    away = np.array([rng.uniform(-0.95, -0.4), rng.normal(0.0, 0.2)])
    return [s * rng.uniform(0.8, 1.2) + away for s in shape]


MARKS: tuple[tuple[Shape, float], ...] = (
    (tick, 0.34), (small_tick, 0.1), (cross, 0.1), (slash, 0.07), (ring_inside, 0.05),
    (ring_round, 0.06), (triangle, 0.02), (fill, 0.08), (blob, 0.04), (heavy, 0.1),
    (beside, 0.05), (half_beside, 0.09),
)  # fmt: skip
"""Ways to mark a box and how often they are drawn."""


def double_line(rng: Generator) -> Strokes:
    """Two parallel strokes across the box and beyond it on both sides."""
    half = rng.uniform(0.7, 2.2)
    angle = rng.normal(0, 0.2) if rng.random() < 0.8 else rng.uniform(-0.9, 0.9)
    way = np.array([np.cos(angle), np.sin(angle)])
    across = np.array([-way[1], way[0]]) * rng.uniform(0.07, 0.24)
    centre = np.array([rng.uniform(0.3, 0.9), rng.normal(0.5, 0.12)])
    lines = []
    for side in (-1, 1):
        slip = rng.normal(0, 0.15, 2)
        lines.append(
            np.vstack(
                [centre + side * across - way * (half + slip[0]),
                 centre + side * across * rng.uniform(0.6, 1.3) + way * (half + slip[1])]
            )
        )  # fmt: skip
    return lines


def scribble(rng: Generator) -> Strokes:
    """A zigzag or coil that crosses out the box and reaches beyond it."""
    if rng.random() < 0.7:
        wide, high = rng.uniform(0.72, 1.3), rng.uniform(0.45, 1.0)
        box = (0.5 - wide, 0.5 - high, 0.5 + wide, 0.5 + high)
        return [_zigzag(rng, box, int(rng.integers(6, 16)))]
    turns = rng.uniform(3, 7)
    t = np.linspace(0, 2 * np.pi * turns, 120)
    along = np.linspace(-0.7, 0.7, 120) * rng.uniform(0.6, 1.4)
    radius = rng.uniform(0.45, 0.9)
    return [np.stack([0.5 + along + np.cos(t) * radius * 0.5, 0.5 + np.sin(t) * radius], 1)]


def blackout(rng: Generator) -> Strokes:
    """A dense scribble over the whole box and well beyond it."""
    wide, high = rng.uniform(0.8, 1.3, 2)
    box = (0.5 - wide, 0.5 - high, 0.5 + wide, 0.5 + high)
    return [_zigzag(rng, box, int(rng.integers(14, 26)))]


def passing(rng: Generator) -> Strokes:
    """A stroke that belongs elsewhere: the tail of a neighbour's tick that runs across this box.

    Its corner lies outside the picture or at a neighbour's place.
    """
    pick = rng.random()
    if pick < 0.35:  # from the box below, up across this one
        corner = np.array([rng.uniform(-0.3, 0.9), rng.uniform(1.9, 2.4)])
        end = np.array([rng.uniform(0.1, 2.2), rng.uniform(-0.8, 1.2)])
    elif pick < 0.6:  # from the left neighbour
        corner = np.array([rng.uniform(-5, -2.5), rng.uniform(0.3, 1.6)])
        end = np.array([rng.uniform(-0.6, 1.2), rng.uniform(-0.9, 0.6)])
    elif pick < 0.8:  # first leg of the right neighbour's tick
        corner = np.array([rng.uniform(2.6, 5), rng.uniform(0.5, 1.6)])
        end = np.array([rng.uniform(0.7, 2.0), rng.uniform(-0.8, 0.8)])
    else:  # a mark of the box above that hangs down
        corner = np.array([rng.uniform(-0.2, 1.2), rng.uniform(-0.75, -0.2)])
        end = corner + np.array([rng.uniform(0.6, 2), rng.uniform(-2.0, -0.8)])
    barb = corner - (rng.uniform(0.1, 0.6), rng.uniform(0.1, 0.7))
    return [np.vstack([barb, corner, end])]


def writing(rng: Generator) -> Strokes:
    """Scraps of somebody's writing near the box, at least a third of a box away from it."""
    away = rng.uniform(0.8, 1.4)
    sides = ((0.5, -away), (0.5, 1 + away), (-away, 0.5), (1 + away, 0.5))
    centre = np.array(sides[int(rng.integers(4))])
    strokes = []
    for _ in range(int(rng.integers(2, 6))):
        start = centre + rng.uniform(-0.35, 0.35, 2)
        strokes.append(np.vstack([start, start + rng.normal(0, 0.25, 2)]))
    return [s for s in strokes if _clear(s)]


def _clear(stroke: Points, gap: float = 0.3) -> bool:
    outside = (stroke < -gap) | (stroke > 1 + gap)
    return bool(outside.any(axis=1).all())


def paint(
    shape: tuple[int, int],
    strokes: Strokes,
    *,
    origin: tuple[float, float],
    box_px: tuple[float, float],
    width_px: float,
    rng: Generator,
) -> NDArray[np.float32]:
    """Ink coverage, 0 to 1, of ``strokes`` on a canvas.

    Args:
        shape: (H, W) of the canvas.
        strokes: in box units.
        origin: pixel (x, y) of the box's top-left inner corner.
        box_px: width and height of the box in pixels.
        width_px: mean pen width in pixels; pressure varies it along the stroke.
        rng: chance.
    """
    cover = np.zeros(shape, np.uint8)
    for stroke in strokes:
        line = smooth(stroke, rng) * np.array(box_px) + np.array(origin)
        if rng.random() < 0.5:
            cv2.polylines(
                cover, [np.round(line * 16).astype(np.int32)], False, 255,
                max(1, round(width_px)), cv2.LINE_AA, 4,
            )  # fmt: skip
            continue
        phase, depth = rng.uniform(0, 6), rng.uniform(0.1, 0.45)
        for i, (a, b) in enumerate(itertools.pairwise(line)):
            wide = width_px * (1 + depth * np.sin(phase + i * 0.15))
            ends = np.round(np.array([a, b]) * 16).astype(np.int32)
            cv2.line(cover, ends[0], ends[1], 255, max(1, round(wide)), cv2.LINE_AA, 4)
    return np.asarray(cover.astype(np.float32) / 255, np.float32)
