"""Fills one form: every field of the template from the sheet, by one person and one doctor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ocr_service.domain.arrays import Gray
from ocr_service.domain.geometry import BoxMm
from ocr_service.forms.fields import (
    Charset,
    ChoiceField,
    DigitsField,
    FieldSpec,
    FlagField,
    MarkKind,
    StickerField,
    TextField,
)
from ocr_service.forms.model import FormTemplate
from samples.generator.asides import AREAS, BY_CLINIC
from samples.generator.chance import Rng, between, chance
from samples.generator.crossed import Slips, Struck, invent_slip, write_with_slip
from samples.generator.digits import CropBook, DigitHand, invent_digit_hand
from samples.generator.fonts import FontBook
from samples.generator.handwriting import Hand, invent_hand, write_line
from samples.generator.marks import MarkHand, draw_mark, fill_box, invent_mark_hand, strike_out
from samples.generator.paper import Paper
from samples.generator.rings import RingHand, draw_ring, invent_ring_hand, strike_ring
from samples.generator.sheet import Mark, Sheet
from samples.generator.signatures import press_seal, sign, sign_as_doctor
from samples.generator.stickers import paste_vaccine, paste_voucher, stamp_text

# Fields that the clinic fills in, in the doctor's or a nurse's hand.
_BY_CLINIC = frozenset(
    {"judgement", "under_six", "dose_ml", "place", "doctor_name", "institution_code",
     "vaccination_date"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tools:
    """What a run writes with.

    Attributes:
        book: handwriting fonts.
        crops: real digits and marks, None for drawn ones only.
        font_folders: where printed fonts are looked for.
        slips: how often people strike something out in a line of text; None = never.
    """

    book: FontBook
    crops: CropBook | None
    font_folders: tuple[Path, ...]
    slips: Slips | None = None


@dataclass(frozen=True, slots=True)
class Writer:
    """One person at the form.

    Attributes:
        hand: letters.
        digits: digits in cells.
        marks: marks in boxes.
        rings: rings round words; None on forms without words to ring.
    """

    hand: Hand
    digits: DigitHand
    marks: MarkHand
    rings: RingHand | None = None


@dataclass(frozen=True, slots=True)
class Filled:
    """A filled page before any scanner saw it.

    Attributes:
        gray: (H, W) uint8 at 300 dpi.
        font: the person's font.
        sender: whose real digits, None if drawn.
        slips: by field what is struck out in it; no part of the record.
    """

    gray: Gray
    font: str
    sender: str | None
    slips: Mapping[str, Struck]


def fill_page(
    background: Gray,
    template: FormTemplate,
    sheet: Sheet,
    tools: Tools,
    rng: Rng,
    *,
    faint: float,
) -> Filled:
    """Fill the form.

    Args:
        background: the empty form at 300 dpi, (H, W) uint8.
        template: where the fields are.
        sheet: what to write.
        tools: fonts and crops.
        rng: source of chance.
        faint: 0 = normal ink, 1 = a hard pencil pressed lightly.

    Returns:
        The page with who wrote it.
    """
    paper = Paper(background)
    rings = any(isinstance(f, ChoiceField) and _is_word(f) for f in template.fields)
    person = invent_writer(rng, tools, faint=faint, rings=rings)
    clinic = invent_writer(rng, tools, faint=0, rings=rings)
    marks: dict[str, list[Mark]] = {}
    for mark in sheet.marks:
        marks.setdefault(mark.key, []).append(mark)
    struck: dict[str, Struck] = {}
    for field in template.fields:
        writer = clinic if field.key in _BY_CLINIC else person
        if isinstance(field, TextField):
            struck |= _fill_text(paper, field, sheet, writer, rng, tools.slips)
        else:
            _fill_field(paper, field, sheet, marks.get(field.key, []), writer, rng)
    for area, text in sheet.asides.items():
        hand = clinic.hand if area.startswith(BY_CLINIC) else person.hand
        write_line(paper, AREAS[template.key][area], text, hand, rng)
    _signatures(paper, template, sheet, (person, clinic), rng)
    if sheet.voucher is not None:
        paste_voucher(paper, sheet.voucher, tools.font_folders, rng)
    return Filled(paper.gray, person.hand.font.name, person.digits.sender, struck)


def invent_writer(rng: Rng, tools: Tools, *, faint: float, rings: bool = False) -> Writer:
    """A person with a pen; ``rings`` where the form has words to ring."""
    hand = invent_hand(rng, tools.book, faint=faint)
    digit_hand = invent_digit_hand(rng, hand, tools.crops)
    mark_hand = invent_mark_hand(rng, hand.ink, tools.crops)
    return Writer(hand, digit_hand, mark_hand, invent_ring_hand(rng, hand.ink) if rings else None)


def _is_word(field: ChoiceField) -> bool:
    return field.mark is MarkKind.CIRCLE_WORD


def _fill_field(
    paper: Paper, field: FieldSpec, sheet: Sheet, marks: list[Mark], writer: Writer, rng: Rng
) -> None:
    if isinstance(field, DigitsField):
        _fill_cells(paper, field, sheet, writer, rng)
    elif isinstance(field, ChoiceField):
        _fill_choice(paper, field, marks, writer, rng)
    elif isinstance(field, FlagField):
        if marks:
            fill_box(paper, field.box, writer.hand.ink, rng)
    elif isinstance(field, StickerField) and sheet.vaccine is not None:
        paste_vaccine(paper, field.box, sheet.vaccine, rng)


def _fill_choice(
    paper: Paper, field: ChoiceField, marks: list[Mark], writer: Writer, rng: Rng
) -> None:
    boxes = {option.value: option.box for option in field.options}
    for mark in marks:
        if writer.rings is not None and _is_word(field):
            others = [box for value, box in boxes.items() if value != mark.option]
            draw_ring(paper, boxes[mark.option], others, writer.rings, rng)
            if mark.struck:
                strike_ring(paper, boxes[mark.option], writer.rings, rng)
            continue
        draw_mark(paper, boxes[mark.option], writer.marks, rng)
        if mark.struck:
            strike_out(paper, boxes[mark.option], writer.marks, rng)


def _fill_text(
    paper: Paper,
    field: TextField,
    sheet: Sheet,
    writer: Writer,
    rng: Rng,
    slips: Slips | None,
) -> dict[str, Struck]:
    """Write a field; gives the slip in it, if there is one."""
    stamped = field.key in sheet.stamped
    written = [
        (text, segment.box)
        for segment, text in zip(field.segments, sheet.writing.get(field.key, ()), strict=False)
        if text
    ]
    slipped = None if slips is None or stamped else slips.place(len(written))
    struck: dict[str, Struck] = {}
    for position, (text, box) in enumerate(written):
        if stamped:
            stamp_text(paper, box, text, rng)
            continue
        hand = _fitted(writer, field, box, rng)
        for line, part in _wrapped(text, box, field.lines, rng):
            if slips is None or position != slipped or struck:
                write_line(paper, part, line, hand, rng)
                continue
            slip = invent_slip(slips.rng, line, field.charset, part.h)
            struck[field.key] = write_with_slip(paper, part, line, slip, hand, rng)
    return struck


def _fitted(writer: Writer, field: TextField, box: BoxMm, rng: Rng) -> Hand:
    """How a writer writes into one stretch of a field."""
    hand = writer.hand
    if field.charset is Charset.DIGITS:
        hand = replace(hand, own=lambda char: writer.digits.in_line(char, rng))
    if box.h > 2 * hand.largest_mm and field.lines == 1:
        hand = replace(hand, size=0.5)
    return hand


def _wrapped(text: str, box: BoxMm, lines: int, rng: Rng) -> list[tuple[str, BoxMm]]:
    """One line, or two where the area allows two and the text is long."""
    natural_mm = len(text) * 0.5 * box.h
    if lines == 1 or (natural_mm < box.w and not chance(rng, 0.1)):
        return [(text, box)]
    if natural_mm < 1.6 * box.w:
        middle = BoxMm(box.x, box.y + between(rng, 0.1, 0.35) * box.h, box.w, 0.62 * box.h)
        return [(text, middle)]
    cut = (len(text) + 1) // 2
    upper = BoxMm(box.x, box.y, box.w, box.h / 2)
    lower = BoxMm(box.x, box.y + box.h / 2, box.w, box.h / 2)
    return [(text[:cut], upper), (text[cut:], lower)]


def _fill_cells(paper: Paper, field: DigitsField, sheet: Sheet, writer: Writer, rng: Rng) -> None:
    for written in sheet.writing.get(field.key, ()):
        for cell, char in zip(field.cells, written, strict=False):
            if char.isdigit() and cell.printed is None:
                writer.digits.write(paper, cell.box, char, rng)


def _signatures(
    paper: Paper,
    template: FormTemplate,
    sheet: Sheet,
    writers: tuple[Writer, Writer],
    rng: Rng,
) -> None:
    person, clinic = writers
    if sheet.doctor:
        area = template.field_of("doctor_signature").box
        sign_as_doctor(paper, area, sheet.doctor, clinic.hand, rng)
    if sheet.signer:
        area = template.field_of("consent_signature").box
        line = BoxMm(area.x + 1, area.y, area.w - 12, area.h)
        sign(paper, line, sheet.signer, person.hand, rng)
        if chance(rng, 0.1):
            family = sheet.signer.partition("　")[0]
            press_seal(paper, (area.right - 5, area.centre[1]), family, rng)


__all__ = ["Filled", "Tools", "Writer", "fill_page", "invent_writer"]
