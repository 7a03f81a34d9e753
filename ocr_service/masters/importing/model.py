"""What a master file is made of: kinds, columns, rows, and problems that never quote a cell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from ocr_service.domain.errors import InvalidRequest, OcrServiceError
from ocr_service.masters.importing.folding import folded


class MasterKind(StrEnum):
    """What a list is about."""

    INSTITUTIONS = "institutions"
    VACCINES = "vaccines"
    LOTS = "lots"
    RESIDENTS = "residents"
    LEDGER = "ledger"


PERSONAL = frozenset({MasterKind.RESIDENTS, MasterKind.LEDGER})
"""Kinds about citizens: kept sealed, off unless the installation switches them on."""


class ProblemCode(StrEnum):
    """Why a row is not taken, or what is odd about it."""

    MISSING = "missing"  # a column that must be filled in is empty
    BAD_DATE = "bad_date"  # no day of the calendar
    BAD_DIGITS = "bad_digits"  # not the digits asked for
    BAD_NUMBER = "bad_number"
    BAD_CHOICE = "bad_choice"  # none of the words allowed
    BAD_PATTERN = "bad_pattern"  # not a regular expression
    CHECK_DIGIT = "check_digit"
    UNKNOWN = "unknown"  # names something that does not exist, for example a municipality
    ORDER = "order"  # ends before it begins
    DUPLICATE = "duplicate"  # an earlier line of the file has the same key
    TOO_LONG = "too_long"
    UNREADABLE = "unreadable"  # bytes that are no characters
    GAIJI = "gaiji"  # a note: characters of the operator's own


NOTES = frozenset({ProblemCode.GAIJI})
"""Problems that do not keep a row out."""


class FileFault(StrEnum):
    """Why a file as a whole is no list."""

    EMPTY = "empty"
    OLD_EXCEL = "old_excel"
    WORKBOOK = "workbook"
    TOO_LARGE = "too_large"
    ENCODING = "encoding"
    QUOTATION = "quotation"
    COLUMNS = "columns"


class MasterFileInvalid(OcrServiceError):
    """The file as a whole is no list of this kind.

    Attributes:
        fault: why, for pages.
        details: columns that are missing, or the line that cannot be split.
    """

    code: ClassVar[str] = "master.file"
    http_status: ClassVar[int] = 422
    exit_code: ClassVar[int] = 3

    def __init__(self, message: str, fault: FileFault, details: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.fault = fault
        self.details = details


class MasterKindUnknown(InvalidRequest):
    """There is no master of this name."""

    code: ClassVar[str] = "master.kind"


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding of an import.

    Attributes:
        line: line of the file, or row of the sheet, from 1.
        column: header as the file writes it; "" where the whole line is meant.
        code: what is wrong.
    """

    line: int
    column: str
    code: ProblemCode

    @property
    def rejects(self) -> bool:
        """Whether the row is kept out."""
        return self.code not in NOTES


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list.

    Attributes:
        name: ours.
        headers: what files call it; the first one is what our own format writes.
        required: whether the file must have it.
    """

    name: str
    headers: tuple[str, ...]
    required: bool = False


@dataclass(frozen=True, slots=True)
class MasterRow:
    """One entry of a master.

    Attributes:
        line: where it stands in the file.
        key: what tells it from all others of its kind.
        found_by: what it is looked up by first.
        also_found_by: what it is looked up by else; () = nothing.
        valid_from: first day it holds, None = always.
        valid_to: last day it holds, None = until further notice.
        data: its cells by our column names, empty ones left out.
    """

    line: int
    key: tuple[str, ...]
    found_by: tuple[str, ...]
    also_found_by: tuple[str, ...] = ()
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    data: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What a file says of all its rows: above its table, or told by the operator.

    Attributes:
        prefecture: number of two digits, "" = not told.
        point_table: 1 medical, 3 dental.
    """

    prefecture: str = ""
    point_table: str = "1"


RowParser = Callable[["CellsOf", FileFacts], MasterRow | None]
"""Makes a row of cells; None = a line that belongs to none (problems are left in the cells)."""


@dataclass(frozen=True, slots=True)
class KindSpec:
    """How lists of one kind are read.

    Attributes:
        kind: which.
        columns: what they have.
        parse: makes a row of one line.
        scope: the part of the master that a whole list of such rows replaces, by key.
    """

    kind: MasterKind
    columns: tuple[Column, ...]
    parse: RowParser
    scope: Callable[[MasterRow], str] = lambda _row: ""


@dataclass(slots=True)
class CellsOf:
    """The cells of one line by our column names; what is wrong with them gathers here.

    Attributes:
        line: line of the file.
        raws: as the file has them, without outer spaces.
        headers: how the file calls each column.
        numeric: names of cells that a spreadsheet kept as a number.
        problems: found so far.
    """

    line: int
    raws: Mapping[str, str]
    headers: Mapping[str, str]
    numeric: frozenset[str] = frozenset()
    problems: list[Problem] = field(default_factory=list)

    def text(self, name: str) -> str:
        """The cell in its usual width, "" where it is empty or the file lacks the column."""
        return folded(self.raw(name))

    def raw(self, name: str) -> str:
        """The cell as written: names keep the characters that their owners use."""
        return self.raws.get(name, "")

    def complain(self, name: str, code: ProblemCode) -> None:
        """Note what is wrong with a cell."""
        self.problems.append(Problem(self.line, self.headers.get(name, name), code))

    @property
    def is_rejected(self) -> bool:
        """Whether anything found keeps the row out."""
        return any(problem.rejects for problem in self.problems)


__all__ = [
    "NOTES",
    "PERSONAL",
    "CellsOf",
    "Column",
    "FileFacts",
    "FileFault",
    "KindSpec",
    "MasterFileInvalid",
    "MasterKind",
    "MasterKindUnknown",
    "MasterRow",
    "Problem",
    "ProblemCode",
    "RowParser",
]
