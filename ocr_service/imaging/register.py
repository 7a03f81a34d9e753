"""Finds how a scanned page lies on a template page.

Marks give a first guess, printed frames decide between guesses (upside down or not) and then
carry the exact fit: four marks are four points, the frames are hundreds of measured edges.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ocr_service.domain.arrays import Gray, Homography
from ocr_service.domain.geometry import BoxMm
from ocr_service.domain.page import Registration
from ocr_service.forms.model import PageSpec
from ocr_service.imaging.anchors import Guess, find_marks, guesses_from_marks
from ocr_service.imaging.fit import fit_correction
from ocr_service.imaging.frames import (
    SIDES_PER_FRAME,
    Probe,
    Sides,
    frames_in_place,
    probe,
    sides_of,
)
from ocr_service.imaging.framesearch import guesses_from_frames
from ocr_service.imaging.scene import Scene, make_scene, onto_scan, scale_guesses
from ocr_service.imaging.warp import MM_TO_CANVAS

MIN_STRUCTURE = 0.6
MAX_RESIDUAL_MM = 0.4
_MIN_FRAMES = 3
_FEW_FRAMES = 32
_GUESS_REACH_MM = 1.6
_GUESS_MIN_STRUCTURE = 0.25
_GUESSES_REFINED = 3
_REFINE_REACHES_MM = (1.4, 0.8, 0.6, 0.6)
_FINAL_REACH_MM = 0.9
_GROSS_MM = 0.6
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
    for guess in _promising(scene, sides_of(_spread(frames, _FEW_FRAMES)), guesses):
        fitted = _refined(scene, guess.to_gray, some, every)
        if fitted.marks < _MARKS_THAT_HOLD and _could_be_shifted(scene, fitted, frames):
            continue
        if best is None or fitted.structure > best.structure:
            best = fitted
        if _good(best):
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
        shifted = _share_seen(probe(scene, fitted.to_gray @ move, sides, _FINAL_REACH_MM))
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


def _refined(scene: Scene, to_gray: Homography, some: Sides, every: Sides) -> _Fitted:
    sides = some
    for index, reach in enumerate(_REFINE_REACHES_MM):
        sides = some if index < len(_REFINE_REACHES_MM) - 1 else every
        measured = probe(scene, to_gray, sides, reach)
        correction = fit_correction(sides, measured, perspective=index > 0)
        to_gray = to_gray @ correction
        to_gray = to_gray / to_gray[2, 2]
    measured = probe(scene, to_gray, sides, _FINAL_REACH_MM)
    in_place = frames_in_place(measured)
    solid = sides.solid[::SIDES_PER_FRAME]
    offset = measured.offset_mm[measured.found]
    offset = offset[np.abs(offset) <= _GROSS_MM]
    return _Fitted(
        to_gray=to_gray,
        structure=float(in_place[~solid].mean()),
        residual_mm=float(np.sqrt(np.mean(offset**2))) if len(offset) else float("inf"),
        marks=int(in_place[solid].sum()),
    )


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
