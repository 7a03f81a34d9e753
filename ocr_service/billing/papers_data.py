"""The papers of a claim as CSV for systems and as a workbook for people."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import dataclass

import xlsxwriter

from ocr_service.billing.papers import (
    DETAIL_HEAD,
    SHEET_HEAD,
    SUMMARY_HEAD,
    Cell,
    ClaimPapers,
    detail_rows,
    sheet_rows,
    summary_rows,
)
from ocr_service.exporters.csv_cells import encodable, guarded

_BORN = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
"""Written into workbooks as their date, so that the same claim gives the same bytes."""
_WIDEST = 28


@dataclass(frozen=True, slots=True)
class LostCells:
    """Characters that an encoding does not have; ``〓`` stands in their place.

    Attributes:
        row: 1-based, the head not counted.
        column: its title.
        count: how many.
    """

    row: int
    column: str
    count: int


@dataclass(frozen=True, slots=True)
class CsvBytes:
    """A CSV file and what it could not carry."""

    data: bytes
    lost: tuple[LostCells, ...]


def as_csv(head: Sequence[str], rows: Sequence[Sequence[Cell]], encoding: str) -> CsvBytes:
    """Rows as CSV with CR LF; text that a spreadsheet would run gets an apostrophe in front.

    Args:
        head: titles.
        rows: cells; whole numbers are written as they are.
        encoding: ``utf-8-sig`` or ``cp932``.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    lost: list[LostCells] = []
    for number, row in enumerate(rows, start=1):
        cells: list[Cell] = []
        for title, cell in zip(head, row, strict=True):
            if isinstance(cell, int):
                cells.append(cell)
                continue
            text, missing = encodable(guarded(cell), encoding)
            cells.append(text)
            if missing:
                lost.append(LostCells(number, title, missing))
        writer.writerow(cells)
    return CsvBytes(out.getvalue().encode(encoding), tuple(lost))


def workbook(papers: ClaimPapers) -> bytes:
    """Summary, sheets and details as three sheets with totals that are numbers, not formulas."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(out, options)
    book.set_properties({"title": f"請求書 {papers.number}", "created": _BORN})
    sums = papers.sums.sums
    counts = (sums.forms, sums.shots, sums.interviews)
    money = (sums.net, sums.gross, sums.self_payment, sums.total)
    summary_total: tuple[Cell, ...] = ("合計", "", "", *counts, *money)
    blank: tuple[Cell, ...] = ("",) * (len(DETAIL_HEAD) - 6)
    detail_total: tuple[Cell, ...] = ("合計", *blank, *money, "")
    gross = sum(row.gross for sheet in papers.sums.sheets for row in sheet.rows)
    net = sum(row.net for sheet in papers.sums.sheets for row in sheet.rows)
    _add(book, "請求総括", SUMMARY_HEAD, summary_rows(papers), summary_total)
    sheet_total = ("合計", "", "", "", "", "", "", net, gross)
    _add(book, "市区町村別", SHEET_HEAD, sheet_rows(papers), sheet_total)
    _add(book, "明細", DETAIL_HEAD, detail_rows(papers), detail_total)
    book.close()
    return out.getvalue()


def _add(
    book: xlsxwriter.Workbook,
    name: str,
    head: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    total: Sequence[Cell],
) -> None:
    sheet = book.add_worksheet(name)
    base = {"font_name": "Yu Gothic", "font_size": 10}
    top = book.add_format({**base, "bold": True, "bg_color": "#EEF1F0", "bottom": 1})
    text = book.add_format({**base, "num_format": "@"})
    money = book.add_format({**base, "num_format": "#,##0;[Red]-#,##0"})
    last = book.add_format({**base, "bold": True, "top": 6, "num_format": "#,##0;[Red]-#,##0"})
    for column, title in enumerate(head):
        sheet.write_string(0, column, title, top)
        cells = [str(row[column]) for row in rows]
        sheet.set_column(column, column, min(_WIDEST, _width([title, *cells])))
    for index, row in enumerate([*rows, total], start=1):
        for column, cell in enumerate(row):
            if isinstance(cell, int):
                sheet.write_number(index, column, cell, last if row is total else money)
            else:
                sheet.write_string(index, column, cell, last if row is total else text)
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _width(texts: Sequence[str]) -> int:
    return 2 + max(sum(2 if ord(c) > 0xFF else 1 for c in text) for text in texts)  # noqa: PLR2004


__all__ = ["CsvBytes", "LostCells", "as_csv", "workbook"]
