"""The queue of record. A job is worked on under a lease; its attempt number is the fence.

``queued → leased → done``; a lease that lapses may be taken again with a higher attempt number,
and whoever held the older number can no longer finish. After the last attempt a job is ``dead``.
Whoever changes a document and its job in one unit locks the document first.
``cancelled``: the document was discarded or sent on before the job was finished.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa

from ocr_service.db import tables as t
from ocr_service.db.ids import DocumentId, FileId, JobId
from ocr_service.db.uow import UnitOfWork


class JobKind(StrEnum):
    """What is to be done."""

    SPLIT = "split"
    UNPACK = "unpack"
    READ = "read"


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    LEASED = "leased"
    DONE = "done"
    DEAD = "dead"
    CANCELLED = "cancelled"


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
    """

    job: JobId
    kind: JobKind
    file: FileId
    document: DocumentId
    attempt: int
    correlation: str | None


@dataclass(frozen=True, slots=True)
class LeaseTerms:
    """How jobs are lent.

    Attributes:
        duration: how long a lease holds.
        attempts: how often a job may be started.
        pause: how long a job rests after an error, times the square of its attempt number.
    """

    duration: timedelta
    attempts: int
    pause: timedelta = timedelta(seconds=5)


def insert(
    uow: UnitOfWork,
    kind: JobKind,
    *,
    file: FileId,
    document: DocumentId,
    correlation: str | None = None,
) -> JobId:
    """A new job. One document has at most one that is queued or leased."""
    added = uow.connection.execute(
        sa.insert(t.jobs)
        .values(
            kind=kind,
            file_id=file,
            document_id=document,
            state=JobState.QUEUED,
            attempt=0,
            correlation=correlation,
            created_at=uow.now,
            not_before=uow.now,
            rung_at=uow.now,
        )
        .returning(t.jobs.c.id)
    )
    return JobId(added.scalar_one())


def claim(uow: UnitOfWork, job: JobId, *, worker: str, terms: LeaseTerms) -> Lease | None:
    """Take this job, if it waits or its lease lapsed. The attempt counts from here on."""
    taken = uow.connection.execute(
        sa.update(t.jobs)
        .where(t.jobs.c.id == job, _claimable(uow.now), t.jobs.c.attempt < terms.attempts)
        .values(
            state=JobState.LEASED,
            attempt=t.jobs.c.attempt + 1,
            leased_until=uow.now + terms.duration,
            worker=worker,
        )
        .returning(t.jobs)
    )
    row = taken.mappings().one_or_none()
    return None if row is None else _lease(row)


def claim_next(uow: UnitOfWork, *, worker: str, terms: LeaseTerms) -> Lease | None:
    """Take the oldest job that anybody may take; splits of later files after earlier reads."""
    oldest = (
        sa.select(t.jobs.c.id)
        .where(_claimable(uow.now), t.jobs.c.attempt < terms.attempts)
        .order_by(t.jobs.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)  # says nothing on SQLite, which has one writer anyway
    )
    found = uow.connection.execute(oldest).scalar_one_or_none()
    return None if found is None else claim(uow, JobId(found), worker=worker, terms=terms)


def holds(uow: UnitOfWork, lease: Lease) -> bool:
    """Whether nobody took the job over since this lease was given."""
    query = sa.select(t.jobs.c.id).where(
        t.jobs.c.id == lease.job,
        t.jobs.c.attempt == lease.attempt,
        t.jobs.c.state == JobState.LEASED,
    )
    return uow.connection.execute(query).first() is not None


def finish(uow: UnitOfWork, lease: Lease) -> bool:
    """Close the job if this lease still holds it; False: drop the result."""
    return _close(uow, lease, state=JobState.DONE, finished_at=uow.now)


def release(uow: UnitOfWork, lease: Lease, *, error: str, terms: LeaseTerms) -> bool:
    """Give the job back after an error; it rests a while before its next attempt."""
    rest = terms.pause * lease.attempt**2
    return _close(uow, lease, state=JobState.QUEUED, error=error, not_before=uow.now + rest)


def bury(uow: UnitOfWork, lease: Lease, *, error: str) -> bool:
    """Give the job up."""
    return _close(uow, lease, state=JobState.DEAD, error=error, finished_at=uow.now)


def exhausted(uow: UnitOfWork, *, attempts: int) -> list[Lease]:
    """Jobs that may not be started again: no lease holds them and no attempt is left."""
    query = (
        sa.select(t.jobs)
        .where(_claimable(uow.now), t.jobs.c.attempt >= attempts)
        .order_by(t.jobs.c.id)
    )
    return [_lease(row) for row in uow.connection.execute(query).mappings()]


def holders(uow: UnitOfWork) -> list[str]:
    """Names of the workers that hold leases."""
    query = sa.select(t.jobs.c.worker).where(t.jobs.c.state == JobState.LEASED).distinct()
    return [name for name in uow.connection.execute(query).scalars() if name is not None]


def lapse_of(uow: UnitOfWork, worker: str) -> int:
    """End the leases of a worker that is known to be dead; how many there were."""
    done = uow.connection.execute(
        sa.update(t.jobs)
        .where(
            t.jobs.c.worker == worker,
            t.jobs.c.state == JobState.LEASED,
            t.jobs.c.leased_until > uow.now,
        )
        .values(leased_until=uow.now)
    )
    return done.rowcount


def unpicked(uow: UnitOfWork, *, rung_before: datetime, limit: int) -> list[JobId]:
    """Jobs anybody may take whose bell was last rung before ``rung_before``."""
    query = (
        sa.select(t.jobs.c.id)
        .where(_claimable(uow.now), t.jobs.c.rung_at < rung_before)
        .order_by(t.jobs.c.id)
        .limit(limit)
    )
    return [JobId(job) for job in uow.connection.execute(query).scalars()]


def mark_rung(uow: UnitOfWork, jobs: list[JobId]) -> None:
    """Remember that the bell was rung now."""
    uow.connection.execute(sa.update(t.jobs).where(t.jobs.c.id.in_(jobs)).values(rung_at=uow.now))


def cancel_of(uow: UnitOfWork, document: DocumentId) -> None:
    """Take the document's live job back; a worker at it will find its lease gone."""
    uow.connection.execute(
        sa.update(t.jobs)
        .where(t.jobs.c.document_id == document, t.jobs.c.state.in_(_LIVE))
        .values(state=JobState.CANCELLED, finished_at=uow.now)
    )


def counts(uow: UnitOfWork) -> Mapping[JobState, int]:
    """Jobs per state."""
    query = sa.select(t.jobs.c.state, sa.func.count()).group_by(t.jobs.c.state)
    found = dict.fromkeys(JobState, 0)
    for state, number in uow.connection.execute(query):
        found[JobState(state)] = number
    return found


def oldest_waiting(uow: UnitOfWork) -> datetime | None:
    """When the job that has waited longest was made."""
    query = sa.select(sa.func.min(t.jobs.c.created_at)).where(t.jobs.c.state == JobState.QUEUED)
    return uow.connection.execute(query).scalar()


_LIVE = (JobState.QUEUED, JobState.LEASED)


def _claimable(now: datetime) -> sa.ColumnElement[bool]:
    waiting = sa.and_(t.jobs.c.state == JobState.QUEUED, t.jobs.c.not_before <= now)
    lapsed = sa.and_(t.jobs.c.state == JobState.LEASED, t.jobs.c.leased_until <= now)
    return sa.or_(waiting, lapsed)


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


def _lease(row: sa.RowMapping) -> Lease:
    return Lease(
        job=JobId(row["id"]),
        kind=JobKind(row["kind"]),
        file=FileId(row["file_id"]),
        document=DocumentId(row["document_id"]),
        attempt=row["attempt"],
        correlation=row["correlation"],
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
    "exhausted",
    "finish",
    "holders",
    "holds",
    "insert",
    "lapse_of",
    "mark_rung",
    "oldest_waiting",
    "release",
    "unpicked",
]
