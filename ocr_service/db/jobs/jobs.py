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
from ocr_service.db.jobs.rules import ALWAYS, TOO_FAR, JobState, held, lapsed, used, waiting
from ocr_service.db.types import UtcDateTime
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
    new = {"kind": kind, "file_id": file, "document_id": document, "correlation": correlation}
    return _insert(uow, {**new, "state": JobState.QUEUED, "attempt": 0}).job


def insert_taken(
    uow: UnitOfWork, before: Lease, kind: JobKind, *, worker: str, terms: LeaseTerms
) -> Lease:
    """A new job on the document of a job that this unit finishes, in the same worker's hands.

    Args:
        uow: open unit of work.
        before: the job that led to it.
        kind: what is to be done.
        worker: who has it.
        terms: how jobs are lent.
    """
    new = {
        "kind": kind,
        "file_id": before.file,
        "document_id": before.document,
        "correlation": before.correlation,
        "leased_until": uow.now + terms.duration,
        "worker": worker,
    }
    return _insert(uow, {**new, "state": JobState.LEASED, "attempt": 1})


def claim_next(uow: UnitOfWork, *, worker: str, terms: LeaseTerms) -> Lease | None:
    """Take the first job that anybody may take; splits of later files after earlier reads.

    The attempt counts from here on.
    """
    now = {
        "now": uow.now,
        "too_far": uow.now + TOO_FAR,
        "attempts": terms.attempts,
        "until": uow.now + terms.duration,
        "by": worker,
    }
    row = uow.connection.execute(_CLAIM_NEXT, now).mappings().one_or_none()
    return None if row is None else lease_of(row)


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
    """Give the job back after an error that was not the page's fault: it is not counted."""
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


def oldest_waiting(uow: UnitOfWork) -> datetime | None:
    """When the job that has waited longest was made."""
    query = sa.select(sa.func.min(t.jobs.c.created_at)).where(t.jobs.c.state == JobState.QUEUED)
    return uow.connection.execute(query).scalar()


_LIVE = (JobState.QUEUED, JobState.LEASED)


def _first(kind: sa.ColumnElement[bool], name: str) -> sa.Subquery:
    """Priority and id of the first job of a kind that may be taken."""
    return (
        sa.select(t.jobs.c.priority, t.jobs.c.id)
        .where(kind, ~held(), used() < sa.bindparam("attempts"))
        .order_by(t.jobs.c.priority, t.jobs.c.id)
        .limit(1)
        # says nothing on SQLite, which has one writer anyway
        .with_for_update(skip_locked=True, of=t.jobs)
        .subquery(name)
    )


def _first_of_all() -> sa.ScalarSelect[int]:
    """Id of the first job that may be taken."""
    # One look for each kind: asked for both at once, no database finds the first by its index.
    now, too_far = (sa.bindparam(name, type_=UtcDateTime) for name in ("now", "too_far"))
    looks = (_first(waiting(now, too_far), "waits"), _first(lapsed(now), "lapsed"))
    both = sa.union_all(*(sa.select(look.c.priority, look.c.id) for look in looks)).subquery("both")
    found = sa.select(both.c.id).order_by(both.c.priority, both.c.id).limit(1)
    return found.scalar_subquery()


def _priority_of(document: sa.BindParameter[int]) -> sa.ScalarSelect[int]:
    d, b = t.documents.c, t.batches.c
    joined = t.documents.join(t.batches, b.id == d.batch_id)
    return sa.select(b.priority).select_from(joined).where(d.id == document).scalar_subquery()


# Made once: every page takes these, and putting such a statement together takes longer than
# executing it.
_CLAIM_NEXT = (
    sa.update(t.jobs)
    .where(t.jobs.c.id == _first_of_all())
    .values(
        state=JobState.LEASED,
        attempt=t.jobs.c.attempt + 1,
        leased_until=sa.bindparam("until"),
        worker=sa.bindparam("by"),
        error=None,
    )
    .returning(t.jobs)
)
_INSERT = (
    sa.insert(t.jobs)
    .values(priority=_priority_of(sa.bindparam("of_document")), not_before=ALWAYS)
    .returning(t.jobs)
)
_CLOSE = sa.update(t.jobs).where(
    t.jobs.c.id == sa.bindparam("lease_job"),
    t.jobs.c.attempt == sa.bindparam("lease_attempt"),
    t.jobs.c.state.in_(sa.bindparam("from_states", expanding=True)),
)


def _insert(uow: UnitOfWork, values: dict[str, object]) -> Lease:
    new = {
        "leased_until": None,
        "worker": None,
        "created_at": uow.now,
        "rung_at": uow.now,
        "of_document": values["document_id"],
        **values,
    }
    return lease_of(uow.connection.execute(_INSERT, new).mappings().one())


def _close(uow: UnitOfWork, lease: Lease, **values: object) -> bool:
    states = _LIVE if values["state"] is JobState.DEAD else (JobState.LEASED,)
    which = {"lease_job": lease.job, "lease_attempt": lease.attempt, "from_states": states}
    done = uow.connection.execute(_CLOSE, {"leased_until": None, **values, **which})
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
    "claim_next",
    "counts",
    "finish",
    "holders",
    "holds",
    "insert",
    "insert_taken",
    "lease_of",
    "oldest_waiting",
    "release",
    "spare",
]
