"""Whether a batch runs, and how soon its pages come to their turn."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

import sqlalchemy as sa

from ocr_service.db import tables as t
from ocr_service.db.ids import BatchId, DocumentId, FileId
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import NotFound
from ocr_service.domain.lifecycle import DocumentState


class Flow(StrEnum):
    """Whether the jobs of a batch may be taken."""

    RUNNING = "running"
    PAUSED = "paused"
    CANCELLED = "cancelled"


class Priority(IntEnum):
    """Whose pages come first; within one priority the oldest."""

    URGENT = 0
    NORMAL = 1
    LATER = 2


@dataclass(frozen=True, slots=True)
class Control:
    """How a batch is steered."""

    batch: BatchId
    flow: Flow
    priority: Priority


_UNREAD = (DocumentState.QUEUED, DocumentState.PROCESSING)
_LIVE_JOBS = ("queued", "leased")


def get(uow: UnitOfWork, batch: BatchId) -> Control:
    """How a batch is steered now.

    Raises:
        NotFound: there is none.
    """
    b = t.batches.c
    return _one(uow, sa.select(b.id, b.flow, b.priority).where(b.id == batch), batch)


_READS_ON = sa.select(t.batches.c.flow, t.batches.c.separated).where(
    t.batches.c.id == sa.bindparam("batch")
)


def reads_on(uow: UnitOfWork, batch: BatchId) -> bool:
    """Whether a page at hand is read now, in this batch: it runs, and no separator moves pages."""
    flow, is_separated = uow.connection.execute(_READS_ON, {"batch": batch}).one()
    return flow == Flow.RUNNING and not is_separated


def lock(uow: UnitOfWork, batch: BatchId) -> Control:
    """How a batch is steered; nobody else steers it until this unit ends.

    Raises:
        NotFound: there is none.
    """
    b = t.batches.c
    query = sa.select(b.id, b.flow, b.priority).where(b.id == batch)
    # Not the strongest lock: pages may be added to the batch meanwhile.
    return _one(uow, query.with_for_update(key_share=True), batch)


def _one(uow: UnitOfWork, query: sa.Select[int, str, int], batch: BatchId) -> Control:
    row = uow.connection.execute(query).one_or_none()
    if row is None:
        raise NotFound(f"no batch {batch}")
    return Control(BatchId(row[0]), Flow(row[1]), Priority(row[2]))


def set_flow(uow: UnitOfWork, batch: BatchId, flow: Flow) -> None:
    """Let the jobs of a batch be taken, or not."""
    uow.connection.execute(sa.update(t.batches).where(t.batches.c.id == batch).values(flow=flow))


def set_priority(uow: UnitOfWork, batch: BatchId, priority: Priority) -> None:
    """Move the batch's jobs, those there are and those to come."""
    uow.connection.execute(
        sa.update(t.batches).where(t.batches.c.id == batch).values(priority=priority)
    )
    own = sa.select(t.documents.c.id).where(t.documents.c.batch_id == batch)
    uow.connection.execute(
        sa.update(t.jobs)
        .where(t.jobs.c.document_id.in_(own), t.jobs.c.state.in_(_LIVE_JOBS))
        .values(priority=priority)
    )


def unread(uow: UnitOfWork, batch: BatchId, *, limit: int) -> list[DocumentId]:
    """Documents of a batch that the machine has not read, oldest first."""
    d = t.documents.c
    query = (
        sa.select(d.id).where(d.batch_id == batch, d.state.in_(_UNREAD)).order_by(d.id).limit(limit)
    )
    return [DocumentId(found) for found in uow.connection.execute(query).scalars()]


def all_discarded(uow: UnitOfWork, file: FileId) -> bool:
    """Whether no page of a file is anything but discarded."""
    d = t.documents.c
    query = sa.select(d.id).where(d.file_id == file, d.state != DocumentState.DISCARDED).limit(1)
    return uow.connection.execute(query).first() is None


def half_cancelled(uow: UnitOfWork) -> list[BatchId]:
    """Cancelled batches that still hold documents which the machine has not read."""
    b, d = t.batches.c, t.documents.c
    left = sa.select(1).where(d.batch_id == b.id, d.state.in_(_UNREAD)).exists()
    query = sa.select(b.id).where(b.flow == Flow.CANCELLED, left).order_by(b.id)
    return [BatchId(found) for found in uow.connection.execute(query).scalars()]


__all__ = [
    "Control",
    "Flow",
    "Priority",
    "all_discarded",
    "get",
    "half_cancelled",
    "lock",
    "set_flow",
    "set_priority",
    "unread",
]
