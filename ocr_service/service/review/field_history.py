"""Who said what of a field and when: machine runs, answers, and what several people keyed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ocr_service.db.double_entry import chips, entries
from ocr_service.db.ids import DocumentId
from ocr_service.db.records import documents, histories
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.entry import EntryState
from ocr_service.domain.errors import NotFound
from ocr_service.domain.field import Value


class EventKind(StrEnum):
    """What a line of the history is."""

    MACHINE = "machine"
    HUMAN = "human"
    DEFAULT = "default"  # nobody's answer: the field was sent to review
    ENTRY = "entry"
    DECISION = "decision"


@dataclass(frozen=True, slots=True)
class Event:
    """One line.

    Attributes:
        kind: what it is.
        actor: user name, or the worker's.
        at: when.
        value: what was said; None = empty, and where it is illegible.
        illegible: whoever keyed it could not read it.
        turn: which person it was that keyed it, 0 where nobody did.
        withdrawn_by: who took it back, None while it counts.
    """

    kind: EventKind
    actor: str
    at: datetime
    value: Value
    illegible: bool = False
    turn: int = 0
    withdrawn_by: str | None = None


@dataclass(frozen=True, slots=True)
class FieldHistory:
    """All lines, oldest first, and whether people are still keying the field.

    What was keyed is left out while they are: whoever looks here may be the next to key it.
    """

    events: tuple[Event, ...]
    being_keyed: bool


def field_history(uow: UnitOfWork, document: DocumentId, key: str) -> FieldHistory:
    """The history of a field.

    Raises:
        NotFound: no such document, or nothing was ever said of such a field.
    """
    documents.get(uow, document)
    of_field = chips.of_field(uow, document, key)
    closed = [chip.id for chip in of_field if chip.state is EntryState.SETTLED]
    events = [*_answers(uow, document, key), *_entries(uow, closed)]
    if not events and not of_field:
        raise NotFound(f"document {document} has no field {key}")
    ordered = sorted(events, key=lambda event: (event.at, _ORDER[event.kind], event.turn))
    return FieldHistory(tuple(ordered), being_keyed=len(closed) < len(of_field))


def _answers(uow: UnitOfWork, document: DocumentId, key: str) -> list[Event]:
    return [
        Event(
            kind=EventKind(past.answer.field.source.value),
            actor=past.answer.actor,
            at=past.answer.created_at,
            value=past.answer.field.value,
            withdrawn_by=past.withdrawn_by,
        )
        for past in histories.of_field(uow, document, key)
    ]


def _entries(uow: UnitOfWork, closed: Sequence[int]) -> list[Event]:
    return [
        Event(
            kind=EventKind.DECISION if entry.decision else EventKind.ENTRY,
            actor=entry.actor,
            at=entry.created_at,
            value=entry.keyed.value,
            illegible=entry.keyed.illegible,
            turn=entry.turn,
        )
        for told in entries.of_chips(uow, closed).values()
        for entry in told
    ]


# An entry settles a field at the moment of the answer that it becomes.
_ORDER = {kind: int(kind is EventKind.HUMAN) for kind in EventKind}

__all__ = ["Event", "EventKind", "FieldHistory", "field_history"]
