"""Draws boxes, marks and what is no mark, for tests of the mark reader."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from ocr_service.domain.arrays import Gray
from ocr_service.domain.field import FieldReading
from ocr_service.domain.geometry import BoxMm
from ocr_service.forms.fields import ChoiceField, FlagField, Label, MarkKind, Option
from ocr_service.recognizers.base import CropPart, FieldCrop
from ocr_service.recognizers.marks.reader import MarkReader

Draw = Callable[[Gray], None]
"""Draws on the pixels of a box."""

PX = 12


SIDE = 3.1


MARGIN = 3.0
"""Window of one option: a box of 3.1 mm in the middle of 9.1 mm."""


def at(x: float, y: float) -> tuple[int, int]:
    """Pixel of a place in units of the box's side, (0, 0) its top-left corner."""
    return round((MARGIN + x * SIDE) * PX), round((MARGIN + y * SIDE) * PX)


def line(gray: Gray, *points: tuple[float, float], ink: int = 50, width_mm: float = 0.4) -> None:
    """A pen stroke through points in units of the box."""
    path = np.array([at(*p) for p in points], np.int32)
    cv2.polylines(gray, [path], False, ink, max(1, round(width_mm * PX)), cv2.LINE_AA)


def printed_box() -> Gray:
    """A box of 0.3 mm rule with a label of print on its right."""
    gray = np.full((round((SIDE + 2 * MARGIN) * PX),) * 2, 247, np.uint8)
    cv2.rectangle(gray, at(-0.04, -0.04), at(1.04, 1.04), 40, 4)
    for x in (1.55, 1.85):
        line(gray, (x, 0.2), (x, 0.85), ink=30, width_mm=0.25)
        line(gray, (x + 0.1, 0.3), (x + 0.25, 0.45), ink=30, width_mm=0.25)
    return gray


def tick(gray: Gray) -> None:
    line(gray, (0.15, 0.45), (0.45, 0.85), (1.1, -0.2))


def long_tick(gray: Gray) -> None:
    line(gray, (-0.5, 0.1), (0.4, 0.8), (1.9, -0.8))


def upright_tick(gray: Gray) -> None:
    line(gray, (0.3, -0.4), (0.32, 0.8), (1.3, 0.1))


def pencil_tick(gray: Gray) -> None:
    line(gray, (0.15, 0.45), (0.45, 0.85), (1.1, -0.2), ink=185, width_mm=0.25)


def heavy_tick(gray: Gray) -> None:
    for shift in (0.0, 0.07):
        line(gray, (0.1, 0.4 + shift), (0.45, 0.85), (1.2, -0.3 + shift), ink=10, width_mm=1.0)


def cross(gray: Gray) -> None:
    line(gray, (0.0, 0.05), (1.0, 0.95))
    line(gray, (1.0, 0.0), (0.05, 1.0))


def ring(gray: Gray) -> None:
    cv2.ellipse(gray, at(0.5, 0.5), (31, 30), 0, 0, 355, 60, 5, cv2.LINE_AA)


def filled(gray: Gray) -> None:
    cv2.rectangle(gray, at(0.06, 0.05), at(0.95, 0.96), 30, -1)


def double_line(gray: Gray) -> None:
    for y in (0.38, 0.62):
        line(gray, (-0.75, y), (1.8, y + 0.03), width_mm=0.3)


def scribble(gray: Gray) -> None:
    points = [(-0.5 + 0.14 * n, -0.35 if n % 2 else 1.35) for n in range(15)]
    line(gray, *points, ink=40, width_mm=0.45)


def blackout(gray: Gray) -> None:
    points = [(-0.6 if n % 2 else 1.6, -0.5 + 0.09 * n) for n in range(23)]
    line(gray, *points, ink=20, width_mm=0.6)


def both(*draws: Draw) -> Draw:
    def draw(gray: Gray) -> None:
        for one in draws:
            one(gray)

    return draw


def untouched(gray: Gray) -> None:
    del gray


def tail_from_below(gray: Gray) -> None:
    """The neighbour below is ticked; its tail runs past this box."""
    line(gray, (0.3, 2.1), (0.6, 2.4), (1.3, 0.75))


def streak(gray: Gray) -> None:
    gray[:, 58:61] = 120


def stain(gray: Gray) -> None:
    shade = np.zeros(gray.shape, np.float32)
    cv2.circle(shade, at(0.6, 0.7), 40, 40.0, -1)
    gray[:] = np.clip(gray - cv2.GaussianBlur(shade, (0, 0), 9), 0, 255).astype(np.uint8)


def part(draw: Draw, key: str = "yes", x_mm: float = 0.0, blank: Gray | None = None) -> CropPart:
    gray = printed_box()
    draw(gray)
    window = BoxMm(x_mm, 0, gray.shape[1] / PX, gray.shape[0] / PX)
    box = BoxMm(x_mm + MARGIN, MARGIN, SIDE, SIDE)
    return CropPart(key, box, window, gray, np.zeros(gray.shape, np.bool_), blank)


def choice(
    reader: MarkReader, *draws: Draw, multiple: bool = False, mark: MarkKind = MarkKind.CHECKBOX
) -> FieldReading:
    keys = ("yes", "no", "other", "more")[: len(draws)]
    parts = tuple(part(d, k, 12.0 * n) for n, (d, k) in enumerate(zip(draws, keys, strict=True)))
    label = Label(ja="問", en="Question")
    options = tuple(Option(value=p.key, label=label, box=p.box) for p in parts)
    spec = ChoiceField(
        key="q", kind="choice", label=label, mark=mark, multiple=multiple, options=options
    )
    return reader.read(FieldCrop(spec, spec.box, np.zeros((4, 2)), parts))


def flag(reader: MarkReader, crop_part: CropPart, mark: MarkKind = MarkKind.FILL) -> FieldReading:
    spec = FlagField(
        key="f", kind="flag", label=Label(ja="旗", en="Flag"), mark=mark, box=crop_part.box
    )
    return reader.read(FieldCrop(spec, spec.box, np.zeros((4, 2)), (crop_part,)))
