"""From the lines of a sticker to product, lot and expiry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ocr_service.domain.field import Candidate
from ocr_service.recognizers.sticker_gs1 import Gs1Content
from ocr_service.recognizers.sticker_lot import (
    expiry_in,
    folded,
    has_expiry,
    has_lot_label,
    lot_on_its_own,
    lots_in,
)
from ocr_service.recognizers.sticker_product import Product, known_product, unknown_product

_GS1_TRUST = 0.995
_SAME_STICKER_DEG = 2.0
_SAME_STICKER_MM = 16.0
_MOST = 0.998


@dataclass(frozen=True, slots=True)
class LineText:
    """A line as read.

    Attributes:
        free: read as any text.
        code: read as capitals, digits and hyphens; None where that was not tried.
        angle_deg: how the line lies.
        y_mm: where it lies in the cell.
        height_mm: size of its glyphs.
    """

    free: Candidate
    code: Candidate | None
    angle_deg: float
    y_mm: float
    height_mm: float


@dataclass(frozen=True, slots=True)
class StickerText:
    """What the sticker says; each is best first and empty where nothing was found."""

    product: tuple[Candidate, ...]
    lot: tuple[Candidate, ...]
    expiry: tuple[Candidate, ...]


def may_hold_lot(text: str) -> bool:
    """Whether a line, read as any text, is worth reading again as a code."""
    line = folded(text)
    return bool(lots_in(line, labelled=False)) or has_lot_label(line)


def parse_sticker(
    lines: Sequence[LineText], gs1: Gs1Content | None, products: Sequence[Product]
) -> StickerText:
    """Find the three things a sticker says.

    Args:
        lines: top to bottom, form print among them where the blank is not known.
        gs1: content of a GS1 symbol; it outranks print.
        products: known products.
    """
    lot, lot_line = _lot(lines)
    if gs1 is not None and gs1.lot:
        lot = _outranked(gs1.lot, lot)
    expiry = _expiry(lines)
    if gs1 is not None and gs1.expiry:
        expiry = _outranked(gs1.expiry, expiry)
    return StickerText(_product(lines, lot_line, products), lot, expiry)


def _outranked(text: str, others: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    rest = tuple(
        Candidate(c.text, c.probability * (1 - _GS1_TRUST)) for c in others if c.text != text
    )
    return Candidate(text, _GS1_TRUST), *rest


def _lot(lines: Sequence[LineText]) -> tuple[tuple[Candidate, ...], LineText | None]:
    """Lots of the most promising line, and that line."""
    best: tuple[Candidate, ...] = ()
    best_line: LineText | None = None
    labelled_above = False
    for line in lines:
        text = folded(line.free.text)
        found = _lots_of(line, labelled=labelled_above)
        # a bare label speaks for the next line
        labelled_above = has_lot_label(text) and not found
        if found and (not best or found[0].probability > best[0].probability):
            best, best_line = found, line
    return best, best_line


def _lots_of(line: LineText, *, labelled: bool) -> tuple[Candidate, ...]:
    free = folded(line.free.text)
    if not has_lot_label(free) and has_expiry(free):
        return ()
    labelled = labelled or has_lot_label(free)
    chances: dict[str, float] = {}
    code = None if line.code is None else folded(line.code.text)
    for lot in lots_in(free, labelled=labelled):
        # two looks at one picture: the second confirms the characters, not the parsing
        confirmed = line.code is not None and code is not None and lot.text in code
        sure = (
            max(line.free.probability, line.code.probability)
            if (confirmed and line.code is not None)
            else line.free.probability
        )
        chances[lot.text] = lot.probability * sure
    rival = None if code is None else lot_on_its_own(code)
    if rival is not None and line.code is not None and rival.text not in chances:
        chances[rival.text] = rival.probability * line.code.probability
    total = sum(chances.values())
    ranked = sorted(chances, key=lambda text: (-chances[text], text))
    return tuple(Candidate(t, min(_MOST, chances[t] / max(1.0, total))) for t in ranked)


def _expiry(lines: Sequence[LineText]) -> tuple[Candidate, ...]:
    for line in lines:
        date = expiry_in(folded(line.free.text))
        if date:
            return (Candidate(date, line.free.probability),)
    return ()


def _product(
    lines: Sequence[LineText], lot_line: LineText | None, products: Sequence[Product]
) -> tuple[Candidate, ...]:
    known = [known_product(line.free.text, line.free.probability, products) for line in lines]
    found = sorted((c for c in known if c is not None), key=lambda c: -c.probability)
    if found:
        return (found[0],)
    if lot_line is None:
        return ()
    named = [
        (line.height_mm, name)
        for line in lines
        if _above_on_the_same_sticker(line, lot_line)
        and (name := unknown_product(line.free.text, line.free.probability)) is not None
    ]
    return (max(named, key=lambda pair: pair[0])[1],) if named else ()


def _above_on_the_same_sticker(line: LineText, lot_line: LineText) -> bool:
    text = folded(line.free.text)
    return (
        line is not lot_line
        and 0.0 < lot_line.y_mm - line.y_mm <= _SAME_STICKER_MM
        and abs(line.angle_deg - lot_line.angle_deg) <= _SAME_STICKER_DEG
        and not has_expiry(text)
        and not has_lot_label(text)
    )


__all__ = ["LineText", "StickerText", "may_hold_lot", "parse_sticker"]
