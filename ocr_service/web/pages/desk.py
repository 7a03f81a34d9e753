"""A record turned into what the review page shows: controls, what can be picked, what is open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ocr_service.db.review.drafts import DraftValue
from ocr_service.domain.field import FieldValue, Flag, Source, Status, Value
from ocr_service.domain.geometry import BoxMm
from ocr_service.domain.record import Issue, Record, Severity
from ocr_service.exporters.record_json import value_to_json
from ocr_service.forms.fields import (
    ChoiceField,
    FieldSpec,
    FlagField,
    Format,
    PresenceField,
)
from ocr_service.forms.model import FormTemplate
from ocr_service.service.review.typing_values import UnfitValue, typed_value
from ocr_service.web.pages.hints import value_hint
from ocr_service.web.pages.language import Language
from ocr_service.web.pages.shown import (
    WORTH_SHOWING,
    Crop,
    IssueLine,
    Sheet,
    make_sheet,
    percent,
    value_text,
)
from ocr_service.web.pages.words import say

_PICKS = 5
_NUMERIC = frozenset(
    {Format.PHONE, Format.DIGITS, Format.NUMBER, Format.DECIMAL, Format.INSTITUTION_CODE}
)

Json = str | bool | list[str] | None


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing a key can choose: an option of the form, or a value the machine also saw.

    Attributes:
        key: the digit that chooses it.
        value: as JSON carries it.
        text: in words.
        percent: how likely the machine holds it; "" for options.
        chosen: it is what stands there now.
    """

    key: str
    value: Json
    text: str
    percent: str = ""
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class DeskField:
    """One field as a reviewer meets it.

    Attributes:
        key: record key.
        label: its name.
        kind: ``text``, ``one``, ``many`` or ``flag``.
        numeric: only digits are typed.
        value: what stands there, as JSON carries it.
        text: the same in words.
        hint: a date by era.
        state: ``open`` (needs eyes), ``broken`` (a rule blocks), ``accepted``, ``empty``,
            ``human`` or ``illegible``.
        source: who gave the value.
        status: whether the machine was sure enough.
        in_path: the reviewer is led here.
        fit: it can be confirmed as it stands.
        percent: the machine's probability.
        flags: keys of words for the reasons for care.
        options: what the form offers.
        picks: other values the machine saw.
        issues: broken rules about it.
        postponed: somebody put it off.
        draft: what this user typed and did not confirm; None = nothing.
        crop: its picture.
        box: where it stands, in millimetres.
    """

    key: str
    label: str
    kind: str
    numeric: bool
    value: Json
    text: str
    hint: str
    state: str
    source: str
    status: str
    in_path: bool
    fit: bool
    percent: str
    flags: tuple[str, ...]
    options: tuple[Choice, ...]
    picks: tuple[Choice, ...]
    issues: tuple[IssueLine, ...]
    postponed: bool
    draft: DraftValue
    crop: Crop
    box: BoxMm


@dataclass(frozen=True, slots=True)
class Desk:
    """A whole page as a reviewer meets it.

    Attributes:
        sheet: the same page as the document page shows it.
        fields: one per record key, in template order.
        issues: broken rules about no field in particular.
    """

    sheet: Sheet
    fields: tuple[DeskField, ...]
    issues: tuple[IssueLine, ...]


@dataclass(frozen=True, slots=True)
class Marks:
    """What is kept beside the record.

    Attributes:
        drafts: what this user typed, by key.
        postponed: keys that were put off.
        today: years are counted to this day.
    """

    drafts: Mapping[str, DraftValue]
    postponed: frozenset[str]
    today: date


def make_desk(record: Record, template: FormTemplate, marks: Marks, language: Language) -> Desk:
    """What the review page shows of a record that was read with ``template``."""
    sheet = make_sheet(record, template, language)
    rows = {row.key: row for row in sheet.rows}
    lines = list(zip(record.issues, sheet.issues, strict=True))
    fields = []
    for value in record.fields:
        spec = template.field_of(value.key)
        own = [(issue, line) for issue, line in lines if value.key in issue.fields]
        row = rows[value.key]
        fields.append(
            DeskField(
                key=value.key,
                label=row.label,
                kind=control_of(spec),
                numeric=getattr(spec, "format", None) in _NUMERIC or spec.kind == "code",
                value=value_to_json(value.value),
                text=value_text(value.value, spec, language),
                hint=value_hint(value.value, language=language, today=marks.today),
                state=_state(value, [issue for issue, _ in own]),
                source=value.source.value,
                status=value.status.value,
                in_path=needs_eyes(value, [issue for issue, _ in own]),
                fit=_fits(spec, value.value),
                percent=row.percent,
                flags=row.flags,
                options=_options(spec, value.value, language),
                picks=_picks(spec, value, language),
                issues=tuple(line for _, line in own),
                postponed=value.key in marks.postponed,
                draft=marks.drafts.get(value.key),
                crop=row.crop,
                box=value.box,
            )
        )
    return Desk(sheet, tuple(fields), tuple(line for issue, line in lines if not issue.fields))


def control_of(spec: FieldSpec) -> str:
    """Which control a field is answered with."""
    if isinstance(spec, FlagField | PresenceField):
        return "flag"
    if isinstance(spec, ChoiceField):
        return "many" if spec.multiple else "one"
    return "text"


def needs_eyes(value: FieldValue, issues: list[Issue]) -> bool:
    """Whether a reviewer is led to a field: doubtful, or part of an issue nobody has looked at."""
    if any(issue.blocks for issue in issues):
        return True
    if value.source is Source.HUMAN:
        return False
    doubted = any(i.severity is not Severity.INFO and i.waiver is None for i in issues)
    return doubted or value.status is Status.REVIEW


def _state(value: FieldValue, issues: list[Issue]) -> str:
    if any(issue.blocks for issue in issues):
        return "broken"
    if Flag.ILLEGIBLE in value.flags:
        return "illegible"
    if value.source is Source.HUMAN:
        return "human"
    if needs_eyes(value, issues):
        return "open"
    return "empty" if value.value in {None, ()} else "accepted"


def _fits(spec: FieldSpec, value: Value) -> bool:
    try:
        typed_value(spec, value_to_json(value))
    except UnfitValue:
        return False
    return True


def _options(spec: FieldSpec, value: Value, language: Language) -> tuple[Choice, ...]:
    if isinstance(spec, FlagField | PresenceField):
        return (
            Choice("1", True, say("field.present", language), chosen=value is True),
            Choice("2", False, say("field.absent", language), chosen=value is False),
        )
    if not isinstance(spec, ChoiceField):
        return ()
    chosen = set(value) if isinstance(value, tuple) else {value}
    return tuple(
        Choice(
            str(number),
            option.value,
            option.label.ja if language is Language.JA else option.label.en,
            chosen=option.value in chosen,
        )
        for number, option in enumerate(spec.options, start=1)
    )


def _picks(spec: FieldSpec, value: FieldValue, language: Language) -> tuple[Choice, ...]:
    if control_of(spec) in {"one", "flag"}:
        return ()
    usable = [
        other
        for other in value.alternatives
        if other.value != value.value
        and other.probability >= WORTH_SHOWING
        and _fits(spec, other.value)
    ]
    return tuple(
        Choice(
            str(number),
            value_to_json(other.value),
            value_text(other.value, spec, language),
            percent(other.probability),
        )
        for number, other in enumerate(usable[:_PICKS], start=1)
    )


__all__ = ["Choice", "Desk", "DeskField", "Marks", "control_of", "make_desk", "needs_eyes"]
