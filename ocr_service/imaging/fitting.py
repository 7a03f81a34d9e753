"""Carries guesses how a page lies on to the exact fit, and says how good it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ocr_service.domain.arrays import Homography
from ocr_service.domain.geometry import BoxMm
from ocr_service.forms.model import PageSpec
from ocr_service.imaging.anchors import Guess, nudged
from ocr_service.imaging.fit import fit_correction
from ocr_service.imaging.frames import (
    IN_PLACE_MM,
    SIDES_PER_FRAME,
    Probe,
    Sides,
    frames_in_place,
    probe,
    sides_of,
)
from ocr_service.imaging.scene import Scene
from ocr_service.imaging.warp import mapped

MIN_STRUCTURE = 0.6
MAX_RESIDUAL_MM = 0.4
_MIN_FRAMES = 3
_FEW_FRAMES = 32
_GLANCE_FRAMES = 9
_GUESS_REACH_MM = 1.6
_GUESS_MIN_STRUCTURE = 0.25
_GUESSES_REFINED = 3
_FIRST_REACH_MM, _REACH_MM = 1.4, 0.8
_MAX_ROUNDS, _SETTLED_MM = 8, 0.02
_SAME_BOX_MM = 0.2
_BEYOND_DOUBT, _SMALL_RESIDUAL_MM = 0.9, 0.25
_GROSS_MM = 0.6
_NEAR_MISS_MM = 0.8
_MARKS_THAT_HOLD = 2
_NEXT_BOX_MM = 20.0
_SHIFTS_TRIED = 8
_CLEAR_LEAD = 0.3


@dataclass(frozen=True)  # no slots: cached_property wants a __dict__
class Layout:
    """What a template page prints that a scan can be laid by.

    Attributes:
        page: the template page.
        frames: printed boxes (inside of the rule) in millimetres.
    """

    page: PageSpec
    frames: tuple[BoxMm, ...]

    @cached_property
    def every(self) -> Sides:
        """The sides of all frames, then of the marks."""
        return sides_of(self.frames, [a.box for a in self.page.anchors])

    @cached_property
    def some(self) -> Sides:
        """The sides of up to 32 frames over the page, then of the marks."""
        return sides_of(_spread(self.frames, _FEW_FRAMES), [a.box for a in self.page.anchors])

    @cached_property
    def bare(self) -> Sides:
        """The sides of up to 32 frames over the page."""
        return sides_of(_spread(self.frames, _FEW_FRAMES))

    @cached_property
    def few(self) -> Sides:
        """The sides of up to 9 frames over the page, for a first glance."""
        return sides_of(_spread(self.frames, _GLANCE_FRAMES))

    @property
    def tells(self) -> bool:
        """Whether there are enough frames to tell the page by."""
        return len(self.frames) >= _MIN_FRAMES


@dataclass(frozen=True, slots=True)
class Fitted:
    """How a scan lies on a template page.

    Attributes:
        to_gray: page millimetres to ``Scene.gray`` pixels.
        structure: share of frames in place less the share seen beside theirs, 0 to 1.
        residual_mm: root mean square of what the edges are off their places.
        marks: marks in place.
    """

    to_gray: Homography
    structure: float
    residual_mm: float
    marks: int

    @property
    def good(self) -> bool:
        """Whether the scan is this page and lies exactly enough to be cut into fields."""
        return self.structure >= MIN_STRUCTURE and self.residual_mm <= MAX_RESIDUAL_MM

    @property
    def sure(self) -> bool:
        """Whether the scan is this page, or one almost the same, beyond doubt."""
        return (
            self.structure >= _BEYOND_DOUBT
            and self.residual_mm <= _SMALL_RESIDUAL_MM
            and self.marks >= _MARKS_THAT_HOLD
        )


def glance(scene: Scene, layout: Layout, ways: Iterable[Homography]) -> float:
    """Share of a few frames seen under the best of several ways the page may lie."""
    if not layout.tells:
        return 0.0
    seen = (share_seen(probe(scene, way, layout.few, _GUESS_REACH_MM)) for way in ways)
    return max(seen, default=0.0)


def best_fit(scene: Scene, layout: Layout, guesses: Iterable[Guess]) -> Fitted | None:
    """The best of several guesses after refinement, None if none shows the page's frames."""
    if not layout.tells:
        return None
    best: Fitted | None = None
    for guess in _promising(scene, layout.bare, guesses):
        ways = nudged(guess, layout.page)
        if len(ways) > 1:
            ways.sort(key=lambda way: -_nearness(probe(scene, way, layout.bare, 1.0)))
        fitted = _refined(scene, ways[0], layout.some, layout.every)
        if fitted.marks < _MARKS_THAT_HOLD and _could_be_shifted(scene, fitted, layout):
            continue
        if best is None or fitted.structure > best.structure:
            best = fitted
        if best.structure >= _BEYOND_DOUBT:
            break
    return best


def _could_be_shifted(scene: Scene, fitted: Fitted, layout: Layout) -> bool:
    """Whether the page would look much the same laid one box further on.

    A row of equal boxes fits itself when moved by one; only marks, or boxes elsewhere, tell.
    """
    centres = np.array([box.centre for box in layout.frames])
    steps = centres[None, :, :] - centres[:, None, :]
    steps = steps[(np.abs(steps).max(axis=2) > 1.0) & (np.hypot(*steps.T).T < _NEXT_BOX_MM)]
    rounded, counts = np.unique(np.round(steps), axis=0, return_counts=True)
    for step in rounded[np.argsort(-counts)[:_SHIFTS_TRIED]]:
        near = steps[np.abs(steps - step).max(axis=1) <= 1.0]
        move = np.eye(3)
        move[:2, 2] = near.mean(axis=0)
        shifted = share_seen(probe(scene, fitted.to_gray @ move, layout.bare, _REACH_MM))
        if shifted > fitted.structure - _CLEAR_LEAD:
            return True
    return False


def _promising(scene: Scene, some: Sides, guesses: Iterable[Guess]) -> list[Guess]:
    """The guesses under which frames show, best first.

    Guesses that rest on fewer marks are looked at only where those with more show little.
    """
    scored: list[tuple[float, Guess]] = []
    for guess in guesses:
        if scored and guess.marks < scored[0][1].marks and scored[0][0] >= MIN_STRUCTURE:
            break
        seen = share_seen(probe(scene, guess.to_gray, some, _GUESS_REACH_MM))
        if seen >= _GUESS_MIN_STRUCTURE:
            scored.append((seen, guess))
            scored.sort(key=lambda entry: -entry[0])
    return [guess for _, guess in scored[:_GUESSES_REFINED]]


def _spread(frames: Sequence[BoxMm], count: int) -> list[BoxMm]:
    if len(frames) <= count:
        return list(frames)
    return [frames[round(i)] for i in np.linspace(0, len(frames) - 1, count)]


def share_seen(measured: Probe) -> float:
    """Share of frames seen, wherever a common shift of up to a millimetre puts them."""
    offset = measured.offset_mm.reshape(-1, SIDES_PER_FRAME)
    across = np.concatenate([offset[:, 1], -offset[:, 3]])
    down = np.concatenate([offset[:, 2], -offset[:, 0]])
    if np.isnan(across).all() or np.isnan(down).all():
        return 0.0
    dx, dy = float(np.nanmedian(across)), float(np.nanmedian(down))
    aligned = offset - np.array([-dy, dx, dy, -dx])
    return float(frames_in_place(Probe(aligned.reshape(-1), measured.slope)).mean())


def _nearness(measured: Probe) -> float:
    """How many sides lie in their place, near misses counting in part."""
    offset = np.abs(np.nan_to_num(measured.offset_mm, nan=_NEAR_MISS_MM))
    return float(np.maximum(1.0 - offset / _NEAR_MISS_MM, 0.0).sum())


def _refined(scene: Scene, to_gray: Homography, some: Sides, every: Sides) -> Fitted:
    """The fit carried on until it no longer moves, and how good it is."""
    for index in range(_MAX_ROUNDS):
        measured = probe(scene, to_gray, some, _FIRST_REACH_MM if index < 2 else _REACH_MM)  # noqa: PLR2004 -- two wide looks
        correction = fit_correction(some, measured, perspective=index > 0)
        to_gray = to_gray @ correction
        to_gray = to_gray / to_gray[2, 2]
        if index > 1 and _largest_move_mm(correction, some) < _SETTLED_MM:
            break
    measured = probe(scene, to_gray, every, _REACH_MM)
    to_gray = to_gray @ fit_correction(every, measured, perspective=True)
    to_gray = to_gray / to_gray[2, 2]
    measured = probe(scene, to_gray, every, _FIRST_REACH_MM)
    solid = every.solid[::SIDES_PER_FRAME]
    in_place = frames_in_place(measured)
    # A frame seen clearly beside its place speaks against the fit as one in place speaks for it.
    structure = float(in_place[~solid].mean() - _beside_their_place(measured)[~solid].mean())
    offset = measured.offset_mm[measured.found]
    offset = offset[np.abs(offset) <= _GROSS_MM]
    return Fitted(
        to_gray=to_gray,
        structure=max(structure, 0.0),
        residual_mm=float(np.sqrt(np.mean(offset**2))) if len(offset) else float("inf"),
        marks=int(in_place[solid].sum()),
    )


def _largest_move_mm(correction: Homography, sides: Sides) -> float:
    return float(np.abs(mapped(correction, sides.centre) - sides.centre).max())


def _beside_their_place(measured: Probe) -> NDArray[np.bool_]:
    """(frames,) True where opposite sides agree that a frame lies elsewhere."""
    top, right, bottom, left = measured.offset_mm.reshape(-1, SIDES_PER_FRAME).T
    beside = np.zeros(len(top), dtype=np.bool_)
    for far, near in ((right, left), (bottom, top)):
        both = np.isfinite(far) & np.isfinite(near)
        far, near = np.where(both, far, 0.0), np.where(both, near, 0.0)  # noqa: PLW2901 -- without the unseen
        beside |= (np.abs(far + near) < _SAME_BOX_MM) & (np.abs(far - near) / 2 > IN_PLACE_MM)
    return beside


__all__ = [
    "MAX_RESIDUAL_MM",
    "MIN_STRUCTURE",
    "Fitted",
    "Layout",
    "best_fit",
    "glance",
    "share_seen",
]
