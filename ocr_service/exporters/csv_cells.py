"""What a cell must not be, and signs that have two code points."""

from __future__ import annotations

GETA = "〓"
"""Stands for a character the encoding does not have, as in Japanese typesetting."""

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")

WINDOWS_TWINS = str.maketrans(
    {
        "〜": "～",
        "−": "－",
        "‖": "∥",
        "—": "―",
        "¢": "￠",
        "£": "￡",
        "¬": "￢",
        "¥": "￥",
        "‾": "￣",
        "¦": "￤",
    }
)
"""The same signs under the code points that Windows itself uses in code page 932."""


def guarded(text: str) -> str:
    """The text with an apostrophe in front if a spreadsheet would take it for a formula."""
    return "'" + text if text.startswith(_FORMULA_STARTS) else text


def encodable(text: str, encoding: str) -> tuple[str, int]:
    """The text as the encoding can carry it, and how many characters were lost to ``〓``.

    Args:
        text: any text.
        encoding: ``utf-8-sig`` or ``cp932``.
    """
    if encoding == "cp932":
        text = text.translate(WINDOWS_TWINS)
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        kept = [char if _has(encoding, char) else GETA for char in text]
        lost = sum(a != b for a, b in zip(kept, text, strict=True))
        return "".join(kept), lost
    return text, 0


def _has(encoding: str, char: str) -> bool:
    try:
        char.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


__all__ = ["GETA", "WINDOWS_TWINS", "encodable", "guarded"]
