"""Tables: rows go on over pages, the head is repeated, totals never stand alone."""

from __future__ import annotations

from dataclasses import dataclass

from ocr_service.exporters.pdf.blocks import Table
from ocr_service.exporters.pdf.paper import Paper
from ocr_service.exporters.pdf.pen import FILL, INK, LEADING, RULE, SOFT, Pen
from ocr_service.exporters.pdf.typeface import broken, printable

_PAD_X = 3.5
_PAD_Y = 2.6
_DOUBLE = 1.6


@dataclass(frozen=True, slots=True)
class _Row:
    cells: tuple[tuple[str, ...], ...]
    height: float


def set_table(paper: Paper, table: Table) -> None:
    """Set a table from where the paper stands, over as many pages as it takes."""
    widths = _widths(paper, table)
    head = _row(table, widths, tuple(column.title for column in table.columns))
    rows = [_row(table, widths, row) for row in table.rows]
    totals = [_row(table, widths, row) for row in table.totals]
    kept = sum(row.height for row in totals) + _DOUBLE
    paper.need(head.height + (rows[0].height if rows else table.size_pt * 2) + kept)
    _head(paper, table, widths, head)
    if not rows:
        _empty(paper, table)
    for index, row in enumerate(rows):
        # The last row waits for the totals.
        wanted = row.height + (kept if index == len(rows) - 1 else 0.0)
        if wanted > paper.room:
            paper.turn()
            _head(paper, table, widths, head)
        _body(paper, table, widths, row, bold=False)
    if totals:
        _double_rule(paper)
    for row in totals:
        _body(paper, table, widths, row, bold=True)


def _widths(paper: Paper, table: Table) -> list[float]:
    whole = sum(column.weight for column in table.columns)
    return [paper.width * column.weight / whole for column in table.columns]


def _row(table: Table, widths: list[float], words: tuple[str, ...]) -> _Row:
    cells = tuple(
        tuple(broken(printable(text), table.size_pt, width - 2 * _PAD_X))
        for text, width in zip(words, widths, strict=True)
    )
    lines = max(len(cell) for cell in cells)
    return _Row(cells, lines * table.size_pt * LEADING + 2 * _PAD_Y - 1.5)


def _head(paper: Paper, table: Table, widths: list[float], head: _Row) -> None:
    at = (paper.left, paper.y, paper.width, head.height)
    left, right, bottom = paper.left, paper.left + paper.width, paper.y + head.height

    def draw(pen: Pen) -> None:
        pen.box(at, fill=FILL)
        pen.rule((left, at[1]), (right, at[1]), width=0.9, grey=INK)
        pen.rule((left, bottom), (right, bottom), width=0.5, grey=INK)

    paper.draw(draw)
    _cells(paper, table, widths, head, bold=False, grey=SOFT)
    paper.y = bottom


def _body(paper: Paper, table: Table, widths: list[float], row: _Row, *, bold: bool) -> None:
    _cells(paper, table, widths, row, bold=bold, grey=INK)
    paper.y += row.height
    y, left, right = paper.y, paper.left, paper.left + paper.width
    paper.draw(lambda pen: pen.rule((left, y), (right, y), width=0.35, grey=RULE))


def _double_rule(paper: Paper) -> None:
    y, left, right = paper.y, paper.left, paper.left + paper.width

    def draw(pen: Pen) -> None:
        pen.rule((left, y), (right, y), width=0.5, grey=INK)
        pen.rule((left, y + _DOUBLE), (right, y + _DOUBLE), width=0.5, grey=INK)

    paper.draw(draw)
    paper.y += _DOUBLE


def _empty(paper: Paper, table: Table) -> None:
    middle, y, size = paper.left + paper.width / 2, paper.y + _PAD_Y * 2, table.size_pt
    paper.draw(lambda pen: pen.text(middle, y, table.empty, size=size, align="centre", grey=SOFT))
    paper.y += size + _PAD_Y * 4


def _cells(
    paper: Paper, table: Table, widths: list[float], row: _Row, *, bold: bool, grey: float
) -> None:
    x, top, size = paper.left, paper.y + _PAD_Y, table.size_pt

    def draw(pen: Pen) -> None:
        at = x
        for column, width, lines in zip(table.columns, widths, row.cells, strict=True):
            share = {"left": _PAD_X, "centre": width / 2, "right": width - _PAD_X}[column.align]
            for index, line in enumerate(lines):
                y = top + index * size * LEADING
                pen.text(at + share, y, line, size=size, align=column.align, bold=bold, grey=grey)
            at += width

    paper.draw(draw)


__all__ = ["set_table"]
