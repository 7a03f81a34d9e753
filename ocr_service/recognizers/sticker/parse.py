"""From the lines of a sticker to product, lot and expiry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ocr_service.domain.field import Candidate
from ocr_service.forms.fields import StickerField
from ocr_service.recognizers.sticker.gs1 import Gs1Content
from ocr_service.recognizers.sticker.lot import (
    USUAL_PATTERNS,
    expiry_in,
    folded,
    has_expiry,
    has_lot_label,
    lot_on_its_own,
    lots_in,
)
from ocr_service.recognizers.sticker.product import (
    SHIPPED_PRODUCTS,
    Product,
    known_product,
    unknown_product,
)

_GS1_TRUST = 0.995
_SAME_STICKER_DEG = 2.0
_SAME_STICKER_MM = 16.0
_MOST = 0.998
_KEPT = 3


@dataclass(frozen=True, slots=True)
class LineText:
    """A line as read.

    Attributes:
        free: read as any text, best first; at least one.
        code: read as capitals, digits and hyphens, best first; empty where that was not tried.
        angle_deg: how the line lies.
        y_mm: where it lies in the cell.
        height_mm: size of its glyphs.
    """

    free: tuple[Candidate, ...]
    code: tuple[Candidate, ...]
    angle_deg: float
    y_mm: float
    height_mm: float

    @property
    def text(self) -> str:
        """The likeliest text, folded."""
        return folded(self.free[0].text)


@dataclass(frozen=True, slots=True)
class StickerText:
    """What the sticker says; each is best first and empty where nothing was found."""

    product: tuple[Candidate, ...]
    lot: tuple[Candidate, ...]
    expiry: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What stickers may say.

    Attributes:
        products: that a line is compared with.
        lot_patterns: what lots look like, A a letter, 9 a digit.
    """

    products: Sequence[Product] = SHIPPED_PRODUCTS
    lot_patterns: Sequence[str] = USUAL_PATTERNS

    def on(self, spec: StickerField) -> Known:
        """The same, or what the template says of this field's stickers."""
        products = tuple(Product(name) for name in spec.products) or self.products
        return Known(products, spec.lot_patterns or self.lot_patterns)


def parse_sticker(lines: Sequence[LineText], gs1: Gs1Content | None, known: Known) -> StickerText:
    """Find the three things a sticker says.

    Args:
        lines: top to bottom, form print among them where the blank is not known.
        gs1: content of a GS1 symbol; it outranks print.
        known: what it may say.
    """
    lot, lot_line = _lot(lines, known.lot_patterns)
    if gs1 is not None and gs1.lot:
        lot = _outranked(gs1.lot, lot)
    expiry = _expiry(lines)
    if gs1 is not None and gs1.expiry:
        expiry = _outranked(gs1.expiry, expiry)
    return StickerText(_product(lines, lot_line, known.products), lot, expiry)


def _outranked(text: str, others: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    rest = tuple(
        Candidate(c.text, c.probability * (1 - _GS1_TRUST)) for c in others if c.text != text
    )
    return Candidate(text, _GS1_TRUST), *rest


def _lot(
    lines: Sequence[LineText], patterns: Sequence[str]
) -> tuple[tuple[Candidate, ...], LineText | None]:
    """Lots of the most promising line, and that line."""
    best: tuple[Candidate, ...] = ()
    best_line: LineText | None = None
    labelled_above = False
    for line in lines:
        found = lots_of(line, labelled=labelled_above, patterns=patterns)
        # a bare label speaks for the next line
        labelled_above = has_lot_label(line.text) and not found
        if found and (not best or found[0].probability > best[0].probability):
            best, best_line = found, line
    return best, best_line


def lots_of(
    line: LineText, *, labelled: bool = False, patterns: Sequence[str] = USUAL_PATTERNS
) -> tuple[Candidate, ...]:
    """Lots that a line may hold, best first.

    Readings that differ only outside the lot are added up.

    Args:
        line: the line.
        labelled: a lot label stands on the line before.
        patterns: what lots look like.
    """
    if not has_lot_label(line.text) and has_expiry(line.text):
        return ()
    labelled = labelled or has_lot_label(line.text)
    chances: dict[str, float] = {}
    for read in line.free:
        for lot in lots_in(folded(read.text), labelled=labelled, patterns=patterns):
            gain = lot.probability * read.probability
            chances[lot.text] = chances.get(lot.text, 0.0) + gain
    for read in line.code:
        own = lot_on_its_own(folded(read.text), patterns)
        if own is not None:
            sure = own.probability * read.probability
            chances[own.text] = max(chances.get(own.text, 0.0), sure)
    total = max(1.0, sum(chances.values()))
    ranked = sorted(chances, key=lambda text: (-chances[text], text))
    return tuple(Candidate(text, min(_MOST, chances[text] / total)) for text in ranked[:_KEPT])


def _expiry(lines: Sequence[LineText]) -> tuple[Candidate, ...]:
    for line in lines:
        chances: dict[str, float] = {}
        for read in line.free:
            date = expiry_in(folded(read.text))
            if date:
                chances[date] = chances.get(date, 0.0) + read.probability
        if chances:
            ranked = sorted(chances, key=lambda date: -chances[date])
            return tuple(Candidate(date, min(_MOST, chances[date])) for date in ranked[:_KEPT])
    return ()


def _product(
    lines: Sequence[LineText], lot_line: LineText | None, products: Sequence[Product]
) -> tuple[Candidate, ...]:
    known = [known_product(line.free, products) for line in lines]
    found = sorted((c for c in known if c is not None), key=lambda c: -c.probability)
    if found:
        return (found[0],)
    if lot_line is None:
        return ()
    named = [
        (line.height_mm, name)
        for line in lines
        if _above_on_the_same_sticker(line, lot_line)
        and (name := unknown_product(line.free[0])) is not None
    ]
    return (max(named, key=lambda pair: pair[0])[1],) if named else ()


def _above_on_the_same_sticker(line: LineText, lot_line: LineText) -> bool:
    return (
        line is not lot_line
        and 0.0 < lot_line.y_mm - line.y_mm <= _SAME_STICKER_MM
        and abs(line.angle_deg - lot_line.angle_deg) <= _SAME_STICKER_DEG
        and not has_expiry(line.text)
        and not has_lot_label(line.text)
    )


__all__ = ["Known", "LineText", "StickerText", "lots_of", "parse_sticker"]
