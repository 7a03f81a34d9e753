"""Municipalities by their code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from ocr_service.masters.postal_table import open_postal_table

_WARD: Final = re.compile(r"^(.+?市)(.+区)$")
_CODE_LENGTH: Final = 5


@dataclass(frozen=True, slots=True)
class Municipality:
    """A municipality.

    Attributes:
        prefecture: with its suffix: 千葉県.
        city: with the district it lies in, if any: 夷隅郡大多喜町; a city without its wards.
    """

    prefecture: str
    city: str


def index_municipalities(rows: Iterable[tuple[str, str, str]]) -> dict[str, Municipality]:
    """Municipalities by the first five digits of their code.

    Wards of large cities have codes of their own; the city's is the round number below them.

    Args:
        rows: (code of five digits, prefecture, municipality with district and ward).
    """
    found: dict[str, Municipality] = {}
    wards: dict[Municipality, list[str]] = {}
    for code, prefecture, city in rows:
        found[code] = Municipality(prefecture, city)
        ward = _WARD.match(city)
        if ward:
            wards.setdefault(Municipality(prefecture, ward[1]), []).append(code)
    for whole, codes in wards.items():
        found[min(codes)[:4] + "0"] = whole
    return found


@lru_cache(maxsize=1)
def municipalities() -> Mapping[str, Municipality]:
    """All municipalities of the postal code table by the first five digits of their code.

    Raises:
        FileNotFoundError: the postal code table is not installed.
    """
    query = (
        "SELECT DISTINCT substr(data, instr(data, 'jisx0402') + 12, 5), prefecture, city"
        " FROM postal_data"
    )
    with closing(open_postal_table()) as connection:
        return MappingProxyType(index_municipalities(connection.execute(query)))


def municipality_of(code: str) -> Municipality | None:
    """The municipality of a code of five or six digits (the sixth is a check digit)."""
    return municipalities().get(code[:_CODE_LENGTH])


__all__ = ["Municipality", "index_municipalities", "municipalities", "municipality_of"]
