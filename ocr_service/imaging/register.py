"""Finds how a scanned page lies on template pages.

Marks give a first guess, printed frames decide between guesses (upside down or not) and then
carry the exact fit: four marks are four points, the frames are hundreds of measured edges.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ocr_service.domain.arrays import Gray
from ocr_service.domain.geometry import BoxMm
from ocr_service.domain.page import Registration
from ocr_service.forms.model import PageSpec
from ocr_service.imaging.anchors import Guess, find_marks, guesses_from_marks
from ocr_service.imaging.fitting import (
    MAX_RESIDUAL_MM,
    MIN_STRUCTURE,
    Fitted,
    Layout,
    best_fit,
    glance,
)
from ocr_service.imaging.framesearch import guesses_from_frames
from ocr_service.imaging.scene import Scene, make_scene, onto_scan, scale_guesses
from ocr_service.imaging.warp import MM_TO_CANVAS

_MARKS_WORTH_A_GLANCE = 3
_RIVAL_STRUCTURE = 0.5
_WEAK_STRUCTURE = 0.75
_Place = tuple[Fitted, Scene]


class PageRegistrar:
    """Registers one scan against any number of template pages, sharing what they share."""

    def __init__(self, gray: Gray, dpi: float = 0.0) -> None:
        self._gray = gray
        self._dpi = dpi
        self._scenes: dict[float, Scene] = {}
        self._marks: dict[tuple[float, float], NDArray[np.float64]] = {}
        self._guesses: dict[tuple[float, tuple[BoxMm, ...]], list[Guess]] = {}

    def register(self, page: PageSpec, frames: Sequence[BoxMm]) -> Registration | None:
        """How the scan lies on ``page``; see ``register_all``."""
        return self.register_all([Layout(page, tuple(frames))])[0]

    def register_all(self, layouts: Sequence[Layout]) -> list[Registration | None]:
        """How the scan lies on each of several template pages.

        All are tried by their marks first. Where one fits beyond doubt, only pages that look much
        like it where it lies are tried further; the costly search by frames is for scans that
        fit none by marks.

        Args:
            layouts: the template pages.

        Returns:
            For each the best way found, which need not be good: see ``is_match``. None where
            nothing on the scan resembles the page, or another page fits beyond doubt.
        """
        best: list[_Place | None] = [None] * len(layouts)
        self._by_marks(layouts, best)
        if not any(found and _settles(found[0]) for found in best):
            self._by_frames(layouts, best)
        return [
            _registration(*found, layout.page) if found else None
            for found, layout in zip(best, layouts, strict=True)
        ]

    def _by_marks(self, layouts: Sequence[Layout], best: list[_Place | None]) -> None:
        """Try every page by marks, at its second scale only where no page fits at its first."""
        scales = [scale_guesses(self._gray, self._dpi, layout.page) for layout in layouts]
        for turn in range(max(map(len, scales), default=0)):
            looks = []
            for index, layout in enumerate(layouts):
                if turn < len(scales[index]):
                    scene = self._scene(scales[index][turn])
                    guesses = self._guesses_by_marks(scene, layout.page)
                    held = [g.to_gray for g in guesses if g.marks >= _MARKS_WORTH_A_GLANCE]
                    likely = glance(scene, layout, held) if len(layouts) > 1 else 0.0
                    looks.append((likely, index, scene, guesses))
            looks.sort(key=lambda look: -look[0])
            for _, index, scene, guesses in looks:
                if self._worth_trying(layouts[index], best):
                    _keep_better(best, index, best_fit(scene, layouts[index], guesses), scene)
            if any(found and found[0].good for found in best):
                return

    def _by_frames(self, layouts: Sequence[Layout], best: list[_Place | None]) -> None:
        """Try every page by its frames, those that looked likeliest by marks first."""
        order = sorted(range(len(layouts)), key=lambda i: -_structure(best[i]))
        for index in order:
            layout = layouts[index]
            for scale in scale_guesses(self._gray, self._dpi, layout.page):
                found = best[index]
                if (found and found[0].good) or not self._worth_trying(layout, best):
                    break
                scene = self._scene(scale)
                guesses = guesses_from_frames(scene, layout.page, layout.frames)
                _keep_better(best, index, best_fit(scene, layout, guesses), scene)

    @staticmethod
    def _worth_trying(layout: Layout, best: Sequence[_Place | None]) -> bool:
        """Whether no page fits beyond doubt yet, or ``layout`` fits where that one lies."""
        sure = [found for found in best if found and found[0].sure]
        return not sure or any(
            glance(scene, layout, [fitted.to_gray]) >= _RIVAL_STRUCTURE for fitted, scene in sure
        )

    def _scene(self, scale: float) -> Scene:
        key = round(scale, 2)
        if key not in self._scenes:
            self._scenes[key] = make_scene(self._gray, scale)
        return self._scenes[key]

    def _guesses_by_marks(self, scene: Scene, page: PageSpec) -> list[Guess]:
        side_mm = round(float(np.median([min(a.box.w, a.box.h) for a in page.anchors])), 1)
        key = (scene.px_per_mm / scene.shrink, side_mm)
        if key not in self._marks:
            self._marks[key] = find_marks(scene, side_mm)
        every = (key[0], tuple(a.box for a in page.anchors))
        if every not in self._guesses:
            self._guesses[every] = guesses_from_marks(
                self._marks[key], page.anchors, scene.px_per_mm
            )
        return self._guesses[every]


def register(
    gray: Gray, page: PageSpec, frames: Sequence[BoxMm], *, dpi: float = 0.0
) -> Registration | None:
    """How a scan lies on one template page; see ``PageRegistrar.register_all``."""
    return PageRegistrar(gray, dpi).register(page, frames)


def is_match(registration: Registration) -> bool:
    """Whether the scan is this page and lies exactly enough to be cut into fields."""
    return registration.structure >= MIN_STRUCTURE and registration.residual_mm <= MAX_RESIDUAL_MM


def _structure(found: _Place | None) -> float:
    return found[0].structure if found else 0.0


def _settles(fitted: Fitted) -> bool:
    """Whether a fit by marks is good enough to do without searches by frames."""
    return fitted.good and fitted.structure >= _WEAK_STRUCTURE


def _keep_better(
    best: list[_Place | None], index: int, fitted: Fitted | None, scene: Scene
) -> None:
    if fitted is not None and (best[index] is None or fitted.structure > _structure(best[index])):
        best[index] = fitted, scene


def _registration(fitted: Fitted, scene: Scene, page: PageSpec) -> Registration:
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


__all__ = [
    "MAX_RESIDUAL_MM",
    "MIN_STRUCTURE",
    "Layout",
    "PageRegistrar",
    "is_match",
    "register",
]
