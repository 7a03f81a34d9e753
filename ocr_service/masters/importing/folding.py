"""Characters of files: widths folded, characters of the operator's own told from others."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_OWN_AREA: Final = re.compile("[\ue000-\uf8ef]")
"""Where CP932's user-defined characters (F040 to F9FC) and those of other systems land."""

_LOST: Final = frozenset("\ufffd\uf8f0\uf8f1\uf8f2\uf8f3")
"""What stands where bytes were no character (the last four: single bytes A0, FD, FE, FF)."""


def folded(text: str) -> str:
    """A cell with full-width Latin and digits made narrow, outer spaces and line ends dropped."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def has_gaiji(text: str) -> bool:
    """Whether a character is the operator's own: it has no meaning elsewhere."""
    return _OWN_AREA.search(text) is not None


def is_unreadable(text: str) -> bool:
    """Whether bytes in it were no characters of the encoding."""
    return not _LOST.isdisjoint(text)


__all__ = ["folded", "has_gaiji", "is_unreadable"]
