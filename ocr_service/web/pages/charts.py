"""Geometry of small charts. Templates draw them as inline SVG; a table beside says the same."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ocr_service.domain.statistics import Rate

WIDTH = 640.0
"""Of every chart, in units of its own."""

ROW_HEIGHT = 26.0
_LABEL_WIDTH = 190.0
_TEXT_WIDTH = 110.0
_COLUMN_HEIGHT = 150.0
_DECADES = 4.0
_SMALLEST_RATE = 10.0**-_DECADES


@dataclass(frozen=True, slots=True)
class Item:
    """One figure to be drawn.

    Attributes:
        label: what it is about.
        value: its size, >= 0.
        text: how it is written.
    """

    label: str
    value: float
    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A drawn bar or column with its words."""

    label: str
    text: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Marks in a box of ``width`` by ``height``."""

    marks: tuple[Mark, ...]
    width: float
    height: float


def bars(items: Sequence[Item]) -> Chart:
    """Lying bars, one a row, their label before and their figure behind them."""
    room = WIDTH - _LABEL_WIDTH - _TEXT_WIDTH
    top = max((item.value for item in items), default=0.0) or 1.0
    marks = tuple(
        Mark(
            item.label,
            item.text,
            _LABEL_WIDTH,
            row * ROW_HEIGHT,
            round(item.value / top * room, 1),
            ROW_HEIGHT * 0.62,
        )
        for row, item in enumerate(items)
    )
    return Chart(marks, WIDTH, max(1, len(items)) * ROW_HEIGHT)


def columns(items: Sequence[Item], *, top: float | None = None) -> Chart:
    """Standing columns in the order given.

    Args:
        items: what is drawn.
        top: value of the full height; None = that of the largest.
    """
    full = top or max((item.value for item in items), default=0.0) or 1.0
    step = WIDTH / max(7, len(items))
    marks = []
    for place, item in enumerate(items):
        height = round(min(1.0, item.value / full) * _COLUMN_HEIGHT, 1)
        x = round(place * step + step * 0.15, 1)
        y = round(18 + _COLUMN_HEIGHT - height, 1)
        marks.append(Mark(item.label, item.text, x, y, round(step * 0.7, 1), height))
    return Chart(tuple(marks), WIDTH, 18 + _COLUMN_HEIGHT + 22)


@dataclass(frozen=True, slots=True)
class Span:
    """An interval on a scale of powers of ten, with what was promised.

    Attributes:
        label: what it is about.
        y: middle of its row.
        low: left end.
        high: right end.
        at: best guess.
        promise: what was promised; 0 = nothing.
        broken: the whole interval lies beyond the promise.
    """

    label: str
    y: float
    low: float
    high: float
    at: float
    promise: float
    broken: bool


@dataclass(frozen=True, slots=True)
class Intervals:
    """Intervals below each other, with the places of 0.01 %, 0.1 %, 1 %, 10 % and 100 %."""

    spans: tuple[Span, ...]
    ticks: tuple[tuple[float, str], ...]
    width: float
    height: float


def intervals(rows: Sequence[tuple[str, Rate, float]]) -> Intervals:
    """Error rates with their intervals against promises.

    Args:
        rows: (label, rate, promise).
    """
    spans = tuple(
        Span(
            label,
            (row + 0.5) * ROW_HEIGHT,
            _on_scale(rate.low),
            _on_scale(rate.high),
            _on_scale(rate.rate),
            _on_scale(promise) if promise else 0.0,
            rate.low > promise,
        )
        for row, (label, rate, promise) in enumerate(rows)
    )
    ticks = tuple(
        (_on_scale(10.0 ** (power - _DECADES)), text)
        for power, text in enumerate(("0.01%", "0.1%", "1%", "10%", "100%"))
    )
    return Intervals(spans, ticks, WIDTH, len(rows) * ROW_HEIGHT + 24)


def _on_scale(rate: float) -> float:
    part = math.log10(max(rate, _SMALLEST_RATE) / _SMALLEST_RATE) / _DECADES
    return round(_LABEL_WIDTH + part * (WIDTH - _LABEL_WIDTH - 30), 1)


__all__ = [
    "ROW_HEIGHT",
    "WIDTH",
    "Chart",
    "Intervals",
    "Item",
    "Mark",
    "Span",
    "bars",
    "columns",
    "intervals",
]
