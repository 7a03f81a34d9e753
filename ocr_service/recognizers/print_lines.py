"""The lines of print or writing on what is stuck on a form, each set level, at whatever angle."""

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
_RULE_RUN_MM = 2.8
_STREAK_MM = 12.0
_GLYPH_MM = (0.35, 9.0)
_EDGE_MM = 4.5
_EDGE_THICKNESS_MM = 0.27
_JOIN_MM = 1.1
_LINE_HEIGHT_MM = (1.1, 9.0)
_LINE_WIDTH_MM = 3.0
_TRUSTED_WIDTH_MM = 8.0
_SAME_DIRECTION_DEG = 2.5
_MAX_DIRECTIONS = 3
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
        part: the cell with the sticker, or the area a voucher is put on.
    """
    dark = _without_long_rules(_dark(part.gray))
    form_print = None if part.blank is None else _visible_form_print(dark, part.blank)
    bands = _all_bands(_glyphs(dark), form_print)
    bands.sort(key=lambda band: band.centre[1])
    return tuple(_cut(part.gray, band) for band in bands[:_MAX_LINES])


def _all_bands(glyphs: NDArray[np.uint8], form_print: NDArray[np.bool_] | None) -> list[_Band]:
    """Lines of print, the sticker's and the form's, each along its own direction.

    A first look along the rows tells which directions there are; then each direction, the one
    with the most print first, takes the glyphs that line up along it.
    """
    found: list[_Band] = []
    rest = glyphs.copy()
    for angle in _directions(_bands(glyphs, 0.0, form_print)):
        labels, bands = _labelled_bands(rest, angle, form_print)
        for index, band in bands:
            trusted = band.width >= _TRUSTED_WIDTH_MM * CANVAS_PX_PER_MM
            if trusted and abs(band.angle_deg - angle) > _SAME_DIRECTION_DEG:
                continue
            found.append(band if trusted else _at_angle(band, angle))
            rest[labels == index] = 0
    return found


def _directions(bands: list[_Band]) -> list[float]:
    """Angles in degrees along which print lies, the most print first; at most three."""
    wide = [b for b in bands if b.width >= _TRUSTED_WIDTH_MM * CANVAS_PX_PER_MM] or bands
    groups: list[list[_Band]] = []
    for band in sorted(wide, key=lambda band: -band.width):
        near = [g for g in groups if abs(g[0].angle_deg - band.angle_deg) <= _SAME_DIRECTION_DEG]
        if near:
            near[0].append(band)
        else:
            groups.append([band])
    groups.sort(key=lambda group: -sum(band.width for band in group))
    return [_mean_angle(group) for group in groups[:_MAX_DIRECTIONS]]


def _mean_angle(bands: list[_Band]) -> float:
    """By width: a long line tells its angle better."""
    return sum(b.angle_deg * b.width for b in bands) / sum(b.width for b in bands)


def _without_long_rules(dark: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Rules and scanner streaks taken out; they would tie the glyphs they cross together.

    Only for finding lines: the pixels that are read keep the streak.
    """
    across = _upright_rules(np.ascontiguousarray(dark.T)).T
    return np.where(_upright_rules(dark) | across, 0, dark).astype(np.uint8)


def _upright_rules(dark: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Thin strokes that run down the picture for longer than any glyph is tall."""
    run = np.ones((round(_RULE_RUN_MM * CANVAS_PX_PER_MM), 1), np.uint8)
    runs = cv2.morphologyEx(dark, cv2.MORPH_OPEN, run)
    joined = cv2.dilate(runs, np.ones((CANVAS_PX_PER_MM, 3), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    length = stats[:, cv2.CC_STAT_HEIGHT]
    thin = stats[:, cv2.CC_STAT_AREA] <= CANVAS_PX_PER_MM * length
    is_rule = thin & (length >= _STREAK_MM * CANVAS_PX_PER_MM)
    is_rule[0] = False
    upright: NDArray[np.bool_] = is_rule[labels]
    return upright


def _glyphs(dark: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """255 where there is a stroke that is not a rule, an edge or the rim of a neighbour's print."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    left, top, width, height, area = (stats[:, column].astype(np.float64) for column in range(5))
    longer = np.maximum(width, height) / CANVAS_PX_PER_MM
    thickness_mm = area / (width + height) / CANVAS_PX_PER_MM
    edge = (longer >= _EDGE_MM) & (thickness_mm < _EDGE_THICKNESS_MM)
    cut_off = (
        (left == 0) | (top == 0) | (left + width == dark.shape[1]) | (top + height == dark.shape[0])
    )
    fits = (
        (longer >= _GLYPH_MM[0])
        & (width < _RULE_MM * CANVAS_PX_PER_MM)
        & (height < _GLYPH_MM[1] * CANVAS_PX_PER_MM)
    )
    keep = fits & ~edge & ~cut_off
    keep[0] = False
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


def _bands(
    glyphs: NDArray[np.uint8], angle_deg: float, form_print: NDArray[np.bool_] | None
) -> list[_Band]:
    return [band for _, band in _labelled_bands(glyphs, angle_deg, form_print)[1]]


def _labelled_bands(
    glyphs: NDArray[np.uint8], angle_deg: float, form_print: NDArray[np.bool_] | None
) -> tuple[NDArray[np.int32], list[tuple[int, _Band]]]:
    """Glyphs smeared along a direction grow together into one blob a line.

    Form print is left out by whole lines: taking single glyphs out would tear holes into a
    sticker's line that happens to lie on the form's.
    """
    smeared = cv2.morphologyEx(glyphs, cv2.MORPH_CLOSE, _stroke(angle_deg))
    smeared = cv2.dilate(smeared, np.ones((1, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(smeared, connectivity=8)
    bands = []
    for index in range(1, count):
        left, top, width, height = stats[index, :4]
        window = np.s_[top : top + height, left : left + width]
        ys, xs = np.nonzero((labels[window] == index) & (glyphs[window] > 0))
        ys, xs = ys + top, xs + left
        if len(ys) < CANVAS_PX_PER_MM:
            continue
        if form_print is not None and form_print[ys, xs].mean() >= _FORM_PRINT_SHARE:
            continue
        band = _band_of(np.stack([xs, ys], axis=1).astype(np.float32))
        if band is not None:
            bands.append((index, band))
    return labels, bands


def _stroke(angle_deg: float) -> NDArray[np.uint8]:
    """A line of the joining length at an angle, for morphology."""
    reach = round(_JOIN_MM * CANVAS_PX_PER_MM)
    drop = round(math.tan(math.radians(angle_deg)) * reach)
    kernel = np.zeros((2 * abs(drop) + 1, 2 * reach + 1), np.uint8)
    cv2.line(kernel, (0, abs(drop) - drop), (2 * reach, abs(drop) + drop), 1, 1)
    return kernel


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
