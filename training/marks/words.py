"""Windows round a printed word that is circled or not."""

# ruff: noqa: PLR2004 - the numbers are shares of chance, each used once
from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from training.marks import scan as scanner
from training.marks import strokes
from training.marks.draw import Drawn, Painter, Source, State, ink_cover, lay, pen
from training.marks.paper import (
    DRAW_PX_PER_MM,
    LETTERS,
    MARGIN_MM,
    Sheet,
    table_lines,
    write_print,
)


def word_sheet(rng: Generator) -> Sheet:
    """A printed word of one to five letters between its neighbours."""
    scale = DRAW_PX_PER_MM
    high = int(rng.uniform(2.6, 4.6) * scale)
    letters = int(rng.choice([1, 1, 2, 2, 3, 4, 5]))
    grow = rng.uniform(0, 0.5) * scale
    wide, margin = high * letters, MARGIN_MM * scale
    shape = (round(high + 2 * grow + 2 * margin), round(wide + 2 * grow + 2 * margin))
    gray = np.full(shape, 255, np.float32)
    line = "".join(rng.choice(list(LETTERS), letters))
    write_print(gray, line, (margin + grow, margin + grow), high)
    gap = rng.uniform(0.15, 1.6) * high
    for side in (-1, 1):
        if rng.random() < 0.75:
            text = "".join(rng.choice(list(LETTERS), int(rng.integers(1, 5))))
            if rng.random() < 0.5:
                text = "・" + text if side > 0 else text + "・"
            x = margin + grow + wide + gap if side > 0 else margin + grow - gap - high * len(text)
            write_print(gray, text, (x, margin + grow), high)
    table_lines(gray, rng, margin, (wide, high))
    return Sheet(gray, margin, margin, wide + 2 * grow, high + 2 * grow)


def ring(rng: Generator) -> strokes.Strokes:
    """A ring round the word, open or closed, at times gone round twice or half off the word."""
    radii = np.array([rng.uniform(0.45, 0.72), rng.uniform(0.5, 0.85)])
    centre = np.array([rng.normal(0.5, 0.05), rng.normal(0.5, 0.07)])
    pick = rng.random()
    if pick < 0.15:  # beside its place
        centre += rng.normal(0, (0.12, 0.18))
    elif pick < 0.25:  # drawn out to one side
        reach = rng.uniform(0.1, 0.5)
        radii[0] += reach
        centre[0] += reach * rng.choice([-1, 1])
    rings = [strokes.ellipse(rng, centre, radii)]
    if rng.random() < 0.1:
        rings.append(strokes.ellipse(rng, centre + rng.normal(0, 0.03, 2), radii * 1.05))
    return rings


def _word_mark(rng: Generator) -> tuple[strokes.Strokes, str]:
    pick = rng.random()
    if pick < 0.8:
        return ring(rng), "ring"
    if pick < 0.92:
        return strokes.tick(rng), "tick on word"
    return strokes.heavy(rng), "heavy on word"


def _neighbours_ring(rng: Generator) -> strokes.Strokes:
    """A ring round the next word that reaches into this one."""
    centre = np.array([rng.choice([-1, 1]) * rng.uniform(1.05, 1.8) + 0.5, rng.normal(0.5, 0.1)])
    if rng.random() < 0.3:  # the line above or below
        centre = np.array([rng.normal(0.5, 0.3), rng.choice([-1, 1]) * rng.uniform(1.3, 2) + 0.5])
    radii = np.array([rng.uniform(0.4, 0.75), rng.uniform(0.5, 0.85)])
    return [strokes.ellipse(rng, centre, radii)]


def _marked(sheet: Sheet, source: Source, rng: Generator) -> Drawn:
    del source
    drawn, style = _word_mark(rng)
    wide, ink = pen(rng)
    cover = scanner.ink_texture(ink_cover(sheet, drawn, rng, min(wide, 0.9)), rng)
    return lay(sheet, cover, ink), style, sheet


def _struck(sheet: Sheet, source: Source, rng: Generator) -> Drawn:
    before = _marked(sheet, source, rng)[0] if rng.random() < 0.85 else sheet
    wide, ink = pen(rng)
    style = "double_line" if rng.random() < 0.6 else "scribble"
    drawn = strokes.double_line(rng) if style == "double_line" else strokes.scribble(rng)
    cover = scanner.ink_texture(ink_cover(sheet, drawn, rng, min(wide, 0.7)), rng)
    return lay(before, cover, min(ink, 150)), style, before


def _blank(sheet: Sheet, source: Source, rng: Generator) -> Drawn:
    del source
    pick = rng.random()
    if pick < 0.55:
        return sheet, "empty", sheet
    if pick < 0.85:
        wide, ink = pen(rng)
        cover: NDArray[np.float32] = ink_cover(sheet, _neighbours_ring(rng), rng, min(wide, 0.9))
        return lay(sheet, cover, ink), "neighbour", sheet
    dusty = lay(sheet, np.zeros_like(sheet.gray), 0)
    scanner.specks(dusty.gray, rng, int(rng.integers(3, 40)))
    return dusty, "specks", sheet


WORD_PAINTERS: dict[State, Painter] = {
    State.BLANK: _blank,
    State.MARKED: _marked,
    State.STRUCK: _struck,
}
"""How a word of each state is drawn."""
