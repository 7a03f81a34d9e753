"""How a person says that a scan lies: which way up, and where the paper's corners are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from ocr_service.domain.errors import InvalidRequest

Point: TypeAlias = "tuple[float, float]"
"""(x, y) on the scan as it came, 0 to 1 from the top-left corner."""

_QUARTERS = 4
_SMALLEST_SIDE = 0.05


@dataclass(frozen=True, slots=True)
class PageHint:
    """A person's word about a scan.

    Attributes:
        turns: clockwise quarter turns that make the scan upright, 0 to 3.
        corners: of the paper, as its reader sees it: top-left, top-right, bottom-right,
            bottom-left; None = the scan is used as a whole.
    """

    turns: int = 0
    corners: tuple[Point, Point, Point, Point] | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.turns < _QUARTERS:
            raise InvalidRequest("a page is turned by 0 to 3 quarters")
        if self.corners is not None:
            _check(self.corners)


def _check(corners: tuple[Point, Point, Point, Point]) -> None:
    if not all(0.0 <= v <= 1.0 for point in corners for v in point):
        raise InvalidRequest("corners lie between 0 and 1")
    for place in range(_QUARTERS):
        before, here, after = (corners[(place + k) % _QUARTERS] for k in (-1, 0, 1))
        along = (here[0] - before[0], here[1] - before[1])
        on = (after[0] - here[0], after[1] - here[1])
        if along[0] * on[1] - along[1] * on[0] <= 0.0:
            raise InvalidRequest("the corners must go round the page clockwise")
        if abs(on[0]) + abs(on[1]) < _SMALLEST_SIDE:
            raise InvalidRequest("the corners lie too close together")


__all__ = ["PageHint", "Point"]
