"""Records as a CSV file with one row a record and one column a record key."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO, Literal, TypeAlias

from ocr_service.domain.errors import InvalidRequest
from ocr_service.domain.record import Record
from ocr_service.exporters.csv_cells import cell_text, encodable, guarded
from ocr_service.forms.model import FormTemplate

CsvEncoding: TypeAlias = Literal["utf-8-sig", "cp932"]
LEADING_COLUMNS = ("document_id", "file", "page", "state")


@dataclass(frozen=True, slots=True)
class CsvRow:
    """A record with the id it is stored under."""

    document_id: str
    record: Record


@dataclass(frozen=True, slots=True)
class LostCharacters:
    """Characters of one cell that the encoding does not have; ``〓`` stands in their place.

    Attributes:
        document_id: the row.
        key: the column.
        count: how many.
    """

    document_id: str
    key: str
    count: int


@dataclass(frozen=True, slots=True)
class CsvReport:
    """What was written.

    Attributes:
        rows: records written, the header not counted.
        lost: cells that could not be written as they are.
    """

    rows: int
    lost: tuple[LostCharacters, ...]


def write_csv(
    rows: Iterable[CsvRow], template: FormTemplate, encoding: CsvEncoding, out: BinaryIO
) -> CsvReport:
    """Write records of one template.

    Lines end with CR LF, cells are quoted where needed, and a cell that a spreadsheet would run as
    a formula gets an apostrophe in front. A record without fields (unmatched, failed) has empty
    cells.

    Args:
        rows: records of ``template``, or records that matched none.
        template: gives the columns.
        encoding: UTF-8 with byte order mark, or the code page of Japanese Windows.
        out: where the bytes go; it is left open.

    Raises:
        InvalidRequest: a record belongs to another template.
    """
    text = io.TextIOWrapper(out, encoding=encoding, newline="", write_through=True)
    try:
        writer = csv.writer(text, lineterminator="\r\n", quoting=csv.QUOTE_MINIMAL)
        columns = (*LEADING_COLUMNS, *template.record_keys)
        writer.writerow(columns)
        count = 0
        lost: list[LostCharacters] = []
        for row in rows:
            cells, lost_here = _cells(row, template, encoding)
            writer.writerow(cells)
            lost.extend(lost_here)
            count += 1
    finally:
        text.detach()
    return CsvReport(count, tuple(lost))


def _cells(
    row: CsvRow, template: FormTemplate, encoding: CsvEncoding
) -> tuple[list[str], list[LostCharacters]]:
    record = row.record
    if record.template not in (None, template.key):
        raise InvalidRequest(
            f"document {row.document_id} belongs to {record.template}, not to {template.key}"
        )
    values = {value.key: cell_text(value.value) for value in record.fields}
    leading = (row.document_id, record.file, str(record.page), record.state.value)
    named = dict(zip(LEADING_COLUMNS, leading, strict=True))
    named |= {key: values.get(key, "") for key in template.record_keys}
    cells: list[str] = []
    lost: list[LostCharacters] = []
    for key, text in named.items():
        cell, missing = encodable(guarded(text), encoding)
        cells.append(cell)
        if missing:
            lost.append(LostCharacters(row.document_id, key, missing))
    return cells, lost


__all__ = ["LEADING_COLUMNS", "CsvEncoding", "CsvReport", "CsvRow", "LostCharacters", "write_csv"]
