"""Finds solid black marks and guesses from them how the page lies."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_service.domain.arrays import Homography
from ocr_service.forms.model import Anchor, PageSpec
from ocr_service.imaging.scene import Scene

_MAX_CANDIDATES = 20
_MIN_SCORE = 0.4
_INSIDE, _GAP, _RING = 0.8, 1.3, 1.75  # sides of the three squares, in mark sides
_MAX_SKEW_RAD = np.radians(9.0)
_SCALE_SLACK = 0.12
_NEAR_MM = 2.5
_MISFIT_MM = 1.2  # half a percent of stretch over a page; a wrong mark lies further off
_MAX_GUESSES = 24
_EXACT = 4
_STRETCH = (-0.007, 0.0, 0.007)
_FINE_STRETCH = (-0.009, -0.0045, 0.0, 0.0045, 0.009)


@dataclass(frozen=True, slots=True)
class Guess:
    """A way the page may lie.

    Attributes:
        to_gray: page millimetres to ``Scene.gray`` pixels.
        marks: marks it rests on.
        misfit_mm: how badly the marks fit one another under a pure turn and scale.
        held_mm: centres of the marks it rests on, on the page.
    """

    to_gray: Homography
    marks: int
    misfit_mm: float
    held_mm: tuple[NDArray[np.float64], ...] = ()


def find_marks(scene: Scene, side_mm: float) -> NDArray[np.float64]:
    """Places that look like a solid black square on paper, best first.

    Each place is scored by how dark a square of the mark's size is there and how light the ring
    around it: lines that touch, specks and thin streaks through the mark matter little.

    Args:
        scene: the page.
        side_mm: side of the marks.

    Returns:
        (n, 2) x, y in ``scene.gray`` pixels, n ≤ 20.
    """
    dark = np.minimum(scene.darkness / (0.8 * scene.contrast), 1.0)
    side = side_mm * scene.px_per_mm * scene.thumb
    inside, _ = _mean(dark, _INSIDE * side)
    gap, gap_px = _mean(dark, _GAP * side)
    wide, wide_px = _mean(dark, _RING * side)
    ring = (wide * wide_px**2 - gap * gap_px**2) / (wide_px**2 - gap_px**2)
    score = inside - ring
    around = max(3, round(side) | 1)
    peak = (score >= cv2.dilate(score, np.ones((around, around), np.uint8))) & (score > _MIN_SCORE)
    ys, xs = np.nonzero(peak)
    best = np.argsort(-score[ys, xs])[:_MAX_CANDIDATES]
    centres = [_centroid(dark, x, y, gap_px) for x, y in zip(xs[best], ys[best], strict=True)]
    places = np.array(centres, dtype=np.float64).reshape(-1, 2)
    return (places + 0.5) / scene.thumb - 0.5


def _mean(dark: NDArray[np.float32], side: float) -> tuple[NDArray[np.float32], int]:
    size = max(1, 2 * round((side - 1) / 2) + 1)
    return cv2.blur(dark, (size, size), borderType=cv2.BORDER_CONSTANT), size


def _centroid(dark: NDArray[np.float32], x: int, y: int, size: int) -> tuple[float, float]:
    half = size // 2
    top, left = max(0, y - half), max(0, x - half)
    weight = dark[top : y + half + 1, left : x + half + 1]
    weight = np.where(weight > 0.5, weight, 0.0)  # noqa: PLR2004 -- half dark
    total = float(weight.sum())
    rows, columns = weight.sum(axis=1), weight.sum(axis=0)
    return (
        left + float(columns @ np.arange(columns.size)) / total,
        top + float(rows @ np.arange(rows.size)) / total,
    )


def guesses_from_marks(
    places: NDArray[np.float64], anchors: Sequence[Anchor], px_per_mm: float
) -> list[Guess]:
    """Ways the page may lie that put at least two anchors on found marks, best first.

    Any two marks under any two anchors give a turn and a scale; the rest must then agree. The
    marks of most forms look the same upside down, so both ways come back: the printed frames
    decide, not the marks.

    Args:
        places: (n, 2) marks in gray pixels.
        anchors: the template's marks.
        px_per_mm: assumed scale; a way may differ from it by 12 %.
    """
    if len(places) < 2:  # noqa: PLR2004 -- a turn needs two points
        return []
    spots = places[:, 0] + 1j * places[:, 1]
    centres = np.array([complex(*a.box.centre) for a in anchors])
    seen: dict[tuple[int, ...], Guess] = {}
    for turn, shift in _similarities(spots, centres, px_per_mm):
        predicted = turn * centres + shift
        distance = np.abs(predicted[:, None] - spots[None, :])
        nearest = distance.argmin(axis=1)
        close = distance.min(axis=1) <= _NEAR_MM * abs(turn)
        key = tuple(int(n) if ok else -1 for n, ok in zip(nearest, close, strict=True))
        if key not in seen:
            guess = _guess(centres[close], spots[nearest[close]])
            if guess.misfit_mm <= _MISFIT_MM:
                seen[key] = guess
    ranked = sorted(seen.values(), key=lambda g: (-g.marks, g.misfit_mm))
    return ranked[:_MAX_GUESSES]


def _similarities(
    spots: NDArray[np.complex128], centres: NDArray[np.complex128], px_per_mm: float
) -> Iterator[tuple[complex, complex]]:
    """Turn-and-scale maps z -> turn * z + shift that take two anchors to two marks."""
    vectors = spots[None, :] - spots[:, None]
    for i, j in itertools.combinations(range(len(centres)), 2):
        turns = vectors / (centres[j] - centres[i])
        skew = np.abs((np.angle(turns) + np.pi / 4) % (np.pi / 2) - np.pi / 4)
        fits = (np.abs(np.abs(turns) / px_per_mm - 1) < _SCALE_SLACK) & (skew < _MAX_SKEW_RAD)
        for p, q in zip(*np.nonzero(fits), strict=True):
            yield complex(turns[p, q]), complex(spots[p] - turns[p, q] * centres[i])


def _guess(centres: NDArray[np.complex128], spots: NDArray[np.complex128]) -> Guess:
    mean_c, mean_s = centres.mean(), spots.mean()
    turn = np.vdot(centres - mean_c, spots - mean_s) / np.vdot(centres - mean_c, centres - mean_c)
    misfit = np.abs(turn * (centres - mean_c) + mean_s - spots) / abs(turn)
    source = np.stack([centres.real, centres.imag], axis=1).astype(np.float32)
    target = np.stack([spots.real, spots.imag], axis=1).astype(np.float32)
    if len(source) == _EXACT:
        matrix = cv2.getPerspectiveTransform(source, target)
    elif len(source) > _EXACT:
        matrix = cv2.findHomography(source, target)[0]
    elif len(source) == 3:  # noqa: PLR2004 -- three points fix an affine map
        matrix = np.vstack([cv2.getAffineTransform(source, target), [0.0, 0.0, 1.0]])
    else:
        shift = mean_s - turn * mean_c
        matrix = similarity(complex(turn), complex(shift))
    rms = float(np.sqrt(np.mean(misfit**2)))
    held = tuple(source.astype(np.float64))
    return Guess(np.asarray(matrix, dtype=np.float64), len(source), rms, held)


def similarity(turn: complex, shift: complex) -> Homography:
    """The matrix of z -> turn * z + shift, with z = x + iy."""
    return np.array(
        [[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag], [0.0, 0.0, 1.0]]
    )


def nudged(guess: Guess, page: PageSpec) -> list[Homography]:
    """The guess, and ways near it that its few marks leave open.

    Scanners stretch and shear by half a percent. Three marks show that; two show it along their
    line only, none not at all, and across the page it adds up to more than a box's rule is thick.

    Returns:
        Maps from page millimetres to gray pixels, the guess itself first.
    """
    if guess.marks > 2:  # noqa: PLR2004 -- three points fix an affine map
        return [guess.to_gray]
    if guess.marks == 0:
        held = np.array([page.width_mm / 2, page.height_mm / 2])
        bends = [np.array([[x, z], [0.0, y]]) for x in _STRETCH for y in _STRETCH for z in _STRETCH]
    else:
        (held, other) = guess.held_mm
        along = (other - held) / np.hypot(*(other - held))
        across = np.array([-along[1], along[0]])
        bends = [
            np.outer(x * along + y * across, across) for x in _FINE_STRETCH for y in _FINE_STRETCH
        ]
    bends.sort(key=lambda bend: float(np.abs(bend).sum()))
    maps = []
    for bend in bends:
        map_ = np.eye(3)
        map_[:2, :2] += bend
        map_[:2, 2] = -bend @ held
        maps.append(guess.to_gray @ map_)
    return maps


__all__ = ["Guess", "find_marks", "guesses_from_marks", "nudged", "similarity"]
