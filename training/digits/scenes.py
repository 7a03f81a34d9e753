# ruff: noqa: PLR2004  (the numbers are shares of a random mix)
"""Cells as a scanner sees them: strokes, rules, neighbours, paper, noise, compression."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ocr_service.domain.arrays import Gray, Mask
from ocr_service.imaging.ink import ink_mask
from ocr_service.imaging.rules import BOX_RULES, remove_rules
from ocr_service.recognizers.digits.prep import BoxPx
from training.digits.sources import CELL_HEIGHT, Strokes

PAGE_MARGIN = 12
"""Pixels by which the pipeline's windows reach beyond a cell."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A drawn cell: what ``prepare_cell`` takes."""

    gray: Gray
    ink: Mask
    box: BoxPx


def warped(strokes: Strokes, rng: Generator, *, strength: float = 1.0) -> Strokes:
    """The strokes turned, slanted, stretched and bent a little, with another pen width."""
    height, width = strokes.shape
    pad = max(height, width) // 3 + 4
    big = cv2.copyMakeBorder(strokes, pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=0)
    h, w = big.shape
    angle = np.deg2rad(rng.normal(0, 5.5) * strength)
    slant = rng.normal(0, 0.13) * strength
    stretch = np.exp(rng.normal(0, 0.11, 2) * strength)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = turn @ np.array([[1, slant], [0, 1]]) @ np.diag(stretch)
    ys, xs = np.mgrid[0:h, 0:w].astype(np.float32)
    bend_x, bend_y = (_bend((h, w), rng, strength * 0.028 * max(height, width)) for _ in range(2))
    cx, cy = (w - 1) / 2, (h - 1) / 2
    map_x = matrix[0, 0] * (xs - cx) + matrix[0, 1] * (ys - cy) + cx + bend_x
    map_y = matrix[1, 0] * (xs - cx) + matrix[1, 1] * (ys - cy) + cy + bend_y
    bent = cv2.remap(big, map_x.astype(np.float32), map_y.astype(np.float32), cv2.INTER_LINEAR)
    return _trimmed(_pen(bent, rng))


def _bend(shape: tuple[int, int], rng: Generator, amount: float) -> NDArray[np.float32]:
    coarse = rng.normal(0, 1, (5, 5)).astype(np.float32)
    return cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC) * amount


def _pen(strokes: Strokes, rng: Generator) -> Strokes:
    chance = rng.random()
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
    if chance < 0.3:
        return cv2.dilate(strokes, kernel, iterations=int(rng.integers(1, 3)))
    if chance < 0.5:
        thin = cv2.erode(strokes, np.ones((2, 2), np.uint8))
        return thin if thin.sum() > 0.45 * strokes.sum() else strokes
    return strokes


def _trimmed(strokes: Strokes) -> Strokes:
    mask = strokes > 0.2
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not rows.size:
        return strokes
    return strokes[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def resized(strokes: Strokes, height: float, widest: float) -> Strokes:
    """The strokes at ``height`` pixels, narrowed where they would be wider than ``widest``."""
    scale = height / strokes.shape[0]
    width = min(strokes.shape[1] * scale, widest)
    size = (max(round(width), 2), max(round(height), 2))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return cv2.resize(strokes, size, interpolation=how)


@dataclass(frozen=True, slots=True)
class Layout:
    """The empty sheet: canvas size and cell."""

    shape: tuple[int, int]
    box: BoxPx

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the cell."""
        left, top, right, bottom = self.box
        return right - left, bottom - top


def random_layout(rng: Generator) -> Layout:
    """A cell as registered pages give it, found to a few pixels; or any cell, a crop's say."""
    if rng.random() < 0.6:
        height, width = (CELL_HEIGHT, 60) if rng.random() < 0.7 else (89, 71)
        margin = PAGE_MARGIN
    else:
        height = round(CELL_HEIGHT * rng.uniform(0.85, 1.2))
        width = round(height * rng.uniform(0.68, 0.95))
        margin = int(rng.integers(4, 22))
    dx, dy, dw, dh = (int(v) for v in rng.integers(-2, 3, 4))
    box = (margin + dx, margin + dy, margin + dx + width + dw, margin + dy + height + dh)
    return Layout((height + 2 * margin, width + 2 * margin), box)


def place(sheet: Strokes, strokes: Strokes, centre: tuple[float, float]) -> None:
    """Lay ``strokes`` on ``sheet`` around ``centre`` (x, y); what falls off is lost."""
    h, w = strokes.shape
    x, y = round(centre[0] - w / 2), round(centre[1] - h / 2)
    x0, y0 = max(x, 0), max(y, 0)
    x1, y1 = min(x + w, sheet.shape[1]), min(y + h, sheet.shape[0])
    if x1 <= x0 or y1 <= y0:
        return
    target = sheet[y0:y1, x0:x1]
    np.maximum(target, strokes[y0 - y : y1 - y, x0 - x : x1 - x], out=target)


def place_in_cell(
    sheet: Strokes, strokes: Strokes, layout: Layout, share: float, rng: Generator
) -> None:
    """Write one sign into the cell: any place, sometimes over the rule."""
    width, height = layout.size
    tall = height * float(np.clip(share, 0.15, 1.12))
    sized = resized(strokes, tall, width * 1.1)
    left, top, right, bottom = layout.box
    free_x, free_y = max(width - sized.shape[1], 0), max(height - sized.shape[0], 0)
    over = rng.uniform(0.02, 0.16) if rng.random() < 0.25 else 0.0
    dx = rng.normal(0, 0.22) * free_x + rng.choice([-1, 1]) * over * width * rng.random()
    dy = rng.normal(0, 0.25) * free_y + rng.choice([-1, 1]) * over * height * rng.random()
    limit_x, limit_y = free_x / 2 + over * width, free_y / 2 + over * height
    centre = (
        (left + right) / 2 + float(np.clip(dx, -limit_x, limit_x)),
        (top + bottom) / 2 + float(np.clip(dy, -limit_y, limit_y)),
    )
    place(sheet, sized, centre)


def add_neighbour(sheet: Strokes, strokes: Strokes, layout: Layout, rng: Generator) -> None:
    """The digit of the cell beside, part of which is in the window."""
    width, height = layout.size
    side = 1 if rng.random() < 0.5 else -1
    pitch = width * rng.uniform(1.05, 1.25)
    left, top, right, bottom = layout.box
    sized = resized(strokes, height * rng.uniform(0.5, 1.0), width)
    # its near edge may reach over the rule, but not far into this cell
    near = (right if side > 0 else left) + side * rng.uniform(-0.1, 0.2) * width
    centre_x = near + side * sized.shape[1] / 2
    far = (left + right) / 2 + side * pitch
    centre_x = max(centre_x, far) if side < 0 and rng.random() < 0.5 else centre_x
    place(sheet, sized, (centre_x, (top + bottom) / 2 + rng.normal(0, 0.1) * height))


def rules(layout: Layout, rng: Generator) -> Strokes:
    """The printed box just outside the cell, solid, dashed or dotted, and often its neighbours."""
    sheet = np.zeros(layout.shape, np.float32)
    left, top, right, bottom = layout.box
    thick = int(rng.integers(1, 5))
    style = rng.choice(["solid", "dashed", "dotted"], p=[0.7, 0.15, 0.15])
    off = rng.integers(-1, 3, 4)
    box = (left - off[0], top - off[1], right + off[2], bottom + off[3])
    _frame(sheet, box, thick)
    if rng.random() < 0.6:
        pitch = right - left + int(rng.integers(2, 6)) + 2 * thick
        for way in (-1, 1):
            _frame(sheet, (box[0] + way * pitch, box[1], box[2] + way * pitch, box[3]), thick)
    elif rng.random() < 0.3:  # rules of a table: they run on
        for x in (box[0] - thick, box[2]):
            sheet[:, max(x, 0) : max(x + thick, 0)] = 1
    if style != "solid":
        step = int(rng.integers(4, 12)) if style == "dashed" else int(rng.integers(2, 5))
        ys, xs = np.mgrid[0 : sheet.shape[0], 0 : sheet.shape[1]]
        sheet[((xs // step + ys // step) % 2) == 0] = 0
    return sheet


def _frame(sheet: Strokes, box: BoxPx, thick: int) -> None:
    left, top, right, bottom = (int(v) for v in box)
    for y in (top - thick, bottom):
        sheet[max(y, 0) : max(y + thick, 0), max(left - thick, 0) : max(right + thick, 0)] = 1
    for x in (left - thick, right):
        sheet[max(top - thick, 0) : max(bottom + thick, 0), max(x, 0) : max(x + thick, 0)] = 1


def scan(hand: Strokes, ruled: Strokes, layout: Layout, rng: Generator) -> Scene:
    """Print, write and scan; then take the ink out the way the service does, faults included.

    Args:
        hand: what a person wrote.
        ruled: the printed box, zeros where the form has none.
        layout: the sheet.
        rng: chance.
    """
    paper = rng.uniform(215, 255)
    pencil = rng.random() < 0.25
    pen = rng.uniform(95, 165) if pencil else rng.uniform(0, 100)
    strength = hand * (_grain(hand.shape, rng) if pencil else 1.0)
    gray = paper - (paper - pen) * strength
    gray = np.minimum(gray, paper - (paper - rng.uniform(0, 150)) * ruled)
    degraded = _degraded(gray.astype(np.float32), paper, rng)
    if rng.random() < 0.55:
        return Scene(degraded, _ink_of_the_service(degraded, layout.box), layout.box)
    threshold = paper - (paper - pen) * rng.uniform(0.3, 0.55)
    ink = degraded < min(threshold, paper - 20)
    return Scene(degraded, _without_rules(ink, hand, ruled, rng), layout.box)


def _ink_of_the_service(gray: Gray, box: BoxPx) -> Mask:
    """What the pipeline gives the reader for this window."""
    left, top, right, bottom = box
    within = (slice(top + 4, bottom - 4), slice(left + 4, right - 4))
    return remove_rules(ink_mask(gray, within=within), box, BOX_RULES)


def _grain(shape: tuple[int, ...], rng: Generator) -> NDArray[np.float32]:
    return np.clip(rng.normal(0.85, 0.2, shape), 0.25, 1).astype(np.float32)


def _degraded(gray: NDArray[np.float32], paper: float, rng: Generator) -> Gray:
    image = gray
    if rng.random() < 0.7:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.3, 1.4))
    if rng.random() < 0.3:
        h, w = image.shape
        scale = rng.uniform(0.45, 0.8)
        small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        how = cv2.INTER_NEAREST if rng.random() < 0.3 else cv2.INTER_LINEAR
        image = cv2.resize(small, (w, h), interpolation=how)
    image = _dirty(image * _light(image.shape, rng), rng)
    noisiest = 16 if rng.random() < 0.3 else 6
    image = image + rng.normal(0, rng.uniform(0, noisiest), image.shape).astype(np.float32)
    if rng.random() < 0.14:  # a fax, or a scanner set to black and white
        limit = paper * rng.uniform(0.62, 0.84)
        return np.where(image < limit, 0, 255).astype(np.uint8)
    done = np.clip(image, 0, 255).astype(np.uint8)
    if rng.random() < 0.35:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(35, 90))]
        done = cv2.imdecode(cv2.imencode(".jpg", done, quality)[1], cv2.IMREAD_GRAYSCALE)
    return done


def _light(shape: tuple[int, ...], rng: Generator) -> NDArray[np.float32]:
    """Uneven light, and now and then the edge of a stain."""
    field = np.ones(shape, np.float32)
    if rng.random() < 0.3:
        coarse = (1 - rng.uniform(0.02, 0.2) * rng.random((2, 2))).astype(np.float32)
        field = cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)
    if rng.random() < 0.06:
        blot = np.ones(shape, np.float32)
        centre = (int(rng.uniform(-1, 2) * shape[1]), int(rng.uniform(-1, 2) * shape[0]))
        radius = int(rng.uniform(30, 160))
        width = int(rng.integers(8, 40)) if rng.random() < 0.7 else -1
        cv2.circle(blot, centre, radius, float(rng.uniform(0.6, 0.9)), width)
        field = field * cv2.blur(blot, (9, 9))
    return field


def _dirty(image: NDArray[np.float32], rng: Generator) -> NDArray[np.float32]:
    """Streaks of a dirty scanner glass and specks of dust."""
    height, width = image.shape
    if rng.random() < 0.12:
        for _ in range(int(rng.integers(1, 3))):
            x = int(rng.integers(width))
            image[:, x : x + int(rng.integers(1, 3))] *= rng.uniform(0.45, 0.88)
    if rng.random() < 0.25:
        for _ in range(int(rng.integers(1, 4))):
            at = (int(rng.integers(width)), int(rng.integers(height)))
            axes = (int(rng.integers(1, 4)), int(rng.integers(1, 3)))
            shade = float(rng.uniform(20, 170))
            cv2.ellipse(image, at, axes, float(rng.uniform(0, 180)), 0, 360, shade, -1)
    return image


def _without_rules(ink: Mask, hand: Strokes, ruled: Strokes, rng: Generator) -> Mask:
    """Rule removal as it fails in practice: nicked strokes, stretches of rule left."""
    if not ruled.any():
        return ink
    band = cv2.dilate((ruled > 0).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    chance = rng.random()
    if chance < 0.3:
        return ink  # not removed at all
    written = cv2.dilate((hand > 0.4).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    gone = band if rng.random() < 0.4 else band & ~written
    if chance < 0.6:
        patches = cv2.resize(
            (rng.random((4, 4)) < 0.5).astype(np.uint8),
            (ink.shape[1], ink.shape[0]),
            interpolation=cv2.INTER_NEAREST,
        )
        gone = gone & (patches > 0)
    return ink & ~gone
