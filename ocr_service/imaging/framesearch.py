"""Finds how a page lies from its printed frames alone, for pages whose marks are lost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_service.domain.geometry import BoxMm
from ocr_service.forms.model import PageSpec
from ocr_service.imaging.anchors import Guess, similarity
from ocr_service.imaging.scene import Scene

_SEARCH_PX_PER_MM = 2.0
_SKEWS_DEG = np.arange(-6.0, 6.01, 0.5)
_FINE_SKEWS_DEG = np.arange(-0.5, 0.51, 0.1)
_SCALES = (1.0, 0.985, 1.015, 0.97, 1.03)
_KEPT = 4


def guesses_from_frames(scene: Scene, page: PageSpec, frames: Sequence[BoxMm]) -> Iterable[Guess]:
    """Ways the page may lie, by laying a drawing of its frames over the scan's lines.

    The scan is deskewed by its own lines first; then turn (quarters), scale and shift are tried.

    Returns:
        At most four guesses, best first, each resting on no marks.
    """
    thin = _line_picture(scene)
    skew = _skew_deg(thin)
    middle = (thin.shape[1] / 2, thin.shape[0] / 2)
    level = _turned(thin, skew, middle)
    scored: list[tuple[float, complex, complex]] = []
    for quarter in range(4):
        turned = np.ascontiguousarray(np.rot90(level, quarter))
        for scale in _SCALES:
            score, x, y = _best_shift(turned, page, frames, _SEARCH_PX_PER_MM * scale)
            turn, shift = _undo_quarter(level.shape, quarter)
            placed = turn * complex(x, y) + shift
            lean = np.exp(1j * np.radians(skew))
            centre = complex(*middle)
            total_turn = lean * turn * _SEARCH_PX_PER_MM * scale
            total_shift = lean * (placed - centre) + centre
            scored.append((score, complex(total_turn), complex(total_shift)))
    scored.sort(key=lambda entry: -entry[0])
    grow = scene.px_per_mm / _SEARCH_PX_PER_MM
    return [Guess(similarity(t * grow, s * grow), 0, 0.0) for _, t, s in scored[:_KEPT]]


def _line_picture(scene: Scene) -> NDArray[np.float32]:
    """Darkness of thin print at 2 px/mm; solid areas count no more than lines."""
    factor = _SEARCH_PX_PER_MM / (scene.px_per_mm * scene.thumb)
    dark = np.minimum(scene.darkness / (0.6 * scene.contrast), 1.0)
    thick = cv2.erode(dark, np.ones((7, 7), np.uint8))
    thin = dark - cv2.dilate(thick, np.ones((7, 7), np.uint8))
    height, width = thin.shape
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return cv2.resize(np.clip(thin, 0, 1), size, interpolation=cv2.INTER_AREA)


def _turned(
    picture: NDArray[np.float32], degrees: float, middle: tuple[float, float]
) -> NDArray[np.float32]:
    matrix = cv2.getRotationMatrix2D(middle, degrees, 1.0)
    return cv2.warpAffine(picture, matrix, picture.shape[::-1])


def _skew_deg(thin: NDArray[np.float32]) -> float:
    """Turn (clockwise) of the picture's lines: rows are most uneven when lines lie level."""
    middle = (thin.shape[1] / 2, thin.shape[0] / 2)

    def unevenness(degrees: float) -> float:
        level = _turned(thin, degrees, middle)
        rows, columns = level.sum(axis=1), level.sum(axis=0)
        return float(np.sum(np.diff(rows) ** 2) + np.sum(np.diff(columns) ** 2))

    coarse = max(_SKEWS_DEG.tolist(), key=unevenness)
    return float(max((_FINE_SKEWS_DEG + coarse).tolist(), key=unevenness))


def _best_shift(
    picture: NDArray[np.float32], page: PageSpec, frames: Sequence[BoxMm], scale: float
) -> tuple[float, float, float]:
    """Score and position (x, y px) of the page's top-left corner at one scale."""
    drawing = _drawing(page, frames, scale)
    height, width = drawing.shape
    edge = round(0.12 * max(height, width))
    padded = cv2.copyMakeBorder(
        picture,
        edge,
        edge + max(0, height - picture.shape[0]),
        edge,
        edge + max(0, width - picture.shape[1]),
        cv2.BORDER_CONSTANT,
        value=0.0,
    )
    response = cv2.matchTemplate(padded, drawing, cv2.TM_CCORR)
    _, best, _, at = cv2.minMaxLoc(response)
    return float(best) / scale, float(at[0] - edge), float(at[1] - edge)


def _drawing(page: PageSpec, frames: Sequence[BoxMm], scale: float) -> NDArray[np.float32]:
    """Frame outlines as ridges between shallow ditches, so that grey areas score nothing."""
    height, width = round(page.height_mm * scale), round(page.width_mm * scale)
    lines = np.zeros((height, width), np.float32)
    for box in frames:
        left, top, right, bottom = box.grown(0.15).to_px(scale)
        cv2.rectangle(lines, (left, top), (right, bottom), 1.0, 1)
    return lines - cv2.blur(lines, (7, 7))


def _undo_quarter(shape: tuple[int, ...], quarter: int) -> tuple[complex, complex]:
    """The map from a picture turned by ``np.rot90(picture, quarter)`` back to the picture."""
    height, width = shape[0], shape[1]
    shifts = (0j, complex(width, 0), complex(width, height), complex(0, height))
    return complex(1j**quarter), shifts[quarter]


__all__ = ["guesses_from_frames"]
