"""Characters of files: widths folded, characters of the operator's own told from others."""

from __future__ import annotations

import unicodedata
from typing import Final

_OWN_AREA: Final = range(0xE000, 0xF900)
"""Where CP932's user-defined characters (F040 to F9FC) land in Unicode."""


def folded(text: str) -> str:
    """A cell with full-width Latin and digits made narrow, outer spaces and line ends dropped."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def is_gaiji(character: str) -> bool:
    """Whether a character is the operator's own: it has no meaning elsewhere."""
    return ord(character) in _OWN_AREA


def has_gaiji(text: str) -> bool:
    """Whether a text has such characters."""
    return any(is_gaiji(c) for c in text)


__all__ = ["folded", "has_gaiji", "is_gaiji"]
