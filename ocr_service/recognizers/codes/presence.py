"""Is there a voucher at all? Told by what it covers and by the dense prints it carries."""

from __future__ import annotations

import cv2
import numpy as np

from ocr_service.domain.arrays import Gray
from ocr_service.domain.geometry import CANVAS_PX_PER_MM
from ocr_service.recognizers.base import CropPart

_PRINT_CONTRAST = 0.35
_LEAST_CONTRAST = 14.0
_COVERED_SHARE = 0.4
_LEAST_PRINT_MM2 = 4.0
_CLOSING_MM = 0.9
_BLOCKS_MM = ((8.0, 8.0), (20.0, 4.0))
_BLOCK_FILL = 0.8
_ALIGNMENT_SLACK_MM = 0.4


def sticker_present(part: CropPart) -> bool:
    """Whether something with dense print was put on the area.

    With the registered blank original, a sticker shows by hiding the form's own print. Without
    it, only a solid block of print tells: a QR, a bar code or a blackened patch. Instruction
    print of the form is too thin and too widely spaced to make such a block.
    """
    if part.blank is not None and _hides(part.gray, part.blank):
        return True
    return _has_dense_block(part.gray)


def _print_of(gray: Gray) -> Gray:
    """1 where there is print or ink, relative to the crop's own paper and black."""
    dark, paper = np.percentile(gray[::4, ::4], (0.5, 70.0))
    step = max(_LEAST_CONTRAST, _PRINT_CONTRAST * float(paper - dark))
    soft = cv2.GaussianBlur(gray, (0, 0), 1.0)
    return (soft < float(paper) - step).astype(np.uint8)


def _hides(gray: Gray, blank: Gray) -> bool:
    """Whether much of the blank's print is gone from the scan."""
    printed = _print_of(blank)
    if printed.sum() < _LEAST_PRINT_MM2 * CANVAS_PX_PER_MM**2:
        return False
    slack = 2 * round(_ALIGNMENT_SLACK_MM * CANVAS_PX_PER_MM) + 1
    still_there = cv2.dilate(_print_of(gray), np.ones((slack, slack), np.uint8))
    hidden = (printed == 1) & (still_there == 0)
    return float(hidden.sum()) / float(printed.sum()) > _COVERED_SHARE


def _has_dense_block(gray: Gray) -> bool:
    reach = round(_CLOSING_MM * CANVAS_PX_PER_MM)
    closed = cv2.morphologyEx(
        _print_of(gray), cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8)
    ).astype(np.float32)
    for width_mm, height_mm in _BLOCKS_MM:
        width, height = round(width_mm * CANVAS_PX_PER_MM), round(height_mm * CANVAS_PX_PER_MM)
        if closed.shape[0] >= height and closed.shape[1] >= width:
            fill = cv2.blur(closed, (width, height), borderType=cv2.BORDER_CONSTANT)
            if float(fill.max()) >= _BLOCK_FILL:
                return True
    return False


__all__ = ["sticker_present"]
