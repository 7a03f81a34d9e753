"""The page as people look at it: a JPEG small enough for a screen, sharp enough for a crop."""

from __future__ import annotations

import cv2

from ocr_service.domain.arrays import Gray

VIEW_PX_PER_MM = 8.0
"""203 dpi: handwriting stays legible at twice the size on a 4K screen."""

_JPEG_QUALITY = 80
_LONGEST_SCAN_PX = 2400


def encode_canvas(canvas: Gray, px_per_mm: float) -> tuple[bytes, float]:
    """A registered page as JPEG, and its scale in pixels per millimetre."""
    scale = VIEW_PX_PER_MM / px_per_mm
    return _encode(canvas, scale), VIEW_PX_PER_MM


def encode_scan(gray: Gray) -> bytes:
    """A scan that fits no template, as it lies, its longer side at most 2400 pixels."""
    return _encode(gray, min(1.0, _LONGEST_SCAN_PX / max(gray.shape)))


def _encode(gray: Gray, scale: float) -> bytes:
    small = gray
    if scale < 1.0:
        small = cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    done, encoded = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    if not done:
        raise ValueError("a page of no pixels cannot be shown")
    return encoded.tobytes()


__all__ = ["VIEW_PX_PER_MM", "encode_canvas", "encode_scan"]
