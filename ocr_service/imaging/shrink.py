"""Makes small copies of whole scans."""

from __future__ import annotations

import cv2

from ocr_service.domain.arrays import Gray

_HALF = 0.5


def shrunk(gray: Gray, factor: float) -> Gray:
    """A small copy whose pixels are the means of those they cover.

    Halves first as often as it can: that is ten times quicker than averaging in one odd step.

    Args:
        gray: (H, W) pixels.
        factor: pixels of the copy per pixel, above 0.

    Returns:
        (H * factor, W * factor), rounded, at least one pixel; up to a pixel of the scan is lost
        at the right and the lower edge with every halving.
    """
    while factor <= _HALF and min(gray.shape) > 1:
        height, width = gray.shape[0] // 2, gray.shape[1] // 2
        gray = cv2.resize(
            gray[: 2 * height, : 2 * width], (width, height), interpolation=cv2.INTER_AREA
        )
        factor *= 2.0
    height, width = gray.shape
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    if size == (width, height):
        return gray
    return cv2.resize(gray, size, interpolation=cv2.INTER_AREA)


__all__ = ["shrunk"]
