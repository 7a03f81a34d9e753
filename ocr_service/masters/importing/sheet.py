"""The lines of a CSV file or a spreadsheet, one by one, whatever they are encoded in."""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any, Final

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from ocr_service.masters.importing.model import FileFault, MasterFileInvalid

_CHUNK_BYTES: Final = 1 << 20
_LARGEST_UNPACKED_BYTES: Final = 1 << 30
_LONGEST_CELL: Final = 32_768  # what a spreadsheet can hold
_OLD_EXCEL: Final = bytes.fromhex("d0cf11e0a1b11ae1")


@dataclass(frozen=True, slots=True)
class Line:
    """One line.

    Attributes:
        number: from 1; the first line of a cell that spans several.
        cells: as text.
        numeric: places of cells that a spreadsheet kept as a number.
        sheet: which sheet of the workbook, from 0.
    """

    number: int
    cells: tuple[str, ...]
    numeric: frozenset[int] = frozenset()
    sheet: int = 0


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file that can be read line by line.

    Attributes:
        encoding: for people: ``utf-8``, ``cp932``, ``utf-16`` or ``xlsx``.
        lines: read once.
    """

    encoding: str
    lines: Iterator[Line]


def open_sheet(file: IO[bytes]) -> Sheet:
    """The lines of a file, which is held in memory only in part.

    Args:
        file: seekable; CSV or tab-separated text in UTF-8 (with or without mark), CP932
            (Shift_JIS of Windows, its own characters included) or UTF-16, or an Excel workbook.

    Raises:
        MasterFileInvalid: none of these, or broken.
    """
    start = file.read(8)
    file.seek(0)
    if not start:
        raise MasterFileInvalid("the file is empty", FileFault.EMPTY)
    if start.startswith(_OLD_EXCEL):
        raise MasterFileInvalid(
            "old Excel files (.xls) are not read; save it as .xlsx or CSV", FileFault.OLD_EXCEL
        )
    if start.startswith(b"PK\x03\x04"):
        return Sheet("xlsx", _workbook_lines(file))
    encoding = _encoding_of(file)
    file.seek(0)
    return Sheet(encoding.removesuffix("-sig"), _text_lines(file, encoding))


def _encoding_of(file: IO[bytes]) -> str:
    start = file.read(3)
    file.seek(0)
    if start.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := file.read(_CHUNK_BYTES):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp932"
    return "utf-8"


def _text_lines(file: IO[bytes], encoding: str) -> Iterator[Line]:
    text = io.TextIOWrapper(file, encoding=encoding, errors="replace", newline="")
    before = 0
    try:
        first = text.readline(_CHUNK_BYTES)
        text.seek(0)
        csv.field_size_limit(_LONGEST_CELL)
        reader = csv.reader(text, delimiter="\t" if first.count("\t") > first.count(",") else ",")
        for cells in reader:
            yield Line(before + 1, tuple(cells))
            before = reader.line_num
    except csv.Error as error:
        raise MasterFileInvalid(
            f"line {before + 1} cannot be split into cells; is a quotation mark left open?",
            FileFault.QUOTATION,
            (str(before + 1),),
        ) from error
    except UnicodeError as error:
        raise MasterFileInvalid(
            "the file is neither UTF-8 nor Shift_JIS", FileFault.ENCODING
        ) from error
    finally:
        text.detach()


def _workbook_lines(file: IO[bytes]) -> Iterator[Line]:
    _refuse_bombs(file)
    try:
        workbook = load_workbook(file, read_only=True, data_only=True, keep_links=False)
    except (InvalidFileException, KeyError, ValueError, OSError) as error:
        raise MasterFileInvalid(
            "the workbook is damaged; save it again", FileFault.WORKBOOK
        ) from error
    try:
        for index, sheet in enumerate(workbook.worksheets):
            for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
                numeric = frozenset(
                    place for place, cell in enumerate(row) if isinstance(cell, int | float)
                )
                yield Line(number, tuple(_cell_text(cell) for cell in row), numeric, index)
    finally:
        workbook.close()


def _refuse_bombs(file: IO[bytes]) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            size = sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, OSError) as error:
        raise MasterFileInvalid(
            "the workbook is damaged; save it again", FileFault.WORKBOOK
        ) from error
    if size > _LARGEST_UNPACKED_BYTES:
        raise MasterFileInvalid(
            "the workbook is too large; save the list as CSV", FileFault.TOO_LARGE
        )
    file.seek(0)


def _cell_text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat()
    if isinstance(cell, dt.date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


__all__ = ["Line", "Sheet", "open_sheet"]
