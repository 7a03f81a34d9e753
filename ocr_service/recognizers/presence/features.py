"""How much writing or stamping there is in an area, once dirt and print are taken away."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_service.domain.arrays import Gray, Mask
from ocr_service.recognizers.base import CropPart
from ocr_service.recognizers.marks.features import box_px, paper_level

SPECK_MM = 0.9
"""Isolated dots up to this size are dust."""

_BACKGROUND_MM = 2.6
_CALM_MM = 0.08
_LEAST_DARKNESS = 10.0
_SEED_FACTOR = 1.5
_MOST_TILT = 0.09  # five degrees
_TILTS = 15
_WIDEST_STROKE_MM = 2.2
_PALE = 100.0  # grey levels darker than the paper
_EDGE_SIGMA_PX = 1.5
_SOFTEST_EDGE = 0.085  # steepness a pixel over darkness: 0.07 in a stain, 0.13 to 0.3 in strokes
_EDGE_MM = 0.7
_BLANK_GROW_PX = 7


@dataclass(frozen=True, slots=True)
class InkMeasure:
    """What is left in an area after specks, streaks, printed rules and known print are gone.

    Attributes:
        area_mm2: dark area.
        width_mm: width of the rectangle round it.
        height_mm: height of that rectangle.
        contrast: median darkness of the ink against the paper round it, 0 to 1.
    """

    area_mm2: float
    width_mm: float
    height_mm: float
    contrast: float


def _background(gray: Gray, px_per_mm: float) -> NDArray[np.float32]:
    """The paper's brightness at every pixel; soft stains and shading belong to it."""
    side = max(3, round(_BACKGROUND_MM * px_per_mm / 4) | 1)
    small = cv2.resize(gray, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    smooth = cv2.blur(closed, (3, 3))
    return cv2.resize(smooth, gray.shape[::-1], interpolation=cv2.INTER_LINEAR).astype(np.float32)


def _noise(darker: NDArray[np.float32]) -> float:
    """Level that the paper's own grain reaches, in grey levels; ink is taken to be the minority."""
    paper = darker[darker < np.percentile(darker, 70)]
    if paper.size == 0:
        return 0.0
    middle = float(np.median(paper))
    spread = 1.4826 * float(np.median(np.abs(paper - middle)))
    return middle + 4.5 * spread


def darkness(gray: Gray, px_per_mm: float) -> NDArray[np.float32]:
    """How much darker every pixel is than the paper round it, in grey levels; grain is 0.

    Weak pixels count only where they touch a clearly darker one.
    """
    calm = cv2.GaussianBlur(gray, (0, 0), _CALM_MM * px_per_mm)
    darker = np.asarray(_background(calm, px_per_mm) - calm, np.float32)
    floor = max(_LEAST_DARKNESS, 0.05 * paper_level(gray), _noise(darker))
    weak = darker > floor
    count, labels = cv2.connectedComponents(weak.astype(np.uint8), connectivity=8)
    seeded = np.zeros(count, np.bool_)
    seeded[np.unique(labels[darker > _SEED_FACTOR * floor])] = True
    seeded[0] = False
    return np.where(seeded[labels], darker, 0).astype(np.float32)


def _lines(fat: NDArray[np.uint8], length: int) -> NDArray[np.uint8]:
    """Upright straight lines of at least ``length``, tilted by up to five degrees."""
    height, width = fat.shape
    found = np.zeros_like(fat)
    upright = np.ones((length, 1), np.uint8)
    for tilt in np.linspace(-_MOST_TILT, _MOST_TILT, _TILTS):
        shear = np.array([[1, tilt, -tilt * height / 2], [0, 1, 0]], np.float64)
        size = (width, height)
        sheared = cv2.warpAffine(fat, shear, size, flags=cv2.INTER_NEAREST)
        opened = cv2.morphologyEx(sheared, cv2.MORPH_OPEN, upright)
        if opened.any():
            how = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
            found |= np.asarray(cv2.warpAffine(opened, shear, size, flags=how), np.uint8)
    return found


def _straight(ink: Mask, px_per_mm: float) -> Mask:
    """Printed rules and scanner streaks: straight lines longer than any stroke of a hand.

    Worked out at half the resolution, where a line a pixel off is still one line.
    """
    height, width = ink.shape
    half = (max(width // 2, 1), max(height // 2, 1))
    shrunk = cv2.resize(ink.astype(np.uint8) * 255, half, interpolation=cv2.INTER_AREA)
    fat = cv2.dilate((shrunk > 0).astype(np.uint8), np.ones((3, 3), np.uint8))
    along = max(round(6 * px_per_mm), round(0.45 * half[0]))
    down = max(round(3 * px_per_mm), round(0.8 * half[1]))
    rules = np.zeros(fat.shape, np.uint8)
    if along < half[0]:
        rules |= cv2.morphologyEx(fat, cv2.MORPH_OPEN, np.ones((1, along), np.uint8))
    if down < half[1]:
        rules |= _lines(fat, down)
    grown = cv2.dilate(rules, np.ones((3, 3), np.uint8))
    whole = cv2.resize(grown, (width, height), interpolation=cv2.INTER_NEAREST)
    return np.asarray(whole > 0, np.bool_)


def _stains(ink: Mask, dark: NDArray[np.float32], px_per_mm: float) -> Mask:
    """Pale areas wider than any pen or the lines of a seal."""
    side = max(1, round(_WIDEST_STROKE_MM * px_per_mm))  # of a window of a dozen pixels too
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    pale = (ink & (dark < _PALE)).astype(np.uint8)
    wide = cv2.morphologyEx(pale, cv2.MORPH_OPEN, disc)
    return np.asarray(cv2.dilate(wide, np.ones((7, 7), np.uint8)) > 0, np.bool_)


def _soft(ink: Mask, dark: NDArray[np.float32], gray: Gray) -> Mask:
    """Pale areas without an edge: the ring that a cup leaves fades, a stroke ends."""
    calm = cv2.GaussianBlur(gray, (0, 0), _EDGE_SIGMA_PX)
    steep = np.hypot(
        cv2.Sobel(calm, cv2.CV_32F, 1, 0, scale=1 / 8),
        cv2.Sobel(calm, cv2.CV_32F, 0, 1, scale=1 / 8),
    )
    count, labels = cv2.connectedComponents(ink.astype(np.uint8), connectivity=8)
    flat = labels.ravel()
    pixels = np.maximum(np.bincount(flat, minlength=count), 1)
    edge = np.bincount(flat, steep.ravel(), minlength=count) / pixels
    level = np.bincount(flat, dark.ravel(), minlength=count) / pixels
    soft = (level < _PALE) & (edge < _SOFTEST_EDGE * level)
    soft[0] = False
    return np.asarray(soft[labels], np.bool_)


def _printed(part: CropPart) -> Mask | None:
    if part.blank is None or part.blank.shape != part.gray.shape:
        return None
    dark = (part.blank < 0.85 * paper_level(part.blank)).astype(np.uint8)
    grown = cv2.dilate(dark, np.ones((_BLANK_GROW_PX, _BLANK_GROW_PX), np.uint8))
    return np.asarray(grown > 0, np.bool_)


def _kept(ink: Mask, px_per_mm: float) -> Mask:
    """``ink`` of the field's area without specks and without remnants along its edges."""
    joined = cv2.morphologyEx(ink.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    keep = np.zeros(count, np.bool_)
    limit, edge = SPECK_MM * px_per_mm, _EDGE_MM * px_per_mm
    height, width = ink.shape
    for i in range(1, count):
        left, top, wide, high = (int(v) for v in stats[i, :4])
        inside = (
            left + wide > edge and top + high > edge and left < width - edge and top < height - edge
        )
        keep[i] = inside and max(wide, high) > limit
    return np.asarray(keep[labels] & ink, np.bool_)


def measure_ink(part: CropPart) -> InkMeasure:
    """Measure the writing in the part's box."""
    px_per_mm = part.gray.shape[1] / part.window.w
    dark = darkness(part.gray, px_per_mm)
    ink = np.asarray(dark > 0, np.bool_)
    ink &= ~(_straight(ink, px_per_mm) | _stains(ink, dark, px_per_mm))
    ink &= ~_soft(ink, dark, part.gray)
    printed = _printed(part)
    if printed is not None:
        ink &= ~printed
    left, top, right, bottom = (round(v) for v in box_px(part))
    inside = _kept(ink[top:bottom, left:right], px_per_mm)
    ys, xs = np.nonzero(inside)
    if ys.size == 0:
        return InkMeasure(0.0, 0.0, 0.0, 0.0)
    values = dark[top:bottom, left:right][inside]
    return InkMeasure(
        area_mm2=float(ys.size) / px_per_mm**2,
        width_mm=float(xs.max() - xs.min() + 1) / px_per_mm,
        height_mm=float(ys.max() - ys.min() + 1) / px_per_mm,
        contrast=float(np.median(values)) / 255,
    )


__all__ = ["SPECK_MM", "InkMeasure", "darkness", "measure_ink"]
