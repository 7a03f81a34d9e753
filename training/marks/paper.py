"""The printed surroundings of a check box: drawn by ourselves, or cut from a rendered form."""

# ruff: noqa: PLR2004 - the numbers are shares of chance, each used once
from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

DRAW_PX_PER_MM = 24
MARGIN_MM = 6.5
"""What a drawing shows beyond the box on every side."""

LETTERS = (
    "はいいえ男女有無可否あなたのかんじゃ同意希望医療従事者等歳以上高齢施設基礎疾患腎臓病心肝血液"
    "出血免疫不全その他薬今日熱接種予定注射番号年月日0123456789・（）：、。～"
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """Print without handwriting.

    Attributes:
        gray: (H, W) float32, 0 black to 255 paper, at ``DRAW_PX_PER_MM``.
        left: x of the box's inner left edge in pixels.
        top: y of the box's inner top edge in pixels.
        width: inner width of the box in pixels.
        height: inner height of the box in pixels.
    """

    gray: NDArray[np.float32]
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class FormPrint:
    """A rendered official form with the places of its check boxes."""

    gray: NDArray[np.uint8]
    boxes: tuple[tuple[float, float, float, float], ...] = field(default=())


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    # Located, not imported: the package would pull in matplotlib, only its font is wanted.
    spec = find_spec("matplotlib_fontja")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("matplotlib-fontja is not installed")
    return ImageFont.truetype(str(Path(spec.origin).parent / "fonts" / "ipaexg.ttf"), size)


def write_print(gray: NDArray[np.float32], text: str, at: tuple[float, float], size: int) -> None:
    """Print ``text`` in black with its top-left corner ``at`` pixels (x, y)."""
    image = Image.new("L", (size * len(text) + 4, size + 8), 255)
    ImageDraw.Draw(image).text((0, 0), text, font=_font(size), fill=20)
    tile = np.asarray(image, np.float32)
    x, y = round(at[0]), round(at[1])
    height, width = gray.shape
    x0, x1 = max(x, 0), min(x + tile.shape[1], width)
    y0, y1 = max(y, 0), min(y + tile.shape[0], height)
    if x1 > x0 and y1 > y0:
        view = gray[y0:y1, x0:x1]
        np.minimum(view, tile[y0 - y : y1 - y, x0 - x : x1 - x], out=view)


def _rule(
    gray: NDArray[np.float32], box: tuple[float, float, float, float], wide_px: float, ink: int
) -> None:
    left, top, right, bottom = (round(v) for v in box)
    thick = max(1, round(wide_px))
    for x0, y0, x1, y1 in (
        (left - thick, top - thick, right + thick, top),
        (left - thick, bottom, right + thick, bottom + thick),
        (left - thick, top - thick, left, bottom + thick),
        (right, top - thick, right + thick, bottom + thick),
    ):
        gray[max(y0, 0) : max(y1, 0), max(x0, 0) : max(x1, 0)] = ink


def drawn_sheet(rng: Generator) -> Sheet:
    """A box with label, neighbours and table lines of our own."""
    scale = DRAW_PX_PER_MM
    size = rng.uniform(2.1, 4.5) * scale
    tall = size * rng.uniform(0.96, 1.04)
    margin = MARGIN_MM * scale
    gray = np.full((round(tall + 2 * margin), round(size + 2 * margin)), 255, np.float32)
    thick, ink = rng.uniform(0.06, 0.45) * scale, int(rng.uniform(0, 90))
    places = [(0.0, 0.0)]
    if rng.random() < 0.5:
        places.append((0.0, (size / scale + rng.uniform(1.3, 5)) * rng.choice([-1, 1]) * scale))
    if rng.random() < 0.3:
        places.append(((size / scale + rng.uniform(4, 12)) * rng.choice([-1, 1]) * scale, 0.0))
    for dx, dy in places:
        left, top = margin + dx, margin + dy
        _rule(gray, (left, top, left + size, top + tall), thick, ink)
        if rng.random() < 0.9:
            high = int(rng.uniform(2.4, 4) * scale)
            gap = rng.uniform(0.25, 3) * scale
            room = -dx - size - gap - 0.8 * scale if dx < 0 else 99 * scale
            text = "".join(rng.choice(list(LETTERS), int(rng.integers(1, 7))))
            text = text[: max(int(room // high), 0)]
            if text:
                write_print(
                    gray, text, (left + size + thick + gap, top + tall / 2 - high / 2), high
                )
    if rng.random() < 0.3:
        high = int(rng.uniform(2, 4) * scale)
        text = "".join(rng.choice(list(LETTERS), 8))
        below = rng.choice([-high - rng.uniform(1, 3) * scale, tall + rng.uniform(1, 3) * scale])
        write_print(gray, text, (rng.uniform(-3, 3) * scale, margin + below), high)
    table_lines(gray, rng, margin, (size, tall))
    return Sheet(gray, margin, margin, size, tall)


def table_lines(
    gray: NDArray[np.float32], rng: Generator, margin: float, size: tuple[float, float]
) -> None:
    """Rule a line or two past the box, as a table has them."""
    for axis in (0, 1):
        if rng.random() < 0.5:
            gap = rng.uniform(0.8, 4) * DRAW_PX_PER_MM
            length = size[1] if axis == 0 else size[0]
            at = round(margin - gap if rng.random() < 0.5 else margin + length + gap)
            wide = max(1, round(rng.uniform(0.08, 0.9) * DRAW_PX_PER_MM))
            if axis == 0:
                gray[max(at, 0) : max(at + wide, 0)] = 25
            else:
                gray[:, max(at, 0) : max(at + wide, 0)] = 25


def form_sheet(form: FormPrint, rng: Generator) -> Sheet:
    """One of the form's own boxes with what is printed round it."""
    scale = DRAW_PX_PER_MM
    x, y, w, h = form.boxes[int(rng.integers(len(form.boxes)))]
    left, top = round((x - MARGIN_MM) * scale), round((y - MARGIN_MM) * scale)
    high, wide = round((h + 2 * MARGIN_MM) * scale), round((w + 2 * MARGIN_MM) * scale)
    cut = form.gray[top : top + high, left : left + wide].astype(np.float32)
    return Sheet(cut, x * scale - left, y * scale - top, w * scale, h * scale)


def load_form(png: Path, boxes: tuple[tuple[float, float, float, float], ...]) -> FormPrint:
    """A form rendered at ``DRAW_PX_PER_MM`` (609.6 dpi) as a grey PNG.

    Raises:
        FileNotFoundError: the picture cannot be read.
    """
    gray = cv2.imread(str(png), cv2.IMREAD_GRAYSCALE)
    if gray is None:
        raise FileNotFoundError(png)
    return FormPrint(np.asarray(gray, np.uint8), boxes)
