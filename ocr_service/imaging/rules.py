"""Takes printed rules, and the print of a known blank original, out of an ink mask."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_service.domain.arrays import Gray, Mask
from ocr_service.domain.geometry import CANVAS_PX_PER_MM
from ocr_service.imaging.ink import darkness, ink_mask, without_specks

_MAX_RULE_MM = 1.8  # thicker than this (two rules side by side) is a black area, not a rule
_OWN_RULE_MM = 0.75  # from the box's edge to the outer edge of a thick rule
_INSIDE_MM = 0.2
_BEYOND_MM = 0.3
_WELL_COVERED = 0.95
_END_MM = 0.5
_THINNEST_RULE_MM = 0.17  # a ring's arc is level for less
_FRINGE_MM = 0.21  # blur beside a rule
_DASH_GAP_MM = 1.3
_LONG_SHARE = 0.85  # a line across this much of the window is a table rule wherever it runs
_COVERED = 0.85  # share of a box's side that its printed rule blackens
_CORNER_MM = 0.15  # a rule reaches beyond the inside of its box; a ring's arc falls short of it
_BRIDGE_SPARE_MM = 0.3
_MAX_BRIDGE_MM = 1.4
_BLANK_SHIFT_MM = 0.35
_BLANK_FRINGE_MM = 0.14
_BLANK_BRIDGE_MM = 1.1  # a box rule with its fringes

_Bits = NDArray[np.uint8]
_Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class RuleStyle:
    """Where rules are looked for in a window.

    Attributes:
        inset_mm: how far inside the box rules may still lie; writing further in is never touched.
        least_mm: least length of a rule; at least half the box's side as well.
        exact: the box is printed and its place known to a tenth of a millimetre, so a rule runs
            along a whole side; else rules may be dashed and lie anywhere near the edges.
    """

    inset_mm: float
    least_mm: float
    exact: bool


BOX_RULES = RuleStyle(inset_mm=0.2, least_mm=1.6, exact=True)
"""For a printed box found by its own rules."""

LINE_RULES = RuleStyle(inset_mm=0.5, least_mm=3.0, exact=False)
"""For free paper between rules that lie somewhere near its edges."""


def remove_rules(
    ink: Mask,
    box_px: tuple[int, int, int, int],
    style: RuleStyle,
    px_per_mm: float = CANVAS_PX_PER_MM,
) -> Mask:
    """The mask less printed rules around a box; writing that crosses a rule stays whole.

    Args:
        ink: all dark pixels of the window.
        box_px: left, top, right, bottom of the box in the window.
        style: where rules are looked for.
        px_per_mm: scale of the window.
    """
    left, top, right, bottom = box_px
    bits = ink.astype(np.uint8)
    outside = np.ones_like(bits)
    inset = round(style.inset_mm * px_per_mm)
    outside[max(0, top + inset) : bottom - inset, max(0, left + inset) : right - inset] = 0
    free = bits & outside
    turned = np.ascontiguousarray(bits.T)
    level = _level_rules(bits, (left, right), (top, bottom), style, px_per_mm) & free
    upright = _level_rules(turned, (top, bottom), (left, right), style, px_per_mm).T & free
    rest = np.bitwise_and(bits, 1 - (level | upright), dtype=np.uint8)
    crossing = _crossings(rest, level, px_per_mm)
    crossing |= _crossings(
        np.ascontiguousarray(rest.T), np.ascontiguousarray(upright.T), px_per_mm
    ).T
    return without_specks((rest | crossing).astype(np.bool_), px_per_mm)


def _level_rules(
    bits: _Bits, span: _Span, edges: _Span, style: RuleStyle, px_per_mm: float
) -> _Bits:
    """Pixels of level rules with the blur beside them.

    Args:
        bits: all dark pixels of the window.
        span: columns over which the box reaches.
        edges: rows of its upper and lower edge.
        style: where rules are looked for.
        px_per_mm: scale of the window.
    """
    side = span[1] - span[0]
    length = max(style.least_mm * px_per_mm, side / 2)
    length = max(3, round(min(length, _LONG_SHARE * bits.shape[1])))
    if style.exact:
        rows = _rule_rows(bits, span, edges, px_per_mm)[:, None]
        least = np.ones((max(2, round(_THINNEST_RULE_MM * px_per_mm)), 1), np.uint8)
        rows = cv2.morphologyEx(rows, cv2.MORPH_OPEN, least)
        runs = _long_runs(bits, length, rows[:, 0] > 0)
    else:
        gap = np.ones((1, max(3, round(_DASH_GAP_MM * px_per_mm))), np.uint8)
        source = cv2.morphologyEx(bits, cv2.MORPH_CLOSE, gap)
        runs = _long_runs(source, length, _row_sums(source) >= length // 2)
        if runs.any():
            tall = np.ones((round(_MAX_RULE_MM * px_per_mm) + 1, 1), np.uint8)
            runs = runs & (1 - cv2.morphologyEx(runs, cv2.MORPH_OPEN, tall))
    if not runs.any():
        return runs
    fringe = 2 * round(_FRINGE_MM * px_per_mm) + 1
    return cv2.dilate(runs, np.ones((fringe, 3), np.uint8))


def _long_runs(bits: _Bits, length: int, rows: Mask) -> _Bits:
    """Level runs of dark pixels of at least ``length``, in the given rows only.

    The opening of each row by its mean over ``length``, whose cost does not grow with it. A run
    that meets the window's edge may be half as long, since it goes on outside.
    """
    runs = np.zeros_like(bits)
    if rows.any():
        whole = 1 - _any_within(1 - bits[rows], length)
        runs[rows] = _any_within(whole, length)
    return runs


def _any_within(bits: _Bits, length: int) -> _Bits:
    """1 where any of ``length`` pixels around, in the same row, is 1."""
    count = cv2.boxFilter(
        bits, cv2.CV_32S, (length, 1), normalize=False, borderType=cv2.BORDER_CONSTANT
    )
    return (count > 0).astype(np.uint8)


def _row_sums(bits: _Bits) -> NDArray[np.float32]:
    """(rows,) how many pixels of each row are 1."""
    return bits.astype(np.float32) @ np.ones(bits.shape[1], np.float32)


def _rule_rows(bits: _Bits, span: _Span, edges: _Span, px_per_mm: float) -> _Bits:
    """1 for rows of the box's own rules, and for rows of lines that run on beyond its corners.

    The arc of a ring round the box is level too, but falls short of the corners.
    """
    rows = np.arange(len(bits))
    reach = round(_OWN_RULE_MM * px_per_mm)
    own = ((rows <= edges[0]) & (rows >= edges[0] - reach)) | (
        (rows >= edges[1] - 1) & (rows < edges[1] + reach)
    )
    inside = round(_INSIDE_MM * px_per_mm)
    own |= (np.abs(rows - edges[0]) <= inside) | (np.abs(rows - edges[1]) <= inside)
    near = _Stretch(span, round(_CORNER_MM * px_per_mm), _COVERED)
    far = _Stretch(span, round(_BEYOND_MM * px_per_mm), _WELL_COVERED)
    near_rows, far_rows = _covered(bits, (near, far), round(_END_MM * px_per_mm))
    return ((near_rows & own) | far_rows).astype(np.uint8)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Columns, and a few more at both ends, of which a share is to be dark."""

    span: _Span
    more_px: int
    share: float


def _covered(bits: _Bits, stretches: tuple[_Stretch, ...], end_px: int) -> NDArray[np.bool_]:
    """(stretches, rows) True where a row is dark along a stretch, and just so at its ends."""
    width = bits.shape[1]
    parts = np.zeros((width, 3 * len(stretches)), np.float32)
    for i, stretch in enumerate(stretches):
        left = max(0, stretch.span[0] - stretch.more_px)
        right = min(width, stretch.span[1] + stretch.more_px)
        parts[left:right, 3 * i] = 1.0
        parts[left : left + end_px, 3 * i + 1] = 1.0
        parts[max(0, right - end_px) : right, 3 * i + 2] = 1.0
    # One product counts the dark pixels of all parts of all rows.
    dark = (bits.astype(np.float32) @ parts).astype(np.float64) / parts.sum(axis=0)
    least = np.repeat([stretch.share for stretch in stretches], 3)
    return (dark >= least).reshape(len(bits), len(stretches), 3).all(axis=2).T


def _crossings(rest: NDArray[np.uint8], rules: NDArray[np.uint8], px_per_mm: float) -> _Bits:
    """Pixels of level rules where writing on both sides joins up, straight or slanting."""
    if not rules.any():
        return np.zeros_like(rest)
    thick = int(rules.sum(axis=0).max())
    limit = _MAX_BRIDGE_MM * px_per_mm
    span = round(min(thick + _BRIDGE_SPARE_MM * px_per_mm, limit)) | 1
    joined = np.zeros_like(rest)
    for top, bottom in _row_groups(np.flatnonzero(rules.any(axis=1)), 2 * span):
        near = rest[max(0, top - span) : bottom + span]
        columns = np.flatnonzero(near.any(axis=0))
        if not columns.size:
            continue
        # What lies further off than a stroke reaches cannot join up here.
        left = max(0, int(columns[0]) - 2 * span)
        part = np.ascontiguousarray(near[:, left : int(columns[-1]) + 2 * span + 1])
        closed = np.zeros_like(part)
        for lean in (-0.5, 0.0, 0.5):
            closed |= cv2.morphologyEx(part, cv2.MORPH_CLOSE, _stroke(span, lean))
        inner = slice(top - max(0, top - span), bottom - max(0, top - span))
        joined[top:bottom, left : left + part.shape[1]] = closed[inner]
    return joined & rules


def _row_groups(at: NDArray[np.intp], apart: int) -> list[_Span]:
    """First and one past the last of sorted rows, in groups more than ``apart`` apart."""
    breaks = np.flatnonzero(np.diff(at) > apart)
    firsts = at[np.concatenate([[0], breaks + 1])]
    lasts = at[np.concatenate([breaks, [len(at) - 1]])]
    return [(int(first), int(last) + 1) for first, last in zip(firsts, lasts, strict=True)]


@cache
def _stroke(span: int, lean: float) -> _Bits:
    """A thin stroke ``span`` pixels high that leans sideways by ``lean`` of its height."""
    reach = round(abs(lean) * (span - 1) / 2)
    kernel = np.zeros((span, 2 * reach + 1), np.uint8)
    rows = np.arange(span)
    columns = np.round(reach + lean * (rows - (span - 1) / 2)).astype(np.intp)
    kernel[rows, np.clip(columns, 0, 2 * reach)] = 1
    return kernel


def align_blank(gray: Gray, blank: Gray, px_per_mm: float = CANVAS_PX_PER_MM) -> Gray:
    """The blank original's window, shifted by at most 0.35 mm to lie under the scan's print.

    Args:
        gray: (H, W) window of the scan.
        blank: (H + 2m, W + 2m) the same window of the blank original with a margin of
            ``blank_margin_px`` on every side.
        px_per_mm: scale of both.
    """
    margin = blank_margin_px(px_per_mm)
    scan, print_ = darkness(gray, px_per_mm), darkness(blank, px_per_mm)
    score = cv2.matchTemplate(print_, np.minimum(scan, 120.0), cv2.TM_CCORR)
    # The blank is moved over the scan, so brightness outside the print must not pull it along.
    _, best, _, (x, y) = cv2.minMaxLoc(score)
    if best <= float(score[margin, margin]) * 1.02:
        x = y = margin
    height, width = gray.shape
    return np.ascontiguousarray(blank[y : y + height, x : x + width])


def blank_margin_px(px_per_mm: float = CANVAS_PX_PER_MM) -> int:
    """How many pixels around the window ``align_blank`` wants of the blank."""
    return round(_BLANK_SHIFT_MM * px_per_mm)


def remove_print(ink: Mask, blank: Gray, px_per_mm: float = CANVAS_PX_PER_MM) -> Mask:
    """The mask less what the blank original prints; strokes across print stay whole.

    Args:
        ink: dark pixels of the window.
        blank: the same window of the blank original, aligned.
        px_per_mm: scale of both.
    """
    printed = ink_mask(blank, px_per_mm).astype(np.uint8)
    fringe = 2 * round(_BLANK_FRINGE_MM * px_per_mm) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (fringe, fringe))
    printed = cv2.dilate(printed, kernel)
    bits = ink.astype(np.uint8)
    rest = bits & (1 - printed)
    joined = np.zeros_like(rest)
    span = round(_BLANK_BRIDGE_MM * px_per_mm) | 1
    for lean in (-1.0, 0.0, 1.0):
        stroke = _stroke(span, lean)
        joined |= cv2.morphologyEx(rest, cv2.MORPH_CLOSE, stroke)
        joined |= cv2.morphologyEx(rest, cv2.MORPH_CLOSE, np.ascontiguousarray(stroke.T))
    kept = rest | (joined & printed & bits)
    return without_specks(kept.astype(np.bool_), px_per_mm)


__all__ = [
    "BOX_RULES",
    "LINE_RULES",
    "RuleStyle",
    "align_blank",
    "blank_margin_px",
    "remove_print",
    "remove_rules",
]
