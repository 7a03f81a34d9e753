"""From the ink of a text segment to pictures of its written lines."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_service.domain.arrays import Gray, Mask
from ocr_service.recognizers.base import CropPart
from ocr_service.recognizers.text.streaks import streaks

_OVERSHOOT_MM = 0.3
"""Writing may cross the upper and lower edge this far and still wholly belong to the box. Beside
it stand printed brackets and units, so there it may not."""

_SPECK_MM2 = 0.04
_LONE_SPECK_MM2 = 0.35
_LONE_MM = 1.4
"""Smaller pieces of ink are dust, the dot of a dakuten has twice as much; somewhat larger ones are
dust where no writing is near."""

_DASH_HIGH_MM = 0.45
_DASH_LONG_MM = (0.25, 2.5)
_DASH_ROW_MM = 0.22
_DASHES = 4
_DASHES_SPAN_MM = 6.0
_DASH_ZONE = 0.25
"""Flat pieces, so many and so far apart, in one row of the upper or lower quarter of a box are a
dashed rule that the form prints there."""

_WRITTEN_MM2 = 0.35
_WRITTEN_EXTENT_MM = 1.2
"""Less ink than a short stroke of a ball pen, or none this long: nothing is written."""

_HALO_MM = 0.3
"""Kept around the ink when the rest is painted white: the soft edge of a stroke."""

_MARGIN = 0.12
"""White around a line, as a share of its height."""

_MIN_LINE_MM = 1.6
_VALLEY = 0.12
"""Two lines are parted by rows with less than this share of the ink of an average row."""


@dataclass(frozen=True, slots=True)
class WrittenLine:
    """One line of writing, cut out and cleaned.

    Attributes:
        gray: the line with a little margin; paper is white, everything but its ink painted over.
        ink: the ink, same shape.
    """

    gray: Gray
    ink: Mask


@dataclass(frozen=True, slots=True)
class SegmentInk:
    """The writing of one segment.

    Attributes:
        lines: top to bottom; empty where nothing is written.
        ink_mm2: ink that belongs to the segment, dust left out.
        left_over_mm2: ink in the box that was taken for dust or for a neighbour's.
    """

    lines: tuple[WrittenLine, ...]
    ink_mm2: float
    left_over_mm2: float


@dataclass(frozen=True, slots=True)
class _Pieces:
    """Connected pieces of ink: a label image and, for each label from 1, its box and area."""

    labels: NDArray[np.int32]
    stats: NDArray[np.int32]


def segment_ink(part: CropPart, *, lines: int) -> SegmentInk:
    """Find the writing that belongs to a segment and part it into lines.

    Args:
        part: the segment's crop.
        lines: lines of writing it may hold.
    """
    px_per_mm = part.gray.shape[1] / part.window.w
    paper = _paper_level(part)
    pieces = _pieces(part.ink & ~streaks(part.gray, paper, px_per_mm))
    inside = _share_inside(pieces, _box_px(part, px_per_mm))
    area = pieces.stats[:, cv2.CC_STAT_AREA] / px_per_mm**2
    ours = (inside >= 0.5) & (area >= _SPECK_MM2)  # noqa: PLR2004  more in than out
    ours[0] = False
    ours &= ~_dashes(pieces.stats, ours, _box_px(part, px_per_mm), px_per_mm)
    ours &= ~_lone_specks(pieces.stats, area, ours, px_per_mm)
    ink_mm2 = float(area[ours].sum())
    left_over = float((area * inside)[1:].sum() - (area * inside)[ours].sum())
    if not _is_writing(pieces.stats[ours], ink_mm2, px_per_mm):
        return SegmentInk((), ink_mm2, left_over)
    groups = _part_into_lines(pieces.stats, np.flatnonzero(ours), lines, px_per_mm)
    cut = tuple(
        _cut_out(part.gray, np.isin(pieces.labels, group), paper, px_per_mm) for group in groups
    )
    return SegmentInk(cut, ink_mm2, left_over)


def _lone_specks(
    stats: NDArray[np.int32], area: NDArray[np.float64], ours: Mask, px_per_mm: float
) -> Mask:
    """Small pieces with no other near; the strokes of a faint シ keep each other company."""
    small = ours & (area < _LONE_SPECK_MM2)
    all_ours = np.flatnonzero(ours)
    lone = np.zeros_like(ours)
    reach = _LONE_MM * px_per_mm
    left, top = stats[:, cv2.CC_STAT_LEFT], stats[:, cv2.CC_STAT_TOP]
    right, bottom = left + stats[:, cv2.CC_STAT_WIDTH], top + stats[:, cv2.CC_STAT_HEIGHT]
    for index in np.flatnonzero(small):
        others = all_ours[all_ours != index]
        across = np.maximum(left[others] - right[index], left[index] - right[others])
        down = np.maximum(top[others] - bottom[index], top[index] - bottom[others])
        lone[index] = not bool(((across < reach) & (down < reach)).any())
    return lone


def _dashes(
    stats: NDArray[np.int32], ours: Mask, box: tuple[int, int, int, int], px_per_mm: float
) -> Mask:
    """Pieces of a dashed rule along the upper or lower edge of a box."""
    wide, high = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    least, most = (length * px_per_mm for length in _DASH_LONG_MM)
    flat = ours & (high <= _DASH_HIGH_MM * px_per_mm) & (wide >= least) & (wide <= most)
    flat &= wide >= high
    middle = stats[:, cv2.CC_STAT_TOP] + high / 2
    zone = _DASH_ZONE * (box[3] - box[1])
    found = np.zeros_like(ours)
    for outer in (middle < box[1] + zone, middle > box[3] - zone):
        for index in np.flatnonzero(flat & outer):
            row = flat & outer & (np.abs(middle - middle[index]) <= _DASH_ROW_MM * px_per_mm)
            left = stats[row, cv2.CC_STAT_LEFT]
            if row.sum() >= _DASHES and np.ptp(left) >= _DASHES_SPAN_MM * px_per_mm:
                found |= row
    return found


def _pieces(ink: Mask) -> _Pieces:
    _, labels, stats, _ = cv2.connectedComponentsWithStats(
        ink.astype(np.uint8), connectivity=8, ltype=cv2.CV_32S
    )
    return _Pieces(np.asarray(labels, dtype=np.int32), np.asarray(stats, dtype=np.int32))


def _box_px(part: CropPart, px_per_mm: float) -> tuple[int, int, int, int]:
    box, window = part.box, part.window
    height, width = part.gray.shape
    return (
        max(0, round((box.x - window.x) * px_per_mm)),
        max(0, round((box.y - _OVERSHOOT_MM - window.y) * px_per_mm)),
        min(width, round((box.right - window.x) * px_per_mm)),
        min(height, round((box.bottom + _OVERSHOOT_MM - window.y) * px_per_mm)),
    )


def _share_inside(pieces: _Pieces, box: tuple[int, int, int, int]) -> NDArray[np.float64]:
    left, top, right, bottom = box
    within = np.bincount(pieces.labels[top:bottom, left:right].ravel(), minlength=len(pieces.stats))
    return within / np.maximum(pieces.stats[:, cv2.CC_STAT_AREA], 1)


def _is_writing(stats: NDArray[np.int32], ink_mm2: float, px_per_mm: float) -> bool:
    if ink_mm2 < _WRITTEN_MM2:
        return False
    longest = int(stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max())
    return longest >= _WRITTEN_EXTENT_MM * px_per_mm


def _part_into_lines(
    stats: NDArray[np.int32], labels: NDArray[np.int64], lines: int, px_per_mm: float
) -> list[NDArray[np.int64]]:
    """Labels of the pieces of each line, top to bottom; whole pieces, so that none is cut."""
    if lines <= 1:
        return [labels]
    top = stats[labels, cv2.CC_STAT_TOP]
    bottom = top + stats[labels, cv2.CC_STAT_HEIGHT]
    border = _border(stats[labels], px_per_mm)
    if border is None:
        return [labels]
    above = (top + bottom) / 2 < border
    upper, lower = labels[above], labels[~above]
    if not all(_is_line(stats[group], px_per_mm) for group in (upper, lower)):
        return [labels]
    return [
        *_part_into_lines(stats, upper, lines - 1, px_per_mm),
        *(_part_into_lines(stats, lower, lines - 1, px_per_mm) if lines > 2 else [lower]),  # noqa: PLR2004  two lines need one border
    ]


def _is_line(stats: NDArray[np.int32], px_per_mm: float) -> bool:
    ink_mm2 = float(stats[:, cv2.CC_STAT_AREA].sum()) / px_per_mm**2
    return len(stats) > 0 and _is_writing(stats, ink_mm2, px_per_mm)


def _border(stats: NDArray[np.int32], px_per_mm: float) -> float | None:
    """The row between two lines, None where the pieces make one line."""
    first = int(stats[:, cv2.CC_STAT_TOP].min())
    last = int((stats[:, cv2.CC_STAT_TOP] + stats[:, cv2.CC_STAT_HEIGHT]).max())
    least = int(_MIN_LINE_MM * px_per_mm)
    if last - first < 2 * least:
        return None
    rows: NDArray[np.float64] = np.zeros(last - first)
    for _, y, _, height, area in stats:
        rows[y - first : y - first + height] += area / max(height, 1)
    rows = np.asarray(np.convolve(rows, np.ones(3) / 3, mode="same"))
    middle = rows[least : len(rows) - least]
    if len(middle) == 0 or middle.min() > _VALLEY * rows.mean():
        return None
    lowest = np.flatnonzero(middle <= middle.min() + 1e-9)
    return float(first + least + lowest[len(lowest) // 2])


def _paper_level(part: CropPart) -> float:
    """Brightness of bare paper in the window, 1 to 255."""
    bare = part.gray[~part.ink]
    return max(1.0, float(np.percentile(bare, 60))) if bare.size else 255.0


def _cut_out(gray: Gray, ink: Mask, paper: float, px_per_mm: float) -> WrittenLine:
    ys, xs = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    size = 2 * round(_HALO_MM * px_per_mm) + 1
    halo = cv2.dilate(ink.astype(np.uint8), np.ones((size, size), np.uint8)) > 0
    clean = np.where(halo, np.minimum(gray * (255.0 / paper), 255.0), 255.0).astype(np.uint8)
    margin = max(2, round(_MARGIN * (ys[-1] - ys[0] + 1)))
    rows = slice(ys[0], ys[-1] + 1 + 2 * margin)
    columns = slice(xs[0], xs[-1] + 1 + 2 * margin)
    return WrittenLine(
        np.pad(clean, margin, constant_values=255)[rows, columns],
        np.pad(ink, margin, constant_values=False)[rows, columns],
    )


__all__ = ["SegmentInk", "WrittenLine", "segment_ink"]
