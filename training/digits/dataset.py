# ruff: noqa: PLR2004  (the numbers are shares of a random mix)
"""The training mix: digits, empty cells and what is neither."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ocr_service.recognizers.digits.classes import EMPTY, REJECT
from ocr_service.recognizers.digits.prep import SIDE, prepare_cell
from training.digits.scenes import (
    Layout,
    Scene,
    add_neighbour,
    place,
    place_in_cell,
    random_layout,
    resized,
    rules,
    scan,
    warped,
)
from training.digits.sources import Glyph, RealCrop, Strokes, crop_box, ink_of

# A drawn digit of which the simulated scan keeps less than this is drawn again.
_LEGIBLE = 0.45
# 1 with a flag and 7 without its serif are what writers tell apart least: show more of both.
_SHARES = np.where(np.isin(np.arange(10), (1, 7)), 1.5, 1.0) / 11


@dataclass(frozen=True, slots=True)
class Pool:
    """Everything a training cell can be made of, by digit where it is one."""

    crops: list[list[RealCrop]]
    real: list[list[Glyph]]
    mnist: list[list[Glyph]]
    fonts: list[list[Glyph]]
    signs: list[Strokes]
    marks: list[Strokes]
    specks: list[RealCrop]


def by_digit(glyphs: list[Glyph]) -> list[list[Glyph]]:
    """Glyphs sorted into ten lists."""
    return [[g for g in glyphs if g.digit == digit] for digit in range(10)]


def make(pool: Pool, count: int, seed: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """``count`` cells as (count, 2, SIDE, SIDE) uint8 views and their classes."""
    rng = np.random.default_rng(seed)
    views = np.zeros((count, 2, SIDE, SIDE), np.uint8)
    labels = np.zeros(count, np.int64)
    for i in range(count):
        scene, labels[i] = _one(pool, rng)
        views[i] = _bytes(scene)
    return views, labels


def make_digits(pool: Pool, count: int, seed: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The same of real digits only, faxed or drawn anew on another form: for calibration."""
    rng = np.random.default_rng(seed)
    only = replace(pool, mnist=pool.real, fonts=pool.real)
    views = np.zeros((count, 2, SIDE, SIDE), np.uint8)
    labels = rng.integers(0, 10, count)
    for i, digit in enumerate(labels.tolist()):
        faxed = rng.random() < 0.5
        scene = (
            _as_faxed(_pick(pool.crops[digit], rng), rng) if faxed else _composed(only, digit, rng)
        )
        views[i] = _bytes(scene)
    return views, labels


def _bytes(scene: Scene) -> NDArray[np.uint8]:
    views = prepare_cell(scene.gray, scene.ink, scene.box).views
    return np.rint(views * 255).astype(np.uint8)


def _one(pool: Pool, rng: Generator) -> tuple[Scene, int]:
    chance = rng.random()
    if chance < 0.07:
        return _empty(pool, rng), EMPTY
    if chance < 0.15:
        return _no_digit(pool, rng), REJECT
    digit = int(rng.choice(10, p=_SHARES))
    if chance < 0.38:
        return _as_faxed(_pick(pool.crops[digit], rng), rng), digit
    return _composed(pool, digit, rng), digit


def _pick(items, rng: Generator):
    return items[int(rng.integers(len(items)))]


def _glyph(pool: Pool, digit: int, rng: Generator) -> tuple[Strokes, float]:
    chance = rng.random()
    source = pool.real if chance < 0.64 else pool.mnist if chance < 0.8 else pool.fonts
    glyph = _pick(source[digit], rng)
    if source is pool.real:
        return warped(glyph.strokes, rng), glyph.share * float(np.exp(rng.normal(0.05, 0.2)))
    return warped(glyph.strokes, rng), float(rng.uniform(0.3, 1.02))


def _sheet(rng: Generator) -> tuple[Layout, Strokes, Strokes]:
    layout = random_layout(rng)
    hand = np.zeros(layout.shape, np.float32)
    ruled = rules(layout, rng) if rng.random() < 0.65 else np.zeros(layout.shape, np.float32)
    return layout, hand, ruled


def _composed(pool: Pool, digit: int, rng: Generator) -> Scene:
    while True:
        layout, hand, ruled = _sheet(rng)
        strokes, share = _glyph(pool, digit, rng)
        place_in_cell(hand, strokes, layout, share, rng)
        drawn = hand > 0.5
        _maybe_neighbour(pool, hand, layout, rng)
        scene = scan(hand, ruled, layout, rng)
        if _legible(scene, drawn):
            return scene


def _legible(scene: Scene, drawn: NDArray[np.bool_]) -> bool:
    paper, level = float(np.median(scene.gray)), float(np.percentile(scene.gray[drawn], 20))
    dark = scene.gray[drawn] < (paper + level) / 2
    return paper - level > 12 and float(dark.mean()) >= _LEGIBLE


def _maybe_neighbour(pool: Pool, hand: Strokes, layout: Layout, rng: Generator) -> None:
    if rng.random() < 0.25:
        strokes, _ = _glyph(pool, int(rng.integers(10)), rng)
        add_neighbour(hand, strokes, layout, rng)


def _as_faxed(crop: RealCrop, rng: Generator) -> Scene:
    """A real crop with its own rules, moved and distorted a little."""
    height, width = crop.gray.shape
    scale = rng.uniform(0.85, 1.4)
    angle, slant = rng.normal(0, 2.5), rng.normal(0, 0.06)
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    matrix[0, 1] += slant
    matrix[0, 2] -= slant * height / 2
    matrix[:, 2] += rng.normal(0, 1.2, 2)
    moved = cv2.warpAffine(crop.gray, matrix, (width, height), borderValue=255)
    stretch = np.exp(rng.normal(0, 0.06, 2))
    gray = cv2.resize(moved, None, fx=scale * stretch[0], fy=scale * stretch[1])
    if rng.random() < 0.5:
        gray = cv2.GaussianBlur(gray, (0, 0), rng.uniform(0.3, 1.2))
    if rng.random() < 0.2:
        kernel = np.ones((2, 2), np.uint8)
        gray = cv2.erode(gray, kernel) if rng.random() < 0.6 else cv2.dilate(gray, kernel)
    return Scene(gray, ink_of(gray), crop_box(gray, rng.uniform(0.02, 0.08)))


def _empty(pool: Pool, rng: Generator) -> Scene:
    if rng.random() < 0.1:
        return _as_faxed(_pick(pool.specks, rng), rng)
    layout, hand, ruled = _sheet(rng)
    _maybe_neighbour(pool, hand, layout, rng)
    left, top, right, bottom = layout.box
    for _ in range(int(rng.integers(0, 4))):
        x, y = int(rng.integers(left, right)), int(rng.integers(top, bottom))
        cv2.circle(hand, (x, y), int(rng.integers(0, 3)), float(rng.uniform(0.4, 1)), -1)
    scene = scan(hand, ruled, layout, rng)
    if rng.random() < 0.3:  # a threshold that let paper noise through
        noise = rng.random(scene.ink.shape) < rng.uniform(0, 0.05)
        return Scene(scene.gray, scene.ink | noise, scene.box)
    return scene


def _no_digit(pool: Pool, rng: Generator) -> Scene:
    layout, hand, ruled = _sheet(rng)
    kind = rng.choice(
        ["sign", "mark", "two", "struck", "scribble", "black"],
        p=[0.33, 0.14, 0.18, 0.2, 0.11, 0.04],
    )
    share = float(rng.uniform(0.4, 1.0))
    if kind == "sign":
        place_in_cell(hand, warped(_pick(pool.signs, rng), rng), layout, share, rng)
    elif kind == "mark":
        place_in_cell(hand, warped(_pick(pool.marks, rng), rng), layout, share, rng)
    elif kind == "two":
        _two_digits(pool, hand, layout, rng)
    elif kind == "struck":
        strokes, share = _glyph(pool, int(rng.integers(10)), rng)
        place_in_cell(hand, strokes, layout, max(share, 0.4), rng)
        _strike(hand, layout, rng)
    elif kind == "scribble":
        _scribble(hand, layout, rng)
    else:
        hand[:] = 1
    return scan(hand, ruled, layout, rng)


def _two_digits(pool: Pool, hand: Strokes, layout: Layout, rng: Generator) -> None:
    width, height = layout.size
    left, top, right, bottom = layout.box
    tall = height * rng.uniform(0.35, 0.75)
    for side in (-1, 1):
        strokes, _ = _glyph(pool, int(rng.integers(10)), rng)
        sized = resized(strokes, tall, width * 0.46)
        shift = side * width * rng.uniform(0.2, 0.27)
        y = (top + bottom) / 2 + rng.normal(0, 0.08) * height
        place(hand, sized, ((left + right) / 2 + shift, y))


def _strike(hand: Strokes, layout: Layout, rng: Generator) -> None:
    """Two lines or a zigzag through the digit; a single bar would be somebody's 7 or zero."""
    rows, columns = np.flatnonzero(hand.any(axis=1)), np.flatnonzero(hand.any(axis=0))
    x0, x1, y0, y1 = columns[0], columns[-1], rows[0], rows[-1]
    width, height = layout.size
    x0, x1 = min(x0, x1 - width // 3), max(x1, x0 + width // 3)
    thick = int(rng.integers(2, 5))
    if rng.random() < 0.5:
        for y in np.linspace(y0 + 0.3 * (y1 - y0), y0 + 0.7 * (y1 - y0), int(rng.integers(2, 4))):
            tilt = rng.normal(0, 0.12) * height
            ends = (int(x0 - 4), int(y + tilt)), (int(x1 + 4), int(y - tilt))
            cv2.line(hand, *ends, 1.0, thick, cv2.LINE_AA)
        return
    turns = int(rng.integers(5, 10))
    xs = np.linspace(x0 - 3, x1 + 3, turns)
    ys = np.where(np.arange(turns) % 2 == 0, y0, y1) + rng.normal(0, 3, turns)
    points = np.stack([xs, ys], axis=1).round().astype(np.int32)
    cv2.polylines(hand, [points], False, 1.0, thick, cv2.LINE_AA)


def _scribble(hand: Strokes, layout: Layout, rng: Generator) -> None:
    left, top, right, bottom = layout.box
    count = int(rng.integers(8, 22))
    xs, ys = rng.uniform(left, right, count), rng.uniform(top, bottom, count)
    points = np.stack([xs, ys], axis=1).round().astype(np.int32)
    cv2.polylines(hand, [points], False, 1.0, int(rng.integers(2, 6)), cv2.LINE_AA)
