"""Finds national identity numbers (個人番号), so that none leaves the house."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_WEIGHTS: Final = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_GAP: Final = r"[ \-‐-―−ー.・]{1,3}"
_TWELVE: Final = re.compile(
    rf"(?<![0-9])(?:[0-9]{{12}}|[0-9]{{4}}{_GAP}[0-9]{{4}}{_GAP}[0-9]{{4}})(?![0-9])"
)
_LENGTH: Final = 12


def is_national_id(digits: str) -> bool:
    """Whether twelve digits carry the check digit of a national identity number.

    The check digit is 11 minus the weighted sum's remainder by 11, and 0 for remainders 0 and 1
    (domain: 個人番号の検査用数字, weights 6 5 4 3 2 7 6 5 4 3 2).
    """
    if len(digits) != _LENGTH or not (digits.isascii() and digits.isdigit()):
        return False
    rest = sum(w * int(d) for w, d in zip(_WEIGHTS, digits, strict=False)) % 11
    return int(digits[-1]) == (0 if rest <= 1 else 11 - rest)


def holds_national_id(text: str) -> bool:
    """Whether a national identity number stands anywhere in a text.

    Twelve digits with nothing or one sign between each four, whatever their width; digits that
    are part of a longer number, as a voucher's eighteen, are no such number.
    """
    if len(text) < _LENGTH:
        return False
    plain = unicodedata.normalize("NFKC", text)
    return any(
        is_national_id("".join(char for char in found[0] if char.isdigit()))
        for found in _TWELVE.finditer(plain)
    )


__all__ = ["holds_national_id", "is_national_id"]
