"""Rows as bytes of a file, one row after the other, never more than one in memory."""

from __future__ import annotations

import csv
import io
import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import IO, Final, Literal, Protocol

import xlsxwriter

from ocr_service.exporters.fhir_immunization import address_of, resources_of
from ocr_service.exporters.profile_model import Column, FileFormat, Profile

SUFFIXES: Final = {
    FileFormat.DELIMITED: ".csv",
    FileFormat.FIXED: ".txt",
    FileFormat.JSONL: ".jsonl",
    FileFormat.XLSX: ".xlsx",
    FileFormat.FHIR: ".json",
}
MEDIA_TYPES: Final = {
    FileFormat.DELIMITED: "text/csv",
    FileFormat.FIXED: "text/plain",
    FileFormat.JSONL: "application/jsonl",
    FileFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileFormat.FHIR: "application/fhir+json",
}
XLSX_MOST_ROWS: Final = 1_048_575
_CHARSETS: Final = {"cp932": "windows-31j"}
_QUOTING: Final[Mapping[str, Literal[0, 1, 3]]] = {
    "minimal": csv.QUOTE_MINIMAL,
    "all": csv.QUOTE_ALL,
    "none": csv.QUOTE_NONE,
}
_XLSX_MIN_WIDTH: Final = 8
_XLSX_MAX_WIDTH: Final = 40


class RowWriter(Protocol):
    """Takes rows."""

    def row(self, cells: Sequence[str]) -> None:
        """Add one row."""
        ...

    def close(self) -> None:
        """Write the end and let go of the file."""
        ...


def media_type_of(profile: Profile) -> str:
    """What the files of a profile are."""
    kind = MEDIA_TYPES[profile.file.format]
    if not kind.startswith("text/"):
        return kind
    charset = _CHARSETS.get(profile.file.encoding.value, "utf-8")
    return f"{kind}; charset={charset}"


def open_writer(
    profile: Profile,
    path: Path,
    *,
    headers: Sequence[str],
    columns: Sequence[Column],
    moment: datetime,
) -> RowWriter:
    """A writer of a new file.

    Args:
        profile: the layout.
        path: where the file goes; what is there is overwritten.
        headers: of the columns.
        columns: what stands behind them.
        moment: the time that the file says it was made at.

    Raises:
        OSError: the disk does not take it.
    """
    match profile.file.format:
        case FileFormat.DELIMITED:
            return _Delimited(profile, path, headers)
        case FileFormat.FIXED:
            return _Fixed(profile, path)
        case FileFormat.JSONL:
            return _JsonLines(profile, path, headers)
        case FileFormat.XLSX:
            return _Workbook(profile, path, headers, columns, moment)
        case FileFormat.FHIR:
            return _Bundle(profile, path, headers, moment)


def _text_file(profile: Profile, path: Path) -> IO[str]:
    return path.open("w", encoding=profile.file.encoding.value, newline="")


class _Delimited:
    def __init__(self, profile: Profile, path: Path, headers: Sequence[str]) -> None:
        self._file = _text_file(profile, path)
        layout = profile.file
        self._writer = csv.writer(
            self._file,
            delimiter=layout.delimiter,
            lineterminator=layout.line_end,
            quoting=_QUOTING[layout.quote],
        )
        if layout.header:
            self._writer.writerow(headers)

    def row(self, cells: Sequence[str]) -> None:
        self._writer.writerow(cells)

    def close(self) -> None:
        self._file.close()


class _Fixed:
    def __init__(self, profile: Profile, path: Path) -> None:
        self._file = _text_file(profile, path)
        self._end = profile.file.line_end

    def row(self, cells: Sequence[str]) -> None:
        self._file.write("".join(cells) + self._end)

    def close(self) -> None:
        self._file.close()


class _JsonLines:
    def __init__(self, profile: Profile, path: Path, headers: Sequence[str]) -> None:
        self._file = _text_file(profile, path)
        self._headers = headers
        self._end = profile.file.line_end

    def row(self, cells: Sequence[str]) -> None:
        text = (
            cells[0] if not self._headers else _json(dict(zip(self._headers, cells, strict=True)))
        )
        self._file.write(text + self._end)

    def close(self) -> None:
        self._file.close()


class _Workbook:
    """Text cells only: a spreadsheet would take leading zeros off numbers."""

    def __init__(
        self,
        profile: Profile,
        path: Path,
        headers: Sequence[str],
        columns: Sequence[Column],
        moment: datetime,
    ) -> None:
        # The library's own errors are told apart at the end, so the file is opened by us.
        self._file = path.open("wb")
        options = {"constant_memory": True, "tmpdir": str(path.parent), "in_memory": False}
        self._book = xlsxwriter.Workbook(self._file, options)
        self._book.set_properties({"created": moment.replace(tzinfo=None)})
        self._text = self._book.add_format({"num_format": "@"})
        self._sheet = self._book.add_worksheet(profile.file.sheet)
        for place, (header, column) in enumerate(zip(headers, columns, strict=True)):
            wanted = max(column.width or 0, 2 * len(header) + 2, _XLSX_MIN_WIDTH)
            self._sheet.set_column(place, place, min(wanted, _XLSX_MAX_WIDTH), self._text)
        self._next = 0
        if profile.file.header:
            bold = self._book.add_format({"bold": True, "num_format": "@", "bottom": 1})
            self._sheet.freeze_panes(1, 0)
            self._put(headers, bold)

    def row(self, cells: Sequence[str]) -> None:
        self._put(cells, self._text)

    def _put(self, cells: Sequence[str], style: object) -> None:
        for place, text in enumerate(cells):
            if text:
                self._sheet.write_string(self._next, place, text, style)
        self._next += 1

    def close(self) -> None:
        try:
            self._book.close()
        finally:
            self._file.close()


class _Bundle:
    def __init__(
        self, profile: Profile, path: Path, headers: Sequence[str], moment: datetime
    ) -> None:
        self._file = _text_file(profile, path)
        self._headers = headers
        self._first = True
        named = f"{profile.name}/{path.name}/{moment.isoformat()}"
        head = {
            "resourceType": "Bundle",
            "id": str(uuid.uuid5(uuid.NAMESPACE_URL, named)),
            "type": "collection",
            "timestamp": moment.isoformat(timespec="seconds"),
        }
        self._file.write(_json(head)[:-1] + ',"entry":[')

    def row(self, cells: Sequence[str]) -> None:
        for resource in resources_of(dict(zip(self._headers, cells, strict=True))):
            entry = _json({"fullUrl": address_of(resource), "resource": resource})
            self._file.write(("\n" if self._first else ",\n") + entry)
            self._first = False

    def close(self) -> None:
        self._file.write("\n]}\n")
        self._file.close()


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def written_bytes(profile: Profile, rows: Sequence[Sequence[str]], headers: Sequence[str]) -> bytes:
    """Rows of a text format as bytes, for previews.

    Args:
        profile: delimited, fixed or JSON Lines.
        rows: the cells.
        headers: of the columns.
    """
    out = io.StringIO()
    if profile.file.format is FileFormat.DELIMITED:
        layout = profile.file
        writer = csv.writer(
            out,
            delimiter=layout.delimiter,
            lineterminator=layout.line_end,
            quoting=_QUOTING[layout.quote],
        )
        writer.writerows([headers, *rows] if layout.header else rows)
    else:
        out.writelines("".join(cells) + profile.file.line_end for cells in rows)
    return out.getvalue().encode(profile.file.encoding.value, errors="replace")


__all__ = [
    "MEDIA_TYPES",
    "SUFFIXES",
    "XLSX_MOST_ROWS",
    "RowWriter",
    "media_type_of",
    "open_writer",
    "written_bytes",
]
