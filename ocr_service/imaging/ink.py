"""Tells ink from paper: local paper level, ink masks, blank pages."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_service.domain.arrays import Gray, Mask
from ocr_service.domain.geometry import CANVAS_PX_PER_MM
from ocr_service.imaging.shrink import shrunk

_PAPER_REACH_MM = 4.0
_SPECK_MM2 = 0.18  # as it shows in a mask; a pen's dot is twice that
_MIN_DARKNESS, _NOISE_SIGMAS = 18.0, 4.5
_SEED_FACTOR = 1.4
_MAD_TO_SIGMA = 1.4826
_PAPER_SHARE, _STRONGEST_SHARE = 0.7, 0.995
_PALE_SHARE = 0.22  # of the darkest writing: what is paler is smear, blur or show-through
_BLANK_SIDE_PX = 600
_BLANK_BORDER = 0.04
_BLANK_SHARE = 3e-4
_BLANK_DARKNESS = 0.25


def darkness(gray: Gray, px_per_mm: float = CANVAS_PX_PER_MM) -> NDArray[np.float32]:
    """How many gray levels each pixel is darker than the paper around it.

    Args:
        gray: a window of a page.
        px_per_mm: its scale.

    Returns:
        (H, W) float32, 0 to 255; paper scatters around 0.
    """
    reach = max(3, round(_PAPER_REACH_MM * px_per_mm / 4) | 1)
    height, width = gray.shape
    quarter = (max(1, width // 4), max(1, height // 4))
    small = cv2.medianBlur(cv2.resize(gray, quarter, interpolation=cv2.INTER_AREA), 3)
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    paper = cv2.blur(paper, (reach, reach), borderType=cv2.BORDER_REPLICATE)
    level = cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.clip(level.astype(np.float32) - gray.astype(np.float32), 0.0, 255.0)


def ink_mask(
    gray: Gray,
    px_per_mm: float = CANVAS_PX_PER_MM,
    *,
    within: tuple[slice, slice] | None = None,
) -> Mask:
    """Pixels that carry ink or print, from light pencil to black.

    A pixel counts if it stands clear of the paper's own noise and belongs to something that
    stands clearly clear of it; specks of less than 0.18 mm² do not count.

    Args:
        gray: a window of a page.
        px_per_mm: its scale.
        within: rows and columns from which to learn how dark the writing is; the inside of a
            printed box, say, so that black rules around it do not make pencil look pale.
    """
    smooth = cv2.GaussianBlur(darkness(gray, px_per_mm), (0, 0), 0.06 * px_per_mm)
    low = _threshold(smooth if within is None else smooth[within])
    weak = (smooth > low).astype(np.uint8)
    seeds = smooth > _SEED_FACTOR * low
    if not seeds.any():
        return np.zeros(gray.shape, dtype=np.bool_)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(weak, connectivity=8)
    seeded = np.zeros(count, dtype=np.bool_)
    seeded[labels[seeds]] = True
    keep = seeded & (stats[:, cv2.CC_STAT_AREA] >= _SPECK_MM2 * px_per_mm**2)
    keep[0] = False
    return keep[labels]


def without_specks(mask: Mask, px_per_mm: float = CANVAS_PX_PER_MM) -> Mask:
    """The mask less what is smaller than 0.18 mm²."""
    if not mask.any():
        return mask
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        mask.astype(np.uint8), connectivity=8
    )
    keep = stats[:count, cv2.CC_STAT_AREA] >= _SPECK_MM2 * px_per_mm**2
    keep[0] = False
    return keep[labels]


def _threshold(dark: NDArray[np.float32]) -> float:
    """Darkness above which a pixel is no longer paper."""
    dark = dark[::2, ::2]  # a quarter of the pixels tell the same levels
    if not dark.size:
        return _MIN_DARKNESS
    levels = dark.ravel()
    clear, strongest = _quantiles(levels, (_PAPER_SHARE, _STRONGEST_SHARE))
    paper = levels[levels <= clear]
    (middle,) = _quantiles(paper, (0.5,))
    (spread,) = _quantiles(np.abs(paper - np.float32(middle)), (0.5,))
    spread *= _MAD_TO_SIGMA
    noise = min(middle + _NOISE_SIGMAS * spread, 0.5 * strongest)
    return max(_MIN_DARKNESS, noise, _PALE_SHARE * strongest)


def _quantiles(levels: NDArray[np.float32], shares: tuple[float, ...]) -> list[float]:
    """What given shares of the levels lie below, in one go; np.percentile takes thrice as long."""
    places = [share * (len(levels) - 1) for share in shares]
    ends = [(int(at), min(int(at) + 1, len(levels) - 1)) for at in places]
    levels = np.partition(levels, sorted({end for pair in ends for end in pair}))
    return [
        float(levels[low]) + (at - low) * (float(levels[high]) - float(levels[low]))
        for at, (low, high) in zip(places, ends, strict=True)
    ]


def is_blank(gray: Gray) -> bool:
    """Whether a scanned page carries no print or writing to speak of.

    Args:
        gray: a whole page at any scale; its outermost 4 % (scanner shadows, staples) are not
            looked at.
    """
    height, width = gray.shape
    shrink = min(1.0, _BLANK_SIDE_PX / min(height, width))
    small = cv2.medianBlur(shrunk(gray, shrink), 3)
    paper = cv2.dilate(small, np.ones((31, 31), np.uint8))
    paper = cv2.blur(paper, (31, 31)).astype(np.float32)
    dark = 1.0 - small.astype(np.float32) / np.maximum(paper, 40.0)
    height, width = small.shape
    top, left = round(_BLANK_BORDER * height), round(_BLANK_BORDER * width)
    inner = dark[top : height - top or None, left : width - left or None]
    return bool(np.mean(inner > _BLANK_DARKNESS) < _BLANK_SHARE)


__all__ = ["darkness", "ink_mask", "is_blank", "without_specks"]
