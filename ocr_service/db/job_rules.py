"""Which jobs may be taken, as conditions of a query."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from ocr_service.db import tables as t
from ocr_service.db.flow import Flow


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    LEASED = "leased"
    DONE = "done"
    DEAD = "dead"
    CANCELLED = "cancelled"


def claimable(now: datetime) -> sa.ColumnElement[bool]:
    """Whether nobody works on the job, as far as leases tell."""
    return sa.or_(waiting(now), lapsed(now))


def waiting(now: datetime) -> sa.ColumnElement[bool]:
    """Whether the job is queued and has rested."""
    return sa.and_(t.jobs.c.state == JobState.QUEUED, t.jobs.c.not_before <= now)


def lapsed(now: datetime) -> sa.ColumnElement[bool]:
    """Whether its lease ran out."""
    return sa.and_(t.jobs.c.state == JobState.LEASED, t.jobs.c.leased_until <= now)


def used(self) -> int:
    """Attempts that count against the page, with this one."""
    return self.attempt - self.spared


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
            priority=_priority_of(document),
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
        .where(t.jobs.c.id == job, claimable(uow.now), ~held(), _startable(terms))
        .values(
            state=JobState.LEASED,
            attempt=t.jobs.c.attempt + 1,
            leased_until=uow.now + terms.duration,
            worker=worker,
            error=None,
        )
        .returning(t.jobs)
    )
    row = taken.mappings().one_or_none()
    return None if row is None else lease_of(row)


def claim_next(uow: UnitOfWork, *, worker: str, terms: LeaseTerms) -> Lease | None:
    """Take the first job that anybody may take; splits of later files after earlier reads."""
    # One look for each kind: asked for both at once, no database finds the first by its index.
    looks = [_first(uow, kind, terms) for kind in (waiting(uow.now), lapsed(uow.now))]
    found = min((look for look in looks if look is not None), default=None)
    return None if found is None else claim(uow, JobId(found[1]), worker=worker, terms=terms)


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
    not_before = uow.now + terms.pause * lease.used**2
    return _close(uow, lease, state=JobState.QUEUED, error=error, not_before=not_before)


def spare(uow: UnitOfWork, lease: Lease, *, error: str, terms: LeaseTerms) -> bool:
    """Give the job back after an error that was not the page's fault; the attempt is not counted."""
    return _close(
        uow,
        lease,
        state=JobState.QUEUED,
        error=error,
        not_before=uow.now + terms.pause,
        spared=lease.spared + 1,
    )


def bury(uow: UnitOfWork, lease: Lease, *, error: str) -> bool:
    """Give the job up."""
    return _close(uow, lease, state=JobState.DEAD, error=error, finished_at=uow.now)


def holders(uow: UnitOfWork) -> list[str]:
    """Names of the workers that hold leases."""
    query = sa.select(t.jobs.c.worker).where(t.jobs.c.state == JobState.LEASED).distinct()
    return [name for name in uow.connection.execute(query).scalars() if name is not None]


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


def oldestwaiting(uow: UnitOfWork) -> datetime | None:
    """When the job that has waited longest was made."""
    query = sa.select(sa.func.min(t.jobs.c.created_at)).where(t.jobs.c.state == JobState.QUEUED)
    return uow.connection.execute(query).scalar()


_LIVE = (JobState.QUEUED, JobState.LEASED)


def used() -> sa.ColumnElement[int]:
    """Attempts that count against the page."""
    return t.jobs.c.attempt - t.jobs.c.spared


def held() -> sa.ColumnElement[bool]:
    """Whether the job's batch does not run; by way of the document, which may change batches."""
    d, b = t.documents.c, t.batches.c
    return (
        sa.select(1)
        .select_from(t.documents.join(t.batches, b.id == d.batch_id))
        .where(d.id == t.jobs.c.document_id, b.flow != Flow.RUNNING)
        .correlate(t.jobs)
        .exists()
    )


__all__ = ["JobState", "claimable", "held", "lapsed", "used", "waiting"]
