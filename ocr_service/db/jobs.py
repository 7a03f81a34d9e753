"""The queue of record. A job is worked on under a lease; its attempt number is the fence.

``queued → leased → done``; a lease that lapses may be taken again with a higher attempt number,
and whoever held the older number can no longer finish. After the last attempt a job is ``dead``.
Whoever changes a document and its job in one unit locks the document first.
``cancelled``: the document was discarded or sent on before the job was finished.

Of the jobs that may be taken, those of urgent batches come first, then the oldest. Jobs of a batch
that is paused or cancelled may not be taken; a page in hand when that happens is finished.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa

from ocr_service.db import tables as t
from ocr_service.db.ids import DocumentId, FileId, JobId
from ocr_service.db.job_rules import JobState, claimable, held, lapsed, used, waiting
from ocr_service.db.uow import UnitOfWork


class JobKind(StrEnum):
    """What is to be done."""

    SPLIT = "split"
    UNPACK = "unpack"
    READ = "read"


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on a job for a while.

    Attributes:
        job: the job.
        kind: what to do.
        file: the file concerned.
        document: the document concerned; of a split, the file's first page.
        attempt: the fence: a finish with another number is refused.
        correlation: id of the request that caused the job.
        spared: earlier attempts that were not the page's fault.
    """

    job: JobId
    kind: JobKind
    file: FileId
    document: DocumentId
    attempt: int
    correlation: str | None
    spared: int = 0

    @property
    def _first(
    uow: UnitOfWork, kind: sa.ColumnElement[bool], terms: LeaseTerms
) -> tuple[int, int] | None:
    """Priority and id of the first job of a kind that may be taken."""
    query = (
        sa.select(t.jobs.c.priority, t.jobs.c.id)
        .where(kind, ~held(), used() < terms.attempts)
        .order_by(t.jobs.c.priority, t.jobs.c.id)
        .limit(1)
        # says nothing on SQLite, which has one writer anyway
        .with_for_update(skip_locked=True, of=t.jobs)
    )
    found = uow.connection.execute(query).one_or_none()
    return None if found is None else (found[0], found[1])


def _priority_of(document: DocumentId) -> sa.ScalarSelect[int]:
    d, b = t.documents.c, t.batches.c
    joined = t.documents.join(t.batches, b.id == d.batch_id)
    return sa.select(b.priority).select_from(joined).where(d.id == document).scalar_subquery()


def _close(uow: UnitOfWork, lease: Lease, **values: object) -> bool:
    done = uow.connection.execute(
        sa.update(t.jobs)
        .where(
            t.jobs.c.id == lease.job,
            t.jobs.c.attempt == lease.attempt,
            t.jobs.c.state.in_(_LIVE if values["state"] is JobState.DEAD else (JobState.LEASED,)),
        )
        .values(leased_until=None, **values)
    )
    return done.rowcount == 1


def lease_of(row: sa.RowMapping) -> Lease:
    """The lease on a job that a row shows."""
    return Lease(
        job=JobId(row["id"]),
        kind=JobKind(row["kind"]),
        file=FileId(row["file_id"]),
        document=DocumentId(row["document_id"]),
        attempt=row["attempt"],
        correlation=row["correlation"],
        spared=row["spared"],
    )


__all__ = [
    "JobKind",
    "JobState",
    "Lease",
    "LeaseTerms",
    "bury",
    "cancel_of",
    "claim",
    "claim_next",
    "counts",
    "finish",
    "holders",
    "holds",
    "insert",
    "lease_of",
    "oldest_waiting",
    "release",
    "spare",
]
