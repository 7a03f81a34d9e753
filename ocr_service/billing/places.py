"""Codes and names of municipalities, and who is at home where."""

from __future__ import annotations

from functools import lru_cache

from ocr_service.masters.municipalities import municipalities, municipality_of

_WEIGHTS = (6, 5, 4, 3, 2)


def municipality_name(code: str) -> str:
    """Prefecture and name, or the code itself where it is not known."""
    found = municipality_of(code)
    return code if found is None else f"{found.prefecture}{found.city}"


def municipality_code_of_address(address: str) -> str | None:
    """Six digits for an address that begins with prefecture and municipality, else None.

    Districts (郡) may be left out, as people do.
    """
    text = "".join(address.split())
    for length in range(min(len(text), _longest()), 0, -1):
        code = _by_name().get(text[:length])
        if code is not None:
            return code
    return None


@lru_cache(maxsize=1)
def _by_name() -> dict[str, str]:
    found: dict[str, str] = {}
    for five, place in municipalities().items():
        code = five + _check_digit(five)
        found.setdefault(place.prefecture + place.city, code)
        _district, separator, town = place.city.partition("郡")
        if separator and town:
            found.setdefault(place.prefecture + town, code)
    return found


@lru_cache(maxsize=1)
def _longest() -> int:
    return max(map(len, _by_name()))


def _check_digit(five: str) -> str:
    total = sum(w * int(d) for w, d in zip(_WEIGHTS, five, strict=True))
    return str((11 - total % 11) % 10)


__all__ = ["municipality_code_of_address", "municipality_name"]
