"""Millimetre geometry: origin at the top-left corner of the paper, x right, y down."""

from __future__ import annotations

from dataclasses import dataclass

CANVAS_PX_PER_MM = 12
"""Working resolution of a registered page: 12 px/mm is 304.8 dpi."""


@dataclass(frozen=True, slots=True)
class BoxMm:
    """An axis-parallel rectangle on the paper, in millimetres.

    Attributes:
        x: left edge.
        y: top edge.
        w: width, greater than 0.
        h: height, greater than 0.
    """

    x: float
    y: float
    w: float
    h: float

    def __post_init__(self) -> None:
        if self.w <= 0 or self.h <= 0:
            raise ValueError(f"a box needs a positive size, got {self.w} x {self.h} mm")

    @property
    def right(self) -> float:
        """Right edge in millimetres."""
        return self.x + self.w

    @property
    def bottom(self) -> float:
        """Bottom edge in millimetres."""
        return self.y + self.h

    @property
    def centre(self) -> tuple[float, float]:
        """Centre (x, y) in millimetres."""
        return self.x + self.w / 2, self.y + self.h / 2

    def grown(self, margin_mm: float) -> BoxMm:
        """The box with ``margin_mm`` added on every side (negative shrinks it)."""
        return BoxMm(
            self.x - margin_mm,
            self.y - margin_mm,
            self.w + 2 * margin_mm,
            self.h + 2 * margin_mm,
        )

    def contains(self, other: BoxMm) -> bool:
        """Whether ``other`` lies wholly inside this box."""
        return (
            self.x <= other.x
            and self.y <= other.y
            and other.right <= self.right
            and other.bottom <= self.bottom
        )

    def overlaps(self, other: BoxMm) -> bool:
        """Whether the two boxes share any area."""
        return (
            self.x < other.right
            and other.x < self.right
            and self.y < other.bottom
            and other.y < self.bottom
        )

    def to_px(self, px_per_mm: float = CANVAS_PX_PER_MM) -> tuple[int, int, int, int]:
        """(left, top, right, bottom) in whole pixels, rounded outward to the nearest pixel."""
        return (
            round(self.x * px_per_mm),
            round(self.y * px_per_mm),
            round(self.right * px_per_mm),
            round(self.bottom * px_per_mm),
        )

    def as_list(self) -> list[float]:
        """``[x, y, w, h]`` rounded to a hundredth of a millimetre, as the JSON gives it."""
        return [round(v, 2) for v in (self.x, self.y, self.w, self.h)]


def bounding_box(boxes: list[BoxMm]) -> BoxMm:
    """The smallest box around all of ``boxes``.

    Raises:
        ValueError: ``boxes`` is empty.
    """
    if not boxes:
        raise ValueError("no boxes to bound")
    left, top = min(b.x for b in boxes), min(b.y for b in boxes)
    return BoxMm(left, top, max(b.right for b in boxes) - left, max(b.bottom for b in boxes) - top)


__all__ = ["CANVAS_PX_PER_MM", "BoxMm", "bounding_box"]
