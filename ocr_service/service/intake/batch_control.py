"""Steers batches: pause, resume, cancel, and whose pages come first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from ocr_service.db.audit import AuditEntry, DetailValue
from ocr_service.db.ids import BatchId, DocumentId
from ocr_service.db.intake import files, flow
from ocr_service.db.intake.flow import Control, Flow, Priority
from ocr_service.db.jobs import care as job_care
from ocr_service.db.jobs import jobs
from ocr_service.db.records import documents
from ocr_service.db.uow import Database, UnitOfWork
from ocr_service.domain.errors import Conflict
from ocr_service.domain.lifecycle import DocumentState, move
from ocr_service.queue.bell import Bell
from ocr_service.service.intake.pairing import unsettle

_CHUNK = 100
"""Pages of one transaction, so that uploads and reviewers get their turn in between."""

_RINGS = 8
_SOON = timedelta(seconds=1)
_OPEN = frozenset({DocumentState.QUEUED, DocumentState.PROCESSING})


@dataclass(frozen=True, slots=True)
class Steering:
    """Somebody's will about a batch.

    Attributes:
        batch: which.
        actor: user name.
    """

    batch: BatchId
    actor: str


def pause(uow: UnitOfWork, steering: Steering) -> Control:
    """Start no further page of the batch; pages in hand are finished. Twice is no error.

    Raises:
        NotFound: no such batch.
        Conflict: it was cancelled.
    """
    return _set_flow(uow, steering, Flow.PAUSED, "batch.paused")


def resume(uow: UnitOfWork, bell: Bell, steering: Steering) -> Control:
    """Go on with a paused batch. Twice is no error.

    Raises:
        NotFound: no such batch.
        Conflict: it was cancelled.
    """
    done = _set_flow(uow, steering, Flow.RUNNING, "batch.resumed")
    # Whatever was rung for before: those rings were heard and found the batch paused.
    for job in job_care.unpicked(uow, rung_before=uow.now + _SOON, limit=_RINGS):
        uow.after_commit(partial(bell.ring, job))
    return done


def set_priority(uow: UnitOfWork, steering: Steering, priority: Priority) -> Control:
    """Let the batch's pages come before others, or after them.

    Raises:
        NotFound: no such batch.
        Conflict: it was cancelled.
    """
    seen = _steerable(uow, steering.batch)
    flow.set_priority(uow, seen.batch, priority)
    detail: dict[str, DetailValue] = {"priority": priority.name.lower()}
    uow.log(AuditEntry(steering.actor, "batch.prioritised", "batch", seen.batch, detail))
    return Control(seen.batch, seen.flow, priority)


def cancel(db: Database, steering: Steering) -> int:
    """Put away every page of the batch that was not read yet, for good; how many those were.

    What was read stays. The same files may be sent again. From the first transaction on no page
    of the batch is started; should this process die, the sweep puts the rest away.

    Raises:
        NotFound: no such batch.
        ServiceUnavailable: the database failed; the sweep goes on when it is back.
    """
    with db.writing() as uow:
        seen = flow.lock(uow, steering.batch)
        if seen.flow is not Flow.CANCELLED:
            flow.set_flow(uow, steering.batch, Flow.CANCELLED)
            uow.log(AuditEntry(steering.actor, "batch.cancelled", "batch", steering.batch))
    return _put_away(db, steering)


def finish_cancelling(db: Database) -> int:
    """Put away what processes that died, or files that arrived late, left in cancelled batches.

    Raises:
        ServiceUnavailable: the database failed.
    """
    with db.reading() as uow:
        left = flow.half_cancelled(uow)
    return sum(_put_away(db, Steering(batch, "system")) for batch in left)


def _set_flow(uow: UnitOfWork, steering: Steering, wanted: Flow, action: str) -> Control:
    seen = _steerable(uow, steering.batch)
    if seen.flow is not wanted:
        flow.set_flow(uow, seen.batch, wanted)
        uow.log(AuditEntry(steering.actor, action, "batch", seen.batch))
    return Control(seen.batch, wanted, seen.priority)


def _steerable(uow: UnitOfWork, batch: BatchId) -> Control:
    seen = flow.lock(uow, batch)
    if seen.flow is Flow.CANCELLED:
        raise Conflict(f"batch {batch} was cancelled; send its files to a new one")
    return seen


def _put_away(db: Database, steering: Steering) -> int:
    total = 0
    while True:
        with db.writing() as uow:
            found = flow.unread(uow, steering.batch, limit=_CHUNK)
            if not found:
                return total
            total += sum(_discard_unread(uow, document, steering.actor) for document in found)


def _discard_unread(uow: UnitOfWork, document: DocumentId, actor: str) -> bool:
    seen = documents.lock(uow, document)
    if seen.state not in _OPEN:
        return False  # its page in hand was finished meanwhile
    unsettle(uow, seen.id)
    jobs.cancel_of(uow, seen.id)
    documents.update(uow, seen, state=move(seen.state, DocumentState.DISCARDED))
    detail: dict[str, DetailValue] = {"from": seen.state.value, "batch": seen.batch}
    uow.log(AuditEntry(actor, "document.discarded", "document", seen.id, detail))
    if flow.all_discarded(uow, seen.file):
        files.set_dead(uow, seen.file)
    return True


__all__ = [
    "Steering",
    "cancel",
    "finish_cancelling",
    "pause",
    "resume",
    "set_priority",
]
