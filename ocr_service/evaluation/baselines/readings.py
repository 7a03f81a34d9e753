"""From text to readings of fields: the same for every engine that is compared.

The values then follow by the pipeline's own interpretation (``pipeline.interpret``), so that no
engine loses a field to the way it writes a date.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

from ocr_service.domain.field import Candidate, FieldReading, FieldValue, Flag
from ocr_service.forms.fields import Charset, CodeField, DigitsField, FieldSpec, StickerField
from ocr_service.forms.model import FormTemplate
from ocr_service.pipeline.combine import combine
from ocr_service.pipeline.interpret import interpret
from ocr_service.pipeline.values import EMPTY_CELL
from ocr_service.recognizers.sticker.parse import Known, LineText, parse_sticker
from ocr_service.recognizers.text.charsets import fold_character
from ocr_service.recognizers.text.lookalikes import SIMPLIFIED

ACCEPT_AT: Final = 0.9
"""An answer with a lower score counts as flagged: the engines claim no calibrated probability,
and 0.9 is where a user would set the bar."""

_TWIN_WEIGHT = 0.5
_HALF = 0.5
_ROUND_ABOUT = " \u3000()（）[]「」:：、,.・·|"


def kept(text: str, charset: Charset) -> str:
    """``text`` without what the field cannot hold and without brackets the form prints round it.

    Digits are taken from their look-alikes too, Chinese shapes of a kanji count as the Japanese.
    """
    if charset is Charset.DIGITS:
        folds = (fold_character(character, charset) for character in text)
        return "".join(symbol for symbol, weight in folds if symbol and weight >= _TWIN_WEIGHT)
    folded = unicodedata.normalize("NFKC", text) if charset is Charset.KATAKANA else text
    japanese = (SIMPLIFIED.get(character, character) for character in folded)
    return "".join(c for c in japanese if _belongs(c, charset)).strip(_ROUND_ABOUT)


def _belongs(character: str, charset: Charset) -> bool:
    if charset is Charset.KATAKANA:
        return "ァ" <= character <= "ヶ" or character in "ー-一 \u3000"
    if charset is Charset.NAME:
        return character.isspace() or character in "々〆ー" or character.isalpha()
    return True


def cells_text(spec: DigitsField, cells: Sequence[str], *, printed_seen: bool) -> str:
    """Digits of a boxed field by the conventions of ``recognizers.base.Recognizer``.

    Args:
        spec: the field.
        cells: digits found in each cell, in any number.
        printed_seen: what the form itself prints in cells is among them.

    Returns:
        One character a cell where that can be told; else all digits as they come, which then make
        no valid value.
    """
    found = "".join(cells)
    printed = [cell.printed for cell in spec.cells]
    to_write = [place for place, digit in enumerate(printed) if digit is None]
    if not "".join(cells[place] for place in to_write):
        return ""
    if printed_seen and len(found) == len(printed):
        return found
    texts = [digit or cells[place] or EMPTY_CELL for place, digit in enumerate(printed)]
    return "".join(texts)


def code_text(spec: CodeField, lines: Sequence[str]) -> str:
    """The code among the lines of a voucher: the line with as many digits as the code has.

    Where there is none, the line with most digits if it has at least half of them; that is no
    valid code and will be flagged.
    """
    digits = [kept(line, Charset.DIGITS) for line in lines]
    whole = [line for line in digits if len(line) == spec.length]
    if whole:
        return whole[0]
    longest = max(digits, key=len, default="")
    return longest if len(longest) >= _HALF * spec.length else ""


def sticker_candidate(spec: StickerField, lines: Sequence[LineText]) -> Candidate:
    """Product, lot and expiry among the lines of a sticker, top to bottom."""
    text = parse_sticker(lines, None, Known().on(spec))
    by_role = {"product": text.product, "lot": text.lot, "expiry": text.expiry}
    parts = [(by_role[part.role] or (Candidate("", 1.0),))[0] for part in spec.parts]
    if not any(part.text for part in parts):
        return Candidate("", 1.0)
    return Candidate("\t".join(p.text for p in parts), min(p.probability for p in parts))


def field_values(
    template: FormTemplate, read: Mapping[str, Candidate], reader: str
) -> tuple[FieldValue, ...]:
    """Values of the fields an engine had an answer for.

    Args:
        template: the form.
        read: text and score by field key.
        reader: name of the engine.

    Returns:
        Values with the pipeline's flags for what makes no valid value, and one more: a required
        field that was read empty is flagged, as any user would.
    """
    values: list[FieldValue] = []
    for spec in template.fields:
        if spec.key in read:
            values.extend(_interpreted(spec, read[spec.key], reader))
    return tuple(combine(values, template))


def _interpreted(spec: FieldSpec, read: Candidate, reader: str) -> tuple[FieldValue, ...]:
    is_missing = spec.required and read.text in ("", "0")
    flags = frozenset({Flag.UNREADABLE}) if is_missing else frozenset()
    reading = FieldReading(spec.key, (read,), reader, flags)
    return interpret(spec, reading, box=spec.box, accept_at=ACCEPT_AT)


__all__ = [
    "ACCEPT_AT",
    "cells_text",
    "code_text",
    "field_values",
    "kept",
    "sticker_candidate",
]
