"""A scanned page prepared for registration: brought to working scale, with a small copy."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_service.domain.arrays import Gray
from ocr_service.domain.geometry import CANVAS_PX_PER_MM
from ocr_service.forms.model import PageSpec
from ocr_service.imaging.shrink import shrunk

THUMB_PX_PER_MM = 4.0
_REDUCE_ABOVE = 1.4 * CANVAS_PX_PER_MM
_PAPER_MM = 14.0  # wider than any mark, so that paper shows somewhere within
_PAPER_FLOOR = 60
_MM_PER_INCH = 25.4
_SAME_SCALE = 0.06


@dataclass(frozen=True, slots=True)
class Scene:
    """What registration looks at.

    Attributes:
        gray: the page, shrunk to about ``CANVAS_PX_PER_MM`` if it was finer.
        shrink: ``gray`` pixels per scan pixel, at most 1.
        px_per_mm: assumed scale of ``gray``.
        darkness: small copy, (h, w) float32: 0 = paper, 1 = black, uneven light taken out.
        thumb: ``darkness`` pixels per ``gray`` pixel.
        contrast: how much darker print is than paper, 0 to 1.
    """

    gray: Gray
    shrink: float
    px_per_mm: float
    darkness: NDArray[np.float32]
    thumb: float
    contrast: float


def scale_guesses(gray: Gray, dpi: float, page: PageSpec) -> tuple[float, ...]:
    """Pixels a millimetre that the scan may have, likeliest first.

    A page that fills the picture tells its scale; a sheet on a larger scanner bed, or a cropped
    scan, does not, but then the file's dpi does.
    """
    long_px, short_px = max(gray.shape), min(gray.shape)
    long_mm = max(page.width_mm, page.height_mm)
    short_mm = min(page.width_mm, page.height_mm)
    told = [dpi / _MM_PER_INCH] if dpi else []
    guesses: list[float] = []
    for guess in (*told, long_px / long_mm, short_px / short_mm):
        if all(abs(guess / known - 1) > _SAME_SCALE for known in guesses):
            guesses.append(guess)
    return tuple(guesses)


def make_scene(gray: Gray, px_per_mm: float) -> Scene:
    """Prepare a scan whose scale is about ``px_per_mm``."""
    shrink = 1.0
    if px_per_mm > _REDUCE_ABOVE:
        shrink = CANVAS_PX_PER_MM / px_per_mm
        gray = _resized(gray, shrink)
    scale = px_per_mm * shrink
    thumb = min(1.0, THUMB_PX_PER_MM / scale)
    small = shrunk(gray, thumb)
    darkness = _darkness(small, scale * thumb)
    ink = float(np.percentile(darkness[::2, ::2], 99.5))  # a quarter of the pixels tells as much
    return Scene(gray, shrink, scale, darkness, thumb, max(ink, 0.1))


def _resized(gray: Gray, factor: float) -> Gray:
    height, width = gray.shape
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return cv2.resize(gray, size, interpolation=cv2.INTER_AREA)


def _darkness(small: Gray, px_per_mm: float) -> NDArray[np.float32]:
    """How much darker than the paper around it each pixel is."""
    tiny_scale = 1.0 / px_per_mm  # to one pixel a millimetre
    tiny = _resized(small, min(1.0, tiny_scale))
    reach = max(3, round(_PAPER_MM) | 1)
    paper = cv2.dilate(cv2.medianBlur(tiny, 3), np.ones((reach, reach), np.uint8))
    paper = cv2.blur(paper, (reach, reach))
    paper = cv2.resize(paper, small.shape[::-1], interpolation=cv2.INTER_LINEAR)
    level = np.maximum(paper, _PAPER_FLOOR).astype(np.float32)
    return np.clip(1.0 - small.astype(np.float32) / level, 0.0, 1.0)


def onto_scan(scene: Scene, to_gray: NDArray[np.float64]) -> NDArray[np.float64]:
    """A map from page millimetres to ``scene.gray`` pixels, led on to scan pixels.

    Pixel centres lie at whole numbers, so shrinking moves them by half a pixel.
    """
    grow = 1.0 / scene.shrink
    half = 0.5 * grow - 0.5
    return np.array([[grow, 0.0, half], [0.0, grow, half], [0.0, 0.0, 1.0]]) @ to_gray


__all__ = ["Scene", "make_scene", "onto_scan", "scale_guesses"]
