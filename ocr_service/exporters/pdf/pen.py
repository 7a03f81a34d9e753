"""Draws text and rules on one page; takes points from the top-left corner."""

from __future__ import annotations

from typing import TypeAlias

from reportlab.pdfgen.canvas import Canvas

from ocr_service.exporters.pdf.blocks import Align
from ocr_service.exporters.pdf.typeface import FACE, printable, width_pt

Grey: TypeAlias = float

INK: Grey = 0.08
SOFT: Grey = 0.38
RULE: Grey = 0.68
FILL: Grey = 0.945

LEADING = 1.38
# IPAexGothic stands 0.88 em above its baseline.
_ASCENT_EM = 0.88
_BOLD_STROKE_EM = 0.03
_FILL_AND_STROKE = 2


class Pen:
    """Draws on the current page of a canvas."""

    def __init__(self, canvas: Canvas, height_pt: float) -> None:
        self._canvas = canvas
        self._height = height_pt

    def text(  # noqa: PLR0913 - where, what and how
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float,
        align: Align = "left",
        bold: bool = False,
        grey: Grey = INK,
    ) -> None:
        """One line whose ascender touches ``y``; ``x`` is its left, middle or right."""
        words = printable(words)
        x -= {"left": 0.0, "centre": 0.5, "right": 1.0}[align] * width_pt(words, size)
        canvas = self._canvas
        canvas.saveState()
        canvas.setFillGray(grey)
        line = canvas.beginText(x, self._height - y - _ASCENT_EM * size)
        line.setFont(FACE, size)
        if bold:
            canvas.setStrokeGray(grey)
            canvas.setLineWidth(size * _BOLD_STROKE_EM)
            line.setTextRenderMode(_FILL_AND_STROKE)
        line.textOut(words)
        canvas.drawText(line)
        canvas.restoreState()

    def rule(
        self, start: tuple[float, float], end: tuple[float, float], *, width: float, grey: Grey
    ) -> None:
        """A straight line."""
        self._canvas.setLineWidth(width)
        self._canvas.setStrokeGray(grey)
        self._canvas.line(start[0], self._height - start[1], end[0], self._height - end[1])

    def box(
        self,
        at: tuple[float, float, float, float],
        *,
        fill: Grey | None = None,
        outline: float = 0.0,
        grey: Grey = RULE,
    ) -> None:
        """A rectangle: left, top, width, height."""
        x, y, w, h = at
        if fill is not None:
            self._canvas.setFillGray(fill)
        self._canvas.setLineWidth(outline)
        self._canvas.setStrokeGray(grey)
        self._canvas.rect(
            x, self._height - y - h, w, h, stroke=int(outline > 0), fill=int(fill is not None)
        )


__all__ = ["FILL", "INK", "LEADING", "RULE", "SOFT", "Grey", "Pen"]
