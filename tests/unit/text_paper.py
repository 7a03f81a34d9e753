"""Lines of print on bare paper, for tests of the text readers."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ocr_service.domain.arrays import Gray

PX = 12
MARGIN_MM = 1.0


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """The Japanese font the service draws its own prints with."""
    spec = importlib.util.find_spec("matplotlib_fontja")
    assert spec is not None
    assert spec.origin is not None
    return ImageFont.truetype(str(Path(spec.origin).parent / "fonts" / "ipaexg.ttf"), size)


def paper(width_mm: float, height_mm: float) -> Gray:
    """A window of bare paper: the box and the margin around it."""
    shape = (round((height_mm + 2 * MARGIN_MM) * PX), round((width_mm + 2 * MARGIN_MM) * PX))
    return np.full(shape, 238, np.uint8)


def write(gray: Gray, text: str, *, x_mm: float, y_mm: float, size_mm: float) -> Gray:
    """``text`` in print, its top left at millimetres of the box."""
    image = Image.fromarray(gray)
    place = ((x_mm + MARGIN_MM) * PX, (y_mm + MARGIN_MM) * PX)
    ImageDraw.Draw(image).text(place, text, font=font(round(size_mm * PX)), fill=40)
    return np.asarray(image, dtype=np.uint8).copy()
