"""Takes printed rules, and the print of a known blank original, out of an ink mask."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_service.domain.arrays import Gray, Mask
from ocr_service.domain.geometry import CANVAS_PX_PER_MM
from ocr_service.imaging.ink import darkness, ink_mask, without_specks

_MAX_RULE_MM = 1.1  # thicker than this is a black area, not a rule
_FRINGE_MM = 0.17  # blur beside a rule
_DASH_GAP_MM = 1.3
_LONG_SHARE = 0.85  # a line across this much of the window is a table rule wherever it runs
_BRIDGE_SPARE_MM = 0.3
_BLANK_SHIFT_MM = 0.35
_BLANK_FRINGE_MM = 0.14
_BLANK_BRIDGE_MM = 0.4

_Bits = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class RuleStyle:
    """Where rules are looked for in a window.

    Attributes:
        inset_mm: how far inside the box rules may still lie; writing further in is never touched.
        share: length of a rule, as a share of the box's side along it.
        least_mm: and its least length.
        dashed: dashed and dotted rules count too.
    """

    inset_mm: float
    share: float
    least_mm: float
    dashed: bool = False


BOX_RULES = RuleStyle(inset_mm=0.2, share=0.5, least_mm=1.6)
"""For a printed box of which the four rules are known to the tenth of a millimetre."""

LINE_RULES = RuleStyle(inset_mm=0.5, share=0.5, least_mm=3.0, dashed=True)
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
    least = style.least_mm * px_per_mm
    across = max(least, style.share * (right - left))
    down = max(least, style.share * (bottom - top))
    level = _rule(bits, min(across, _LONG_SHARE * bits.shape[1]), style, px_per_mm)
    upright = _rule(bits.T, min(down, _LONG_SHARE * bits.shape[0]), style, px_per_mm).T
    rules = (level | upright) & outside & bits
    rest = bits & (1 - rules)
    kept = rest | (_bridged(rest, level | upright, px_per_mm) & rules)
    return without_specks(kept.astype(np.bool_), px_per_mm)


def _rule(bits: _Bits, length_px: float, style: RuleStyle, px_per_mm: float) -> _Bits:
    """Pixels of level rules at least so long, with the blur beside them."""
    length = max(3, round(length_px))
    source = bits
    if style.dashed:
        gap = np.ones((1, max(3, round(_DASH_GAP_MM * px_per_mm))), np.uint8)
        source = cv2.morphologyEx(bits, cv2.MORPH_CLOSE, gap)
    runs = cv2.morphologyEx(source, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    tall = np.ones((round(_MAX_RULE_MM * px_per_mm) + 1, 1), np.uint8)
    runs = runs & (1 - cv2.morphologyEx(runs, cv2.MORPH_OPEN, tall))
    fringe = 2 * round(_FRINGE_MM * px_per_mm) + 1
    return cv2.dilate(runs, np.ones((fringe, 3), np.uint8))


def _bridged(rest: _Bits, rules: _Bits, px_per_mm: float) -> _Bits:
    """Where writing on both sides of a rule joins up across it, straight or slanting."""
    if not rules.any():
        return np.zeros_like(rest)
    thick = cv2.distanceTransform(rules, cv2.DIST_L2, 3).max() * 2
    span = min(round(thick + _BRIDGE_SPARE_MM * px_per_mm), round(1.6 * px_per_mm)) | 1
    joined = np.zeros_like(rest)
    for kernel in _strokes(span):
        joined |= cv2.morphologyEx(rest, cv2.MORPH_CLOSE, kernel)
    return joined


def _strokes(span: int) -> list[_Bits]:
    upright = np.zeros((span, span), np.uint8)
    upright[:, span // 2] = 1
    slanting = np.eye(span, dtype=np.uint8)
    return [upright, upright.T.copy(), slanting, slanting[::-1].copy()]


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
    for stroke in _strokes(round(_BLANK_BRIDGE_MM * px_per_mm) | 1):
        joined |= cv2.morphologyEx(rest, cv2.MORPH_CLOSE, stroke)
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
