"""Corrects a page's homography so that measured edges come to lie where the template has them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ocr_service.domain.arrays import Homography
from ocr_service.imaging.frames import Probe, Sides

_UNIT_MM = 100.0  # brings page coordinates to the order of one
_ROUNDS = 8
_MIN_CUT_MM, _CUT_IN_SPREADS = 0.12, 4.0
_MAD_TO_SIGMA = 1.4826
_PERSPECTIVE_STIFFNESS = 0.02
_ANY_STIFFNESS = 1e-4


def fit_correction(sides: Sides, measured: Probe, *, perspective: bool) -> Homography:
    """The small map of page millimetres that explains the measured offsets.

    Every found side says how far its edge is off across the side, nothing along it. Sides that
    disagree with the rest (pen strokes, a neighbour's rule) lose their weight (Tukey's biweight).

    Args:
        sides: where the edges should be.
        measured: where they are under the present homography.
        perspective: also fit the two perspective terms; needs edges spread over the page.

    Returns:
        (3, 3); the present map composed with it (``to_gray @ correction``) is the better one.
    """
    middle = sides.centre.mean(axis=0)
    found = measured.found
    design = _design((sides.centre[found] - middle) / _UNIT_MM, sides.out[found])
    offset = measured.offset_mm[found]
    stiffness = np.full(8, _ANY_STIFFNESS * max(len(offset), 1))
    stiffness[6:] = _PERSPECTIVE_STIFFNESS * max(len(offset), 1) if perspective else 1e12
    terms = _biweight_fit(design, offset, stiffness)
    a0, a1, a2, b0, b1, b2, g, h = terms
    inner = np.array(
        [
            [1 + a1 / _UNIT_MM, a2 / _UNIT_MM, a0],
            [b1 / _UNIT_MM, 1 + b2 / _UNIT_MM, b0],
            [g / _UNIT_MM**2, h / _UNIT_MM**2, 1.0],
        ]
    )
    there = np.array([[1.0, 0.0, middle[0]], [0.0, 1.0, middle[1]], [0.0, 0.0, 1.0]])
    back = np.array([[1.0, 0.0, -middle[0]], [0.0, 1.0, -middle[1]], [0.0, 0.0, 1.0]])
    return there @ inner @ back


def _design(at: NDArray[np.float64], out: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, 8) derivative of each side's offset by the eight terms of the map."""
    u, v = at[:, 0], at[:, 1]
    one = np.ones_like(u)
    across = np.stack([one, u, v], axis=1)
    bend = -(out[:, :1] * u[:, None] + out[:, 1:] * v[:, None]) * at
    return np.concatenate([across * out[:, :1], across * out[:, 1:], bend], axis=1)


def _biweight_fit(
    design: NDArray[np.float64], offset: NDArray[np.float64], stiffness: NDArray[np.float64]
) -> NDArray[np.float64]:
    terms = np.zeros(design.shape[1])
    if not len(offset):
        return terms
    weight = 1.0 / np.maximum(np.abs(offset - np.median(offset)), 0.1)
    for _ in range(_ROUNDS):
        weighted = design * weight[:, None]
        terms = np.linalg.solve(design.T @ weighted + np.diag(stiffness), weighted.T @ offset)
        rest = offset - design @ terms
        spread = _MAD_TO_SIGMA * float(np.median(np.abs(rest)))
        cut = max(_MIN_CUT_MM, _CUT_IN_SPREADS * spread)
        weight = np.maximum(1.0 - (rest / cut) ** 2, 0.0) ** 2
    return terms


__all__ = ["fit_correction"]
