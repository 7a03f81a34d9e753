"""What the sweep asks the queue of record: who was lost, what waits unheard, what keeps failing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from ocr_service.db import tables as t
from ocr_service.db.ids import JobId
from ocr_service.db.jobs import jobs
from ocr_service.db.jobs.jobs import Lease
from ocr_service.db.jobs.rules import claimable, held, used
from ocr_service.db.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Exhausted:
    """A job out of attempts, and what became of the last one."""

    lease: Lease
    error: str


WORKER_DIED = "worker_died"
"""The error of a job whose worker is known to be gone."""

LEASE_LAPSED = "lease_lapsed"
"""The error of a job whose worker was not heard of in time: it hangs, or died elsewhere."""


def exhausted(uow: UnitOfWork, *, attempts: int) -> list[Exhausted]:
    """Jobs that may not be started again: no lease holds them and no attempt is left."""
    query = sa.select(t.jobs).where(claimable(uow.now), used() >= attempts).order_by(t.jobs.c.id)
    rows = uow.connection.execute(query).mappings()
    return [Exhausted(jobs.lease_of(row), row["error"] or LEASE_LAPSED) for row in rows]


def lapse_of(uow: UnitOfWork, worker: str) -> int:
    """End the leases of a worker that is known to be dead; how many there were."""
    done = uow.connection.execute(
        sa.update(t.jobs)
        .where(
            t.jobs.c.worker == worker,
            t.jobs.c.state == jobs.JobState.LEASED,
            t.jobs.c.leased_until > uow.now,
        )
        .values(leased_until=uow.now, error=WORKER_DIED)
    )
    return done.rowcount


def unpicked(uow: UnitOfWork, *, rung_before: datetime, limit: int) -> list[JobId]:
    """Jobs anybody may take whose bell was last rung before ``rung_before``."""
    rung = t.jobs.c.rung_at
    unheard = sa.or_(rung < rung_before, rung > uow.now + timedelta(minutes=1))  # a fast clock's
    query = (
        sa.select(t.jobs.c.id)
        .where(claimable(uow.now), ~held(), unheard)
        .order_by(t.jobs.c.priority, t.jobs.c.id)
        .limit(limit)
    )
    return [JobId(job) for job in uow.connection.execute(query).scalars()]


def mark_rung(uow: UnitOfWork, rung: list[JobId]) -> None:
    """Remember that the bell was rung now."""
    uow.connection.execute(sa.update(t.jobs).where(t.jobs.c.id.in_(rung)).values(rung_at=uow.now))


__all__ = [
    "LEASE_LAPSED",
    "WORKER_DIED",
    "Exhausted",
    "exhausted",
    "lapse_of",
    "mark_rung",
    "unpicked",
]
