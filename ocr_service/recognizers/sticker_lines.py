"""The lines of print or writing in a sticker cell, each set level, at whatever angle they lie."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_service.domain.arrays import Gray
from ocr_service.domain.geometry import CANVAS_PX_PER_MM
from ocr_service.recognizers.base import CropPart

_MAX_ANGLE_DEG = 20.0
_MAX_LINES = 10
_RULE_MM = 22.0
_GLYPH_MM = (0.35, 9.0)
_JOIN_MM = 1.1
_LINE_HEIGHT_MM = (1.1, 9.0)
_LINE_WIDTH_MM = 3.0
_TRUSTED_WIDTH_MM = 8.0
_MARGIN_MM = 0.45
_FORM_PRINT_SHARE = 0.75
_VISIBLE_SHARE = 0.8
_SLACK_PX = 7
_LEAST_CONTRAST = 12.0


@dataclass(frozen=True, slots=True)
class FoundLine:
    """One line, level.

    Attributes:
        image: (h, w) uint8, with a margin of about half a millimetre.
        angle_deg: how far it was turned clockwise on the page.
        centre_mm: its middle in the crop's window, from the window's top-left corner.
        height_mm: height of its glyphs.
    """

    image: Gray
    angle_deg: float
    centre_mm: tuple[float, float]
    height_mm: float


@dataclass(frozen=True, slots=True)
class _Band:
    centre: tuple[float, float]
    width: float
    height: float
    angle_deg: float


def find_lines(part: CropPart) -> tuple[FoundLine, ...]:
    """Lines from top to bottom, at most ten; form print is left out where the blank is known.

    Args:
        part: the sticker cell.
    """
    dark = _dark(part.gray)
    form_print = None if part.blank is None else _visible_form_print(dark, part.blank)
    bands = _bands(_glyphs(dark), form_print)
    usual = _usual_angle(bands)
    levelled = [
        band if band.width >= _TRUSTED_WIDTH_MM * CANVAS_PX_PER_MM else _at_angle(band, usual)
        for band in bands
    ]
    levelled.sort(key=lambda band: band.centre[1])
    return tuple(_cut(part.gray, band) for band in levelled[:_MAX_LINES])


def _glyphs(dark: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """255 where there is a stroke that is not a rule or an edge."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    keep = np.zeros(count, np.bool_)
    for index in range(1, count):
        width_mm = stats[index, cv2.CC_STAT_WIDTH] / CANVAS_PX_PER_MM
        height_mm = stats[index, cv2.CC_STAT_HEIGHT] / CANVAS_PX_PER_MM
        keep[index] = (
            max(width_mm, height_mm) >= _GLYPH_MM[0]
            and width_mm < _RULE_MM
            and height_mm < _GLYPH_MM[1]
        )
    return np.where(keep[labels], 255, 0).astype(np.uint8)


def _visible_form_print(dark: NDArray[np.uint8], blank: Gray) -> NDArray[np.bool_]:
    """The blank's print as far as the scan still shows it.

    A sticker is opaque: print under it must not be taken out of what the sticker says. So each
    glyph of the blank counts only where the scan is dark in most of it.
    """
    slack = np.ones((_SLACK_PX, _SLACK_PX), np.uint8)
    printed = _dark(blank)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(printed, connectivity=8)
    near_scan, near_print = cv2.dilate(dark, slack) > 0, cv2.dilate(printed, slack) > 0
    visible = np.zeros(count, np.bool_)
    for index in range(1, count):
        left, top, width, height = stats[index, :4]
        window = np.s_[top : top + height, left : left + width]
        glyph, ink = labels[window] == index, dark[window] > 0
        # other text over the place covers the glyph's strokes by chance, but not only them
        visible[index] = (
            near_scan[window][glyph].mean() >= _VISIBLE_SHARE
            and near_print[window][ink].sum() >= _VISIBLE_SHARE * ink.sum()
        )
    return cv2.dilate(visible[labels].astype(np.uint8), slack) > 0


def _dark(gray: Gray) -> NDArray[np.uint8]:
    low, paper = np.percentile(gray[::3, ::3], (1.0, 60.0))
    step = max(_LEAST_CONTRAST, 0.2 * float(paper - low))
    soft = cv2.GaussianBlur(gray, (0, 0), 0.8)
    side = 5 * CANVAS_PX_PER_MM + 1
    return cv2.adaptiveThreshold(
        soft, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, side, step
    )


def _bands(glyphs: NDArray[np.uint8], form_print: NDArray[np.bool_] | None) -> list[_Band]:
    """Glyphs smeared sideways grow together into one blob a line.

    Form print is left out by whole lines: taking single glyphs out would tear holes into a
    sticker's line that happens to lie on the form's.
    """
    reach = round(_JOIN_MM * CANVAS_PX_PER_MM)
    smeared = cv2.morphologyEx(glyphs, cv2.MORPH_CLOSE, np.ones((1, 2 * reach + 1), np.uint8))
    smeared = cv2.dilate(smeared, np.ones((1, 3), np.uint8))
    count, labels = cv2.connectedComponents(smeared, connectivity=8)
    bands = []
    for index in range(1, count):
        ys, xs = np.nonzero((labels == index) & (glyphs > 0))
        if len(ys) < CANVAS_PX_PER_MM:
            continue
        if form_print is not None and form_print[ys, xs].mean() >= _FORM_PRINT_SHARE:
            continue
        band = _band_of(np.stack([xs, ys], axis=1).astype(np.float32))
        if band is not None:
            bands.append(band)
    return bands


def _band_of(points: NDArray[np.float32]) -> _Band | None:
    (x, y), (width, height), angle = cv2.minAreaRect(points)
    if width < height:
        width, height, angle = height, width, angle - 90.0
    angle = (angle + 90.0) % 180.0 - 90.0
    low, high = (limit * CANVAS_PX_PER_MM for limit in _LINE_HEIGHT_MM)
    wide_enough = width >= _LINE_WIDTH_MM * CANVAS_PX_PER_MM
    if not (low <= height <= high and wide_enough and abs(angle) <= _MAX_ANGLE_DEG):
        return None
    return _Band((float(x), float(y)), float(width), float(height), float(angle))


def _usual_angle(bands: list[_Band]) -> float:
    """The angle of the widest line, which tells it best."""
    return max(bands, key=lambda band: band.width).angle_deg if bands else 0.0


def _at_angle(band: _Band, angle_deg: float) -> _Band:
    """A short line's own angle says little: take the others', and room for what that changes."""
    room = abs(math.sin(math.radians(angle_deg - band.angle_deg))) * band.width
    return _Band(band.centre, band.width, band.height + room, angle_deg)


def _cut(gray: Gray, band: _Band) -> FoundLine:
    angle = math.radians(band.angle_deg)
    margin = _MARGIN_MM * CANVAS_PX_PER_MM
    width, height = band.width + 2 * margin, band.height + 2 * margin
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    corner = turn @ np.array(band.centre) - np.array([width, height]) / 2
    size = (max(4, round(width)), max(4, round(height)))
    image = cv2.warpAffine(
        gray, np.hstack([turn, -corner[:, None]]), size, flags=cv2.INTER_CUBIC, borderValue=255
    )
    centre_mm = (band.centre[0] / CANVAS_PX_PER_MM, band.centre[1] / CANVAS_PX_PER_MM)
    return FoundLine(image, band.angle_deg, centre_mm, band.height / CANVAS_PX_PER_MM)


__all__ = ["FoundLine", "find_lines"]
