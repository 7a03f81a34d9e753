"""Check digits of the codes that forms carry."""

from __future__ import annotations

_PREFECTURES = range(1, 48)
_INSTITUTION_LENGTH = 10
_MUNICIPALITY_LENGTH = 6
# Saitama, Chiba, Tokyo, Kanagawa: their check digit covers the last seven digits alone. No text
# says so; it holds for every medical institution on the 2025 lists.
_SHORT_CHECK_PREFECTURES = frozenset({11, 12, 13, 14})
# Medical, then dental: clinics that also do dentistry may carry the check digit of the latter.
_POINT_TABLES = ("1", "3")
_MUNICIPALITY_WEIGHTS = (6, 5, 4, 3, 2)


def luhn_valid(digits: str) -> bool:
    """Whether the last digit is the Luhn check digit of those before it; False for no digits."""
    if not _is_number(digits):
        return False
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value  # noqa: PLR2004  (sum of its two digits)
    return total % 10 == 0


def institution_code_valid(code: str) -> bool:
    """Whether a medical institution code agrees with its check digit.

    A code that fails is suspicious, not wrong: venues outside health insurance were given codes
    that only look alike.

    Args:
        code: ten digits: prefecture (2), point table (1), institution (7).
    """
    if len(code) != _INSTITUTION_LENGTH or not _is_number(code):
        return False
    prefecture, table, own = code[:2], code[2], code[3:]
    if int(prefecture) not in _PREFECTURES or table not in _POINT_TABLES:
        return False
    if int(prefecture) in _SHORT_CHECK_PREFECTURES:
        return luhn_valid(own)
    return any(luhn_valid(prefecture + each + own) for each in _POINT_TABLES)


def municipality_code_valid(code: str) -> bool:
    """Whether a municipality code of six digits agrees with its check digit.

    About 1.8 % of single misread digits pass, so look the municipality up as well.
    """
    if len(code) != _MUNICIPALITY_LENGTH or not _is_number(code):
        return False
    if int(code[:2]) not in _PREFECTURES:
        return False
    total = sum(w * int(d) for w, d in zip(_MUNICIPALITY_WEIGHTS, code[:5], strict=True))
    return (11 - total % 11) % 10 == int(code[5])


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


__all__ = ["institution_code_valid", "luhn_valid", "municipality_code_valid"]
