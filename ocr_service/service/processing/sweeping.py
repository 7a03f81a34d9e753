"""Makes up for lost messages and dead workers: rings again, and buries what keeps crashing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from ocr_service.db.jobs import care as job_care
from ocr_service.db.jobs import jobs
from ocr_service.db.jobs.care import LEASE_LAPSED, Exhausted
from ocr_service.db.jobs.jobs import JobState, LeaseTerms
from ocr_service.db.records import documents
from ocr_service.db.uow import Database
from ocr_service.queue.bell import Bell
from ocr_service.service.processing.failing import CRASHED, TIMED_OUT, fail_document

_RINGS_WHEN_IDLE = 8
_RINGS_WHEN_BUSY = 1
"""A ring takes further jobs by itself, so a long queue needs no ring for each; while somebody works
one more is enough to wake an idle neighbour, and messages do not pile up behind a long batch."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep did.

    Attributes:
        rung: jobs that nobody had picked up, rung for again.
        buried: jobs given up because their last attempt did not finish.
        lapsed: leases ended because their worker is dead.
    """

    rung: int
    buried: int
    lapsed: int


def sweep(
    db: Database,
    bell: Bell,
    *,
    terms: LeaseTerms,
    patience: timedelta,
    is_dead: Callable[[str], bool] = lambda _worker: False,
) -> Swept:
    """Ring for jobs that wait longer than ``patience`` and bury those out of attempts.

    Safe to run in several processes at once.

    Args:
        db: the database.
        bell: wakes workers.
        terms: how jobs are lent.
        patience: how long after a ring a job may still wait for its worker.
        is_dead: whether a worker of this name is known to be gone, so that its leases need not
            run out. A wrong answer costs a page read twice, never a record written twice.

    Raises:
        ServiceUnavailable: the database failed.
    """
    lapsed = free_from_dead(db, is_dead)
    with db.reading() as uow:
        exhausted = job_care.exhausted(uow, attempts=terms.attempts)
        busy = jobs.counts(uow)[JobState.LEASED] > 0
        limit = _RINGS_WHEN_BUSY if busy else _RINGS_WHEN_IDLE
        waiting = job_care.unpicked(uow, rung_before=uow.now - patience, limit=limit)
    buried = sum(_bury(db, job) for job in exhausted)
    if waiting:
        with db.writing() as uow:
            job_care.mark_rung(uow, waiting)
            for job in waiting:
                uow.after_commit(partial(bell.ring, job))
    return Swept(len(waiting), buried, lapsed)


def free_from_dead(db: Database, is_dead: Callable[[str], bool]) -> int:
    """End the leases of workers that are known to be gone; how many those were.

    Raises:
        ServiceUnavailable: the database failed.
    """
    with db.reading() as uow:
        dead = [worker for worker in jobs.holders(uow) if is_dead(worker)]
    if not dead:
        return 0
    with db.writing() as uow:
        return sum(job_care.lapse_of(uow, worker) for worker in dead)


def _bury(db: Database, job: Exhausted) -> bool:
    failure = TIMED_OUT if job.error == LEASE_LAPSED else CRASHED
    with db.writing() as uow:
        document = documents.lock(uow, job.lease.document)
        if not jobs.bury(uow, job.lease, error=job.error):
            return False
        fail_document(uow, document, failure, actor="system", error=job.error)
    return True


__all__ = ["Swept", "free_from_dead", "sweep"]
