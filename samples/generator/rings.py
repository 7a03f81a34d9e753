"""Rings round printed words, as a hand draws them: open, overlapping, shaky, off the middle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from ocr_service.domain.geometry import BoxMm
from samples.generator.chance import Rng, between, chance, choose, jitter, pick
from samples.generator.marks import MarkHand, MarkStyle, Points, stroke
from samples.generator.paper import Ink, Paper

_STEP_MM = 1.1
_LEAST_POINTS = 12
_SHAKY_SHARE = 0.25
_TIGHT_SHARE = 0.2
_NEAR_MM = 6.0
_TO_NEIGHBOUR = 0.06
_OFF_MIDDLE = 0.1
_WIDEST_WORD_TO_MISS_MM = 20.0


class RingStyle(StrEnum):
    """How a ring ends."""

    CLOSED = "closed"
    OPEN = "open"  # the ends do not meet
    OVERSHOT = "overshot"  # the end runs on past the start
    DOUBLE = "double"  # gone round twice


_STYLES = {
    RingStyle.CLOSED: 0.42,
    RingStyle.OPEN: 0.24,
    RingStyle.OVERSHOT: 0.27,
    RingStyle.DOUBLE: 0.07,
}
_SWEEPS_DEG = {
    RingStyle.CLOSED: (352.0, 372.0),
    RingStyle.OPEN: (295.0, 348.0),
    RingStyle.OVERSHOT: (372.0, 425.0),
    RingStyle.DOUBLE: (640.0, 740.0),
}


@dataclass(frozen=True, slots=True)
class RingHand:
    """One person's rings.

    Attributes:
        style: how most of them end; some end in another way.
        ink: pen.
        width_mm: stroke width.
        room_mm: (across, down) paper between the word and the ring; negative cuts into the word.
        squareness: 2 = an ellipse, 3 = nearly a rounded rectangle.
        tilt_deg: turn of the long axis, clockwise.
        clockwise: direction.
        tremor_mm: how shaky the line is.
    """

    style: RingStyle
    ink: Ink
    width_mm: float
    room_mm: tuple[float, float]
    squareness: float
    tilt_deg: float
    clockwise: bool
    tremor_mm: float


def invent_ring_hand(rng: Rng, ink: Ink) -> RingHand:
    """A person's way of ringing words; every fourth hand trembles."""
    return RingHand(
        style=choose(rng, _STYLES),
        ink=ink,
        width_mm=between(rng, 0.2, 0.55),
        room_mm=_room(rng),
        squareness=between(rng, 1.9, 2.7),
        tilt_deg=jitter(rng, 3.5),
        clockwise=chance(rng, 0.6),
        tremor_mm=between(rng, 0.05, 0.16) if chance(rng, _SHAKY_SHARE) else 0.0,
    )


def _room(rng: Rng) -> tuple[float, float]:
    """Most people leave room; some draw their rings through the ends of the word."""
    if chance(rng, _TIGHT_SHARE):
        return between(rng, -0.2, 0.4), between(rng, -0.2, 0.4)
    return between(rng, 0.2, 2.2), between(rng, 0.2, 1.7)


def draw_ring(paper: Paper, word: BoxMm, others: Sequence[BoxMm], hand: RingHand, rng: Rng) -> None:
    """Ring a word.

    Args:
        paper: page.
        word: tight box of the printed word.
        others: the field's other words; now and then a ring reaches the nearest of them.
        hand: whose ring.
        rng: source of chance.
    """
    style = hand.style if chance(rng, 0.75) else choose(rng, _STYLES)
    left, right = word.x, word.right
    if others and chance(rng, _TO_NEIGHBOUR):
        left, right = _stretched(word, others, rng)
    across = (right - left) / 2 + max(-0.1, hand.room_mm[0] + jitter(rng, 0.3))
    down = word.h / 2 + max(-0.15, hand.room_mm[1] + jitter(rng, 0.25))
    middle = np.array([(left + right) / 2, word.centre[1]])
    middle += np.array([jitter(rng, 0.05 * word.w + 0.15), jitter(rng, 0.09 * word.h)])
    if chance(rng, _OFF_MIDDLE):
        # An elderly hand misses: the ring cuts through the word, more of it inside than out.
        reach = min(word.w, _WIDEST_WORD_TO_MISS_MM)
        middle += np.array([jitter(rng, 0.16 * reach), jitter(rng, 0.2 * word.h)])
    points = _outline(style, (across, down), hand, rng)
    stroke(paper, middle + points, _pen(hand), rng)


def strike_ring(paper: Paper, word: BoxMm, hand: RingHand, rng: Rng) -> None:
    """Cross out a ringed word: two lines, a cross or a scribble, not far beyond its ends."""
    x, y = word.centre
    wide, high = word.w * between(rng, 0.45, 0.62) + 0.6, word.h * between(rng, 0.35, 0.6)
    pen = _pen(hand)
    way = choose(rng, {"lines": 0.5, "cross": 0.2, "scribble": 0.3})
    if way == "lines":
        tilt = jitter(rng, 0.12) * word.h
        for offset in (-0.14 * word.h, 0.14 * word.h):
            ends = [[x - wide, y + offset + tilt], [x, y + offset], [x + wide, y + offset - tilt]]
            stroke(paper, np.array(ends), pen, rng)
    elif way == "cross":
        for side in (-1, 1):
            ends = [[x - wide * 0.8, y - side * high], [x, y], [x + wide * 0.8, y + side * high]]
            stroke(paper, np.array(ends), pen, rng)
    else:
        steps = np.linspace(-1, 1, max(8, round(word.w / 0.7)))
        zigzag = [[x + s * wide, y + (high if n % 2 else -high)] for n, s in enumerate(steps)]
        stroke(paper, np.array(zigzag), pen, rng)


def _stretched(word: BoxMm, others: Sequence[BoxMm], rng: Rng) -> tuple[float, float]:
    """The ring's span where it runs towards the nearest other word, or a little into it."""
    nearest = min(others, key=lambda other: abs(other.centre[0] - word.centre[0]))
    into = between(rng, -0.8, min(1.2, 0.25 * nearest.w))
    gap = max(nearest.x - word.right, word.x - nearest.right)
    if gap > _NEAR_MM and chance(rng, 0.7):  # over the dot between the words, no further
        into -= gap * between(rng, 0.3, 0.6)
    if nearest.x > word.x:
        return word.x, nearest.x + into
    return nearest.right - into, word.right


def _outline(style: RingStyle, radii_mm: tuple[float, float], hand: RingHand, rng: Rng) -> Points:
    """(N, 2) points in millimetres round the origin."""
    low, high = _SWEEPS_DEG[style]
    sweep = np.deg2rad(between(rng, low, high))
    around_mm = (radii_mm[0] + radii_mm[1]) * sweep / 2
    count = max(_LEAST_POINTS, round(around_mm / _STEP_MM))
    start = np.deg2rad(pick(rng, (-90.0, -90.0, -135.0, 90.0, -45.0)) + jitter(rng, 25))
    turn = np.linspace(0, sweep, count)
    angle = start + turn if hand.clockwise else start - turn
    # Rings are egg-shaped, and spiral in or out from start to end.
    spiral = 1 + jitter(rng, 0.05) * (turn / (2 * np.pi) - 0.5)
    egg = 1 + jitter(rng, 0.05) * np.cos(2 * angle + between(rng, 0, 6))
    egg += jitter(rng, 0.03) * np.cos(3 * angle + between(rng, 0, 6))
    power = 2 / hand.squareness
    cosine, sine = np.cos(angle), np.sin(angle)
    x = np.sign(cosine) * np.abs(cosine) ** power * radii_mm[0]
    y = np.sign(sine) * np.abs(sine) ** power * radii_mm[1]
    points = np.column_stack([x, y]) * (spiral * egg)[:, None]
    tilt = np.deg2rad(hand.tilt_deg + jitter(rng, 2.5))
    turned = points @ np.array([[np.cos(tilt), np.sin(tilt)], [-np.sin(tilt), np.cos(tilt)]])
    return turned + rng.normal(0, hand.tremor_mm, turned.shape)


def _pen(hand: RingHand) -> MarkHand:
    return MarkHand(MarkStyle.RING, hand.ink, hand.width_mm, 1.0, (0.0, 0.0), None)


__all__ = ["RingHand", "RingStyle", "draw_ring", "invent_ring_hand", "strike_ring"]
