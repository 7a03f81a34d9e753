"""The one typeface of office documents: IPAexGothic, embedded; widths and line breaks in it."""

from __future__ import annotations

from functools import cache

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from ocr_service.forms.blank import form_font_path

FACE = "OfficeGothic"
MISSING = "〓"
"""Stands for a character that the typeface does not have, as in Japanese typesetting."""

_NOT_FIRST = frozenset(
    "、。，．・：；？！」』）〕］｝〉》ーぁぃぅぇぉっゃゅょァィゥェォッャュョ,.)]}%％円々"
)
_SPACES = frozenset("\n　")
_NOT_LAST = frozenset("「『（〔［｛〈《([{¥￥")
_ASCII_WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_,./:")


@cache
def _glyphs() -> frozenset[int]:
    font = TTFont(FACE, str(form_font_path()))
    pdfmetrics.registerFont(font)
    return frozenset(font.face.charToGlyph)


def ready() -> None:
    """Make the typeface known to reportlab.

    Raises:
        TemplateError: the font file is missing.
    """
    _glyphs()


def missing_characters(text: str) -> tuple[str, ...]:
    """Characters that would be printed as ``〓``, each once, in order."""
    return tuple(dict.fromkeys(c for c in text if not _has(c)))


def printable(text: str) -> str:
    """The text as the typeface can print it; control characters go, unknown ones become ``〓``.

    A selector of a kanji variant (IVS) goes too: its base character is printed.
    """
    shown = (c for c in text if not _is_selector(c) and (c.isprintable() or c in _SPACES))
    return "".join(c if c in _SPACES or _has(c) else MISSING for c in shown)


def width_pt(text: str, size_pt: float) -> float:
    """Width of one line of printable text."""
    ready()
    return float(pdfmetrics.stringWidth(text, FACE, size_pt))


def broken(text: str, size_pt: float, room_pt: float) -> list[str]:
    """The text in lines that fit, by the simple rules of Japanese line breaking.

    Args:
        text: printable text; a newline breaks as well.
        size_pt: type size.
        room_pt: width of a line.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        rest = paragraph
        while rest:
            end = _line_end(rest, size_pt, room_pt)
            lines.append(rest[:end].rstrip(" "))
            rest = rest[end:].lstrip(" ")
        if not paragraph:
            lines.append("")
    return lines or [""]


def _line_end(text: str, size_pt: float, room_pt: float) -> int:
    used, fits = 0.0, 0
    for fits, char in enumerate(text):  # noqa: B007 - the count is what is wanted
        used += width_pt(char, size_pt)
        if used > room_pt:
            break
    else:
        return len(text)
    return _better_break(text, max(1, fits))


def _better_break(text: str, fits: int) -> int:
    """Move a break back where the line would begin or end badly; not for long runs."""
    end = fits
    while end > 1 and _breaks_badly(text[end - 1], text[end]):
        end -= 1
    return end if end > max(1, fits // 2) else fits


def _breaks_badly(before: str, after: str) -> bool:
    in_word = before in _ASCII_WORD and after in _ASCII_WORD
    return in_word or after in _NOT_FIRST or before in _NOT_LAST


def _has(char: str) -> bool:
    return ord(char) in _glyphs() or _is_selector(char)


def _is_selector(char: str) -> bool:
    return 0xFE00 <= ord(char) <= 0xFE0F or 0xE0100 <= ord(char) <= 0xE01EF  # noqa: PLR2004 - Unicode


__all__ = ["FACE", "MISSING", "broken", "missing_characters", "printable", "ready", "width_pt"]
