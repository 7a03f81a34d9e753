"""Text of a whole page with the place of every character, before anybody knows the form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ocr_service.domain.arrays import Gray, Homography
from ocr_service.forms.model import PageSpec
from ocr_service.imaging.warp import scan_to_mm


@dataclass(frozen=True, slots=True)
class PageLine:
    """One line as an engine read it.

    Attributes:
        text: its characters, left to right.
        centres: (n, 2) middle of each character; pixels of the upright scan or millimetres of the
            form, as the holder says.
        height: height of the line's box in the same unit.
        angle_deg: how far the line falls to the right.
        score: the engine's own mean probability of the characters, 0 to 1.
    """

    text: str
    centres: NDArray[np.float64]
    height: float
    angle_deg: float
    score: float


@dataclass(frozen=True, slots=True)
class PageText:
    """A page as an engine read it.

    Attributes:
        lines: in pixels of the scan set upright.
        size_px: (width, height) of the scan.
        turned: the scan lay upside down and was turned by half before reading.
    """

    lines: tuple[PageLine, ...]
    size_px: tuple[int, int]
    turned: bool

    @property
    def score(self) -> float:
        """Mean score of the lines, 0.0 for a page without any."""
        return sum(line.score for line in self.lines) / len(self.lines) if self.lines else 0.0


class WholePageReader(Protocol):
    """An engine that finds and reads all lines of a page."""

    @property
    def name(self) -> str:
        """Name of the engine."""
        ...

    def read(self, scan: Gray) -> PageText:
        """Read a scan, either way up."""
        ...


def scaled(text: PageText, page: PageSpec) -> tuple[PageLine, ...]:
    """The lines in millimetres, the scan's edges taken for the edges of the paper."""
    per_px = np.array([page.width_mm / text.size_px[0], page.height_mm / text.size_px[1]])
    return tuple(
        _moved(line, line.centres * per_px, line.height * float(per_px[1])) for line in text.lines
    )


def laid(text: PageText, homography: Homography) -> tuple[PageLine, ...]:
    """The lines in millimetres of the form, by a registration of the scan as it came."""
    return tuple(_laid(line, text, homography) for line in text.lines)


def _laid(line: PageLine, text: PageText, homography: Homography) -> PageLine:
    last = np.array(text.size_px) - 1.0
    centres = last - line.centres if text.turned else line.centres
    up = np.array([0.0, line.height / 2])
    ends = scan_to_mm(np.vstack([centres, centres[:1] - up, centres[:1] + up]), homography)
    return _moved(line, ends[:-2], float(np.hypot(*(ends[-1] - ends[-2]))))


def _moved(line: PageLine, centres: NDArray[np.float64], height: float) -> PageLine:
    return PageLine(line.text, centres, height, line.angle_deg, line.score)


def between(
    start: Sequence[float], end: Sequence[float], shares: Sequence[float]
) -> NDArray[np.float64]:
    """(n, 2) points on the way from ``start`` to ``end``; shares run from 0 to 1."""
    first, last = np.asarray(start, dtype=np.float64), np.asarray(end, dtype=np.float64)
    return np.asarray(first + np.outer(shares, last - first), dtype=np.float64)


__all__ = ["PageLine", "PageText", "WholePageReader", "between", "laid", "scaled"]
