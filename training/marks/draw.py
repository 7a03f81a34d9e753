"""Windows round a check box with known state: what the mark reader learns from."""

# ruff: noqa: PLR2004 - the numbers are shares of chance, each used once
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ocr_service.recognizers.marks.features import without_specks
from training.marks import scan as scanner
from training.marks import strokes
from training.marks.paper import DRAW_PX_PER_MM, FormPrint, Sheet, drawn_sheet, form_sheet

_VISIBLE_PX = (0, 60, 200)
"""Darker pixels that what was drawn last must leave near the box, by state.

60 pixels are 0.4 square millimetres: less is lost to the scanner, and nobody could read it.
"""


class State(IntEnum):
    """What a box says; the order is that of the network's outputs."""

    BLANK = 0
    MARKED = 1
    STRUCK = 2


@dataclass(frozen=True, slots=True)
class Window:
    """One drawn window.

    Attributes:
        gray: at 12 px/mm, as a registered page shows it.
        box_px: inner box (x, y, w, h) in its pixels.
        state: the truth.
        style: what was drawn, for reports by style.
    """

    gray: NDArray[np.uint8]
    box_px: tuple[float, float, float, float]
    state: State
    style: str


@dataclass(frozen=True, slots=True)
class Source:
    """What there is to draw from.

    Attributes:
        form: a rendered form, or None to draw every sheet ourselves.
        glyphs: real marks as coverage, 0 to 1, cut to their ink; may be empty.
        specks: real dust, the same way.
    """

    form: FormPrint | None
    glyphs: tuple[NDArray[np.float32], ...] = ()
    specks: tuple[NDArray[np.float32], ...] = ()


Drawn: TypeAlias = tuple[Sheet, str, Sheet]
"""The sheet with everything, the style, and the sheet before the last thing was drawn."""

Painter: TypeAlias = Callable[[Sheet, Source, Generator], Drawn]


def box_sheet(source: Source, rng: Generator) -> Sheet:
    """A box of the form, where there is one, or of our own."""
    if source.form is not None and rng.random() < 0.45:
        return form_sheet(source.form, rng)
    return drawn_sheet(rng)


def ink_cover(
    sheet: Sheet, drawn: strokes.Strokes, rng: Generator, width_mm: float
) -> NDArray[np.float32]:
    """Coverage of strokes given in units of the sheet's box."""
    return strokes.paint(
        (sheet.gray.shape[0], sheet.gray.shape[1]), drawn, origin=(sheet.left, sheet.top),
        box_px=(sheet.width, sheet.height), width_px=width_mm * DRAW_PX_PER_MM, rng=rng,
    )  # fmt: skip


def pen(rng: Generator) -> tuple[float, float]:
    """Width in millimetres and darkness 0 (black) to 255 of a pen."""
    pick = rng.random()
    if pick < 0.55:  # ball-point
        return rng.uniform(0.25, 0.6), rng.uniform(0, 110)
    if pick < 0.8:  # pencil, thin and faint at times
        return rng.uniform(0.15, 0.5), rng.uniform(90, 205)
    return rng.uniform(0.6, 1.5), rng.uniform(0, 90)  # felt pen


def lay(sheet: Sheet, cover: NDArray[np.float32], ink: float) -> Sheet:
    """Put ink of grey level ``ink`` on the sheet."""
    gray = sheet.gray * (1 - cover) + np.minimum(sheet.gray, ink) * cover
    return Sheet(gray.astype(np.float32), sheet.left, sheet.top, sheet.width, sheet.height)


def _real_glyph(sheet: Sheet, glyph: NDArray[np.float32], rng: Generator) -> NDArray[np.float32]:
    size = rng.uniform(0.55, 1.7) * sheet.width
    scale = size / max(glyph.shape)
    tile = cv2.resize(glyph, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
    cover = np.zeros_like(sheet.gray)
    x = round(sheet.left + sheet.width * rng.normal(0.55, 0.13) - tile.shape[1] / 2)
    y = round(sheet.top + sheet.height * rng.normal(0.42, 0.13) - tile.shape[0] / 2)
    x, y = max(x, 0), max(y, 0)
    view = cover[y : y + tile.shape[0], x : x + tile.shape[1]]
    view[:] = tile[: view.shape[0], : view.shape[1]]
    return cover


def _marked(sheet: Sheet, source: Source, rng: Generator) -> Drawn:
    wide, ink = pen(rng)
    if source.glyphs and rng.random() < 0.15:
        cover = _real_glyph(sheet, source.glyphs[int(rng.integers(len(source.glyphs)))], rng)
        return lay(sheet, scanner.ink_texture(cover, rng), ink), "real", sheet
    weights = np.array([w for _, w in strokes.MARKS])
    shape = strokes.MARKS[int(rng.choice(len(weights), p=weights / weights.sum()))][0]
    if shape is strokes.heavy:
        wide, ink = max(wide, rng.uniform(0.5, 1.2)), min(ink, 80)
    if shape is strokes.fill:
        wide = max(wide, rng.uniform(0.4, 0.9))
    cover = scanner.ink_texture(ink_cover(sheet, shape(rng), rng, wide), rng)
    return lay(sheet, cover, ink), shape.__name__, sheet


def _struck(sheet: Sheet, source: Source, rng: Generator) -> Drawn:
    marked, _, _ = _marked(sheet, source, rng)
    wide, ink = pen(rng)
    pick = rng.random()
    if pick < 0.5:
        drawn, style, wide = strokes.double_line(rng), "double_line", min(wide, 0.7)
    elif pick < 0.8:
        drawn, style = strokes.scribble(rng), "scribble"
    else:
        drawn, style, wide = strokes.blackout(rng), "blackout", max(wide, 0.4)
    cover = scanner.ink_texture(ink_cover(sheet, drawn, rng, wide), rng)
    return lay(marked, cover, min(ink, 170)), style, marked


def _blank(sheet: Sheet, source: Source, rng: Generator) -> Drawn:
    pick = rng.random()
    wide, ink = pen(rng)
    if pick < 0.45:
        style, dirty = "empty", sheet
    elif pick < 0.7:
        cover = ink_cover(sheet, strokes.passing(rng), rng, min(wide, 0.8))
        style, dirty = "passing", lay(sheet, cover, ink)
    elif pick < 0.85:
        cover = ink_cover(sheet, strokes.writing(rng), rng, min(wide, 0.8))
        style, dirty = "writing", lay(sheet, cover, ink)
    elif source.specks and pick < 0.93:
        style, dirty = "real specks", lay(sheet, _real_dust(sheet, source, rng), 0)
    else:
        style, dirty = "specks", lay(sheet, np.zeros_like(sheet.gray), 0)
        scanner.specks(dirty.gray, rng, int(rng.integers(3, 40)))
    return dirty, style, sheet


def _real_dust(sheet: Sheet, source: Source, rng: Generator) -> NDArray[np.float32]:
    tile = source.specks[int(rng.integers(len(source.specks)))]
    cover = np.zeros_like(sheet.gray)
    high, across = min(tile.shape[0], cover.shape[0]), min(tile.shape[1], cover.shape[1])
    y = int(rng.integers(cover.shape[0] - high + 1))
    x = int(rng.integers(cover.shape[1] - across + 1))
    cover[y : y + high, x : x + across] = tile[:high, :across]
    return cover


BOX_PAINTERS: dict[State, Painter] = {
    State.BLANK: _blank,
    State.MARKED: _marked,
    State.STRUCK: _struck,
}
"""How a box of each state is drawn."""


def _dirty(sheet: Sheet, rng: Generator) -> NDArray[np.float32]:
    gray = sheet.gray.copy()
    if rng.random() < 0.25:
        scanner.specks(gray, rng, int(rng.integers(1, 12)))
    if rng.random() < 0.12:
        scanner.streaks(gray, rng)
    if rng.random() < 0.12:
        scanner.stain(gray, rng)
    return gray


def _scanned(sheet: Sheet, seed: int) -> NDArray[np.uint8]:
    rng = np.random.default_rng(seed)
    return scanner.scan(_dirty(sheet, rng), rng)


def _survived(seen: NDArray[np.uint8], before: NDArray[np.uint8], sheet: Sheet) -> int:
    """Pixels near the box at which what was drawn last can still be seen.

    Not counted is what a threshold, a streak or the removal of specks takes away.
    """
    paper = float(np.percentile(before, 85))
    cleaned = without_specks(seen, paper, scanner.CANVAS_PX_PER_MM).astype(np.int16)
    darker = before - cleaned > 0.07 * paper
    ratio = scanner.CANVAS_PX_PER_MM / DRAW_PX_PER_MM
    left, top = sheet.left * ratio, sheet.top * ratio
    wide, high = sheet.width * ratio, sheet.height * ratio
    reach = 0.8 * high
    return int(
        darker[
            max(round(top - reach), 0) : round(top + high + reach),
            max(round(left - reach), 0) : round(left + wide + reach),
        ].sum()
    )


def draw_window(
    state: State,
    source: Source,
    rng: Generator,
    *,
    painters: dict[State, Painter] | None = None,
    sheet_of: Callable[[Source, Generator], Sheet] = box_sheet,
) -> Window:
    """Draw one window of the wanted state with chance dirt, scanner and registration error."""
    paint = (painters or BOX_PAINTERS)[state]
    while True:
        sheet, style, before = paint(sheet_of(source, rng), source, rng)
        seed = int(rng.integers(2**31))
        seen = _scanned(sheet, seed)
        if _survived(seen, _scanned(before, seed), sheet) >= _VISIBLE_PX[state]:
            return _cut(sheet, seen, rng, (state, style))


def _cut(sheet: Sheet, seen: NDArray[np.uint8], rng: Generator, truth: tuple[State, str]) -> Window:
    ratio = scanner.CANVAS_PX_PER_MM / DRAW_PX_PER_MM
    box = (sheet.left * ratio, sheet.top * ratio, sheet.width * ratio, sheet.height * ratio)
    margin = round(rng.uniform(2.0, 6.4) * scanner.CANVAS_PX_PER_MM)
    left, top = max(round(box[0]) - margin, 0), max(round(box[1]) - margin, 0)
    right = min(round(box[0] + box[2]) + margin, seen.shape[1])
    bottom = min(round(box[1] + box[3]) + margin, seen.shape[0])
    cut = np.ascontiguousarray(seen[top:bottom, left:right])
    return Window(cut, (box[0] - left, box[1] - top, box[2], box[3]), *truth)
