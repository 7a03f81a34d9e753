"""Finds how a scanned page lies on a template page.

Marks give a first guess, printed frames decide between guesses (upside down or not) and then
carry the exact fit: four marks are four points, the frames are hundreds of measured edges.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocr_service.domain.arrays import Gray, Homography
from ocr_service.domain.geometry import BoxMm
from ocr_service.domain.page import Registration
from ocr_service.forms.model import PageSpec
from ocr_service.imaging.anchors import Guess, find_marks, guesses_from_marks, nudged
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
from ocr_service.imaging.framesearch import guesses_from_frames
from ocr_service.imaging.scene import Scene, make_scene, onto_scan, scale_guesses
from ocr_service.imaging.warp import MM_TO_CANVAS, mapped

MIN_STRUCTURE = 0.6
MAX_RESIDUAL_MM = 0.4
_MIN_FRAMES = 3
_FEW_FRAMES = 32
_GUESS_REACH_MM = 1.6
_GUESS_MIN_STRUCTURE = 0.25
_GUESSES_REFINED = 3
_FIRST_REACH_MM, _REACH_MM = 1.4, 0.8
_MAX_ROUNDS, _SETTLED_MM = 8, 0.02
_SAME_BOX_MM = 0.2
_BEYOND_DOUBT = 0.9
_GROSS_MM = 0.6
_NEAR_MISS_MM = 0.8
_MARKS_THAT_HOLD = 2
_NEXT_BOX_MM = 20.0
_SHIFTS_TRIED = 8
_CLEAR_LEAD = 0.3


@dataclass(frozen=True, slots=True)
class _Fitted:
    to_gray: Homography
    structure: float
    residual_mm: float
    marks: int


class PageRegistrar:
    """Registers one scan against any number of template pages, sharing what they share."""

    def __init__(self, gray: Gray, dpi: float = 0.0) -> None:
        self._gray = gray
        self._dpi = dpi
        self._scenes: dict[float, Scene] = {}

    def register(self, page: PageSpec, frames: Sequence[BoxMm]) -> Registration | None:
        """How the scan lies on ``page``.

        Args:
            page: the template page.
            frames: printed boxes (inside of the rule) in millimetres.

        Returns:
            The best way found, which need not be good: see ``is_match``. None where nothing on
            the scan resembles the page.
        """
        best: tuple[_Fitted, Scene] | None = None
        for search in (_by_marks, guesses_from_frames):
            for scale in scale_guesses(self._gray, self._dpi, page):
                scene = self._scene(scale)
                fitted = _best_fit(scene, page, frames, search(scene, page, frames))
                if fitted and (best is None or fitted.structure > best[0].structure):
                    best = fitted, scene
                if best and _good(best[0]):
                    return _registration(*best, page)
        return _registration(*best, page) if best else None

    def _scene(self, scale: float) -> Scene:
        key = round(scale, 2)
        if key not in self._scenes:
            self._scenes[key] = make_scene(self._gray, scale)
        return self._scenes[key]


def register(
    gray: Gray, page: PageSpec, frames: Sequence[BoxMm], *, dpi: float = 0.0
) -> Registration | None:
    """How a scan lies on one template page; see ``PageRegistrar.register``."""
    return PageRegistrar(gray, dpi).register(page, frames)


def is_match(registration: Registration) -> bool:
    """Whether the scan is this page and lies exactly enough to be cut into fields."""
    return registration.structure >= MIN_STRUCTURE and registration.residual_mm <= MAX_RESIDUAL_MM


def _good(fitted: _Fitted) -> bool:
    return fitted.structure >= MIN_STRUCTURE and fitted.residual_mm <= MAX_RESIDUAL_MM


def _by_marks(scene: Scene, page: PageSpec, frames: Sequence[BoxMm]) -> Iterable[Guess]:  # noqa: ARG001 -- same shape as the search by frames
    side_mm = float(np.median([min(a.box.w, a.box.h) for a in page.anchors]))
    return guesses_from_marks(find_marks(scene, side_mm), page.anchors, scene.px_per_mm)


def _best_fit(
    scene: Scene, page: PageSpec, frames: Sequence[BoxMm], guesses: Iterable[Guess]
) -> _Fitted | None:
    """The best of several guesses after refinement, None if none shows the page's frames."""
    if len(frames) < _MIN_FRAMES:
        return None
    marks = [a.box for a in page.anchors]
    some = sides_of(_spread(frames, _FEW_FRAMES), marks)
    every = sides_of(frames, marks)
    best: _Fitted | None = None
    bare = sides_of(_spread(frames, _FEW_FRAMES))
    for guess in _promising(scene, bare, guesses):
        to_gray = max(nudged(guess, page), key=lambda way: _nearness(probe(scene, way, bare, 1.0)))
        fitted = _refined(scene, to_gray, some, every)
        if fitted.marks < _MARKS_THAT_HOLD and _could_be_shifted(scene, fitted, frames):
            continue
        if best is None or fitted.structure > best.structure:
            best = fitted
        if best.structure >= _BEYOND_DOUBT:
            break
    return best


def _could_be_shifted(scene: Scene, fitted: _Fitted, frames: Sequence[BoxMm]) -> bool:
    """Whether the page would look much the same laid one box further on.

    A row of equal boxes fits itself when moved by one; only marks, or boxes elsewhere, tell.
    """
    centres = np.array([box.centre for box in frames])
    steps = centres[None, :, :] - centres[:, None, :]
    steps = steps[(np.abs(steps).max(axis=2) > 1.0) & (np.hypot(*steps.T).T < _NEXT_BOX_MM)]
    sides = sides_of(_spread(frames, _FEW_FRAMES))
    rounded, counts = np.unique(np.round(steps), axis=0, return_counts=True)
    for step in rounded[np.argsort(-counts)[:_SHIFTS_TRIED]]:
        near = steps[np.abs(steps - step).max(axis=1) <= 1.0]
        move = np.eye(3)
        move[:2, 2] = near.mean(axis=0)
        shifted = _share_seen(probe(scene, fitted.to_gray @ move, sides, _REACH_MM))
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
        seen = _share_seen(probe(scene, guess.to_gray, some, _GUESS_REACH_MM))
        if seen >= _GUESS_MIN_STRUCTURE:
            scored.append((seen, guess))
            scored.sort(key=lambda entry: -entry[0])
    return [guess for _, guess in scored[:_GUESSES_REFINED]]


def _spread(frames: Sequence[BoxMm], count: int) -> list[BoxMm]:
    if len(frames) <= count:
        return list(frames)
    return [frames[round(i)] for i in np.linspace(0, len(frames) - 1, count)]


def _share_seen(measured: Probe) -> float:
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


def _refined(scene: Scene, to_gray: Homography, some: Sides, every: Sides) -> _Fitted:
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
    return _Fitted(
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


def _registration(fitted: _Fitted, scene: Scene, page: PageSpec) -> Registration:
    to_scan = onto_scan(scene, fitted.to_gray)
    homography = MM_TO_CANVAS @ np.linalg.inv(to_scan)
    x, y = page.width_mm / 2, page.height_mm / 2
    ends = to_scan @ np.array([[x - 50.0, x + 50.0], [y, y], [1.0, 1.0]])
    across = ends[:2, 1] / ends[2, 1] - ends[:2, 0] / ends[2, 0]
    return Registration(
        homography=homography / homography[2, 2],
        residual_mm=fitted.residual_mm,
        rotation_deg=float(np.degrees(np.arctan2(across[1], across[0])) % 360.0),
        marks_found=fitted.marks,
        structure=fitted.structure,
    )


__all__ = ["MAX_RESIDUAL_MM", "MIN_STRUCTURE", "PageRegistrar", "is_match", "register"]
