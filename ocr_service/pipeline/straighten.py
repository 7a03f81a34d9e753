"""Lays a scan straight as a person says, so that it can be read like any other."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_service.domain.arrays import Gray, Homography
from ocr_service.domain.placement import PageHint
from ocr_service.imaging.decode import DecodeLimits, decode_page
from ocr_service.imaging.warp import PAPER
from ocr_service.pipeline.view import encode_scan

_LONGEST_PX = 8000
_PAPER_RATIO = 2.0**0.5
"""Long to short side of every sheet of the A and B series."""


@dataclass(frozen=True, slots=True)
class Straightened:
    """A scan laid straight.

    Attributes:
        png: the page as a file of its own.
        homography: scan pixels to pixels of ``png``.
        scan_jpeg: the scan as it came, for people.
    """

    png: bytes
    homography: Homography
    scan_jpeg: bytes


def straighten(
    data: bytes, page_index: int, hint: PageHint, *, limits: DecodeLimits | None = None
) -> Straightened:
    """One page of a file, turned and cut to the paper's corners.

    Args:
        data: the file's bytes.
        page_index: 0-based page.
        hint: how the scan lies.
        limits: bounds on pages, pixels and time.

    Raises:
        InputError: the page cannot be decoded.
    """
    gray = decode_page(data, page_index, limits or DecodeLimits()).gray
    height, width = gray.shape
    whole = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    at = np.array(hint.corners or whole) * (width - 1, height - 1)
    if hint.corners is None:
        # Turned clockwise, what was the bottom-left corner comes to the top-left.
        at = np.roll(at, hint.turns, axis=0)
    size, homography = _upright(at, paper=hint.corners is not None)
    flat = cv2.warpPerspective(
        gray, homography, size, flags=cv2.INTER_LINEAR, borderValue=float(PAPER)
    )
    return Straightened(_png(flat), homography, encode_scan(gray))


def _upright(corners: NDArray[np.float64], *, paper: bool) -> tuple[tuple[int, int], Homography]:
    """(width, height) of the page in scan pixels, and the map onto it.

    Seen askew, a sheet's sides tell little of its shape; ``paper`` says that it is known.
    """
    sides = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    width, height = max(sides[0], sides[2]), max(sides[1], sides[3])
    if paper and height >= width:
        width = max(width, height / _PAPER_RATIO)
        height = width * _PAPER_RATIO
    elif paper:
        height = max(height, width / _PAPER_RATIO)
        width = height * _PAPER_RATIO
    shrink = min(1.0, _LONGEST_PX / max(width, height))
    size = (max(round(width * shrink) + 1, 2), max(round(height * shrink) + 1, 2))
    target = np.array(
        [[0, 0], [size[0] - 1, 0], [size[0] - 1, size[1] - 1], [0, size[1] - 1]], np.float32
    )
    homography = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
    return size, homography


def _png(gray: Gray) -> bytes:
    done, encoded = cv2.imencode(".png", gray, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    if not done:
        raise ValueError("a page of no pixels cannot be laid straight")
    return encoded.tobytes()


__all__ = ["Straightened", "straighten"]
