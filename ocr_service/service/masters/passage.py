"""One passage through a master file: what it says, compared with the rows in force."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import IO

from ocr_service.db.masters import masters
from ocr_service.db.masters.imports import ImportCounts
from ocr_service.db.masters.masters import StoredRow
from ocr_service.db.uow import UnitOfWork
from ocr_service.masters.importing.model import FileFacts, MasterKind, Problem, ProblemCode
from ocr_service.masters.importing.registry import KINDS, read_master
from ocr_service.masters.importing.table import ReadLine
from ocr_service.masters.sealing import Seal
from ocr_service.service.masters.rows import stored

PROBLEMS_KEPT = 500
"""So many findings are told line by line; all of them are counted."""

_CHUNK_ROWS = 1000


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What the operator says of a file.

    Attributes:
        whole: it is the whole list: rows in force that it leaves out end (for institutions:
            those of the prefectures in it; for lots: of the products in it).
        skip_rejected: import the good lines although others are rejected.
        prefecture: number of all institutions in it, where the file does not say.
        point_table: 1 medical, 3 dental.
    """

    whole: bool = False
    skip_rejected: bool = False
    prefecture: str = ""
    point_table: str = "1"

    def as_texts(self) -> dict[str, str]:
        """For keeping."""
        return {
            "whole": "1" if self.whole else "",
            "skip_rejected": "1" if self.skip_rejected else "",
            "prefecture": self.prefecture,
            "point_table": self.point_table,
        }

    @classmethod
    def of_texts(cls, texts: dict[str, str]) -> ImportOptions:
        """As kept."""
        return cls(
            whole=bool(texts.get("whole")),
            skip_rejected=bool(texts.get("skip_rejected")),
            prefecture=texts.get("prefecture", ""),
            point_table=texts.get("point_table", "1"),
        )


@dataclass(frozen=True, slots=True)
class MasterFile:
    """A file to be imported.

    Attributes:
        kind: of master.
        name: as the operator calls it.
        file: seekable.
        options: what the operator says of it.
    """

    kind: MasterKind
    name: str
    file: IO[bytes]
    options: ImportOptions = field(default_factory=ImportOptions)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import does, or would do.

    Attributes:
        kind: of master.
        encoding: that the file was read in.
        counts: of lines and rows.
        problems: the first ones, in the order of the file; never a cell.
        noted: lines with a note, imported all the same.
    """

    kind: MasterKind
    encoding: str
    counts: ImportCounts
    problems: tuple[Problem, ...]
    noted: int


Load = Callable[[list[StoredRow]], None]


@dataclass(slots=True)
class Passage:
    """One passage through a file, a thousand rows at a time.

    Attributes:
        uow: sees the rows in force; a reading one will do.
        given: the file.
        seal: for rows about citizens.
        counts: what it does.
        problems: the first ones.
        noted: lines with a note.
        seen: keys of its rows.
        scopes: parts of the master that it touches.
        left_out: keys in force that a whole list does not name.
    """

    uow: UnitOfWork
    given: MasterFile
    seal: Seal | None
    counts: ImportCounts = field(default_factory=ImportCounts)
    problems: list[Problem] = field(default_factory=list)
    noted: int = 0
    seen: set[str] = field(default_factory=set)
    scopes: set[str] = field(default_factory=set)
    left_out: list[str] = field(default_factory=list)

    def through(self, load: Load | None = None) -> ImportReport:
        """Go through the file; ``load`` gets the rows that are new or changed."""
        spec = KINDS[self.given.kind]
        options = self.given.options
        self.given.file.seek(0)
        told = FileFacts(options.prefecture, options.point_table)
        sheet, lines = read_master(self.given.file, spec, told)
        for chunk in _chunks(self._good(lines)):
            self._take(chunk, load)
        # a line that is rejected may be any row, so then nothing is known to be left out
        if options.whole and self.counts.rows and not self.counts.rejected:
            self._see_left_out()
        return ImportReport(
            self.given.kind, sheet.encoding, self.counts, tuple(self.problems), self.noted
        )

    def _good(self, lines: Iterator[ReadLine]) -> Iterator[StoredRow]:
        spec = KINDS[self.given.kind]
        for line in lines:
            row = None if line.row is None else stored(line.row, spec, self.seal)
            problems = line.problems
            if row is not None and row.key in self.seen:
                problems = (*problems, Problem(line.number, "", ProblemCode.DUPLICATE))
                row = None
            room = PROBLEMS_KEPT - len(self.problems)
            self.problems += problems[: max(room, 0)]
            if row is None:
                self.counts = replace(self.counts, rejected=self.counts.rejected + 1)
                continue
            self.noted += bool(problems)
            self.seen.add(row.key)
            self.scopes.add(row.scope)
            yield row

    def _take(self, chunk: list[StoredRow], load: Load | None) -> None:
        there = masters.digests(self.uow, self.given.kind, [row.key for row in chunk])
        new = [row for row in chunk if there.get(row.key) != row.digest]
        changed = sum(row.key in there for row in new)
        counts = self.counts
        self.counts = replace(
            counts,
            rows=counts.rows + len(chunk),
            added=counts.added + len(new) - changed,
            changed=counts.changed + changed,
            unchanged=counts.unchanged + len(chunk) - len(new),
        )
        if load is not None:
            load(new)

    def _see_left_out(self) -> None:
        kind = self.given.kind
        self.left_out = list(
            masters.missing_from(self.uow, kind, scopes=self.scopes, seen=self.seen)
        )
        self.counts = replace(self.counts, ended=len(self.left_out))


def _chunks(rows: Iterator[StoredRow]) -> Iterator[list[StoredRow]]:
    chunk: list[StoredRow] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == _CHUNK_ROWS:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


__all__ = ["PROBLEMS_KEPT", "ImportOptions", "ImportReport", "Load", "MasterFile", "Passage"]
