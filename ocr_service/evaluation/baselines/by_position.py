"""Gives the lines of a page to the fields of a form by where their characters lie.

Every character goes to the writing area that its middle lies in; print outside all areas is
dropped. Reaching half a millimetre or more beyond the areas was tried: it brings in more of the
form's print than of the writing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocr_service.domain.field import Candidate
from ocr_service.domain.geometry import BoxMm
from ocr_service.evaluation.baselines.page_text import PageLine
from ocr_service.evaluation.baselines.readings import (
    cells_text,
    code_text,
    kept,
    sticker_candidate,
)
from ocr_service.forms.fields import (
    Charset,
    CodeField,
    DigitsField,
    FieldSpec,
    PresenceField,
    StickerField,
    TextField,
)
from ocr_service.forms.model import FormTemplate
from ocr_service.recognizers.sticker.parse import LineText
from ocr_service.recognizers.text.fields import joined_segments

_NOTHING = Candidate("", 1.0)


@dataclass(frozen=True, slots=True)
class _Piece:
    """The part of a line that lies in one area."""

    text: str
    x_mm: float
    y_mm: float
    line: PageLine


@dataclass(frozen=True, slots=True)
class _Area:
    key: str
    part: int
    box: BoxMm


def read_by_position(
    template: FormTemplate, page: int, lines: Sequence[PageLine]
) -> Mapping[str, Candidate]:
    """Text and score of every field that holds text, by field key; marks are not among them.

    Args:
        template: the form.
        page: 1-based page of it.
        lines: the page's lines, in millimetres.
    """
    specs = [spec for spec in template.fields if spec.page == page]
    areas = [_Area(spec.key, n, box) for spec in specs for n, box in enumerate(_boxes(spec))]
    pieces: dict[tuple[str, int], list[_Piece]] = {}
    for line in lines if areas else ():
        for place, piece in _shared_out(line, areas):
            pieces.setdefault((areas[place].key, areas[place].part), []).append(piece)
    return {
        spec.key: _field(spec, [pieces.get((spec.key, n), []) for n in range(len(boxes))])
        for spec in specs
        if (boxes := _boxes(spec))
    }


def _boxes(spec: FieldSpec) -> tuple[BoxMm, ...]:
    match spec:
        case TextField():
            return tuple(segment.box for segment in spec.segments)
        case DigitsField():
            return tuple(cell.box for cell in spec.cells)
        case CodeField() | StickerField() | PresenceField():
            return (spec.box,)
        case _:
            return ()


def _shared_out(line: PageLine, areas: Sequence[_Area]) -> Iterator[tuple[int, _Piece]]:
    inside = _inside(line.centres, [area.box for area in areas])
    for place in np.flatnonzero(inside.any(axis=0)).tolist():
        mine = np.flatnonzero(inside[:, place])
        text = "".join(line.text[index] for index in mine)
        x_mm, y_mm = line.centres[mine].mean(axis=0)
        yield place, _Piece(text, float(x_mm), float(y_mm), line)


def _inside(points: NDArray[np.float64], boxes: Sequence[BoxMm]) -> NDArray[np.bool_]:
    """(points, boxes) whether each point lies in each box."""
    low = np.array([(box.x, box.y) for box in boxes])
    high = np.array([(box.right, box.bottom) for box in boxes])
    within = (low[None] <= points[:, None]) & (points[:, None] <= high[None])
    return np.asarray(within.all(axis=2), dtype=np.bool_)


def _field(spec: FieldSpec, parts: Sequence[Sequence[_Piece]]) -> Candidate:
    everything = [piece for part in parts for piece in part]
    score = min((piece.line.score for piece in everything), default=1.0)
    match spec:
        case TextField():
            segments = [(Candidate(_segment(part, spec.charset), 1.0),) for part in parts]
            return _scored(joined_segments(spec, segments)[0].text, score)
        case DigitsField():
            cells = [_segment(part, Charset.DIGITS) for part in parts]
            return _scored(cells_text(spec, cells, printed_seen=True), score)
        case CodeField():
            return _scored(code_text(spec, [piece.text for piece in everything]), score)
        case StickerField():
            return sticker_candidate(spec, _sticker_lines(everything))
        case _:
            return Candidate("1" if everything else "0", score)


def _scored(text: str, score: float) -> Candidate:
    return Candidate(text, score) if text else _NOTHING


def _segment(pieces: Sequence[_Piece], charset: Charset) -> str:
    """Pieces of one area in reading order: line by line, each from left to right."""
    rows: list[list[_Piece]] = []
    for piece in sorted(pieces, key=lambda piece: piece.y_mm):
        if rows and piece.y_mm - rows[-1][0].y_mm < piece.line.height / 2:
            rows[-1].append(piece)
        else:
            rows.append([piece])
    ordered = (piece for row in rows for piece in sorted(row, key=lambda piece: piece.x_mm))
    return kept("".join(piece.text for piece in ordered), charset)


def _sticker_lines(pieces: Sequence[_Piece]) -> list[LineText]:
    return [
        LineText(
            free=(Candidate(piece.text, piece.line.score),),
            code=(),
            angle_deg=piece.line.angle_deg,
            y_mm=piece.y_mm,
            height_mm=piece.line.height,
        )
        for piece in sorted(pieces, key=lambda piece: piece.y_mm)
    ]


__all__ = ["read_by_position"]
