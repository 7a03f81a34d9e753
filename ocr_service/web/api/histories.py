"""The history of one field."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel

from ocr_service.db.ids import DocumentId
from ocr_service.service.review.field_history import Event, EventKind, field_history
from ocr_service.web.deps import ReadUnit
from ocr_service.web.security import ClerkUser

router = APIRouter(prefix="/documents", tags=["documents"])


class EventOut(BaseModel):
    """One thing that was said of a field."""

    kind: EventKind
    actor: str
    at: datetime
    value: str | bool | list[str] | None
    illegible: bool
    turn: int
    withdrawn_by: str | None

    @classmethod
    def of(cls, event: Event) -> EventOut:
        """As the API tells it."""
        return cls(
            kind=event.kind,
            actor=event.actor,
            at=event.at,
            value=list(event.value) if isinstance(event.value, tuple) else event.value,
            illegible=event.illegible,
            turn=event.turn,
            withdrawn_by=event.withdrawn_by,
        )


class HistoryOut(BaseModel):
    """All of it, oldest first; what people key is left out until they have ended."""

    events: list[EventOut]
    being_keyed: bool


@router.get("/{document}/fields/{key}/history")
def show_history(document: int, key: str, _user: ClerkUser, uow: ReadUnit) -> HistoryOut:
    """Everything that machine and people said of a field."""
    found = field_history(uow, DocumentId(document), key)
    return HistoryOut(
        events=[EventOut.of(event) for event in found.events], being_keyed=found.being_keyed
    )


__all__ = ["router"]
