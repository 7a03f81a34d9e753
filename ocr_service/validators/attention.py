"""Picks the answers that a template wants shown first. It selects; it judges nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from ocr_service.domain.field import FieldValue, Status, Value
from ocr_service.forms.attention import AttentionSpec
from ocr_service.forms.model import FormTemplate
from ocr_service.validators.rules.answers import AMBIGUOUS


@dataclass(frozen=True, slots=True)
class AttentionHit:
    """One answer to look at.

    Attributes:
        spec: what the template says of it.
        value: as answered.
        detail: what is written about it, "" where nothing is.
        confirmed: whether the value needs no eyes any more; a doubtful reading is listed too.
    """

    spec: AttentionSpec
    value: Value
    detail: str
    confirmed: bool


def attention_of(
    values: Mapping[str, FieldValue], template: FormTemplate
) -> tuple[AttentionHit, ...]:
    """The answers of a record that the template lists, in its order; total, never an error."""
    hits = (_hit(spec, values) for spec in template.attention)
    return tuple(hit for hit in hits if hit is not None)


def _hit(spec: AttentionSpec, values: Mapping[str, FieldValue]) -> AttentionHit | None:
    field = values.get(spec.key)
    if field is None or not _listed(spec, field.value):
        return None
    beside = values.get(spec.detail) if spec.detail else None
    detail = beside.value if beside is not None and isinstance(beside.value, str) else ""
    is_settled = field.status is Status.ACCEPTED and field.value != AMBIGUOUS
    return AttentionHit(spec, field.value, detail, is_settled)


def _listed(spec: AttentionSpec, value: Value) -> bool:
    if spec.at_least is not None:
        number = _number(value)
        return number is not None and number >= spec.at_least
    if isinstance(value, tuple):
        return not set(spec.answers).isdisjoint(value)
    # two marks: nobody knows yet that it is not the one
    return isinstance(value, str) and (value in spec.answers or value == AMBIGUOUS)


def _number(value: Value) -> Decimal | None:
    if not isinstance(value, str):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


__all__ = ["AttentionHit", "attention_of"]
