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


__all__ = ["GETA", "WINDOWS_TWINS", "guarded"]
