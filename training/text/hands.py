"""Training hands: fonts, and what is done to their shapes so that each line is another person's.

A font writes every one of its characters the same way; people do not, and the hands to come are
none of these. So each line has a hand of its own: strokes thicker or thinner, shapes narrower,
leaning or warped, pulled into the next character by a connecting stroke.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from samples.generator.chance import Rng, between, chance, jitter
from samples.generator.fonts import (
    CALIBRATION_FONTS,
    EM_PX,
    FontBook,
    Glyph,
    HandFont,
    find_file,
    font_folders,
)
from samples.generator.handwriting import Hand, invent_hand
from samples.generator.paper import Coverage

_FILES = {
    "kouzan": "kouzan-mouhitsu.ttf",
    "kouzan-gyosho": "kouzan-mouhitsu-gyosho.ttf",
    "kouzan-sousyo": "KouzanBrushFontSousyo.ttf",
    "kiloji": "kiloji.ttf",
    "kiloji-b": "kiloji_b.ttf",
    "kiloji-d": "kiloji_d.ttf",
    "kiloji-p": "kiloji_p.ttf",
    "klee": "KleeOne-Regular.ttf",
    "klee-semibold": "KleeOne-SemiBold.ttf",
    "zen-kurenaido": "zen-kurenaido-japanese-400-normal.woff",
    "yuji-boku": "yuji-boku-japanese-400-normal.woff",
    "yuji-mai": "yuji-mai-japanese-400-normal.woff",
    "yuji-syuku": "yuji-syuku-japanese-400-normal.woff",
    "hachi-maru-pop": "hachi-maru-pop-japanese-400-normal.woff",
    "new-tegomin": "new-tegomin-japanese-400-normal.woff",
    "kiwi-maru": "kiwi-maru-japanese-400-normal.woff",
    "slackside-one": "slackside-one-japanese-400-normal.woff",
    "seto": "setofont.ttf",
    "yoz": "YOzRS_.ttf",
    "yoz-bold": "YOzBS_.ttf",
}
"""No hand of the test split (``samples/generator/fonts.py``) may stand here."""

HELD_OUT = tuple(sorted(CALIBRATION_FONTS))
"""In no training line: they choose among networks, and chances are fitted on them."""

_WEIGHTS = {"kouzan": 3.0, "kouzan-gyosho": 3.5, "kouzan-sousyo": 1.5, "yuji-boku": 2.0,
            "yuji-mai": 2.0, "yuji-syuku": 1.5, "kiloji-b": 0.4, "kiloji-d": 0.5, "kiloji-p": 0.5,
            "klee-semibold": 0.5, "kiwi-maru": 0.5, "yoz-bold": 0.5}  # fmt: skip
"""How often a hand writes; 1 where it is not named. Brushes are what the base network lacks."""


@dataclass(frozen=True, slots=True)
class Hands:
    """Fonts with their odds, and fonts to fall back on."""

    fonts: tuple[HandFont, ...]
    odds: tuple[float, ...]

    def pick(self, rng: Rng) -> HandFont:
        """A hand by its odds."""
        return self.fonts[int(rng.choice(len(self.fonts), p=self.odds))]


def open_hands(extra: Path, names: Sequence[str]) -> Hands:
    """The hands of these names, of the system or under ``extra``.

    Raises:
        FileNotFoundError: one of them is missing: figures would not be those recorded.
    """
    folders = font_folders(extra)
    fonts = []
    for name in names:
        path = find_file((_FILES[name],), folders)
        if path is None:
            raise FileNotFoundError(f"no font file {_FILES[name]}")
        fonts.append(HandFont(name, path))
    weights = np.array([_WEIGHTS.get(name, 1.0) for name in names])
    return Hands(tuple(fonts), tuple(weights / weights.sum()))


def training_names() -> tuple[str, ...]:
    """Hands to learn from."""
    return tuple(name for name in _FILES if name not in HELD_OUT)


def invent_writer(rng: Rng, font: HandFont) -> Hand:
    """A hand wilder than the sample generator's, three times in four; else one of its own."""
    hand = invent_hand(rng, FontBook((font,), font), font=font)
    if chance(rng, 0.25):
        return hand
    reshaped = _Reshaping(rng, font)
    return replace(
        hand,
        slant=jitter(rng, 0.13),
        spacing=between(rng, 0.74, 1.1),
        threshold=between(rng, 0.22, 0.58),
        wobble=between(rng, 0.004, 0.035),
        restless=between(rng, 0.3, 1.7),
        own=reshaped.shape,
    )


class _Reshaping:
    """One person's way of changing a font's shapes."""

    def __init__(self, rng: Rng, font: HandFont) -> None:
        self._rng = rng
        self._font = font
        self._stroke_px = jitter(rng, 1.3)
        self._narrow = between(rng, 0.78, 1.15) if chance(rng, 0.6) else 1.0
        self._uneven = between(rng, 0.0, 0.14)
        self._links = between(rng, 0.1, 0.7) if chance(rng, 0.35) else 0.0
        self._warp_px = between(rng, 0.0, 3.5)
        self._dry = between(rng, 0.0, 0.35) if chance(rng, 0.15) else 0.0

    def shape(self, char: str) -> Glyph | None:
        """The character in this person's shape; None where the font lacks it."""
        glyph = self._font.glyph(char)
        if glyph is None:
            return None
        rng = self._rng
        coverage = _restroked(glyph.coverage, self._stroke_px + jitter(rng, 0.25))
        scale_x = self._narrow * (1 + jitter(rng, self._uneven))
        scale_y = 1 + jitter(rng, self._uneven)
        coverage = _moved(coverage, scale_x, scale_y, jitter(rng, 0.04), self._warp_px, rng)
        if chance(rng, self._links):
            coverage = _linked(coverage, rng)
        if self._dry:
            coverage = _dried(coverage, self._dry, rng)
        return Glyph(coverage, glyph.advance_em * min(1.0, self._narrow * 1.05))


def _restroked(coverage: Coverage, by_px: float) -> Coverage:
    """Strokes thicker or thinner by about twice ``by_px`` of an em of 96 pixels."""
    if abs(by_px) < 0.3:  # noqa: PLR2004  less is not seen
        return coverage
    size = 1 + 2 * int(np.ceil(abs(by_px)))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    changed = cv2.dilate(coverage, kernel) if by_px > 0 else cv2.erode(coverage, kernel)
    share = min(1.0, abs(by_px) / np.ceil(abs(by_px)))
    mixed = coverage * (1 - share) + changed * share
    # a shape eroded to nothing is no writing
    return mixed if float(mixed.sum()) > 0.35 * float(coverage.sum()) else coverage


def _moved(
    coverage: Coverage, scale_x: float, scale_y: float, lift: float, warp_px: float, rng: Rng
) -> Coverage:
    side = coverage.shape[0]
    grid_y, grid_x = np.mgrid[0:side, 0:side].astype(np.float32)
    noise = rng.normal(0, warp_px, (2, 4, 4)).astype(np.float32)
    waves = [cv2.resize(n, (side, side), interpolation=cv2.INTER_CUBIC) for n in noise]
    middle = side / 2
    source_x = (grid_x - middle) / scale_x + middle + waves[0]
    source_y = (grid_y - middle) / scale_y + middle + lift * EM_PX + waves[1]
    return cv2.remap(
        coverage, source_x.astype(np.float32), source_y.astype(np.float32), cv2.INTER_LINEAR
    )


def _linked(coverage: Coverage, rng: Rng) -> Coverage:
    """A stroke out of the lowest or rightmost ink towards the next character, or into this one."""
    ys, xs = np.nonzero(coverage > 0.5)  # noqa: PLR2004  inside of a stroke
    if not len(xs):
        return coverage
    out = coverage.copy()
    side = coverage.shape[0]
    if chance(rng, 0.6):
        at = int(np.argmax(xs * 0.5 + ys + rng.normal(0, 3, len(xs))))
        end = (int(side * between(rng, 0.82, 1.0)), int(side * between(rng, 0.2, 0.75)))
    else:
        at = int(np.argmin(xs * 0.5 + ys + rng.normal(0, 3, len(xs))))
        end = (int(side * between(rng, 0.0, 0.18)), int(side * between(rng, 0.3, 0.85)))
    start = np.array([xs[at], ys[at]], dtype=np.float64)
    bow = np.array(
        [(start[0] + end[0]) / 2, max(start[1], end[1]) + side * between(rng, -0.2, 0.1)]
    )
    thick = between(rng, 1.5, 4.5)
    steps = np.linspace(0, 1, 24)[:, None]
    path = (1 - steps) ** 2 * start + 2 * steps * (1 - steps) * bow + steps**2 * np.array(end)
    for step, (x, y) in enumerate(path):
        radius = max(0.7, thick * (1 - 0.7 * step / len(path)) / 1.4)
        cv2.circle(out, (round(x), round(y)), round(radius), 1.0, -1, cv2.LINE_AA)
    return np.maximum(coverage, cv2.GaussianBlur(out, (3, 3), 0.6))


def _dried(coverage: Coverage, share: float, rng: Rng) -> Coverage:
    """White along the strokes, as of a brush running dry."""
    side = coverage.shape[0]
    streaks = cv2.GaussianBlur(
        rng.standard_normal((side, side), dtype=np.float32), (0, 0), sigmaX=5, sigmaY=0.8
    )
    level = float(np.quantile(streaks, 1 - share * 0.6))
    return coverage * np.where(streaks > level, 0.25, 1.0).astype(np.float32)


__all__ = ["HELD_OUT", "Hands", "invent_writer", "open_hands", "training_names"]
