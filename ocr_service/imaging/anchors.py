"""Finds solid black marks and guesses from them how the page lies."""

from __future__ import annotations

from collections.abc import Sequence
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
_LONGER = (0.0, -0.012, 0.012, -0.024, 0.024)  # how much longer a page may be than it is wide
_MOST_LONGER, _MOST_SHEAR_RAD = 0.035, np.radians(0.8)
_USUAL_SCALE, _USUAL_SKEW_RAD, _GOOD_MARKS = 0.02, np.radians(2.0), 4.0
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
    best = _apart(xs, ys, score[ys, xs], side)
    centres = [_centroid(dark, x, y, gap_px) for x, y in zip(xs[best], ys[best], strict=True)]
    places = np.array(centres, dtype=np.float64).reshape(-1, 2)
    return (places + 0.5) / scene.thumb - 0.5


def _apart(
    xs: NDArray[np.intp], ys: NDArray[np.intp], score: NDArray[np.floating], side: float
) -> list[int]:
    """Indices of the best peaks, no two within a mark's side of each other.

    On clean print a mark's peak is flat, and every pixel of it is as high as its neighbours.
    """
    left = np.argsort(-score, kind="stable")
    kept: list[int] = []
    while len(left) and len(kept) < _MAX_CANDIDATES:
        best = int(left[0])
        kept.append(best)
        left = left[np.hypot(xs[left] - xs[best], ys[left] - ys[best]) >= side]
    return kept


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

    Any two marks under any two anchors give a turn and a scale; the rest must then agree, on a
    page that may be up to 3 % longer or shorter than it is wide. The marks of most forms look the
    same upside down, so both ways come back: the printed frames decide, not the marks.

    Args:
        places: (n, 2) marks in gray pixels, best first.
        anchors: the template's marks.
        px_per_mm: assumed scale; a way may differ from it by 12 %.
    """
    if len(places) < 2:  # noqa: PLR2004 -- a turn needs two points
        return []
    spots = places[:, 0] + 1j * places[:, 1]
    centres = np.array([complex(*a.box.centre) for a in anchors])
    pairings = _pairings(spots, centres, px_per_mm)
    guesses: list[Guess] = []
    for held, on in pairings.full:
        guess = _guess(centres[held], spots[on])
        if guess.misfit_mm <= _MISFIT_MM or _only_stretched(centres[held], spots[on]):
            guesses.append(guess)
        else:
            # One of the marks is none: what two of them say is still worth a look.
            pairings.pairs.append((held[:2], on[:2]))
    guesses.sort(key=lambda g: (-g.marks, g.misfit_mm))
    room = max(0, _MAX_GUESSES - len(guesses))
    pairs = [_guess(centres[held], spots[on]) for held, on in pairings.pairs[:room]]
    return (guesses + pairs)[:_MAX_GUESSES]


@dataclass(frozen=True, slots=True)
class _Pairings:
    """Which anchors lie on which marks, as index arrays: three or more, and two only."""

    full: list[tuple[NDArray[np.intp], NDArray[np.intp]]]
    pairs: list[tuple[NDArray[np.intp], NDArray[np.intp]]]


def _pairings(
    spots: NDArray[np.complex128], centres: NDArray[np.complex128], px_per_mm: float
) -> _Pairings:
    """All ways to lay anchors on marks, the likeliest of those with two only first."""
    keys, doubts = [], []
    for stretch in _LONGER:
        stretched = centres.real + 1j * centres.imag * (1.0 + stretch)
        turn, shift, doubt = _similarities(spots, stretched, px_per_mm)
        predicted = turn[:, None] * stretched + shift[:, None]
        distance = np.abs(predicted[:, :, None] - spots)
        close = distance.min(axis=2) <= _NEAR_MM * np.abs(turn)[:, None]
        keys.append(np.where(close, distance.argmin(axis=2), -1))
        doubts.append(doubt)
    key, doubt = np.concatenate(keys), np.concatenate(doubts)
    order = np.argsort(doubt, kind="stable")
    _, first = np.unique(key[order], axis=0, return_index=True)
    found = _Pairings([], [])
    for row in key[order][np.sort(first)]:
        held = np.flatnonzero(row >= 0)
        (found.pairs if len(held) == 2 else found.full).append((held, row[held]))  # noqa: PLR2004 -- two only
    return found


def _similarities(
    spots: NDArray[np.complex128], centres: NDArray[np.complex128], px_per_mm: float
) -> tuple[NDArray[np.complex128], NDArray[np.complex128], NDArray[np.float64]]:
    """Turn-and-scale maps z -> turn * z + shift that take two anchors to two marks.

    Returns:
        (k,) turns, (k,) shifts and (k,) doubts: scale and skew off the usual, poor marks.
    """
    one, other = np.triu_indices(len(centres), 1)
    vectors = spots[None, :] - spots[:, None]
    turns = vectors[None] / (centres[other] - centres[one])[:, None, None]
    with np.errstate(divide="ignore"):  # a mark and itself: scale 0, never within the slack
        scale = np.abs(np.abs(turns) / px_per_mm - 1)
    skew = np.abs((np.angle(turns) + np.pi / 4) % (np.pi / 2) - np.pi / 4)
    pair, p, q = np.nonzero((scale < _SCALE_SLACK) & (skew < _MAX_SKEW_RAD))
    turn = turns[pair, p, q]
    doubt = scale[pair, p, q] / _USUAL_SCALE + skew[pair, p, q] / _USUAL_SKEW_RAD
    return turn, spots[p] - turn * centres[one[pair]], doubt + (p + q) / _GOOD_MARKS


def _only_stretched(centres: NDArray[np.complex128], spots: NDArray[np.complex128]) -> bool:
    """Whether the marks fit a page that is merely longer or shorter than it should be."""
    design = np.stack([centres.real, centres.imag, np.ones(len(centres))], axis=1)
    solved, *_ = np.linalg.lstsq(design, np.stack([spots.real, spots.imag], axis=1))
    across, down = complex(*solved[0]), complex(*solved[1])
    if min(abs(across), abs(down)) == 0.0:
        return False
    rest = design @ solved - np.stack([spots.real, spots.imag], axis=1)
    misfit = float(np.sqrt(np.mean(np.sum(rest**2, axis=1)))) / abs(across)
    longer = abs(float(np.log(abs(down) / abs(across))))
    shear = abs(float(np.angle(down / (1j * across))))
    return misfit <= _MISFIT_MM and longer <= _MOST_LONGER and shear <= _MOST_SHEAR_RAD


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
