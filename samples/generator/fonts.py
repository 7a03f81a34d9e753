"""Handwriting fonts of the system: found by file name, glyphs checked before they are drawn."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont

from ocr_service.forms.blank import form_font_path
from samples.generator.paper import Coverage

EM_PX = 96
"""Glyphs are kept at this size and scaled down when they are written."""

PRINTED = "printed"
FONTS_DIR_VARIABLE = "OCR_FONTS_DIR"

# Name -> file names that carry it, best first.
_FILES = {
    "kiloji": ("kiloji.ttf",),
    "kiloji-p": ("kiloji_p.ttf",),
    "kiloji-d": ("kiloji_d.ttf",),
    "klee": ("KleeOne-Regular.ttf", "klee-one-japanese-400-normal.woff"),
    "klee-semibold": ("KleeOne-SemiBold.ttf", "klee-one-japanese-600-normal.woff"),
    "kouzan": ("kouzan-mouhitsu.ttf",),
    "kouzan-gyosho": ("kouzan-mouhitsu-gyosho.ttf",),
    "yuji-mai": ("YujiMai-Regular.ttf", "yuji-mai-japanese-400-normal.woff"),
    "yuji-syuku": ("YujiSyuku-Regular.ttf", "yuji-syuku-japanese-400-normal.woff"),
    "zen-kurenaido": ("ZenKurenaido-Regular.ttf", "zen-kurenaido-japanese-400-normal.woff"),
    "hachi-maru-pop": ("HachiMaruPop-Regular.ttf", "hachi-maru-pop-japanese-400-normal.woff"),
    "aoyagi": ("aoyagi-soseki.ttf",),
    "yomogi": ("Yomogi-Regular.ttf", "yomogi-japanese-400-normal.woff"),
    "yusei-magic": ("YuseiMagic-Regular.ttf", "yusei-magic-japanese-400-normal.woff"),
}
TEST_FONTS = frozenset({"aoyagi", "yomogi", "yusei-magic"})
"""Hands that no training page may be written in."""
CALIBRATION_FONTS = frozenset({"kouzan-gyosho", "yuji-mai", "zen-kurenaido", "hachi-maru-pop"})
"""Hands that no network learned from either: chances fitted on known hands would be too high."""

_PAD_PX = EM_PX // 4
_LEAST_INK = 0.002


@dataclass(frozen=True, slots=True)
class Glyph:
    """One drawn character.

    Attributes:
        coverage: (1.5 em, 1.5 em) with the em square in the middle.
        advance_em: how far the pen moves on.
    """

    coverage: Coverage
    advance_em: float


@dataclass(slots=True)
class HandFont:
    """A font file opened for drawing."""

    name: str
    path: Path
    _font: ImageFont.FreeTypeFont = field(init=False, repr=False)
    _known: frozenset[int] = field(init=False, repr=False)
    _cache: dict[str, Glyph | None] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._font = ImageFont.truetype(str(self.path), EM_PX)
        with TTFont(str(self.path), lazy=True, fontNumber=0) as table:
            self._known = frozenset(table.getBestCmap())

    def glyph(self, char: str) -> Glyph | None:
        """The character as this hand writes it; None where the font has no shape for it."""
        if char not in self._cache:
            self._cache[char] = self._draw(char) if ord(char) in self._known else None
        return self._cache[char]

    def _draw(self, char: str) -> Glyph | None:
        side = EM_PX + 2 * _PAD_PX
        image = Image.new("L", (side, side), 0)
        advance = float(self._font.getlength(char))
        left = _PAD_PX + (EM_PX - advance) / 2
        baseline = _PAD_PX + 0.88 * EM_PX
        ImageDraw.Draw(image).text((left, baseline), char, font=self._font, fill=255, anchor="ls")
        coverage = np.asarray(image, dtype=np.float32) / np.float32(255)
        if float(coverage.mean()) < _LEAST_INK and not char.isspace() and char not in "・、。-.'":
            return None  # some fonts map characters to empty shapes
        return Glyph(coverage, advance / EM_PX)


@dataclass(frozen=True, slots=True)
class FontBook:
    """The hands of a run, with one printed font as the last resort."""

    hands: tuple[HandFont, ...]
    printed: HandFont

    def glyph(self, char: str, hand: HandFont) -> Glyph:
        """``char`` in ``hand``, or in the nearest other hand that has it.

        Raises:
            ValueError: no font at all has the character.
        """
        for font in (hand, *self.hands, self.printed):
            glyph = font.glyph(char)
            if glyph is not None:
                return glyph
        raise ValueError(f"no font has U+{ord(char):04X}")


def font_folders(extra: Path | None = None) -> tuple[Path, ...]:
    """Where fonts are looked for: ``extra``, ``$OCR_FONTS_DIR``, the system, the user."""
    named = os.environ.get(FONTS_DIR_VARIABLE)
    folders = [extra, Path(named) if named else None, Path("/usr/share/fonts")]
    folders += [Path("/usr/local/share/fonts"), Path.home() / ".local/share/fonts"]
    return tuple(f for f in folders if f is not None and f.is_dir())


def find_file(names: Sequence[str], folders: Iterable[Path]) -> Path | None:
    """The first file called one of ``names`` under ``folders``; links are followed."""
    wanted = {name: rank for rank, name in enumerate(names)}
    found: list[tuple[int, Path]] = []
    for folder in folders:
        for root, _, files in os.walk(folder, followlinks=False):
            found += [(wanted[f], Path(root) / f) for f in files if f in wanted]
        if found:
            return min(found)[1]
    return None


def open_fonts(
    folders: Sequence[Path], *, only: Sequence[str] = (), split: str | None = None
) -> FontBook:
    """The hands that the system has.

    Args:
        folders: where to look.
        only: names to take; empty = all of the split.
        split: ``train``, ``calibration`` or ``test``, None for all.

    Returns:
        The hands found; the printed form font alone, called ``printed``, where no handwriting
        font is installed.

    Raises:
        ValueError: an unknown name.
    """
    unknown = sorted(set(only) - set(_FILES))
    if unknown:
        raise ValueError(f"unknown fonts {', '.join(unknown)}; known: {', '.join(_FILES)}")
    wanted = [n for n in (only or _FILES) if only or split in {None, split_of(n)}]
    hands = []
    for name in wanted:
        path = find_file(_FILES[name], folders)
        if path is not None:
            hands.append(HandFont(name, path))
    printed = HandFont(PRINTED, form_font_path())
    return FontBook(tuple(hands) or (printed,), printed)


def split_of(font: str) -> str:
    """``train``, ``calibration`` or ``test``: what pages in this hand are for."""
    if font in TEST_FONTS:
        return "test"
    return "calibration" if font in CALIBRATION_FONTS else "train"


def shrink(coverage: Coverage, size_px: tuple[int, int]) -> Coverage:
    """Resample coverage to (width, height) without aliasing."""
    return cv2.resize(coverage, size_px, interpolation=cv2.INTER_AREA)


__all__ = [
    "CALIBRATION_FONTS",
    "EM_PX",
    "FONTS_DIR_VARIABLE",
    "PRINTED",
    "TEST_FONTS",
    "FontBook",
    "Glyph",
    "HandFont",
    "find_file",
    "font_folders",
    "open_fonts",
    "shrink",
    "split_of",
]
