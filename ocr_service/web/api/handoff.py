"""What others are still to be told, and what was done by the clock."""

from __future__ import annotations

import datetime as dt

from fastapi import APIRouter
from pydantic import BaseModel

from ocr_service.db.audit import AuditEntry
from ocr_service.db.export import outbox, schedule_runs
from ocr_service.domain.errors import Conflict
from ocr_service.web.deps import ReadUnit, WriteUnit
from ocr_service.web.security import AdminUser, ExporterUser

router = APIRouter(tags=["hand-off"])


class MessageOut(BaseModel):
    """A message for one target."""

    id: int
    event: str
    target: str
    state: str
    attempts: int
    not_before: dt.datetime
    last_error: str | None
    created_at: dt.datetime
    delivered_at: dt.datetime | None


class RunOut(BaseModel):
    """One time that a schedule came round."""

    name: str
    due_at: dt.datetime
    outcome: str | None
    finished_at: dt.datetime | None


class HandOffOut(BaseModel):
    """The newest messages and runs."""

    messages: list[MessageOut]
    schedule_runs: list[RunOut]


@router.get("/handoff")
def get_handoff(_user: ExporterUser, uow: ReadUnit) -> HandOffOut:
    """The newest messages and runs of schedules."""
    return HandOffOut(
        messages=[
            MessageOut(**{name: getattr(message, name) for name in MessageOut.model_fields})
            for message in outbox.newest(uow)
        ],
        schedule_runs=[
            RunOut(**{name: getattr(run, name) for name in RunOut.model_fields})
            for run in schedule_runs.newest(uow)
        ],
    )


@router.post("/handoff/{message}/retry")
def post_retry(message: int, user: AdminUser, uow: WriteUnit) -> HandOffOut:
    """Try a message again that was given up."""
    if not outbox.retry(uow, message):
        raise Conflict(f"message {message} was not given up")
    uow.log(AuditEntry(user.name, "handoff.retried", "outbox", message))
    return get_handoff(user, uow)


__all__ = ["router"]
