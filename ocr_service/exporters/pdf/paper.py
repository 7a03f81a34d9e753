"""The pages of one sheet while blocks are set on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from ocr_service.exporters.pdf.pen import RULE, SOFT, Pen

POINTS_PER_MM = 72 / 25.4
A4_MM = (210.0, 297.0)
RUNNING_PT = 8.0
GAP = 3.2 * POINTS_PER_MM

_MARGIN_X = 18 * POINTS_PER_MM
_TOP = 15 * POINTS_PER_MM
_BOTTOM = 16 * POINTS_PER_MM

Draw: TypeAlias = Callable[[Pen], None]


@dataclass(slots=True)
class Paper:
    """What is to be drawn, page by page; lengths in points from the top-left corner.

    Attributes:
        size: width and height of the paper.
        title: repeated at the top of every page but the first.
        y: where the next thing goes.
        pages: what is drawn on each page.
    """

    size: tuple[float, float]
    title: str
    left: float = _MARGIN_X
    y: float = _TOP
    pages: list[list[Draw]] = field(default_factory=lambda: [[]])

    @property
    def width(self) -> float:
        """Of the text area."""
        return self.size[0] - 2 * _MARGIN_X

    @property
    def bottom(self) -> float:
        """The lowest point of the text area."""
        return self.size[1] - _BOTTOM

    @property
    def room(self) -> float:
        """What is left on this page."""
        return self.bottom - self.y

    def draw(self, act: Draw) -> None:
        """Put something on the current page."""
        self.pages[-1].append(act)

    def turn(self) -> None:
        """Begin a page with the title in small type."""
        self.pages.append([])
        left, right, title = self.left, self.left + self.width, self.title
        below = _TOP + RUNNING_PT * 1.5

        def head(pen: Pen) -> None:
            pen.text(left, _TOP, f"{title}（続き）", size=RUNNING_PT, grey=SOFT)
            pen.rule((left, below), (right, below), width=0.4, grey=RULE)

        self.draw(head)
        self.y = below + GAP

    def need(self, height: float) -> None:
        """Go to a new page if this one has not that much left."""
        if height > self.room:
            self.turn()


__all__ = ["A4_MM", "GAP", "POINTS_PER_MM", "RUNNING_PT", "Draw", "Paper"]
