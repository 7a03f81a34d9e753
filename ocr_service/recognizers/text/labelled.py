"""Reads print that a label leads to, wherever it stands in an area: the holder on a voucher.

Municipalities print the same things in different places. What does not differ is the word
before them: 氏名 and then the name, on one line.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import cv2
import numpy as np

from ocr_service.domain.arrays import Gray, Mask
from ocr_service.domain.field import MAX_ALTERNATIVES, Candidate, FieldReading, Flag
from ocr_service.domain.geometry import CANVAS_PX_PER_MM
from ocr_service.forms.fields import Charset, Format, TextField
from ocr_service.recognizers.base import FieldCrop
from ocr_service.recognizers.print_lines import FoundLine, find_lines
from ocr_service.recognizers.text.ink import WrittenLine
from ocr_service.recognizers.text.line import LineDecoder
from ocr_service.recognizers.text.reader import Lexicon, TextReader, is_variant_open

VERSION: Final = "1"

_GLYPH_MM = (1.2, 5.0)
"""Height of a line of print that may hold the label; bars and symbols are taller."""

_LOOK = 1.6
"""So many line heights of paper for each character of the label are read to find it."""

_ROW_HEIGHT = 1.6
"""Of the label's height: what it leads to may be printed larger."""

_FAR_MM = 9.0
"""What stands further to the right than this is something else."""

_MARGIN_MM = 0.45
_LEAST_CONTRAST = 12.0

_CLEAR = 0.8
"""A label so sure ends the search."""

_FOUND = 0.2
"""Least chance of a label."""

_NOTHING_THERE = 0.995
_NO_LABEL = 0.9
_HONORIFICS: Final = "様殿さま"


class LabelledPrintReader:
    """Recognizer of text fields that name a label in ``after``."""

    def __init__(
        self, lines: LineDecoder, *, lexicons: Mapping[str, Lexicon] = MappingProxyType({})
    ) -> None:
        """Keep the line reader; nothing is loaded here.

        Args:
            lines: reads single lines.
            lexicons: as for ``TextReader``.
        """
        self._lines = lines
        self._text = TextReader(lines, lexicons=lexicons)

    @property
    def name(self) -> str:
        """Name and version."""
        return f"labelled-{VERSION}/{self._lines.name}"

    def read(self, crop: FieldCrop) -> FieldReading:
        """Read what stands after the label; "" where there is no label or nothing after it."""
        spec = crop.spec
        if not isinstance(spec, TextField):
            return FieldReading(spec.key, (Candidate("", 0.0),), self.name)
        found = find_lines(crop.parts[0])
        if not found:
            return FieldReading(spec.key, (Candidate("", _NOTHING_THERE),), self.name)
        line = self._labelled(crop.parts[0].gray, found, spec.after)
        if line is None:
            return FieldReading(spec.key, (Candidate("", _NO_LABEL),), self.name)
        candidates = _without_honorific(spec, self._text.read_line(spec, line).candidates)
        flags = {Flag.VARIANT_KANJI} if is_variant_open(candidates) else set()
        return FieldReading(
            spec.key, candidates[: 1 + MAX_ALTERNATIVES], self.name, frozenset(flags)
        )

    def _labelled(
        self, gray: Gray, found: Sequence[FoundLine], labels: Sequence[str]
    ) -> WrittenLine | None:
        """The print after what is most surely a label.

        Short lines first: a label mostly stands alone, and reading a line costs 50 ms.
        """
        best: _Label | None = None
        for line in sorted(_first_on_their_rows(found), key=lambda line: line.image.shape[1]):
            label = self._label(line, labels)
            if best is None or label.chance > best.chance:
                best = label
            if best.chance > _CLEAR:
                break
        if best is None or best.chance < _FOUND:
            return None
        end = best.end if best.end is not None else self._end(best)
        row = None if end is None else _row(gray, best.line, end)
        return None if row is None else _written(row)

    def _label(self, line: FoundLine, labels: Sequence[str]) -> _Label:
        """The label that a line most likely begins with; only its start is read."""
        height, width = line.image.shape
        reach = round(_LOOK * height * (max(map(len, labels)) + 0.5))
        start = np.ascontiguousarray(line.image[:, : min(width, reach)])
        read = self._lines.decode(start, Charset.JAPANESE).decoded
        seen = [(_closed(d.text), math.exp(d.log_prob)) for d in read]
        sums = {label: math.fsum(p for t, p in seen if t.startswith(label)) for label in labels}
        text = max(sums, key=lambda label: sums[label])
        is_whole = width <= reach and seen[0][0] == text
        return _Label(line, text, sums[text], width if is_whole else None)

    def _end(self, label: _Label) -> int | None:
        """Where the print after the label begins, in pixels from its line's left edge."""
        image, count = label.line.image, len(label.text)
        hypotheses = self._lines.decode(image, Charset.JAPANESE)
        for decoded in hypotheses.decoded:
            text, centres = decoded.text, hypotheses.centres(decoded.text)
            letters = [(c, x) for c, x in zip(text, centres, strict=True) if not c.isspace()]
            if not "".join(c for c, _ in letters).startswith(label.text):
                continue
            if len(letters) == count:
                return int(image.shape[1])
            return round((letters[count - 1][1] + letters[count][1]) / 2)
        return None


@dataclass(frozen=True, slots=True)
class _Label:
    """A line with the label it begins with, how surely, and where it ends if that is known."""

    line: FoundLine
    text: str
    chance: float
    end: int | None


def _first_on_their_rows(found: Sequence[FoundLine]) -> list[FoundLine]:
    """Lines of the height of print with no other close to the left on their row."""
    legible = [n for n in found if _GLYPH_MM[0] <= n.height_mm <= _GLYPH_MM[1]]
    return [line for line in legible if not any(_leads_to(other, line) for other in legible)]


def _leads_to(one: FoundLine, other: FoundLine) -> bool:
    """Whether ``other`` goes on where ``one`` ends."""
    dx, dy = other.centre_mm[0] - one.centre_mm[0], other.centre_mm[1] - one.centre_mm[1]
    angle = math.radians(one.angle_deg)
    across = abs(dy * math.cos(angle) - dx * math.sin(angle))
    gap = dx - (one.image.shape[1] + other.image.shape[1]) / 2 / CANVAS_PX_PER_MM
    return one is not other and dx > 0 and gap < _FAR_MM and across < one.height_mm / 2


def _row(gray: Gray, label: FoundLine, start: int) -> Gray | None:
    """What stands on a label's row from ``start`` pixels right of its left edge, up to a wide gap.

    Cut anew from the crop, for a single character too small to be found as a line.
    """
    angle = math.radians(label.angle_deg)
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    centre = turn @ (np.array(label.centre_mm) * CANVAS_PX_PER_MM)
    height = round(_ROW_HEIGHT * label.height_mm * CANVAS_PX_PER_MM)
    left = centre[0] - label.image.shape[1] / 2 + start
    matrix = np.hstack([turn, [[-left], [height / 2 - centre[1]]]])
    size = (max(4, round(gray.shape[1] - left)), height)
    row = cv2.warpAffine(gray, matrix, size, flags=cv2.INTER_CUBIC, borderValue=255)
    columns = np.flatnonzero(_dark(row).any(axis=0))
    if len(columns) == 0 or columns[0] > _FAR_MM * CANVAS_PX_PER_MM:
        return None
    wide = np.flatnonzero(np.diff(columns) > _FAR_MM * CANVAS_PX_PER_MM)
    last = columns[wide[0]] if len(wide) else columns[-1]
    margin = round(_MARGIN_MM * CANVAS_PX_PER_MM)
    return np.ascontiguousarray(row[:, max(0, columns[0] - margin) : last + margin])


def _dark(gray: Gray) -> Mask:
    low, paper = np.percentile(gray, (1.0, 70.0))
    ink: Mask = gray < paper - max(_LEAST_CONTRAST, (paper - low) / 2)
    return ink


def _written(row: Gray) -> WrittenLine:
    return WrittenLine(row, _dark(row))


def _without_honorific(spec: TextField, read: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Names without what politeness adds to them."""
    if spec.format is not Format.NAME:
        return tuple(read)
    return tuple(Candidate(c.text.rstrip(_HONORIFICS), c.probability) for c in read)


def _closed(text: str) -> str:
    return "".join(text.split())


__all__ = ["LabelledPrintReader"]
