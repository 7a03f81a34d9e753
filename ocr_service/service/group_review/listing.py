"""Lists what was read alike, and gives the crops of one screen of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from ocr_service.db.group_review import groups
from ocr_service.db.group_review import readings as group_readings
from ocr_service.db.group_review.groups import Alike, GroupFilter, GroupItem, Tally
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import InvalidRequest, NotFound
from ocr_service.domain.field import Value
from ocr_service.forms.fields import ChoiceField, DigitsField, FieldSpec
from ocr_service.forms.library import TemplateLibrary
from ocr_service.forms.model import FormTemplate


class Part(StrEnum):
    """What a group is made of."""

    CELLS = "cells"  # single cells of all digits fields that hold the same
    MARKS = "marks"  # questions that are answered the same
    FIELD = "field"  # one field, with one value or with all


@dataclass(frozen=True, slots=True)
class GroupName:
    """How an address names a group without naming what is written on forms.

    Attributes:
        template: ``KEY@VERSION``.
        part: what it is made of.
        key: which field, where ``part`` is ``FIELD``.
        like: id of a reading that has the value; None = all values of the field.
        text: character of the cells, where ``part`` is ``CELLS``.
    """

    template: str
    part: Part
    key: str | None = None
    like: int | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class FieldGroups:
    """The groups of one field: how many readings in all, and by value, most frequent first."""

    key: str
    spec: FieldSpec
    total: int
    tallies: tuple[Tally, ...]


@dataclass(frozen=True, slots=True)
class TemplateGroups:
    """The groups of one form.

    Attributes:
        template: the form.
        cells: by digit, over all digits fields.
        marks: by answer, over all questions.
        fields: by field, in the order of the form.
    """

    template: FormTemplate
    cells: tuple[Tally, ...]
    marks: tuple[Tally, ...]
    fields: tuple[FieldGroups, ...]


def overview(
    uow: UnitOfWork, wanted: GroupFilter, *, library: TemplateLibrary
) -> tuple[TemplateGroups, ...]:
    """All groups of readings that nobody has answered, form by form."""
    totals = groups.count_fields(uow, wanted)
    forms = [
        library.get(name).template
        for name in sorted({f"{template}@{version}" for template, version, _ in totals})
    ]
    questions = [key for form in forms for key in _questions(form)]
    tallies = groups.tally_fields(uow, wanted, single=questions)
    cells = groups.tally_cells(uow, wanted)
    return tuple(_of_form(form, totals, tallies, cells) for form in forms)


def alike_of(uow: UnitOfWork, name: GroupName, *, library: TemplateLibrary) -> Alike:
    """What the readings of a group have in common.

    Raises:
        TemplateUnknown: no such template.
        NotFound: no such field or reading.
        InvalidRequest: the name lacks what its part needs.
    """
    form = library.get(name.template).template
    common = Alike(form.key, form.version, (), like=name.like)
    if name.part is Part.CELLS:
        if name.text is None:
            raise InvalidRequest("say which character of cells")
        return replace(common, keys=_digit_keys(form), cells=True, like=None, text=name.text)
    if name.part is Part.FIELD:
        if name.key not in form.record_keys:
            raise NotFound(f"{name.template} has no field {name.key}")
        return replace(common, keys=(name.key or "",))
    if name.like is None:
        raise InvalidRequest("say which answer, by one of its readings")
    value = group_readings.get(uow, name.like).field.value
    return replace(common, keys=_asking(form, value))


def screen(
    uow: UnitOfWork, wanted: GroupFilter, alike: Alike, *, limit: int, offset: int = 0
) -> tuple[list[GroupItem], int]:
    """The crops of one screen, outliers first, and how many the group has in all."""
    total = groups.count(uow, wanted, alike)
    return groups.items(uow, wanted, alike, limit=limit, offset=offset), total


def _of_form(
    form: FormTemplate,
    totals: dict[tuple[str, str, str], int],
    tallies: list[Tally],
    cells: list[Tally],
) -> TemplateGroups:
    own = [t for t in tallies if (t.template, t.version) == (form.key, form.version)]
    questions = set(_questions(form))
    fields = []
    for key in form.record_keys:
        total = totals.get((form.key, form.version, key), 0)
        if total:
            of_key = sorted((t for t in own if t.key == key), key=lambda t: -t.count)
            fields.append(FieldGroups(key, form.field_of(key), total, tuple(of_key)))
    return TemplateGroups(
        template=form,
        cells=_summed(t for t in cells if (t.template, t.version) == (form.key, form.version)),
        marks=_summed(t for t in own if t.key in questions),
        fields=tuple(fields),
    )


def _summed(tallies: Iterable[Tally]) -> tuple[Tally, ...]:
    """Tallies of several fields as one for each value, in order of the values."""
    found: dict[str, Tally] = {}
    for tally in tallies:
        before = found.get(repr(tally.value))
        if before is None:
            found[repr(tally.value)] = tally
        else:
            found[repr(tally.value)] = replace(
                before,
                count=before.count + tally.count,
                lowest=min(before.lowest, tally.lowest),
            )
    return tuple(found[name] for name in sorted(found))


def _digit_keys(form: FormTemplate) -> tuple[str, ...]:
    return tuple(field.key for field in form.fields if isinstance(field, DigitsField))


def _questions(form: FormTemplate) -> tuple[str, ...]:
    return tuple(f.key for f in form.fields if isinstance(f, ChoiceField) and not f.multiple)


def _asking(form: FormTemplate, value: Value) -> tuple[str, ...]:
    """Questions that offer this answer; those that offer it not may still have been left blank."""
    offering = tuple(
        field.key
        for field in form.fields
        if isinstance(field, ChoiceField)
        and not field.multiple
        and any(option.value == value for option in field.options)
    )
    return offering or _questions(form)


__all__ = [
    "FieldGroups",
    "GroupName",
    "Part",
    "TemplateGroups",
    "alike_of",
    "overview",
    "screen",
]
