"""Municipalities by code and by the beginning of an address."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_CODE_LENGTH: Final = 5
_SHAPES: Final = str.maketrans({"ヶ": "ケ", "ヵ": "カ", "ッ": "ツ", "ﾉ": "ノ"})
_DISTRICT: Final = re.compile(r"^.+?郡(?=.+[町村]$)")
_WARD: Final = re.compile(r"^(.+?市).+区$")
_LONGEST: Final = 12
_SPACES: Final = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Place:
    """A municipality.

    Attributes:
        code: the first five digits of its code.
        prefecture: with its suffix: 千葉県.
        city: with the district it lies in and its ward, if any: 夷隅郡大多喜町, 川崎市川崎区.
    """

    code: str
    prefecture: str
    city: str


class Places:
    """Finds municipalities; made once and shared, since it indexes all of them."""

    def __init__(self, places: Iterable[Place]) -> None:
        """Index ``places`` by code and by every name that addresses use for them."""
        self._by_code = {place.code: place for place in places}
        self._prefectures = frozenset(p.prefecture for p in self._by_code.values())
        self._by_name: dict[str, set[str]] = {}
        for place in self._by_code.values():
            for name in {place.city, _DISTRICT.sub("", place.city)}:
                self._by_name.setdefault(_plain(name), set()).add(place.code)

    def __bool__(self) -> bool:
        """Whether any municipality is known."""
        return bool(self._by_code)

    def of_code(self, code: str) -> Place | None:
        """The municipality of a code of five or six digits (the sixth is a check digit)."""
        return self._by_code.get(code[:_CODE_LENGTH])

    def in_address(self, address: str) -> frozenset[str]:
        """Codes of the municipalities that the address may begin with; empty where none fits.

        A ward counts as its city too. Without a prefecture, all municipalities of that name are
        given (府中市).
        """
        text = _plain(address)
        prefecture = next((p for p in self._prefectures if text.startswith(p)), "")
        rest = text[len(prefecture) :]
        for length in range(min(len(rest), _LONGEST), 1, -1):
            codes = self._by_name.get(rest[:length], set())
            found = {c for c in codes if prefecture in {"", self._by_code[c].prefecture}}
            if found:
                return frozenset(found | {city for code in found for city in self._cities(code)})
        return frozenset()

    def _cities(self, code: str) -> Iterable[str]:
        place = self._by_code[code]
        ward = _WARD.match(place.city)
        names = self._by_name.get(_plain(ward[1]), set()) if ward else set()
        return [c for c in names if self._by_code[c].prefecture == place.prefecture]


def _plain(text: str) -> str:
    return _SPACES.sub("", unicodedata.normalize("NFKC", text)).translate(_SHAPES)


NO_PLACES = Places(())
"""No municipality is known."""

__all__ = ["NO_PLACES", "Place", "Places"]
