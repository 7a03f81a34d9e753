"""Array types that cross module boundaries, with the contract each name stands for."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Gray: TypeAlias = NDArray[np.uint8]
"""(H, W) uint8, 0 = black ink, 255 = white paper, origin top-left."""

Mask: TypeAlias = NDArray[np.bool_]
"""(H, W) bool, True = ink written on the paper (printed rules removed)."""

Homography: TypeAlias = NDArray[np.float64]
"""(3, 3) float64, maps (x, y, 1) of scan pixels to canvas pixels."""

Quad: TypeAlias = NDArray[np.float64]
"""(4, 2) float64 pixel corners: top-left, top-right, bottom-right, bottom-left."""

__all__ = ["Gray", "Homography", "Mask", "Quad"]
