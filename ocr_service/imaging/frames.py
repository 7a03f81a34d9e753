"""Measures where printed edges lie against where the template puts them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_service.domain.arrays import Gray, Homography
from ocr_service.domain.geometry import BoxMm
from ocr_service.imaging.warp import mapped

_STEP_MM = 0.06
_ALONG = 13
_CORNER_FREE = 0.8  # share of a side that is looked at, clear of rounded corners
_DARK_SHARE_PERCENT = 75  # a rule is dark along most of its length; a pen stroke is not
_REACH_OF_SLOPE = 2  # profile steps either side over which a step in brightness is taken
_NEARLY_AS_STRONG = 0.55
_MIN_STEP, _STEP_OF_CONTRAST = 0.05, 0.22
SIDES_PER_FRAME = 4
_SIDES_TO_BE_FOUND = 3
IN_PLACE_MM = 0.45


class Picture(Protocol):
    """Pixels with how much darker their print is than their paper (0 to 1)."""

    @property
    def gray(self) -> Gray:
        """(H, W) pixels."""
        ...

    @property
    def contrast(self) -> float:
        """1 - print / paper."""
        ...


@dataclass(frozen=True, slots=True)
class Sides:
    """Edges of boxes: four a box, in the order top, right, bottom, left.

    Attributes:
        centre: (n, 2) middle of the side in page millimetres.
        out: (n, 2) unit vector out of the box.
        half_mm: (n,) half the side's length.
        solid: (n,) True for the edge of a solid mark (dark inside), False for a frame.
    """

    centre: NDArray[np.float64]
    out: NDArray[np.float64]
    half_mm: NDArray[np.float64]
    solid: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.half_mm)


@dataclass(frozen=True, slots=True)
class Probe:
    """What was measured along each side.

    Attributes:
        offset_mm: (n,) how far out of its place the edge lies, outward positive; NaN: not found.
        slope: (n,) strength of the step, as a share of the paper's brightness.
    """

    offset_mm: NDArray[np.float64]
    slope: NDArray[np.float64]

    @property
    def found(self) -> NDArray[np.bool_]:
        """(n,) sides where an edge was seen."""
        return np.isfinite(self.offset_mm)


def sides_of(frames: Sequence[BoxMm], marks: Sequence[BoxMm] = ()) -> Sides:
    """The sides of printed frames, then of solid marks."""
    boxes = np.array([[b.x, b.y, b.w, b.h] for b in (*frames, *marks)]).reshape(-1, 4)
    out = np.array([[0.0, -1.0], [1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
    size = boxes[:, None, 2:]
    centre = boxes[:, None, :2] + size / 2 + out * size / 2
    half = np.stack([boxes[:, 2], boxes[:, 3]] * 2, axis=1) / 2
    solid = np.arange(len(boxes)) >= len(frames)
    return Sides(
        centre=centre.reshape(-1, 2),
        out=np.tile(out, (len(boxes), 1)),
        half_mm=half.reshape(-1),
        solid=np.repeat(solid, SIDES_PER_FRAME),
    )


def probe(picture: Picture, to_gray: Homography, sides: Sides, reach_mm: float) -> Probe:
    """Look for each side's edge within ``reach_mm`` of its place.

    Args:
        picture: the page.
        to_gray: page millimetres to ``picture.gray`` pixels.
        sides: edges to look for, at least one.
        reach_mm: how far out and in to look.

    Returns:
        For each side the edge nearest to its place among those nearly as strong as the strongest.
    """
    slope, steps = edge_slopes(picture, to_gray, sides, reach_mm)
    threshold = max(_MIN_STEP, _STEP_OF_CONTRAST * picture.contrast)
    return _nearest_edge(slope, steps, threshold)


def edge_slopes(
    picture: Picture, to_gray: Homography, sides: Sides, reach_mm: float
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """How sharply brightness falls on the way out through each side.

    Returns:
        (n, m) fall, as a share of the paper's brightness, and (m,) where, in millimetres outward
        of the side's place; symmetric about 0.
    """
    margin = _REACH_OF_SLOPE
    count = round(reach_mm / _STEP_MM) + margin
    steps = np.arange(-count, count + 1, dtype=np.float64) * _STEP_MM
    profile = _profiles(picture.gray, to_gray, sides, steps)
    paper = np.percentile(profile, 90, axis=1, keepdims=True).astype(np.float32)
    slope = (profile[:, : -2 * margin] - profile[:, 2 * margin :]) / np.maximum(paper, 30.0)
    slope[sides.solid] *= -1.0
    return slope, steps[margin:-margin]


def _profiles(
    gray: Gray, to_gray: Homography, sides: Sides, steps: NDArray[np.float64]
) -> NDArray[np.float32]:
    """(sides, steps) brightness on the way out through each side."""
    tangent = np.abs(sides.out[:, ::-1])
    reach = sides.half_mm[:, None] * _CORNER_FREE
    # Within a few millimetres of a side the map is affine: three points a side give it.
    here = mapped(to_gray, sides.centre)
    end = mapped(to_gray, sides.centre + tangent * reach) - here
    outward = mapped(to_gray, sides.centre + sides.out) - here
    along = np.linspace(-1.0, 1.0, _ALONG, dtype=np.float32)
    offsets = steps.astype(np.float32)
    base, lengthwise, across = (
        v.astype(np.float32)[:, None, None, :] for v in (here, end, outward)
    )
    places = base + lengthwise * along[:, None] + across * offsets[:, None, None]
    places = places.reshape(len(sides), -1, 2)
    seen = cv2.remap(
        gray, places, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=255
    ).reshape(len(sides), len(steps), _ALONG)
    seen.sort(axis=2)
    share = round(_DARK_SHARE_PERCENT / 100 * (_ALONG - 1))
    profile = np.where(sides.solid[:, None], seen[:, :, _ALONG // 2], seen[:, :, share])
    return cv2.blur(profile.astype(np.float32), (3, 1))


def _nearest_edge(
    slope: NDArray[np.float32], steps: NDArray[np.float64], threshold: float
) -> Probe:
    strongest = slope.max(axis=1, keepdims=True)
    peak = np.zeros(slope.shape, dtype=np.bool_)
    peak[:, 1:-1] = (slope[:, 1:-1] >= slope[:, :-2]) & (slope[:, 1:-1] > slope[:, 2:])
    peak &= (slope >= threshold) & (slope >= _NEARLY_AS_STRONG * strongest)
    distance = np.where(peak, np.abs(steps), np.inf)
    at = np.clip(distance.argmin(axis=1), 1, slope.shape[1] - 2)
    rows = np.arange(len(slope))
    before, here, after = slope[rows, at - 1], slope[rows, at], slope[rows, at + 1]
    bend = np.minimum(before - 2 * here + after, -1e-6)
    shift = np.clip(0.5 * (before - after) / bend, -1.0, 1.0)
    offset = np.where(peak.any(axis=1), steps[at] + shift * _STEP_MM, np.nan)
    return Probe(offset.astype(np.float64), here.astype(np.float64))


def frames_in_place(measured: Probe, within_mm: float = IN_PLACE_MM) -> NDArray[np.bool_]:
    """(frames,) True where at least three of a frame's four sides lie in their place."""
    close = np.abs(np.nan_to_num(measured.offset_mm, nan=np.inf)) <= within_mm
    return close.reshape(-1, SIDES_PER_FRAME).sum(axis=1) >= _SIDES_TO_BE_FOUND


__all__ = [
    "IN_PLACE_MM",
    "Picture",
    "Probe",
    "Sides",
    "edge_slopes",
    "frames_in_place",
    "probe",
    "sides_of",
]
