"""The files of one export: rows sorted into files, counted, summed and hashed."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import IO, Final

from ocr_service.exporters.profile_entry import Finding
from ocr_service.exporters.profile_model import FileFormat, Profile
from ocr_service.exporters.profile_rows import Cells, MadeRows, RowMaker
from ocr_service.exporters.profile_writers import (
    SUFFIXES,
    XLSX_MOST_ROWS,
    RowWriter,
    open_writer,
)

_CHUNK: Final = 1 << 20
_UNSAFE: Final = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A finished file.

    Attributes:
        name: what its receiver calls it.
        path: where it lies now.
        sha256: hex digest of its bytes.
        size: in bytes.
        rows: without the header.
    """

    name: str
    path: Path
    sha256: str
    size: int
    rows: int


@dataclass(slots=True)
class _Kept:
    """Where a record's rows lie in the spool, and what they are sorted by."""

    split: str
    person: Cells
    block: int
    document: int
    offset: int


@dataclass(slots=True)
class FileSet:
    """Writes rows into one or several files.

    Rows go straight to their file where their order is that of the records. Where files are split
    by a value, or a person's doses are put side by side, they first go to a spool on disk; only
    what they are sorted by stays in memory.

    Attributes:
        profile: the layout.
        maker: makes the rows.
        folder: empty; everything is written there.
        moment: the time of the export, for names and for what files say of themselves.
        local: the same moment on the receiver's clock.
    """

    profile: Profile
    maker: RowMaker
    folder: Path
    moment: datetime
    local: datetime
    _files: list[WrittenFile] = field(default_factory=list)
    _writer: RowWriter | None = None
    _path: Path | None = None
    _split: str = ""
    _rows: int = 0
    _sums: dict[int, Decimal] = field(default_factory=dict)
    _split_rows: Counter[str] = field(default_factory=Counter)
    _spool: IO[bytes] | None = None
    _kept: list[_Kept] = field(default_factory=list)
    _blocks: dict[tuple[str, Cells], set[int]] = field(default_factory=dict)

    def add(self, document: int, made: MadeRows) -> None:
        """Take the rows of one record.

        Raises:
            OSError: the disk does not take them.
        """
        self._sum(made.rows)
        if not self._sorts:
            for row in made.rows:
                self._put(row, "")
            return
        if self._spool is None:
            self._spool = (self.folder / "spool").open("w+b")
        offset = self._spool.tell()
        line = json.dumps(made.rows, ensure_ascii=True).encode() + b"\n"
        self._spool.write(line)
        if self.profile.rows.per == "person":
            self._blocks.setdefault((made.split, made.person), set()).add(made.block)
        self._kept.append(_Kept(made.split, made.person, made.block, document, offset))

    def finish(self) -> tuple[tuple[WrittenFile, ...], tuple[Finding, ...]]:
        """Write what is left, close, and hash.

        Returns:
            The files, and findings about records that turned out not to go.

        Raises:
            OSError: the disk does not take it.
        """
        findings = tuple(self._from_spool())
        self._close()
        if self._spool is not None:
            self._spool.close()
            (self.folder / "spool").unlink()
        return tuple(self._files), findings

    def blocks_of(self, made: MadeRows) -> frozenset[int]:
        """Blocks that are filled for the person of these rows; rows per person only."""
        return frozenset(self._blocks.get((made.split, made.person), ()))

    def abandon(self) -> None:
        """Let go of open files; the folder is its owner's to remove."""
        for holder in (self._writer, self._spool):
            if holder is not None:
                try:
                    holder.close()
                except OSError:  # the disk is full, which is why we are here
                    continue

    @property
    def sums(self) -> dict[str, str]:
        """Sums of the columns that are to be summed, by header."""
        headers = self.maker.headers
        return {headers[place]: str(total) for place, total in sorted(self._sums.items())}

    @property
    def split_rows(self) -> dict[str, int]:
        """Rows by the value that files are split by."""
        return dict(sorted(self._split_rows.items()))

    @property
    def _sorts(self) -> bool:
        return bool(self.profile.split.by) or self.profile.rows.per == "person"

    def _from_spool(self) -> Iterator[Finding]:
        if self._spool is None:
            return
        self._kept.sort(key=lambda k: (k.split, k.person, k.block, k.document))
        if self.profile.rows.per != "person":
            for kept in self._kept:
                for row in self._read(kept.offset):
                    self._put(row, kept.split)
            return
        yield from self._persons()

    def _persons(self) -> Iterator[Finding]:
        own = len(self.profile.columns)
        empty: Cells = ("",) * len(self.profile.rows.columns)
        blocks: dict[int, Cells] = {}
        head: Cells = ()
        before: tuple[str, Cells] | None = None
        for kept in self._kept:
            here = (kept.split, kept.person)
            if before is not None and here != before:
                self._put(self._person_row(head, blocks, empty), before[0])
                blocks = {}
            before = here
            if kept.block in blocks:
                yield Finding(kept.document, "", "block.duplicate", str(kept.block))
                continue
            row = self._read(kept.offset)[0]
            head = row[:own] if not blocks else head
            blocks[kept.block] = row[own:]
        if before is not None:
            self._put(self._person_row(head, blocks, empty), before[0])

    def _person_row(self, head: Cells, blocks: dict[int, Cells], empty: Cells) -> Cells:
        numbers = range(1, self.profile.rows.blocks + 1)
        return head + tuple(cell for n in numbers for cell in blocks.get(n, empty))

    def _read(self, offset: int) -> list[Cells]:
        assert self._spool is not None  # noqa: S101 - there is something to read
        self._spool.seek(offset)
        return [tuple(row) for row in json.loads(self._spool.readline())]

    def _put(self, row: Sequence[str], split: str) -> None:
        most = self.profile.split.rows or (
            XLSX_MOST_ROWS if self.profile.file.format is FileFormat.XLSX else 0
        )
        if self._writer is not None and (split != self._split or (most and self._rows >= most)):
            self._close()
        if self._writer is None:
            self._open(split)
        assert self._writer is not None  # noqa: S101 - just opened
        self._writer.row(row)
        self._rows += 1
        self._split_rows[split] += 1

    def _open(self, split: str) -> None:
        self._path = self.folder / f"part-{len(self._files) + 1:05}"
        self._split = split
        self._rows = 0
        self._writer = open_writer(
            self.profile,
            self._path,
            headers=self.maker.headers,
            columns=self.maker.columns,
            moment=self.moment,
        )

    def _close(self) -> None:
        if self._writer is None or self._path is None:
            return
        self._writer.close()
        digest, size = _digest(self._path)
        name = self._name(len(self._files) + 1)
        self._files.append(WrittenFile(name, self._path, digest, size, self._rows))
        self._writer = None

    def _name(self, part: int) -> str:
        file = self.profile.file
        suffix = SUFFIXES[file.format]
        pattern = file.name or f"{{profile}}-{{date}}-{{time}}{suffix}"
        split = _UNSAFE.sub("_", self._split) or ("none" if self.profile.split.by else "")
        name = pattern.format(
            profile=self.profile.name,
            version=self.profile.version,
            date=self.local.strftime("%Y%m%d"),
            time=self.local.strftime("%H%M%S"),
            split=split,
            part=f"{part:03}",
        )
        taken = {one.name for one in self._files}
        if name not in taken:
            return name
        stem, dot, ending = name.rpartition(".")
        return (
            f"{stem or ending}-{split + '-' if split else ''}{part:03}{dot}{ending if stem else ''}"
        )

    def _sum(self, rows: Sequence[Cells]) -> None:
        own = len(self.profile.columns)
        for place, column in enumerate(self.maker.columns[: own + len(self.profile.rows.columns)]):
            if not column.sum:
                continue
            for row in rows:
                try:
                    number = Decimal(row[place].strip() or "0")
                except InvalidOperation:
                    continue
                self._sums[place] = self._sums.get(place, Decimal()) + number


def _digest(path: Path) -> tuple[str, int]:
    digest = hashlib.sha256()
    size = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return digest.hexdigest(), size


__all__ = ["FileSet", "WrittenFile"]
