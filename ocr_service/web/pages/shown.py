"""A record turned into what the document page shows: rows, boxes and places of crops."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from ocr_service.domain.field import FieldValue, Source, Status, Value
from ocr_service.domain.geometry import BoxMm
from ocr_service.domain.record import Issue, Record
from ocr_service.forms.fields import (
    ChoiceField,
    CodeField,
    FieldSpec,
    FlagField,
    Label,
    PresenceField,
    StickerField,
)
from ocr_service.forms.model import FormTemplate
from ocr_service.web.pages.language import Language
from ocr_service.web.pages.words import WORDS, say

_MARGIN_MM = 1.5
_WORD_BESIDE_MM = 9.0  # printed word to the right of a check box
_WIDEST_EM = 17.0
_HIGHEST_EM = 3.4
_EM_PER_MM = 0.38  # a field of usual size is shown at this scale
_AMBIGUOUS = "ambiguous"
WORTH_SHOWING = 0.005
"""A guess below half a per cent only distracts."""


_REVIEW = Status.REVIEW.value
_PASSED = "passed"


@dataclass(frozen=True, slots=True)
class Crop:
    """Which part of the page picture a row shows, and how large.

    Attributes:
        area: on the paper, in millimetres.
        width_em: shown width in units of the text size.
        height_em: shown height.
    """

    area: BoxMm
    width_em: float
    height_em: float


@dataclass(frozen=True, slots=True)
class Guess:
    """Another value a field may have."""

    text: str
    percent: str


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One row of the table of values.

    Attributes:
        key: record key.
        label: name of the field in the page's language.
        text: the value in words.
        blank: nothing is written there.
        percent: probability in per cent, one decimal; "" for what a person said.
        status: ``accepted``, ``review`` or ``human``.
        flags: keys of words for the reasons for care.
        alternatives: other values that are not far-fetched, best first.
        reader: who read it.
        box_id: the marked place on the scan; keys read off one place share it.
        crop: its picture.
    """

    key: str
    label: str
    text: str
    blank: bool
    percent: str
    status: str
    flags: tuple[str, ...]
    alternatives: tuple[Guess, ...]
    reader: str
    box_id: int
    crop: Crop


@dataclass(frozen=True, slots=True)
class MarkedBox:
    """A place marked on the scan.

    Attributes:
        box_id: number of the place.
        box: on the paper, in millimetres.
        key: the first record key read there.
        label: names of all keys read there.
        status: the worst status of them.
    """

    box_id: int
    box: BoxMm
    key: str
    label: str
    status: str


@dataclass(frozen=True, slots=True)
class IssueLine:
    """A broken rule in the page's language.

    Attributes:
        severity: of the rule.
        message: for people.
        fields: what it is about, key and label.
        waived: who waived it and why; "" = nobody did.
    """

    severity: str
    message: str
    fields: tuple[tuple[str, str], ...]
    waived: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything read off one page, ready to be shown.

    Attributes:
        width_mm: width of the paper.
        height_mm: height of the paper.
        rows: one per record key, in template order.
        boxes: one per marked place, large before small, so that a small one lies on top.
        issues: broken rules.
    """

    width_mm: float
    height_mm: float
    rows: tuple[FieldRow, ...]
    boxes: tuple[MarkedBox, ...]
    issues: tuple[IssueLine, ...]

    @property
    def to_review(self) -> int:
        """How many values ask for eyes."""
        return sum(row.status == _REVIEW for row in self.rows)


def make_sheet(
    record: Record, template: FormTemplate, language: Language, *, is_approved: bool = False
) -> Sheet:
    """What the document page shows of a record that was read with ``template``.

    Args:
        record: as it stands now.
        template: its form.
        language: of labels and words.
        is_approved: a person let the document pass: what they left as it was needs no more eyes.
    """
    # A record is one page of its form; all its fields are on it.
    number = template.field_of(record.fields[0].key).page if record.fields else 1
    page = template.pages[number - 1]
    paper = BoxMm(0, 0, page.width_mm, page.height_mm)
    places: dict[BoxMm, int] = {}
    rows = []
    for value in record.fields:
        spec = template.field_of(value.key)
        box_id = places.setdefault(value.box, len(places))
        rows.append(_row(value, spec, paper, language, box_id))
    if is_approved:
        rows = [replace(r, status=_PASSED) if r.status == _REVIEW else r for r in rows]
    labels = {row.key: row.label for row in rows}
    return Sheet(
        width_mm=page.width_mm,
        height_mm=page.height_mm,
        rows=tuple(rows),
        boxes=tuple(_mark(box, places[box], rows) for box in sorted(places, key=_area)),
        issues=tuple(_issue(issue, labels, language) for issue in record.issues),
    )


def labels_of(template: FormTemplate, keys: Collection[str], language: Language) -> list[str]:
    """Names of some of a form's fields, in template order."""
    wanted = [key for key in template.record_keys if key in keys]
    return [_of(_label(template.field_of(key), key), language) for key in wanted]


def value_text(value: Value, spec: FieldSpec, language: Language) -> str:
    """A value in words: options by their printed label, flags as yes and no."""
    if value is None:
        return say("field.blank", language)
    if isinstance(value, bool):
        return say("field.present" if value else "field.absent", language)
    options = spec.options if isinstance(spec, ChoiceField) else ()
    names = {option.value: _of(option.label, language) for option in options}
    if isinstance(value, tuple):
        return "、".join(names.get(v, v) for v in value) or say("field.blank", language)
    if options and value == _AMBIGUOUS:
        return say("field.ambiguous", language)
    return names.get(value, value)


def percent(probability: float) -> str:
    """One decimal, and never 100: a machine is not certain."""
    return f"{min(probability * 100, 99.9):.1f}"


def _row(
    value: FieldValue, spec: FieldSpec, paper: BoxMm, language: Language, box_id: int
) -> FieldRow:
    human = value.source is Source.HUMAN
    return FieldRow(
        key=value.key,
        label=_of(_label(spec, value.key), language),
        text=value_text(value.value, spec, language),
        blank=value.value in {None, ()},
        percent="" if human else percent(value.probability),
        status="human" if human else value.status.value,
        flags=tuple(f"flag.{flag}" for flag in sorted(value.flags) if f"flag.{flag}" in WORDS),
        alternatives=tuple(
            Guess(value_text(guess.value, spec, language), percent(guess.probability))
            for guess in value.alternatives
            if guess.probability >= WORTH_SHOWING
        ),
        reader=value.reader,
        box_id=box_id,
        crop=_crop(value.box, spec, paper),
    )


def _label(spec: FieldSpec, key: str) -> Label:
    if isinstance(spec, CodeField | StickerField):
        for part in spec.parts:
            if part.key == key:
                return part.label
    return spec.label


def _of(label: Label, language: Language) -> str:
    return label.ja if language is Language.JA else label.en


def _crop(box: BoxMm, spec: FieldSpec, paper: BoxMm) -> Crop:
    beside = _WORD_BESIDE_MM if isinstance(spec, ChoiceField | FlagField) else 0.0
    margin = 0.5 if isinstance(spec, PresenceField) else _MARGIN_MM
    left, top = max(box.x - margin, 0.0), max(box.y - margin, 0.0)
    right = min(box.right + margin + beside, paper.w)
    area = BoxMm(left, top, right - left, min(box.bottom + margin, paper.h) - top)
    scale = min(_EM_PER_MM, _WIDEST_EM / area.w, _HIGHEST_EM / area.h)
    return Crop(area, round(area.w * scale, 2), round(area.h * scale, 2))


def _mark(box: BoxMm, number: int, rows: list[FieldRow]) -> MarkedBox:
    here = [row for row in rows if row.box_id == number]
    status = _REVIEW if any(row.status == _REVIEW for row in here) else here[0].status
    return MarkedBox(number, box, here[0].key, "・".join(row.label for row in here), status)


def _area(box: BoxMm) -> float:
    """For sorting: the largest first."""
    return -box.w * box.h


def _issue(issue: Issue, labels: dict[str, str], language: Language) -> IssueLine:
    message = issue.message_ja if language is Language.JA else issue.message_en
    named = tuple((key, labels[key]) for key in issue.fields if key in labels)
    waiver = issue.waiver
    words = say("issue.waived_by", language)
    waived = "" if waiver is None else words.format(by=waiver.actor, reason=waiver.reason)
    return IssueLine(issue.severity.value, message, named, waived)


__all__ = [
    "WORTH_SHOWING",
    "Crop",
    "FieldRow",
    "Guess",
    "IssueLine",
    "MarkedBox",
    "Sheet",
    "labels_of",
    "make_sheet",
    "percent",
    "value_text",
]
