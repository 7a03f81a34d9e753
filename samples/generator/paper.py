"""The page being filled: gray pixels that take ink, and pasted stickers."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_service.domain.arrays import Gray
from samples.generator.chance import Rng

PX_PER_MM = 300 / 25.4
"""Forms are filled at 300 dpi."""

Coverage = NDArray[np.float32]
"""(H, W) float32, 0 = no ink, 1 = full ink."""


@dataclass(frozen=True, slots=True)
class Ink:
    """What flows out of a pen.

    Attributes:
        opacity: how much of the paper full coverage hides, 0 to 1.
        tone: gray of the ink, 0 = black.
        grain: how broken the line is, 0 = ballpoint, 0.5 = hard pencil on rough paper.
    """

    opacity: float
    tone: float
    grain: float


class Paper:
    """A page of gray pixels at 300 dpi.

    Attributes:
        gray: (H, W) uint8, changed in place.
    """

    def __init__(self, background: Gray) -> None:
        self.gray = background.copy()

    def ink(self, coverage: Coverage, left_px: int, top_px: int, ink: Ink, rng: Rng) -> None:
        """Lay ``coverage`` on the page with its top-left corner at the given pixel.

        Parts beyond the edge of the page are dropped.
        """
        height, width = self.gray.shape
        top, left = max(0, top_px), max(0, left_px)
        bottom = min(height, top_px + coverage.shape[0])
        right = min(width, left_px + coverage.shape[1])
        if bottom <= top or right <= left:
            return
        part = coverage[top - top_px : bottom - top_px, left - left_px : right - left_px]
        strength = part * ink.opacity
        if ink.grain > 0:
            rough = rng.random(part.shape, dtype=np.float32)
            strength = strength * (1 - ink.grain * rough)
        area = self.gray[top:bottom, left:right].astype(np.float32)
        mixed = area * (1 - strength) + np.minimum(area, ink.tone) * strength
        self.gray[top:bottom, left:right] = mixed.astype(np.uint8)

    def paste(self, patch: Gray, centre_px: tuple[float, float], angle_deg: float) -> None:
        """Put an opaque sticker on the page.

        Args:
            patch: (H, W) uint8 at twice the page's resolution.
            centre_px: where its centre comes to lie.
            angle_deg: turn, clockwise positive.
        """
        high, wide = patch.shape
        reach = int(np.hypot(high, wide) / 2) + 4
        turn = cv2.getRotationMatrix2D((wide / 2, high / 2), -angle_deg, 1.0)
        fraction = np.array(centre_px) - np.floor(centre_px)
        turn[:, 2] += reach - np.array([wide, high]) / 2 + 2 * fraction
        size = (2 * reach, 2 * reach)
        turned = cv2.warpAffine(patch, turn, size, flags=cv2.INTER_LINEAR, borderValue=255)
        solid = cv2.warpAffine(np.full_like(patch, 255), turn, size, flags=cv2.INTER_LINEAR)
        small = (reach, reach)
        turned = cv2.resize(turned, small, interpolation=cv2.INTER_AREA)
        cover = cv2.resize(solid, small, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        left = int(np.floor(centre_px[0])) - reach // 2
        top = int(np.floor(centre_px[1])) - reach // 2
        self._cover(turned, cover, left, top)

    def _cover(self, patch: Gray, cover: Coverage, left: int, top: int) -> None:
        height, width = self.gray.shape
        x0, y0 = max(0, left), max(0, top)
        x1, y1 = min(width, left + patch.shape[1]), min(height, top + patch.shape[0])
        if x1 <= x0 or y1 <= y0:
            return
        window = np.s_[y0 - top : y1 - top, x0 - left : x1 - left]
        below = self.gray[y0:y1, x0:x1].astype(np.float32)
        mixed = below * (1 - cover[window]) + patch[window] * cover[window]
        self.gray[y0:y1, x0:x1] = np.clip(mixed, 0, 255).astype(np.uint8)


__all__ = ["PX_PER_MM", "Coverage", "Ink", "Paper"]
