"""Risk-coverage curves as a picture: one panel for each field kind."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from ocr_service.evaluation.risk_curve import RiskCurve

_PANEL = (420, 300)
_INSET = (62, 44, 18, 46)  # left, top, right, bottom of a panel's frame
_COLUMNS = 3
_HEAD = 74
_SCALE = 2  # drawn twice as large and shrunk: smooth lines

_LEAST, _MOST = 1e-4, 1.0
_DECADES = (1.0, 0.1, 0.01, 0.001, 0.0001)
_COVERAGES = (0.0, 0.25, 0.5, 0.75, 1.0)

_INK = (38, 42, 48)
_SOFT = (108, 116, 126)
_GRID = (226, 229, 233)
_BAND = (214, 228, 245)
_LINE = (31, 95, 168)
_TARGET = (190, 62, 40)
_KEPT = (28, 128, 86)

_Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def write_risk_plot(curves: Sequence[RiskCurve], path: Path, *, title: str) -> None:
    """Draw the curves into a PNG file.

    Error stands on a logarithmic scale, no error at its foot. The band reaches up to the 95 %
    bound. A dot marks what was accepted, with a line up to its bound; the dashed line is the
    promise.

    Args:
        curves: at least one.
        path: file to write.
        title: heading of the picture.
    """
    rows = math.ceil(len(curves) / _COLUMNS)
    columns = min(_COLUMNS, len(curves))
    size = (columns * _PANEL[0], _HEAD + rows * _PANEL[1])
    image = Image.new("RGB", (size[0] * _SCALE, size[1] * _SCALE), "white")
    draw = ImageDraw.Draw(image)
    _text(draw, (20, 14), title, 20, _INK)
    legend = "error among the surest part of the fields (line), its 95 % bound (band), "
    _text(draw, (20, 44), legend + "promise (dashed), accepted (dot)", 13, _SOFT)
    for number, curve in enumerate(curves):
        left = (number % _COLUMNS) * _PANEL[0]
        top = _HEAD + (number // _COLUMNS) * _PANEL[1]
        _draw_panel(_Panel(draw, left, top), curve)
    image.resize(size, Image.Resampling.LANCZOS).save(path, "PNG")


@dataclass(frozen=True, slots=True)
class _Panel:
    """Where a panel stands; its positions are pixels of the finished picture."""

    draw: ImageDraw.ImageDraw
    left: int
    top: int

    @property
    def frame(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of the axes."""
        return (
            self.left + _INSET[0],
            self.top + _INSET[1],
            self.left + _PANEL[0] - _INSET[2],
            self.top + _PANEL[1] - _INSET[3],
        )

    def x(self, coverage: float) -> float:
        """Across: 0 to 1."""
        left, _, right, _ = self.frame
        return left + coverage * (right - left)

    def y(self, risk: float) -> float:
        """Upwards: logarithmic."""
        _, top, _, bottom = self.frame
        share = math.log(max(risk, _LEAST) / _LEAST) / math.log(_MOST / _LEAST)
        return bottom - share * (bottom - top)

    def line(
        self, points: Sequence[tuple[float, float]], colour: tuple[int, int, int], width: int = 1
    ) -> None:
        """A line through (coverage, risk)."""
        scaled = [(self.x(c) * _SCALE, self.y(r) * _SCALE) for c, r in points]
        self.draw.line(scaled, fill=colour, width=width * _SCALE, joint="curve")


def _draw_panel(panel: _Panel, curve: RiskCurve) -> None:
    _draw_axes(panel, curve)
    points = [(p.coverage, p.risk) for p in curve.points]
    above = [(p.coverage, p.bound) for p in curve.points]
    if len(points) > 1:
        band = [(panel.x(c) * _SCALE, panel.y(r) * _SCALE) for c, r in (*above, *points[::-1])]
        panel.draw.polygon(band, fill=_BAND)
    for step in range(0, 40, 2):
        panel.line([(step / 40, curve.target), ((step + 1) / 40, curve.target)], _TARGET)
    panel.line(points if len(points) > 1 else points * 2, _LINE, 2)
    if curve.accepted > 0:
        at = (curve.accepted, curve.escaped)
        panel.line([at, (curve.accepted, curve.escape_bound)], _KEPT, 2)
        _dot(panel, at)


def _draw_axes(panel: _Panel, curve: RiskCurve) -> None:
    for risk in _DECADES:
        panel.line([(0.0, risk), (1.0, risk)], _GRID)
        label = "0" if risk == _LEAST else f"{100 * risk:g} %"
        _text(panel.draw, (panel.left + _INSET[0] - 8, panel.y(risk)), label, 12, _SOFT, "rm")
    for coverage in _COVERAGES:
        panel.line([(coverage, _LEAST), (coverage, _MOST)], _GRID)
        place = (panel.x(coverage), panel.frame[3] + 6)
        _text(panel.draw, place, f"{100 * coverage:g} %", 12, _SOFT, "ma")
    _text(panel.draw, (panel.x(0), panel.top + 4), curve.kind, 16, _INK)
    accepted = (
        f"{curve.count} fields, {curve.accepted:.1%} accepted, "
        f"{curve.escaped:.2%} of them wrong (up to {curve.escape_bound:.2%})"
    )
    _text(panel.draw, (panel.x(0), panel.top + 25), accepted, 12, _SOFT)


def _dot(panel: _Panel, at: tuple[float, float]) -> None:
    x, y, reach = panel.x(at[0]) * _SCALE, panel.y(at[1]) * _SCALE, 5 * _SCALE
    panel.draw.ellipse((x - reach, y - reach, x + reach, y + reach), fill=_KEPT, outline="white")


def _text(
    draw: ImageDraw.ImageDraw,
    at: tuple[float, float],
    words: str,
    size: int,
    colour: tuple[int, int, int],
    anchor: str = "la",
) -> None:
    place = (at[0] * _SCALE, at[1] * _SCALE)
    draw.text(place, words, fill=colour, font=_font(size), anchor=anchor)


@cache
def _font(size: int) -> _Font:
    return ImageFont.load_default(size * _SCALE)


__all__ = ["write_risk_plot"]
