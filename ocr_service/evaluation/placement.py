"""How far registration is from the truth, where the truth knows how the page lay.

The residual that registration reports is measured on the page itself; this compares with the
homography the sample generator scanned the page with, so it also sees a page laid one box aside.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocr_service.domain.arrays import Homography
from ocr_service.domain.geometry import CANVAS_PX_PER_MM
from ocr_service.domain.record import Record

SHIFTED_MM = 1.0
"""A page this far off reads its neighbour's boxes."""

_GRID_MM = tuple((x, y) for x in np.linspace(10.0, 200.0, 8) for y in np.linspace(10.0, 287.0, 10))


@dataclass(frozen=True, slots=True)
class Placement:
    """Greatest distance on each page between where a point is and where it was put.

    Attributes:
        errors_mm: one a page, in any order.
    """

    errors_mm: tuple[float, ...]

    @property
    def worst_mm(self) -> float:
        """The worst page; 0.0 for no pages."""
        return max(self.errors_mm, default=0.0)

    @property
    def shifted(self) -> int:
        """Pages that were read shifted."""
        return sum(error > SHIFTED_MM for error in self.errors_mm)


def placement(records: Iterable[Record], truth_file: Path) -> Placement:
    """Compare registrations with the homographies in the ``meta`` of ``truth_file``."""
    true_of = dict(_homographies(truth_file))
    return Placement(
        tuple(
            _worst_mm(record.registration.homography, true_of[record.file, record.page])
            for record in records
            if record.registration is not None and (record.file, record.page) in true_of
        )
    )


def _homographies(path: Path) -> Iterable[tuple[tuple[str, int], Homography]]:
    for line in path.read_text("utf-8").splitlines():
        page = json.loads(line)
        known = page.get("meta", {}).get("homography")
        if known is not None:
            yield (page["file"], page.get("page", 1)), np.array(known, dtype=np.float64)


def _worst_mm(found: Homography, true: Homography) -> float:
    """Template millimetres → scan pixels by the truth → millimetres by what was found."""
    grid = np.array(_GRID_MM, dtype=np.float64)
    back = _mapped(found, _mapped(true, grid)) / CANVAS_PX_PER_MM
    return float(np.hypot(*(back - grid).T).max())


def _mapped(homography: Homography, points: NDArray[np.float64]) -> NDArray[np.float64]:
    mapped = np.hstack([points, np.ones((len(points), 1))]) @ homography.T
    return np.asarray(mapped[:, :2] / mapped[:, 2:], dtype=np.float64)


__all__ = ["SHIFTED_MM", "Placement", "placement"]
