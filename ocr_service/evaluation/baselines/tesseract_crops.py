"""Tesseract on our crops: it gets our registration, our rule removal and our cutting of lines.

What is told here is therefore how well it reads a clean line, not how well it finds one. Boxed
digits are set side by side without their boxes; marks and signatures it cannot judge.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from ocr_service.domain.arrays import Gray
from ocr_service.domain.field import Candidate
from ocr_service.evaluation.baselines.readings import (
    cells_text,
    code_text,
    kept,
    sticker_candidate,
)
from ocr_service.evaluation.baselines.tesseract import (
    DIGITS,
    JAPANESE,
    KATAKANA,
    STICKER,
    Tesseract,
    TesseractMode,
)
from ocr_service.forms.fields import (
    Charset,
    CodeField,
    DigitsField,
    StickerField,
    TextField,
)
from ocr_service.recognizers.base import CropPart, FieldCrop
from ocr_service.recognizers.codes.line import find_digit_line
from ocr_service.recognizers.digits.prep import written_in
from ocr_service.recognizers.digits.reader import box_px
from ocr_service.recognizers.print_lines import FoundLine, find_lines
from ocr_service.recognizers.sticker.parse import LineText
from ocr_service.recognizers.text.fields import joined_segments
from ocr_service.recognizers.text.ink import segment_ink

_GAP_PX = 14
_LEAST_INK_PX = 25
_NOTHING = Candidate("", 1.0)


@dataclass(frozen=True, slots=True)
class _Line:
    """A picture to read.

    Attributes:
        key: field it belongs to.
        part: segment of it; 0 where there is one.
        image: the picture.
        mode: how to read it.
        found: where it stands, for lines of stickers.
    """

    key: str
    part: int
    image: Gray
    mode: TesseractMode
    found: FoundLine | None = None


def read_crops(crops: Sequence[FieldCrop], tesseract: Tesseract) -> Mapping[str, Candidate]:
    """Text and score of every field that holds text, by field key.

    Args:
        crops: fields of one page as our readers get them; others than text are left out.
        tesseract: the program; run once for each kind of line.

    Raises:
        ServiceUnavailable: the program failed.
    """
    lines = [line for crop in crops for line in _lines(crop)]
    read: dict[str, list[tuple[_Line, Candidate]]] = {}
    by_mode = sorted(lines, key=lambda line: (line.mode.language, line.mode.whitelist))
    for mode, same in groupby(by_mode, key=lambda line: line.mode):
        together = list(same)
        texts = tesseract.read_lines([line.image for line in together], mode)
        for line, text in zip(together, texts, strict=True):
            read.setdefault(line.key, []).append((line, text))
    return {
        crop.spec.key: _field(crop, read.get(crop.spec.key, []))
        for crop in crops
        if isinstance(crop.spec, TextField | DigitsField | CodeField | StickerField)
    }


def _lines(crop: FieldCrop) -> list[_Line]:
    spec, key = crop.spec, crop.spec.key
    match spec:
        case TextField():
            mode = {Charset.DIGITS: DIGITS, Charset.KATAKANA: KATAKANA}.get(spec.charset, JAPANESE)
            return [
                _Line(key, number, written.gray, mode)
                for number, part in enumerate(crop.parts)
                for written in segment_ink(part, lines=spec.lines).lines
            ]
        case DigitsField():
            shapes = [shape for shape in _cells(crop) if shape is not None]
            return [_Line(key, 0, side_by_side(shapes), DIGITS)] if shapes else []
        case CodeField():
            line = find_digit_line(crop.parts[0].gray, spec.length)
            return [] if line is None else [_Line(key, 0, line.image, DIGITS)]
        case StickerField():
            return [_Line(key, 0, f.image, STICKER, f) for f in find_lines(crop.parts[0])]
        case _:
            return []


def _cells(crop: FieldCrop) -> list[Gray | None]:
    """The writing of each cell, None where there is none or the form prints the digit itself."""
    spec = crop.spec
    printed = [cell.printed for cell in spec.cells] if isinstance(spec, DigitsField) else []
    return [
        None if digit is not None else _shape(part)
        for digit, part in zip(printed, crop.parts, strict=True)
    ]


def _shape(part: CropPart) -> Gray | None:
    written = written_in(part.ink, box_px(part))
    if np.count_nonzero(written) < _LEAST_INK_PX:
        return None
    columns = np.flatnonzero(written.any(axis=0))
    shape = np.where(written, part.gray, 255).astype(np.uint8)
    return shape[:, columns[0] : columns[-1] + 1]


def side_by_side(shapes: Sequence[Gray]) -> Gray:
    """Shapes in one row on white, a gap between them."""
    height = max(shape.shape[0] for shape in shapes)
    row: list[Gray] = []
    for shape in shapes:
        below = height - shape.shape[0]
        row.append(np.pad(shape, ((0, below), (_GAP_PX, _GAP_PX)), constant_values=255))
    return np.hstack(row)


def _field(crop: FieldCrop, read: Sequence[tuple[_Line, Candidate]]) -> Candidate:
    spec = crop.spec
    score = min((text.probability for _, text in read if text.text), default=1.0)
    match spec:
        case TextField():
            segments: list[str] = [""] * len(crop.parts)
            for line, text in read:
                segments[line.part] += kept(text.text, spec.charset)
            joined = joined_segments(spec, [(Candidate(text, 1.0),) for text in segments])
            return _scored(joined[0].text, score, inked=bool(read))
        case DigitsField():
            digits = "".join(kept(text.text, Charset.DIGITS) for _, text in read)
            return _scored(_by_cell(spec, _cells(crop), digits), score, inked=bool(read))
        case CodeField():
            return _scored(
                code_text(spec, [text.text for _, text in read]), score, inked=bool(read)
            )
        case StickerField():
            return sticker_candidate(spec, [_told(line, text) for line, text in read])
        case _:
            return _NOTHING


def _scored(text: str, score: float, *, inked: bool) -> Candidate:
    """Ink that gave no text is no blank field: the user is told."""
    if text:
        return Candidate(text, score)
    return Candidate("", 0.0) if inked else _NOTHING


def _by_cell(spec: DigitsField, cells: Sequence[Gray | None], digits: str) -> str:
    """The digits set into the cells that have ink; as they come where the numbers differ."""
    inked = [place for place, cell in enumerate(cells) if cell is not None]
    if len(inked) != len(digits):
        return digits
    by_cell = dict(zip(inked, digits, strict=True))
    texts = [by_cell.get(place, "") for place in range(len(cells))]
    return cells_text(spec, texts, printed_seen=False)


def _told(line: _Line, text: Candidate) -> LineText:
    found = line.found
    return LineText(
        free=(text,),
        code=(),
        angle_deg=found.angle_deg if found else 0.0,
        y_mm=found.centre_mm[1] if found else 0.0,
        height_mm=found.height_mm if found else 1.0,
    )


__all__ = ["read_crops", "side_by_side"]
