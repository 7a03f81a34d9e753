"""Lines that dust on the scanner's glass draws down the whole page."""

from __future__ import annotations

import cv2
import numpy as np

from ocr_service.domain.arrays import Gray, Mask

_CONTRAST = 0.08
"""A streak is darker than paper by at least this share of the paper's brightness."""

_SPAN = 0.94
"""Share of the window's height it runs through; writing never does."""

_WIDEST_MM = 0.5
_LEAN_PX = 2
"""It may lean this far to either side while it is followed down."""


def streaks(gray: Gray, paper: float, px_per_mm: float) -> Mask:
    """Thin lines that cross the whole window from top to bottom, with the soft edge beside them.

    Where a streak crosses a stroke the stroke is kept: it is wider than the streak there.

    Args:
        gray: the window, with a margin above and below what is written.
        paper: brightness of bare paper, 1 to 255.
        px_per_mm: scale of ``gray``.
    """
    height = gray.shape[0]
    dark = (gray < paper * (1.0 - _CONTRAST)).astype(np.uint8)
    smeared = cv2.dilate(dark, np.ones((1, 2 * _LEAN_PX + 1), np.uint8))
    run = np.ones((max(1, int(_SPAN * height)), 1), np.uint8)
    through = cv2.morphologyEx(smeared, cv2.MORPH_OPEN, run, borderValue=0)
    if not through.any():
        return np.zeros(gray.shape, dtype=np.bool_)
    widest = int(_WIDEST_MM * px_per_mm)
    wide = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((1, widest + 1), np.uint8))
    lane = cv2.dilate(through, np.ones((1, 2 * _LEAN_PX + 1), np.uint8))
    return (lane > 0) & (wide == 0)


__all__ = ["streaks"]
