"""Finds the table in a sheet, under whatever titles stand above it, and reads its rows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from ocr_service.masters.importing.folding import has_gaiji, is_unreadable
from ocr_service.masters.importing.model import (
    CellsOf,
    Column,
    FileFacts,
    FileFault,
    KindSpec,
    MasterFileInvalid,
    MasterRow,
    Problem,
    ProblemCode,
)
from ocr_service.masters.importing.sheet import Line, Sheet
from ocr_service.masters.prefectures import prefecture_named_in, prefecture_number

_TITLES_AT_MOST: Final = 40
_BRACKETED: Final = re.compile(r"[（(【\[].*?[)）】\]]")
_SHORTEST_START: Final = 4


@dataclass(frozen=True, slots=True)
class ReadLine:
    """What became of a line.

    Attributes:
        number: of the line.
        row: its row, None where it is rejected.
        problems: what was found, notes included.
    """

    number: int
    row: MasterRow | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _Table:
    places: Mapping[str, int]
    headers: Mapping[str, str]
    facts: FileFacts


def read_table(sheet: Sheet, spec: KindSpec, told: FileFacts) -> Iterator[ReadLine]:
    """Every line of the table; empty lines, titles and repeated headers are passed over.

    Args:
        sheet: the file.
        spec: what the table must have.
        told: what the operator says of the whole file; what stands above the table comes second.

    Raises:
        MasterFileInvalid: no line has the columns needed.
    """
    finder = _Finder(spec, told)
    for line in sheet.lines:
        table = finder.table_over(line)
        read = None if table is None else _read(line, table, spec)
        if read is not None:
            yield read
    if not finder.is_found:
        raise _no_table(finder.titles, spec)


@dataclass(slots=True)
class _Finder:
    """Follows the lines and knows in which table each stands; every sheet has its own."""

    spec: KindSpec
    told: FileFacts
    titles: list[Line] = field(default_factory=list)
    is_found: bool = False
    _sheet: int = 0
    _seen: int = 0
    _table: _Table | None = None

    def table_over(self, line: Line) -> _Table | None:
        """The table that the line is a row of; None for titles and the header itself."""
        if line.sheet != self._sheet:
            self._sheet, self._table, self._seen = line.sheet, None, 0
            self.titles = [] if self.is_found else self.titles
        if self._table is not None:
            return self._table
        self._seen += 1
        if self._seen <= _TITLES_AT_MOST:
            self._table = _table_of(line, self.titles, self.spec, self.told)
            self.titles.append(line)
        self.is_found = self.is_found or self._table is not None
        return None


def _table_of(line: Line, above: Sequence[Line], spec: KindSpec, told: FileFacts) -> _Table | None:
    places = _places(line, spec.columns)
    if not places or any(c.required and c.name not in places for c in spec.columns):
        return None
    headers = {name: " ".join(line.cells[place].split()) for name, place in places.items()}
    return _Table(places, headers, _facts(above, told))


def _places(line: Line, columns: Sequence[Column]) -> dict[str, int]:
    """Which cell of a header line is which column: by equal words first, then by their start."""
    words = [header_key(cell) for cell in line.cells]
    places: dict[str, int] = {}
    for column in columns:
        accepted = [header_key(header) for header in column.headers]
        exact = (words.index(header) for header in accepted if header in words)
        place = next(exact, None)
        if place is None:
            place = _place_by_start(words, accepted)
        if place is not None and place not in places.values():
            places[column.name] = place
    return places


def _place_by_start(words: Sequence[str], accepted: Sequence[str]) -> int | None:
    for header in accepted:
        if len(header) < _SHORTEST_START:
            continue
        for place, word in enumerate(words):
            if word.startswith(header):
                return place
    return None


def header_key(text: str) -> str:
    """A header as it is compared: folded, without spaces, brackets and what stands in them."""
    wide = unicodedata.normalize("NFKC", text)
    return re.sub(r"[\s_＿]", "", _BRACKETED.sub("", wide)).lower()


def _facts(above: Sequence[Line], told: FileFacts) -> FileFacts:
    if told.prefecture:
        return told
    title = " ".join(unicodedata.normalize("NFKC", cell) for line in above for cell in line.cells)
    number = prefecture_named_in(title)
    if not number:
        words = [unicodedata.normalize("NFKC", cell) for line in above for cell in line.cells]
        number = next(filter(None, (_bare_prefecture(word) for word in words)), "")
    return replace(told, prefecture=number)


def _bare_prefecture(cell: str) -> str:
    """The prefecture of a title cell like ``［東京］`` or ``都道府県：東京``; "" for others."""
    word = re.sub(r"[\s\[\]()【】]", "", cell.rpartition(":")[2])
    return "" if word.isdigit() else prefecture_number(word)


def _read(line: Line, table: _Table, spec: KindSpec) -> ReadLine | None:
    raws = {
        name: line.cells[place].strip() if place < len(line.cells) else ""
        for name, place in table.places.items()
    }
    if not any(raws.values()) or _repeats_header(raws, table):
        return None
    numeric = frozenset(name for name, place in table.places.items() if place in line.numeric)
    cells = CellsOf(line.number, raws, table.headers, numeric)
    for name, raw in raws.items():
        if is_unreadable(raw):
            cells.complain(name, ProblemCode.UNREADABLE)
        elif has_gaiji(raw):
            cells.complain(name, ProblemCode.GAIJI)
    row = spec.parse(cells, table.facts)
    if row is None and not cells.problems:
        return None
    return ReadLine(line.number, None if cells.is_rejected else row, tuple(cells.problems))


def _repeats_header(raws: Mapping[str, str], table: _Table) -> bool:
    same = sum(" ".join(raw.split()) == table.headers[name] for name, raw in raws.items())
    return same > len(raws) // 2


def _no_table(above: Sequence[Line], spec: KindSpec) -> MasterFileInvalid:
    needed = [column for column in spec.columns if column.required]
    best = max((_places(line, spec.columns) for line in above), key=len, default={})
    missing = [column.headers[0] for column in needed if column.name not in best]
    wanted = "、".join(column.headers[0] for column in needed)
    return MasterFileInvalid(
        f"no line has the columns of this list ({wanted}); missing: {'、'.join(missing) or wanted}",
        FileFault.COLUMNS,
        tuple(missing) or tuple(column.headers[0] for column in needed),
    )


__all__ = ["ReadLine", "header_key", "read_table"]
