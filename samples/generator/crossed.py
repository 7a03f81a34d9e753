"""Slips of the pen: a wrong run of characters, struck through, and the right one in its place."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from ocr_service.domain.geometry import BoxMm
from ocr_service.forms.fields import Charset
from samples.generator.chance import Rng, between, chance, choose, jitter, pick
from samples.generator.handwriting import Hand, write_line
from samples.generator.marks import MarkHand, MarkStyle, stroke
from samples.generator.names import COMMON_SURNAMES
from samples.generator.paper import Paper


class StrikeStyle(StrEnum):
    """How a person takes back what is written."""

    DOUBLE = "double"
    SINGLE = "single"
    SCRIBBLE = "scribble"
    CROSS = "cross"


_STYLES = {
    StrikeStyle.DOUBLE: 0.5,
    StrikeStyle.SINGLE: 0.18,
    StrikeStyle.SCRIBBLE: 0.2,
    StrikeStyle.CROSS: 0.12,
}
_LENGTHS = {1: 0.45, 2: 0.35, 3: 0.12, 4: 0.08}
_ABOVE = 0.3
_LEAST_FOR_ABOVE_MM = 5.6
"""A lower area has no room for a second line of writing."""

_DIGITS = "0123456789"
_KANA = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン"
_KANJI = "".join(dict.fromkeys("".join(kanji for kanji, *_ in COMMON_SURNAMES)))


@dataclass(frozen=True, slots=True)
class Slip:
    """What went wrong in a line of writing.

    Attributes:
        start: characters of the line before the struck run.
        struck: what is struck out, 1 to 4 characters; no part of the truth.
        style: how.
        above: the right characters stand small above the run; else the line goes on behind it.
    """

    start: int
    struck: str
    style: StrikeStyle
    above: bool


@dataclass(frozen=True, slots=True)
class Struck:
    """A slip as it came to stand on the page; ``run`` in millimetres is what is struck out."""

    slip: Slip
    run: BoxMm


@dataclass(frozen=True, slots=True)
class Slips:
    """How often people of a run miswrite.

    Attributes:
        share: chance, 0 to 1, that a handwritten text field has a slip.
        rng: source of chance, apart from the page's so that what people write stays the same.
    """

    share: float
    rng: Rng

    def place(self, parts: int) -> int | None:
        """In which of a field's ``parts`` something is struck out; None where nothing is."""
        if parts == 0 or not chance(self.rng, self.share):
            return None
        return int(self.rng.integers(parts))


def invent_slip(rng: Rng, text: str, charset: Charset, height_mm: float) -> Slip:
    """A slip in ``text``, a line of at least one character, in an area of this height."""
    count = min(choose(rng, _LENGTHS), len(text))
    start = int(rng.integers(len(text) - count + 1))
    while text[start].isspace():
        start -= 1
    pool = _pool(charset)
    struck = "".join(pick(rng, pool) for _ in range(count))
    above = height_mm >= _LEAST_FOR_ABOVE_MM and chance(rng, _ABOVE)
    return Slip(start, struck, choose(rng, _STYLES), above)


def _pool(charset: Charset) -> str:
    if charset in (Charset.DIGITS, Charset.ALNUM):
        return _DIGITS
    return _KANA if charset is Charset.KATAKANA else _KANJI


def write_with_slip(
    paper: Paper, area: BoxMm, text: str, slip: Slip, hand: Hand, rng: Rng
) -> Struck:
    """Write ``text`` as ``write_line`` does, but with a slip, struck out.

    Args:
        paper: page to write on.
        area: free paper in millimetres.
        text: what is meant; at least as long as ``slip`` needs.
        slip: what is written first, and where.
        hand: whose writing.
        rng: source of chance.

    Returns:
        The slip with the place of its struck run.
    """
    start, stop = slip.start, slip.start + len(slip.struck)
    line = area
    rest = text[start:]
    if slip.above:
        line = BoxMm(area.x, area.y + 0.34 * area.h, area.w, 0.66 * area.h)
        rest = text[stop:]
    places = write_line(paper, line, text[:start] + slip.struck + rest, hand, rng)
    first, last = places[start], places[stop - 1]
    run = BoxMm(first.x, first.y, last.right - first.x, first.h)
    _strike(paper, run, places[start:stop], slip.style, hand, rng)
    if slip.above:
        width = max(run.w, 2.2 * (stop - start)) + 1.5
        high = max(2.6, min(run.y - area.y + 0.8, 0.7 * run.h))
        small = BoxMm(run.x - 0.5, run.y + 0.1 * run.h - high, width, high)
        write_line(paper, small, text[start:stop], hand, rng)
    return Struck(slip, run)


def _strike(
    paper: Paper,
    run: BoxMm,
    glyphs: tuple[BoxMm, ...],
    style: StrikeStyle,
    hand: Hand,
    rng: Rng,
) -> None:
    pen = MarkHand(MarkStyle.SLASH, hand.ink, between(rng, 0.25, 0.5), 1.0, (0.0, 0.0), None)
    if style is StrikeStyle.SINGLE:
        _level(paper, run, between(rng, -0.1, 0.1), pen, rng)
    elif style is StrikeStyle.DOUBLE:
        apart = between(rng, 0.09, 0.2)
        middle = jitter(rng, 0.06)
        _level(paper, run, middle - apart, pen, rng)
        _level(paper, run, middle + apart, pen, rng)
    elif style is StrikeStyle.SCRIBBLE:
        _scribble(paper, run, pen, rng)
    elif chance(rng, 0.5):
        _cross(paper, run, pen, rng)
    else:
        for glyph in glyphs:
            _cross(paper, glyph, pen, rng)


def _level(paper: Paper, run: BoxMm, height: float, pen: MarkHand, rng: Rng) -> None:
    """One line along a run, ``height`` of its own height below the middle."""
    left = run.x - between(rng, -0.02, 0.3) * run.h
    right = run.right + between(rng, -0.02, 0.3) * run.h
    y = run.centre[1] + height * run.h
    tilt = jitter(rng, 0.03) * (right - left)
    bow = jitter(rng, 0.03) * run.h
    points = [[left, y + tilt], [(left + right) / 2, y + bow], [right, y - tilt]]
    stroke(paper, np.array(points), pen, rng)


def _scribble(paper: Paper, run: BoxMm, pen: MarkHand, rng: Rng) -> None:
    """To and fro over the run until it is hidden, nearly."""
    high = run.h * between(rng, 0.3, 0.46)
    lean = between(rng, 0.1, 0.5) * run.h
    turns = max(6, round(run.w / between(rng, 0.22, 0.5)))
    xs = np.linspace(run.x, run.right, turns)
    middle = run.centre[1]
    points = [
        [x + (lean / 2 if n % 2 else -lean / 2), middle + (-high if n % 2 else high)]
        for n, x in enumerate(xs)
    ]
    stroke(paper, np.array(points) + rng.normal(0, 0.12, (turns, 2)), pen, rng)
    if chance(rng, 0.5):
        rows = np.linspace(middle - high, middle + high, 7)
        points = [[run.right if n % 2 else run.x, y] for n, y in enumerate(rows)]
        stroke(paper, np.array(points) + rng.normal(0, 0.12, (7, 2)), pen, rng)


def _cross(paper: Paper, box: BoxMm, pen: MarkHand, rng: Rng) -> None:
    """A saltire over ``box``."""
    over = between(rng, 0.0, 0.18) * box.h
    left, right = box.x - over, box.right + over
    top, bottom = box.y - over / 2, box.bottom + over / 2
    x, y = box.centre
    for first, last in (((left, top), (right, bottom)), ((right, top), (left, bottom))):
        stroke(paper, np.array([first, (x, y), last]), pen, rng)


__all__ = ["Slip", "Slips", "StrikeStyle", "Struck", "invent_slip", "write_with_slip"]
