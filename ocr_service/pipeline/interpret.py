"""From what a reader saw to typed values of record keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ocr_service.domain.field import (
    MAX_ALTERNATIVES,
    Alternative,
    FieldReading,
    FieldValue,
    Flag,
    Source,
    Value,
)
from ocr_service.domain.geometry import BoxMm
from ocr_service.domain.triage import field_status
from ocr_service.forms.fields import (
    ChoiceField,
    CodeField,
    DigitsField,
    FieldSpec,
    FlagField,
    PresenceField,
    StickerField,
    TextField,
)
from ocr_service.pipeline.values import UNREADABLE_CELL, typed

AMBIGUOUS = "ambiguous"
"""Value of a single choice with two marks, or one corrected so that a person must decide."""

_UNDECIDED = frozenset({Flag.BOTH_MARKED, Flag.CORRECTED})
_Typing = Callable[[str], tuple[Value, bool]]


@dataclass(frozen=True, slots=True)
class _Slot:
    """One record key of a field and how its value comes out of a candidate's text."""

    key: str
    typing: _Typing


def interpret(
    spec: FieldSpec, reading: FieldReading, *, box: BoxMm, accept_at: float
) -> tuple[FieldValue, ...]:
    """One value for each record key of the field.

    Candidates that come to the same value are added up: readings that differ only in how they
    are written do not compete.

    Args:
        spec: the field.
        reading: what was read, with calibrated probabilities.
        box: where it stands on the template page.
        accept_at: smallest probability that needs no eyes.
    """
    return tuple(
        _value(slot, reading, box=box, accept_at=accept_at) for slot in _slots(spec, reading)
    )


def _value(slot: _Slot, reading: FieldReading, *, box: BoxMm, accept_at: float) -> FieldValue:
    weights: dict[Value, float] = {}
    valid: dict[Value, bool] = {}
    for candidate in reading.candidates:
        value, is_valid = slot.typing(candidate.text)
        weights[value] = weights.get(value, 0.0) + candidate.probability
        valid.setdefault(value, is_valid)
    best, _ = slot.typing(reading.candidates[0].text)
    flags = reading.flags if valid[best] else reading.flags | {Flag.INVALID}
    if isinstance(best, str) and UNREADABLE_CELL in best:
        flags |= {Flag.REJECTED}
    others = sorted((v for v in weights if v != best and _offers(v)), key=lambda v: -weights[v])
    probability = min(1.0, weights[best])
    return FieldValue(
        key=slot.key,
        value=best,
        raw=reading.text,
        probability=probability,
        status=field_status(probability, flags, accept_at),
        alternatives=tuple(Alternative(v, min(1.0, weights[v])) for v in others[:MAX_ALTERNATIVES]),
        reader=reading.reader,
        source=Source.MACHINE,
        flags=flags,
        box=box,
        cells=reading.cells,
    )


def _offers(value: Value) -> bool:
    """Whether a value is worth offering: one with an unreadable place is no answer."""
    return not (isinstance(value, str) and UNREADABLE_CELL in value)


def _slots(spec: FieldSpec, reading: FieldReading) -> tuple[_Slot, ...]:
    # Only what was read is undecided; the other candidates stay answers a person can pick.
    undecided = reading.text if reading.flags & _UNDECIDED else None
    match spec:
        case TextField() | DigitsField():
            return (_Slot(spec.key, lambda text: typed(text, spec.format)),)
        case ChoiceField():
            return (_Slot(spec.key, lambda text: _choice(spec, text, undecided)),)
        case FlagField() | PresenceField():
            return (_Slot(spec.key, lambda text: (text == "1", True)),)
        case CodeField() if spec.parts:
            return tuple(
                _Slot(part.key, _slicing(part.start, part.stop, spec.length)) for part in spec.parts
            )
        case CodeField():
            return (_Slot(spec.key, _slicing(0, spec.length, spec.length)),)
        case StickerField():
            return tuple(_Slot(part.key, _picking(i)) for i, part in enumerate(spec.parts))
        case _:
            return ()


def _choice(spec: ChoiceField, text: str, undecided: str | None) -> tuple[Value, bool]:
    marked = text.split()
    if spec.multiple:
        return (tuple(sorted(marked)) or None), True
    if not marked:
        return None, True
    if len(marked) > 1 or text == undecided:
        return AMBIGUOUS, True
    return marked[0], True


def _slicing(start: int, stop: int, length: int) -> _Typing:
    def cut(text: str) -> tuple[Value, bool]:
        if not text:
            return None, True
        return text[start:stop] or None, len(text) == length and text.isdigit()

    return cut


def _picking(index: int) -> _Typing:
    def pick(text: str) -> tuple[Value, bool]:
        parts = text.split("\t")
        return (parts[index].strip() or None) if index < len(parts) else None, True

    return pick


__all__ = ["AMBIGUOUS", "interpret"]
