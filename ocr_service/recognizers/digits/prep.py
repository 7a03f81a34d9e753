"""One cell to one network input; the training scripts call the same function as the reader.

The network sees the writing twice: *close*, cut to the strokes and scaled to one size, so that a
digit looks the same small in a corner or filling its cell; and *whole*, the cell as it lies on the
paper, so that a speck is not mistaken for a digit and a left-over rule not for a 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_service.domain.arrays import Gray, Mask

SIDE = 32
"""Width and height of each view in pixels."""

_CLOSE_SIDE = 26
_WHOLE_SIDE = 28
# Writing smaller than this share of the cell's height is not magnified further.
_SMALLEST_SHARE = 0.2
# Rules are looked for in this outer share of the box, and beyond it.
_EDGE_SHARE = 0.1
_SOLID_RULE = 0.7
_DASHED_RULE = 0.4
_DASHES = 4
_INSIDE_SHARE = 0.5
_SPECK_SHARE = 0.02
_LEAST_CONTRAST = 16.0
# What the ink mask may have dropped: looked for this far inside the box, at this share of the
# ink's darkness, and believed up to this share of the box.
_INSET_SHARE = 0.07
_AS_DARK = 0.6
_DROPPED_SHARE = 0.04
_STREAK_CONTRAST = 14
_AROUND_PX = 15
_MARGIN_RULE_SHARE = 0.05
_LEAST_BAND = 4
_REACH_SHARE = 0.15

Views: TypeAlias = NDArray[np.float32]
"""(2, SIDE, SIDE) float32, 0 = paper, 1 = darkest ink: close view, whole view."""

BoxPx: TypeAlias = tuple[int, int, int, int]
"""(left, top, right, bottom) in whole pixels of the window, right and bottom exclusive."""


@dataclass(frozen=True, slots=True)
class PreparedCell:
    """A cell as the network gets it.

    Attributes:
        views: both views.
        ink_share: written pixels inside the box by the box's area, 0 to 1.
        beyond_share: written pixels outside the box by all written pixels, 0 to 1.
        contrast: how much darker than the paper the ink is, 0 to 1; 0 where there is none.
    """

    views: Views
    ink_share: float
    beyond_share: float
    contrast: float


def prepare_cell(gray: Gray, ink: Mask, box: BoxPx) -> PreparedCell:
    """Turn one cell into the network's input. Total: any arrays of one shape will do.

    Args:
        gray: (H, W) the window around the cell, which reaches beyond the box or not.
        ink: (H, W) True where the person wrote; rules may be left over, strokes may be nicked.
        box: the inside of the printed cell in pixels of the window; clipped to it.
    """
    left, top, right, bottom = clip_box(box, gray.shape)
    if right - left < 2 or bottom - top < 2:  # noqa: PLR2004  (no cell: nothing to see)
        return PreparedCell(np.zeros((2, SIDE, SIDE), np.float32), 0.0, 0.0, 0.0)
    inside = (left, top, right, bottom)
    full = _without_streaks(_completed(gray, ink, inside), gray, inside)
    dark, contrast = _darkness(gray, full)
    written = written_in(full, inside)
    in_box = int(np.count_nonzero(written[top:bottom, left:right]))
    total = int(np.count_nonzero(written))
    soft = cv2.dilate(written.view(np.uint8), np.ones((3, 3), np.uint8))
    views = np.stack([_close_view(dark * soft, written, bottom - top), _whole_view(dark, inside)])
    return PreparedCell(
        views=views,
        ink_share=in_box / ((right - left) * (bottom - top)),
        beyond_share=(total - in_box) / total if total else 0.0,
        contrast=contrast,
    )


def clip_box(box: BoxPx, shape: tuple[int, ...]) -> BoxPx:
    """The box cut to an image of ``shape`` (height, width)."""
    left, top, right, bottom = box
    height, width = shape[:2]
    return max(left, 0), max(top, 0), min(right, width), min(bottom, height)


def _darkness(gray: Gray, ink: Mask) -> tuple[NDArray[np.float32], float]:
    """Ink strength 0 to 1, pencil and felt pen alike; and how dark the ink really is."""
    if not ink.any():
        return np.zeros(gray.shape, np.float32), 0.0
    paper = float(np.median(gray[~ink])) if not ink.all() else 255.0
    level = min(float(np.percentile(gray[ink], 20)), paper - _LEAST_CONTRAST)
    near = cv2.dilate(ink.astype(np.uint8), np.ones((3, 3), np.uint8))
    strength = (paper - gray.astype(np.float32)) / (paper - level)
    return np.clip(strength, 0.0, 1.0) * near, min((paper - level) / 255, 1.0)


def _completed(gray: Gray, ink: Mask, box: BoxPx) -> Mask:
    """The ink with pixels inside the box that are as dark but were dropped as specks.

    A fax leaves of a thin stroke a row of dots, each too small for an ink mask to keep.
    """
    left, top, right, bottom = (
        v + s * round(_INSET_SHARE * (box[2] - box[0]))
        for v, s in zip(box, (1, 1, -1, -1), strict=True)
    )
    inner = gray[top:bottom, left:right]
    if inner.size == 0:
        return ink
    paper = float(np.median(inner))
    level = float(np.median(gray[ink])) if ink.any() else float(inner.min())
    if paper - level < _LEAST_CONTRAST * (2 if ink.any() else 6):
        return ink
    dark = inner < paper - _AS_DARK * (paper - level)
    if np.count_nonzero(dark & ~ink[top:bottom, left:right]) > _DROPPED_SHARE * dark.size:
        return ink  # a stain or a shadow
    full = ink.copy()
    full[top:bottom, left:right] |= dark
    return full


def _without_streaks(ink: Mask, gray: Gray, box: BoxPx) -> Mask:
    """The ink less the upright lines that dirt on a scanner's glass draws through everything.

    Such a line is as dark above and below the cell as inside it; no digit is.
    """
    top, bottom = box[1], box[3]
    spare = round(_MARGIN_RULE_SHARE * (bottom - top))
    above, below = gray[: max(top - spare, 0)], gray[bottom + spare :]
    if min(above.shape[0], below.shape[0]) < _LEAST_BAND:
        return ink
    streak = _darker_columns(above.mean(axis=0)) & _darker_columns(below.mean(axis=0))
    if not streak.any():
        return ink
    columns = np.flatnonzero(streak & _darker_columns(np.median(gray[top:bottom], axis=0)))
    return _bridged(ink, columns) if columns.size else ink


def _darker_columns(level: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Columns darker than those around; a streak is too thin to move their median."""
    row = level.astype(np.uint8)[None]
    around = cv2.medianBlur(row, _AROUND_PX)
    return (cv2.subtract(around, row) > _STREAK_CONTRAST).ravel()


def _bridged(ink: Mask, columns: NDArray[np.intp]) -> Mask:
    """Wipe the columns and their fringe; strokes that cross them stay whole."""
    clean = ink.copy()
    width = ink.shape[1]
    for run in np.split(columns, np.flatnonzero(np.diff(columns) > 2) + 1):  # noqa: PLR2004
        start, stop = max(int(run[0]) - 1, 1), min(int(run[-1]) + 2, width - 1)
        sides = np.stack([ink[:, start - 1], ink[:, stop]]).astype(np.uint8)
        near = cv2.dilate(sides, np.ones((1, 3), np.uint8)) > 0
        clean[:, start:stop] = (near[0] & near[1])[:, None]
    return clean


def written_in(ink: Mask, box: BoxPx) -> Mask:
    """What belongs to this cell: left-over rules, specks and the neighbours' ink dropped."""
    left, top, right, bottom = box
    reach_x, reach_y = (round(_REACH_SHARE * s) for s in (right - left, bottom - top))
    area = np.zeros_like(ink)
    rows = slice(max(top - reach_y, 0), bottom + reach_y)
    columns = slice(max(left - reach_x, 0), right + reach_x)
    area[rows, columns] = ink[rows, columns]
    _erase_rules(area, box)
    _erase_rules(area.T, (top, left, bottom, right))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(area.view(np.uint8), connectivity=8)
    if count == 1:
        return area
    within = np.bincount(labels[top:bottom, left:right].ravel(), minlength=count)
    sizes = stats[:, cv2.CC_STAT_AREA]
    keep = within >= _INSIDE_SHARE * sizes
    keep &= within >= _SPECK_SHARE * max(int(within[1:].max()), 1)
    keep &= ~_hugs_edge(stats, box)
    keep[0] = False
    return keep[labels]


def _erase_rules(area: Mask, box: BoxPx) -> None:
    """Wipe columns near the left and right edge that are inked like a rule, solid or dashed."""
    left, top, right, bottom = box
    edge = max(round(_EDGE_SHARE * (right - left)), 1)
    for start, stop in ((0, left + edge), (right - edge, area.shape[1])):
        strip = area[top:bottom, start:stop]
        share = strip.mean(axis=0)
        rises = np.count_nonzero(strip[1:] & ~strip[:-1], axis=0)
        ruled = (share >= _SOLID_RULE) | ((share >= _DASHED_RULE) & (rises >= _DASHES))
        area[:, start:stop][:, ruled] = False


def _hugs_edge(stats: NDArray[np.int32], box: BoxPx) -> NDArray[np.bool_]:
    """Components that lie wholly in the outermost strip of the box or beyond it."""
    left, top, right, bottom = box
    x, y, w, h = (stats[:, i] for i in range(4))
    edge_x = _EDGE_SHARE * (right - left)
    edge_y = _EDGE_SHARE * (bottom - top)
    return (
        (x + w <= left + edge_x)
        | (x >= right - edge_x)
        | (y + h <= top + edge_y)
        | (y >= bottom - edge_y)
    )


def _close_view(dark: NDArray[np.float32], written: Mask, box_height: int) -> NDArray[np.float32]:
    """The strokes alone, longest side scaled to one length, centred."""
    rows, columns = np.flatnonzero(written.any(axis=1)), np.flatnonzero(written.any(axis=0))
    if not rows.size:
        return np.zeros((SIDE, SIDE), np.float32)
    cut = dark[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    longest = max(*cut.shape, _SMALLEST_SHARE * box_height)
    return _centred(cut, _CLOSE_SIDE / longest)


def _whole_view(dark: NDArray[np.float32], box: BoxPx) -> NDArray[np.float32]:
    """The cell with what lies just around it, at the cell's own scale."""
    left, top, right, bottom = box
    margin = round((bottom - top) * (SIDE - _WHOLE_SIDE) / 2 / _WHOLE_SIDE)
    cut = dark[max(top - margin, 0) : bottom + margin, max(left - margin, 0) : right + margin]
    return _centred(cut, min(SIDE / max(cut.shape), _WHOLE_SIDE / (bottom - top)))


def _centred(cut: NDArray[np.float32], scale: float) -> NDArray[np.float32]:
    height, width = (max(min(round(s * scale), SIDE), 1) for s in cut.shape)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = cv2.resize(np.ascontiguousarray(cut), (width, height), interpolation=how)
    view = np.zeros((SIDE, SIDE), np.float32)
    y, x = (SIDE - height) // 2, (SIDE - width) // 2
    view[y : y + height, x : x + width] = np.minimum(small, 1)  # interpolation overshoots by a hair
    return view


__all__ = ["SIDE", "BoxPx", "PreparedCell", "Views", "clip_box", "prepare_cell", "written_in"]
