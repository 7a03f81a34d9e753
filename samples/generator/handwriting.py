"""Writes lines of text by hand: every glyph moved, bent, sized and inked a little differently."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from ocr_service.domain.geometry import BoxMm
from samples.generator.chance import Rng, between, chance, jitter, pick
from samples.generator.fonts import EM_PX, FontBook, Glyph, HandFont
from samples.generator.paper import PX_PER_MM, Coverage, Ink, Paper

_SPACE = "　"
_SMALLEST_MM = 1.9
_GRID = 5


Shapes = Callable[[str], Glyph | None]
"""Gives a writer's own shape of a character, or None to take the hand's font."""


@dataclass(frozen=True, slots=True)
class Hand:
    """How one person writes.

    Attributes:
        font: shapes.
        book: fonts to fall back on.
        ink: pen or pencil.
        size: share of the area's height that a character takes.
        largest_mm: characters are never larger.
        slant: sideways lean, tangent of the angle.
        spacing: advance as a share of the font's own.
        threshold: where a soft edge becomes ink; low = bold.
        wobble: bending of strokes as a share of the em.
        restless: spread of place, turn and size from glyph to glyph.
        own: the writer's own shapes, where they differ from the font's.
    """

    font: HandFont
    book: FontBook
    ink: Ink
    size: float
    largest_mm: float
    slant: float
    spacing: float
    threshold: float
    wobble: float
    restless: float
    own: Shapes | None = None


def invent_ink(rng: Rng, *, faint: float = 0.0) -> Ink:
    """Ballpoint mostly, pencil sometimes; ``faint`` 0 to 1 makes both lighter."""
    if chance(rng, 0.3):
        opacity, tone, grain = (
            between(rng, 0.55, 0.85),
            between(rng, 40, 90),
            between(rng, 0.2, 0.5),
        )
    else:
        opacity, tone, grain = between(rng, 0.85, 1.0), between(rng, 10, 70), between(rng, 0, 0.12)
    return Ink(opacity * (1 - 0.45 * faint), tone, grain)


def invent_hand(
    rng: Rng, book: FontBook, *, font: HandFont | None = None, faint: float = 0
) -> Hand:
    """A person's way of writing."""
    return Hand(
        font=font or pick(rng, book.hands),
        book=book,
        ink=invent_ink(rng, faint=faint),
        size=between(rng, 0.6, 0.88),
        largest_mm=between(rng, 4.2, 6.2),
        slant=jitter(rng, 0.07),
        spacing=between(rng, 0.88, 1.04),
        threshold=between(rng, 0.28, 0.5),
        wobble=between(rng, 0.006, 0.022),
        restless=between(rng, 0.4, 1.2),
    )


def write_line(
    paper: Paper,
    area: BoxMm,
    text: str,
    hand: Hand,
    rng: Rng,
) -> tuple[BoxMm, ...]:
    """Write ``text`` from the left into ``area`` as people do: it shrinks until it fits, nearly.

    Args:
        paper: page to write on.
        area: free paper in millimetres.
        text: may hold ideographic spaces.
        hand: whose writing.
        rng: source of chance.

    Returns:
        The room that each character of ``text`` takes, in millimetres.
    """
    glyphs = [None if c.isspace() else _shape(c, hand) for c in text]
    gap = between(rng, 0.45, 1.0)
    advances = np.array([gap if g is None else g.advance_em * hand.spacing for g in glyphs])
    size_mm = min(area.h * hand.size * between(rng, 0.94, 1.05), hand.largest_mm)
    room_mm = area.w * (1.03 if chance(rng, 0.05) else 0.97)
    size_mm, squeeze = _fit(size_mm, float(advances.sum()), room_mm)
    used_mm = float(advances.sum()) * size_mm * squeeze
    x_mm = area.x + _start(rng, area.w - used_mm)
    y_mm = area.centre[1] + jitter(rng, 0.06 * area.h)
    slope = jitter(rng, 0.006)
    places = []
    for glyph, advance in zip(glyphs, advances, strict=True):
        step_mm = float(advance) * size_mm * squeeze
        centre = (x_mm + step_mm / 2, y_mm + slope * (x_mm - area.x))
        places.append(BoxMm(x_mm, centre[1] - size_mm / 2, step_mm, size_mm))
        if glyph is not None:
            _write_glyph(paper, glyph, centre, (size_mm * squeeze, size_mm), hand, rng)
        x_mm += step_mm
    return tuple(places)


def _shape(char: str, hand: Hand) -> Glyph:
    own = hand.own(char) if hand.own else None
    return own or hand.book.glyph(char, hand.font)


def _fit(size_mm: float, length_em: float, room_mm: float) -> tuple[float, float]:
    """Character size and sideways squeeze that bring a line into its room."""
    if length_em * size_mm <= room_mm:
        return size_mm, 1.0
    smaller = max(_SMALLEST_MM, size_mm * max(0.62, room_mm / (length_em * size_mm)))
    return smaller, min(1.0, room_mm / (length_em * smaller))


def _start(rng: Rng, spare_mm: float) -> float:
    if spare_mm <= 0:
        return 0.0
    return min(spare_mm, between(rng, 0.3, 3.0)) if chance(rng, 0.85) else between(rng, 0, spare_mm)


def _write_glyph(
    paper: Paper,
    glyph: Glyph,
    centre_mm: tuple[float, float],
    size_mm: tuple[float, float],
    hand: Hand,
    rng: Rng,
) -> None:
    restless = hand.restless
    width_px = size_mm[0] * PX_PER_MM * (1 + jitter(rng, 0.05 * restless))
    height_px = size_mm[1] * PX_PER_MM * (1 + jitter(rng, 0.05 * restless))
    coverage = bend(
        glyph.coverage,
        scale=(width_px / EM_PX, height_px / EM_PX),
        angle_deg=jitter(rng, 2.0 * restless),
        slant=hand.slant + jitter(rng, 0.02 * restless),
        wobble=hand.wobble * restless,
        rng=rng,
    )
    coverage = harden(coverage, hand.threshold + jitter(rng, 0.03))
    x = centre_mm[0] * PX_PER_MM + jitter(rng, 0.03 * restless) * width_px
    y = centre_mm[1] * PX_PER_MM + jitter(rng, 0.035 * restless) * height_px
    left, top = round(x - coverage.shape[1] / 2), round(y - coverage.shape[0] / 2)
    paper.ink(coverage, left, top, hand.ink, rng)


def bend(
    coverage: Coverage,
    *,
    scale: tuple[float, float],
    angle_deg: float,
    slant: float,
    wobble: float,
    rng: Rng,
) -> Coverage:
    """Scale, turn, lean and bend a shape.

    Args:
        coverage: (H, W) shape, square or not.
        scale: new size over old, horizontally and vertically.
        angle_deg: turn.
        slant: lean to the right at the top, tangent.
        wobble: spread of the bending as a share of the shape's height.
        rng: source of chance.

    Returns:
        The new shape with a margin wide enough for turn and lean.
    """
    high, wide = coverage.shape
    out_w = round(wide * scale[0] * 1.1 + 3)
    out_h = round(high * scale[1] * 1.1 + 3)
    turn = np.deg2rad(angle_deg)
    forward = (
        np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        @ np.array([[1.0, -slant], [0.0, 1.0]])
        @ np.diag(scale)
    )
    back = np.linalg.inv(forward)
    grid_y, grid_x = np.mgrid[0:out_h, 0:out_w].astype(np.float32)
    grid_x -= out_w / 2
    grid_y -= out_h / 2
    spread = wobble * high
    noise = rng.normal(0, spread, (2, _GRID, _GRID)).astype(np.float32)
    waves = [cv2.resize(n, (out_w, out_h), interpolation=cv2.INTER_CUBIC) for n in noise]
    source_x = back[0, 0] * grid_x + back[0, 1] * grid_y + wide / 2 + waves[0]
    source_y = back[1, 0] * grid_x + back[1, 1] * grid_y + high / 2 + waves[1]
    # Blur before shrinking, or thin strokes break up.
    soft = max(0.0, 0.45 / min(scale) - 0.45)
    smooth = cv2.GaussianBlur(coverage, (0, 0), soft) if soft > 0.1 else coverage  # noqa: PLR2004 -- below a tenth of a pixel a blur does nothing
    return cv2.remap(
        smooth,
        source_x.astype(np.float32),
        source_y.astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=0,
    )


def harden(coverage: Coverage, threshold: float, *, softness: float = 0.35) -> Coverage:
    """Give soft edges a pen's sharpness; a lower threshold makes the stroke bolder."""
    low = threshold - softness / 2
    return np.clip((coverage - low) / softness, 0, 1).astype(np.float32)


__all__ = ["Hand", "Shapes", "bend", "harden", "invent_hand", "invent_ink", "write_line"]
