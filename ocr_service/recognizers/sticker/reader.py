"""Reads the sticker of a vial: product, lot, expiry."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import replace

from ocr_service.domain.field import MAX_ALTERNATIVES, Candidate, FieldReading, Flag
from ocr_service.forms.fields import Charset, StickerField
from ocr_service.recognizers.base import CropPart, FieldCrop
from ocr_service.recognizers.lines import LineReader
from ocr_service.recognizers.print_lines import FoundLine, find_lines
from ocr_service.recognizers.sticker.gs1 import Gs1Content, see_gs1
from ocr_service.recognizers.sticker.parse import (
    Known,
    LineText,
    StickerText,
    lots_of,
    parse_sticker,
)
from ocr_service.recognizers.sticker.product import SHIPPED_PRODUCTS, Product

_SURELY_EMPTY = 0.995
_PROBABLY_EMPTY = 0.98
_UNREADABLE = 0.2
_PART_MISSING = 0.6
_TILTED_DEG = 1.5
_PER_PART = 3
_CLEAR = 0.98
_REST_SHARE = 0.99
_NOT_READ = "?"


class StickerReader:
    """Recognizer of fields of kind ``sticker``.

    A candidate's text has the parts in template order, joined by tabs: "" for a part that is not
    there, "?" for "something else"; "" alone where the cell is empty. A part's chance is found by
    adding up the candidates that agree in it, so a doubtful product does not pull a clear lot down.
    """

    def __init__(
        self, line_reader: LineReader, products: Sequence[Product] = SHIPPED_PRODUCTS
    ) -> None:
        """Keep what reads lines.

        Args:
            line_reader: reads single lines.
            products: known where a template names none.
        """
        self._lines = line_reader
        self._known = Known(tuple(products))

    @property
    def name(self) -> str:
        """Name and version."""
        return f"sticker-2+{self._lines.name}"

    def read(self, crop: FieldCrop) -> FieldReading:
        """Read one sticker cell."""
        spec = crop.spec
        if not isinstance(spec, StickerField):
            raise TypeError(f"{spec.key} is not a sticker field")
        part = crop.parts[0]
        found = find_lines(part)
        text = self._read_lines(found, see_gs1(part.gray), spec)
        if not text.product and not text.lot:
            return self._empty(spec, part, found)
        return FieldReading(spec.key, _combined(spec, text), self.name)

    def _read_lines(
        self, found: Sequence[FoundLine], gs1: Gs1Content | None, spec: StickerField
    ) -> StickerText:
        """Read from the top until everything asked for is clear; lines cost 50 ms each."""
        asked = {part.role for part in spec.parts}
        known = self._known.on(spec)
        lines: list[LineText] = []
        text = parse_sticker(lines, gs1, known)
        for line in found:
            lines.append(self._read_line(line, known.lot_patterns))
            text = parse_sticker(lines, gs1, known)
            if all(_is_clear(text, role) for role in asked):
                break
        return text

    def _read_line(self, line: FoundLine, patterns: Sequence[str]) -> LineText:
        """Read as any text; again as a code where a lot seems to stand but is not clear."""
        read = LineText(
            free=self._candidates(line, Charset.ANY),
            code=(),
            angle_deg=line.angle_deg,
            y_mm=line.centre_mm[1],
            height_mm=line.height_mm,
        )
        lots = lots_of(read, patterns=patterns)
        if not lots or lots[0].probability >= _CLEAR:
            return read
        return replace(read, code=self._candidates(line, Charset.ALNUM))

    def _candidates(self, line: FoundLine, charset: Charset) -> tuple[Candidate, ...]:
        return self._lines.read_line(line.image, charset) or (Candidate("", 0.0),)

    def _empty(
        self, spec: StickerField, part: CropPart, found: Sequence[FoundLine]
    ) -> FieldReading:
        """Nothing of a sticker was read: is the cell empty, or the sticker beyond reading?"""
        if part.blank is not None:
            suspicious, sure = bool(found), _SURELY_EMPTY
        else:
            # the form's own print lies level; what lies askew was put there by hand
            suspicious = any(abs(line.angle_deg) > _TILTED_DEG for line in found)
            sure = _PROBABLY_EMPTY
        if suspicious:
            unread = (Candidate("", _UNREADABLE),)
            return FieldReading(spec.key, unread, self.name, frozenset({Flag.UNREADABLE}))
        return FieldReading(spec.key, (Candidate("", sure),), self.name)


def _is_clear(text: StickerText, role: str) -> bool:
    candidates = {"product": text.product, "lot": text.lot, "expiry": text.expiry}[role]
    return bool(candidates) and candidates[0].probability >= _CLEAR


def _combined(spec: StickerField, text: StickerText) -> tuple[Candidate, ...]:
    """The likeliest combinations of the parts the template asks for, at most six."""
    by_role = {"product": text.product, "lot": text.lot, "expiry": text.expiry}
    choices = [_with_rest(by_role[part.role]) for part in spec.parts]
    combos = [
        Candidate("\t".join(c.text for c in combo), math.prod(c.probability for c in combo))
        for combo in itertools.product(*choices)
    ]
    combos.sort(key=lambda combo: -combo.probability)
    return tuple(combos[: 1 + MAX_ALTERNATIVES])


def _with_rest(candidates: tuple[Candidate, ...]) -> list[Candidate]:
    """A part's texts and, for the chance that it is none of them, "?"."""
    if not candidates:
        return [Candidate("", _PART_MISSING), Candidate(_NOT_READ, 1.0 - _PART_MISSING)]
    kept = list(candidates[:_PER_PART])
    rest = 1.0 - sum(c.probability for c in kept)
    if rest > 0.0:
        kept.append(Candidate(_NOT_READ, min(rest, _REST_SHARE * kept[0].probability)))
    return kept


__all__ = ["StickerReader"]
