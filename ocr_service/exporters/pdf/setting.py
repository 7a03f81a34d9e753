"""How each block is set on paper. A block moves ``paper.y`` below itself."""

from __future__ import annotations

from ocr_service.exporters.pdf.blocks import (
    Amount,
    Block,
    Heading,
    KeyValues,
    Note,
    Parties,
    Stamps,
    Table,
)
from ocr_service.exporters.pdf.paper import Draw, Paper
from ocr_service.exporters.pdf.pen import FILL, INK, LEADING, RULE, SOFT, Pen
from ocr_service.exporters.pdf.table import set_table
from ocr_service.exporters.pdf.typeface import broken, printable, width_pt

_HEADING_PT = 10.5
_NAME_PT = 11.5
_LINE_PT = 9.0
_BELOW_NAME = 3.0
_FACT_PT = 8.5
_AMOUNT_PT = 16.0
_STAMP_PT = 48.0
_PAD = 4.0
_BAR = 2.5
_TO_SHARE = 0.5
_FROM_AT = 0.56
_LABEL_SHARE = 0.3


def set_block(paper: Paper, block: Block) -> None:
    """Set any block, on a new page where it does not fit."""
    match block:
        case Heading():
            _heading(paper, block)
        case Note():
            _note(paper, block)
        case Parties():
            _parties(paper, block)
        case Amount():
            _amount(paper, block)
        case KeyValues():
            _key_values(paper, block)
        case Stamps():
            _stamps(paper, block)
        case Table():
            set_table(paper, block)


def _heading(paper: Paper, block: Heading) -> None:
    # Together with something below it: a heading alone at the foot of a page leads nowhere.
    paper.need(_HEADING_PT * 5)
    left, y, height = paper.left, paper.y, _HEADING_PT * 1.1

    def draw(pen: Pen) -> None:
        pen.box((left, y, _BAR, height), fill=0.35)
        pen.text(left + _BAR + _PAD, y, block.text, size=_HEADING_PT, bold=True)

    paper.draw(draw)
    paper.y += height - 2


def _note(paper: Paper, block: Note) -> None:
    indent = _BAR + _PAD if block.bad else 0.0
    lines = broken(printable(block.text), block.size_pt, paper.width - indent)
    step = block.size_pt * LEADING
    for line in lines:
        paper.need(step)
        if block.bad:
            at = (paper.left, paper.y, _BAR, step)
            paper.draw(lambda pen, at=at: pen.box(at, fill=0.1))  # type: ignore[misc]
        paper.draw(_text(paper.left + indent, paper.y, line, block.size_pt, bold=block.bad))
        paper.y += step


def _parties(paper: Paper, block: Parties) -> None:
    room = paper.width
    to = _lines(block.to, room * _TO_SHARE - _PAD)
    sender = _lines(block.sender, room * (1 - _FROM_AT))
    paper.need(max(_height(to), _height(sender)))
    top = paper.y
    end_to = _column(paper, paper.left, top, to)
    first_height = to[0][1] * LEADING if to else 0.0
    rule_y = top + first_height
    left, right = paper.left, paper.left + room * _TO_SHARE - _PAD
    if to:
        paper.draw(lambda pen: pen.rule((left, rule_y), (right, rule_y), width=0.6, grey=INK))
    end_from = _column(paper, paper.left + room * _FROM_AT, top, sender)
    paper.y = max(end_to, end_from)


def _lines(words: tuple[str, ...], room: float) -> list[tuple[str, float]]:
    set_lines: list[tuple[str, float]] = []
    for index, text in enumerate(words):
        size = _LINE_PT if index else _NAME_PT
        set_lines += [(line, size) for line in broken(printable(text), size, room)]
    return set_lines


def _height(lines: list[tuple[str, float]]) -> float:
    return sum(size * LEADING for _, size in lines)


def _column(paper: Paper, left: float, top: float, lines: list[tuple[str, float]]) -> float:
    last = _NAME_PT
    for line, size in lines:
        top += _BELOW_NAME if size < last else 0.0
        last = size
        paper.draw(_text(left, top, line, size, bold=size == _NAME_PT))
        top += size * LEADING
    return top


def _amount(paper: Paper, block: Amount) -> None:
    height = _AMOUNT_PT * 1.9
    paper.need(height)
    left, y, width = paper.left, paper.y, paper.width * 0.72
    base = y + (height - _AMOUNT_PT) / 2

    def draw(pen: Pen) -> None:
        pen.box((left, y, width, height), outline=0.9, grey=INK)
        pen.box((left, y, width * 0.3, height), fill=FILL, outline=0.9, grey=INK)
        middle = left + width * 0.15
        pen.text(middle, base + 3, block.label, size=10, align="centre", bold=True)
        end = left + width - 8
        if block.remark:
            pen.text(end, base + 5.5, block.remark, size=8, align="right", grey=SOFT)
            end -= width_pt(printable(block.remark), 8) + 8
        pen.text(end, base, block.text, size=_AMOUNT_PT, align="right", bold=True)

    paper.draw(draw)
    paper.y += height


def _key_values(paper: Paper, block: KeyValues) -> None:
    across = paper.width / block.columns
    for start in range(0, len(block.rows), block.columns):
        pairs = block.rows[start : start + block.columns]
        room = across * (1 - _LABEL_SHARE) - 2 * _PAD
        cells = [(label, broken(printable(value), _FACT_PT, room)) for label, value in pairs]
        height = max(len(lines) for _, lines in cells) * _FACT_PT * LEADING + 2 * _PAD - 2
        paper.need(height)
        for index, (label, lines) in enumerate(cells):
            _pair(paper, (paper.left + index * across, paper.y, across, height), label, lines)
        paper.y += height


def _pair(
    paper: Paper, at: tuple[float, float, float, float], label: str, lines: list[str]
) -> None:
    x, y, w, h = at
    split = w * _LABEL_SHARE

    def draw(pen: Pen) -> None:
        pen.box((x, y, split, h), fill=FILL, outline=0.4)
        pen.box((x + split, y, w - split, h), outline=0.4)
        pen.text(x + _PAD, y + _PAD, label, size=_FACT_PT, grey=SOFT)
        for row, line in enumerate(lines):
            pen.text(x + split + _PAD, y + _PAD + row * _FACT_PT * LEADING, line, size=_FACT_PT)

    paper.draw(draw)


def _stamps(paper: Paper, block: Stamps) -> None:
    height = _STAMP_PT + 12
    paper.need(height)
    y = paper.y
    first = paper.left + paper.width - _STAMP_PT * len(block.labels)

    def draw(pen: Pen) -> None:
        for index, label in enumerate(block.labels):
            x = first + index * _STAMP_PT
            pen.box((x, y, _STAMP_PT, 12), fill=FILL, outline=0.4, grey=RULE)
            pen.box((x, y + 12, _STAMP_PT, _STAMP_PT), outline=0.4, grey=RULE)
            pen.text(x + _STAMP_PT / 2, y + 2.4, label, size=7, align="centre", grey=SOFT)

    paper.draw(draw)
    paper.y += height


def _text(x: float, y: float, words: str, size: float, *, bold: bool = False) -> Draw:
    return lambda pen: pen.text(x, y, words, size=size, bold=bold)


__all__ = ["set_block"]
