"""Japanese surnames and given names with their readings and how common they are.

Written from general knowledge, rarer surnames taken from a dictionary (IPADIC); no person's data. A
prior only: what is not listed is read as well, without this help.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import jaconv

from ocr_service.masters.name_readings import KanjiReadings

_DATA: Final = Path(__file__).with_name("data")
_ENTRY: Final = re.compile(
    r"([^ァ-ヴー,]*(?:[ヶケノツ][^ァ-ヴー,]+)?)([ァ-ヴー]+(?:,[ァ-ヴー]+)*)?"
)

CLASSES: Final = 3
"""Classes of frequency: 1 = the commonest hundred or two, 3 = seldom. Names of a class beyond are
known with their readings and else treated as on no list."""

_UNLISTED: Final = 0.05
"""Share of people who read a listed name in a way that is not listed."""

_USUAL: Final = 0.8
"""Share of people who read a name in its first listed way, where it has more."""

_STRAY: Final = 0.3
"""Share of unlisted names, or readings, that do not follow from their kanji."""

_STRAY_LISTED: Final = 5e-4
_STRAY_KANA: Final = 1 / 25
"""Chance of one listed reading, and of each kana of any other, for such a name."""


@dataclass(frozen=True, slots=True)
class NamePart:
    """A surname or a given name.

    Attributes:
        written: as written, in kanji or kana.
        readings: in katakana, the usual one first.
        rank: class of frequency, 1 to ``CLASSES``, or beyond it for a rare one.
    """

    written: str
    readings: tuple[str, ...]
    rank: int


class NameTable:
    """Surnames or given names, found by how they are written or read."""

    def __init__(self, parts: Iterable[NamePart]) -> None:
        """Index the parts; equal writings are put together, the commonest class counts."""
        self._by_written: dict[str, NamePart] = {}
        self._by_reading: dict[str, list[str]] = {}
        self._rank_of_reading: dict[str, int] = {}
        for part in parts:
            known = self._by_written.get(part.written)
            merged = part if known is None else _merged(known, part)
            self._by_written[part.written] = merged
        for part in self._by_written.values():
            for reading in part.readings:
                if part.rank > CLASSES:
                    continue
                self._by_reading.setdefault(reading, []).append(part.written)
                rank = self._rank_of_reading.get(reading, CLASSES)
                self._rank_of_reading[reading] = min(rank, part.rank)
        self._kanji: KanjiReadings | None = None

    def __len__(self) -> int:
        return len(self._by_written)

    def readings(self, written: str) -> tuple[str, ...]:
        """Readings of a part as written, the usual one first; () where nothing is known of it.

        A part written in kana reads as it is written, listed or not.
        """
        part = self._by_written.get(written)
        if part is not None:
            return part.readings
        kana = jaconv.hira2kata(written)
        return (kana,) if kana and all("ァ" <= c <= "ヶ" or c == "ー" for c in kana) else ()

    def reading_chance(self, written: str, reading: str) -> float:
        """Chance that a part written so is read so, 0 to 1.

        Args:
            written: listed or not.
            reading: in katakana, listed or not.
        """
        listed = self.readings(written)
        built = self._kanji_readings().chance(written, reading)
        stray = _STRAY_LISTED if reading in self._by_reading else _STRAY_KANA ** len(reading)
        unlisted = (1.0 - _STRAY) * built + _STRAY * stray
        if not listed:
            return unlisted
        return (1.0 - _UNLISTED) * _share(listed, reading) + _UNLISTED * unlisted

    def _kanji_readings(self) -> KanjiReadings:
        if self._kanji is None:
            parts = self._by_written.values()
            self._kanji = KanjiReadings((p.written, r) for p in parts for r in p.readings)
        return self._kanji

    def written_as(self, reading: str) -> Sequence[str]:
        """Listed parts that read so, rare ones left out."""
        return self._by_reading.get(reading, ())

    def is_reading(self, text: str) -> bool:
        """Whether a listed part reads so, rare ones left out."""
        return text in self._by_reading

    @property
    def ranks(self) -> Mapping[str, int]:
        """Class of frequency by written part, rare ones left out."""
        parts = self._by_written.items()
        return {written: part.rank for written, part in parts if part.rank <= CLASSES}

    @property
    def reading_ranks(self) -> Mapping[str, int]:
        """Class of frequency by reading: that of its commonest part."""
        return self._rank_of_reading


def _share(listed: tuple[str, ...], reading: str) -> float:
    """Share of the people with a listed name who read it so."""
    if reading not in listed:
        return 0.0
    if len(listed) == 1:
        return 1.0
    return _USUAL if reading == listed[0] else (1.0 - _USUAL) / (len(listed) - 1)


def _merged(first: NamePart, second: NamePart) -> NamePart:
    readings = tuple(dict.fromkeys((*first.readings, *second.readings)))
    return NamePart(first.written, readings, min(first.rank, second.rank))


@lru_cache(maxsize=3)
def _table(*files: str) -> NameTable:
    return NameTable(p for file in files for p in parse_names((_DATA / file).read_text("utf-8")))


def surnames() -> NameTable:
    """The shipped surnames; loaded once."""
    return _table("surnames.txt", "surnames_rare.txt")


def common_surnames() -> NameTable:
    """The same without rare ones."""
    return _table("surnames.txt")


def given_names() -> NameTable:
    """The shipped given names; loaded once."""
    return _table("given_names.txt")


def parse_names(text: str) -> list[NamePart]:
    """The entries of a list: ``[rank]`` lines, then written parts with their readings.

    Raises:
        ValueError: an entry is not of this form.
    """
    parts: list[NamePart] = []
    rank = 1
    for line in text.splitlines():
        if line.startswith("["):
            rank = int(line.strip("[]"))
        elif not line.startswith("#"):
            parts += [_parsed(entry, rank) for entry in line.split()]
    return parts


def _parsed(entry: str, rank: int) -> NamePart:
    match = _ENTRY.fullmatch(entry)
    if match is None:
        raise ValueError("an entry of the list of names cannot be understood")
    written, readings = match.groups()
    if readings is None:
        return NamePart(written, (jaconv.hira2kata(written),), rank)
    return NamePart(written or readings, tuple(readings.split(",")), rank)


__all__ = [
    "CLASSES",
    "NamePart",
    "NameTable",
    "common_surnames",
    "given_names",
    "parse_names",
    "surnames",
]
