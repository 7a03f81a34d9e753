"""Lays blocks out on pages, then prints them: only then is it known how many pages there are."""

from __future__ import annotations

import io
from collections.abc import Sequence

from reportlab.pdfgen.canvas import Canvas

from ocr_service.exporters.pdf.blocks import Sheet
from ocr_service.exporters.pdf.paper import A4_MM, GAP, POINTS_PER_MM, RUNNING_PT, Draw, Paper
from ocr_service.exporters.pdf.pen import RULE, SOFT, Pen
from ocr_service.exporters.pdf.setting import set_block
from ocr_service.exporters.pdf.typeface import FACE, ready

_TITLE_PT = 17.0
_FOOT_PT = 6.8
_SET_WIDE = 5
"""Titles of so few characters are set wide, as Japanese letters do."""


def print_sheets(sheets: Sequence[Sheet], *, title: str, author: str = "") -> bytes:
    """Print sheets one behind the other.

    Args:
        sheets: at least one; each starts on a new page and counts its own pages.
        title: of the file.
        author: of the file.

    Returns:
        A PDF with the typeface embedded; the same arguments give the same bytes.

    Raises:
        TemplateError: the font file is missing.
    """
    ready()
    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=1, initialFontName=FACE, lang="ja-JP")
    canvas.setTitle(title)
    canvas.setAuthor(author)
    for sheet in sheets:
        _print(canvas, sheet)
    canvas.save()
    return buffer.getvalue()


def _print(canvas: Canvas, sheet: Sheet) -> None:
    across, up = reversed(A4_MM) if sheet.landscape else A4_MM
    size = (across * POINTS_PER_MM, up * POINTS_PER_MM)
    paper = Paper(size, sheet.title)
    _set_title(paper, sheet)
    for block in sheet.blocks:
        set_block(paper, block)
        paper.y += GAP
    for number, page in enumerate(paper.pages, start=1):
        canvas.setPageSize(size)
        pen = Pen(canvas, size[1])
        for act in page:
            act(pen)
        _foot(pen, paper, sheet.foot, f"{number} / {len(paper.pages)}")
        canvas.showPage()


def _set_title(paper: Paper, sheet: Sheet) -> None:
    """The number stands above the title, so that neither is ever in the other's way."""
    right, middle = paper.left + paper.width, paper.left + paper.width / 2
    for line in sheet.number:
        paper.draw(_line(right, paper.y, line))
        paper.y += RUNNING_PT * 1.45
    title, top = sheet.title, paper.y + 1.5 * POINTS_PER_MM
    words = "　".join(title) if len(title) <= _SET_WIDE else title
    paper.draw(lambda pen: pen.text(middle, top, words, size=_TITLE_PT, align="centre", bold=True))
    paper.y = top + _TITLE_PT * 1.1 + 5 * POINTS_PER_MM


def _line(right: float, y: float, words: str) -> Draw:
    return lambda pen: pen.text(right, y, words, size=RUNNING_PT, align="right", grey=SOFT)


def _foot(pen: Pen, paper: Paper, foot: str, count: str) -> None:
    right, y = paper.left + paper.width, paper.bottom + 3 * POINTS_PER_MM
    pen.rule((paper.left, y), (right, y), width=0.4, grey=RULE)
    y += 1.2 * POINTS_PER_MM
    pen.text(paper.left, y, foot, size=_FOOT_PT, grey=SOFT)
    pen.text(right, y, count, size=RUNNING_PT, align="right", grey=SOFT)


__all__ = ["print_sheets"]
