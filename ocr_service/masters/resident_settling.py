"""Reads handwriting against the resident that a record is about: the list as a lexicon of one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from ocr_service.domain.field import MAX_ALTERNATIVES, Alternative, FieldValue, Flag, Source
from ocr_service.domain.triage import field_status
from ocr_service.forms.model import FormTemplate
from ocr_service.masters.residents import GROUPS, VOUCHER, ResidentCandidate, difference

WITNESSES: Final = 2
"""So many independent fields must agree with the list before it decides a third."""

READER_MARK: Final = "+resident"

# How far a reading may lie from the list to be a misreading of it rather than something else.
_REACH: Final = {VOUCHER: 0.15, "birth_date": 0.25, "name_kana": 0.5, "name": 0.5, "address": 0.3}


def chosen(candidates: Iterable[ResidentCandidate]) -> ResidentCandidate | None:
    """The one resident with enough witnesses; None where nobody has them, or nobody has most.

    Whom something speaks against is not chosen: brothers share an address, twins a birthday.
    """
    sure = [c for c in candidates if _witnessed(c.agreeing_groups()) and not contradicts(c)]
    sure.sort(key=lambda candidate: -len(candidate.agreeing_groups()))
    if len(sure) > 1 and len(sure[0].agreeing_groups()) == len(sure[1].agreeing_groups()):
        return None
    return sure[0] if sure else None


def contradicts(candidate: ResidentCandidate) -> bool:
    """Whether voucher, birth or name were read as something else than a misreading of the list."""
    nearest: dict[str, float] = {}
    for field in candidate.fields:
        if field.agrees is None or field.key == "address":
            continue
        far = field.distance / _REACH[field.key]
        group = GROUPS[field.key]
        nearest[group] = min(nearest.get(group, far), far)
    return any(far > 1.0 for far in nearest.values())


def _witnessed(groups: frozenset[str]) -> bool:
    """Two independent things, one of them a person's own: a birthday and an address are shared."""
    return len(groups) >= WITNESSES and not groups.isdisjoint({"voucher", "name"})


def settled(
    fields: Iterable[FieldValue], template: FormTemplate, candidate: ResidentCandidate
) -> tuple[FieldValue, ...]:
    """The values that the list decides, as answers of the machine; others are left out.

    A field is decided only where two independent others agree with the list. A human answer is
    never touched, and a reading that lies too far off stays as it is: somebody may have changed
    their name, or hold another person's voucher.

    Args:
        fields: values in force.
        template: says how sure a value must be.
        candidate: whom the record is about.
    """
    changed = (
        _settled(field, template, candidate)
        for field in fields
        if field.key in GROUPS and field.source is not Source.HUMAN
    )
    return tuple(field for field in changed if field is not None)


def _settled(
    field: FieldValue, template: FormTemplate, candidate: ResidentCandidate
) -> FieldValue | None:
    listed = candidate.resident.values.get(field.key, "")
    witnesses = candidate.agreeing_groups(without=field.key)
    if not listed or not isinstance(field.value, str) or not _witnessed(witnesses):
        return None
    if not _within_reach(field, listed):
        return None
    # The way an address is written is the writer's; the list only says that it is the right one.
    same_place = field.key == "address" and difference("address", field.value, listed) == 0
    value = field.value if same_place else listed
    accept_at = template.accept_at(template.field_of(field.key))
    flags = field.flags - {Flag.VARIANT_KANJI}
    probability = max(field.probability, accept_at)
    answer = replace(
        field,
        value=value,
        probability=probability,
        status=field_status(probability, flags, accept_at),
        alternatives=_others(field, value),
        reader=f"{field.reader}{READER_MARK}",
        flags=flags,
    )
    return None if (answer.value, answer.status) == (field.value, field.status) else answer


def _within_reach(field: FieldValue, listed: str) -> bool:
    """Whether the value, an alternative or the raw reading is near enough to the list."""
    texts = [field.value, field.raw, *(a.value for a in field.alternatives)]
    nearest = min(
        difference(field.key, text, listed) for text in texts if isinstance(text, str) and text
    )
    return nearest <= _REACH[field.key]


def _others(field: FieldValue, value: str) -> tuple[Alternative, ...]:
    """What the reader saw stays on offer."""
    seen = (Alternative(field.value, field.probability), *field.alternatives)
    return tuple(a for a in seen if a.value != value)[:MAX_ALTERNATIVES]


__all__ = ["READER_MARK", "WITNESSES", "chosen", "contradicts", "settled"]
