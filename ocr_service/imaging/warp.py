"""Between scan pixels, canvas pixels and millimetres.

Pixel centres lie at whole numbers, as OpenCV has it: the canvas pixel (0, 0) covers the square
from 0 to 1/12 mm, so its centre, the point (0.0, 0.0), is 1/24 mm inside the page.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_service.domain.arrays import Gray, Homography, Quad
from ocr_service.domain.geometry import CANVAS_PX_PER_MM, BoxMm
from ocr_service.forms.model import PageSpec

_SOFT_BELOW_PX_PER_MM = 10.0
_FINE_ABOVE_PX_PER_MM = 1.4 * CANVAS_PX_PER_MM
PAPER = 255

MM_TO_CANVAS: Homography = np.array(
    [[CANVAS_PX_PER_MM, 0.0, -0.5], [0.0, CANVAS_PX_PER_MM, -0.5], [0.0, 0.0, 1.0]]
)
"""Page millimetres to canvas pixels."""


def canvas_size(page: PageSpec) -> tuple[int, int]:
    """(height, width) of a page's canvas in pixels."""
    return round(page.height_mm * CANVAS_PX_PER_MM), round(page.width_mm * CANVAS_PX_PER_MM)


def warp(gray: Gray, homography: Homography, page: PageSpec) -> Gray:
    """Resample a scan onto the canvas of a template page.

    Args:
        gray: the scan.
        homography: scan pixels to canvas pixels.
        page: the template page.

    Returns:
        (height_mm, width_mm) x ``CANVAS_PX_PER_MM``; outside the scan is 255 (paper).
    """
    scale = scan_px_per_mm(homography, page)
    if scale > _FINE_ABOVE_PX_PER_MM:
        shrink = CANVAS_PX_PER_MM / scale
        size = (round(gray.shape[1] * shrink), round(gray.shape[0] * shrink))
        grow_x, grow_y = gray.shape[1] / size[0], gray.shape[0] / size[1]
        gray = cv2.resize(gray, size, interpolation=cv2.INTER_AREA)
        homography = homography @ np.array(
            [
                [grow_x, 0.0, grow_x / 2 - 0.5],
                [0.0, grow_y, grow_y / 2 - 0.5],
                [0.0, 0.0, 1.0],
            ]
        )
    height, width = canvas_size(page)
    sharp = scale < _SOFT_BELOW_PX_PER_MM
    return cv2.warpPerspective(
        gray,
        homography,
        (width, height),
        flags=cv2.INTER_CUBIC if sharp else cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=PAPER,
    )


def scan_px_per_mm(homography: Homography, page: PageSpec) -> float:
    """Scale of a scan at the middle of the page."""
    x, y = page.width_mm / 2, page.height_mm / 2
    corners = mm_to_scan(np.array([[x, y], [x + 1, y], [x, y + 1]]), homography)
    across, down = corners[1] - corners[0], corners[2] - corners[0]
    return float(np.sqrt(abs(across[0] * down[1] - across[1] * down[0])))


def mapped(homography: Homography, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, 2) points through a homography."""
    through = np.column_stack([points, np.ones(len(points))]) @ homography.T
    return through[:, :2] / through[:, 2:]


def mm_to_scan(points_mm: NDArray[np.float64], homography: Homography) -> NDArray[np.float64]:
    """(n, 2) page millimetres to (n, 2) scan pixels."""
    to_scan = np.linalg.inv(homography) @ MM_TO_CANVAS
    return mapped(to_scan, points_mm)


def scan_to_mm(points_px: NDArray[np.float64], homography: Homography) -> NDArray[np.float64]:
    """(n, 2) scan pixels to (n, 2) page millimetres."""
    to_mm = np.linalg.inv(MM_TO_CANVAS) @ homography
    return mapped(to_mm, points_px)


def quad_of(box: BoxMm, homography: Homography) -> Quad:
    """A box's corners in scan pixels: top-left, top-right, bottom-right, bottom-left."""
    corners = [(box.x, box.y), (box.right, box.y), (box.right, box.bottom), (box.x, box.bottom)]
    return mm_to_scan(np.array(corners), homography)


__all__ = [
    "MM_TO_CANVAS",
    "PAPER",
    "canvas_size",
    "mapped",
    "mm_to_scan",
    "quad_of",
    "scan_px_per_mm",
    "scan_to_mm",
    "warp",
]
