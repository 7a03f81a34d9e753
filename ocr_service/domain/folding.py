"""Folds what people type, in whatever width or script their input method left it."""

from __future__ import annotations

import re
import unicodedata

IDEOGRAPHIC_SPACE = "\u3000"

_SPACES = re.compile(r"\s+")
_HYPHENS = re.compile(r"[‐‑‒–—―−－ｰ-]")
_LONG_VOWEL_BETWEEN_DIGITS = re.compile(r"(?<=[0-9])[ー一]+(?=[0-9])")
_HIRAGANA_FIRST, _HIRAGANA_LAST = 0x3041, 0x3096
_TO_KATAKANA = 0x60
_HALF_KANA = re.compile(r"[\uff61-\uff9f]+")
_ITERATION_MARKS = str.maketrans({"ゝ": "ヽ", "ゞ": "ヾ"})


def narrow(text: str) -> str:
    """Half-width letters, digits and signs, full-width kana, no outer spaces."""
    return unicodedata.normalize("NFKC", text).strip()


def digits_only(text: str) -> str:
    """The digits of ``text`` in order, half-width; hyphens, brackets and spaces are dropped."""
    return "".join(c for c in narrow(text) if c.isascii() and c.isdigit())


def katakana(text: str) -> str:
    """Full-width katakana; hiragana and half-width kana become it, hyphens a long vowel."""
    wide = unicodedata.normalize("NFKC", text).translate(_ITERATION_MARKS)
    turned = "".join(
        chr(ord(c) + _TO_KATAKANA) if _HIRAGANA_FIRST <= ord(c) <= _HIRAGANA_LAST else c
        for c in wide
    )
    return spaced_name(_HYPHENS.sub("ー", turned))


def spaced_name(text: str) -> str:
    """Family and given name with one full-width space between.

    Half-width kana become full-width; kanji stay as typed, for their variants are part of a name.
    """
    wide = _HALF_KANA.sub(lambda kana: unicodedata.normalize("NFKC", kana[0]), text)
    return _SPACES.sub(IDEOGRAPHIC_SPACE, wide.strip())


def address(text: str) -> str:
    """One string without spaces, half-width digits, plain hyphens between numbers."""
    # Folded once more: an accent that stood behind a space is next to its letter now.
    joined = _HYPHENS.sub("-", narrow(_SPACES.sub("", narrow(text))))
    return _LONG_VOWEL_BETWEEN_DIGITS.sub("-", joined)


def one_line(text: str) -> str:
    """Free text: width folded, runs of spaces and line ends as one space."""
    return _SPACES.sub(" ", narrow(text))


__all__ = [
    "IDEOGRAPHIC_SPACE",
    "address",
    "digits_only",
    "katakana",
    "narrow",
    "one_line",
    "spaced_name",
]
