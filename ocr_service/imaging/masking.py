"""Paints over areas that must not be kept."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from ocr_service.domain.arrays import Gray, Homography
from ocr_service.domain.geometry import BoxMm
from ocr_service.imaging.warp import PAPER, quad_of

_BEYOND_MM = 0.5  # a registered page may lie a little off


def mask_canvas(canvas: Gray, boxes: Sequence[BoxMm]) -> Gray:
    """The registered page with ``boxes`` and half a millimetre around them painted over."""
    painted = canvas.copy()
    for box in boxes:
        left, top, right, bottom = (max(0, v) for v in box.grown(_BEYOND_MM).to_px())
        painted[top:bottom, left:right] = PAPER
    return painted


def mask_scan(scan: Gray, boxes: Sequence[BoxMm], homography: Homography) -> Gray:
    """The scan with the same areas painted over.

    Args:
        scan: page pixels as decoded.
        boxes: areas in millimetres on the template page.
        homography: scan pixels to canvas pixels.
    """
    painted = scan.copy()
    for box in boxes:
        corners = np.round(quad_of(box.grown(_BEYOND_MM), homography)).astype(np.int32)
        cv2.fillConvexPoly(painted, corners, PAPER)
    return painted


__all__ = ["mask_canvas", "mask_scan"]
