"""How a worker takes jobs, does them and gives them back. Only workers and commands import it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import structlog

from ocr_service.blobs import BlobStore
from ocr_service.db import documents, jobs
from ocr_service.db.audit import AuditEntry, DetailValue
from ocr_service.db.ids import JobId
from ocr_service.db.jobs import JobKind, Lease, LeaseTerms
from ocr_service.db.uow import Database
from ocr_service.domain.lifecycle import DocumentState, move
from ocr_service.pipeline.result import PageReader
from ocr_service.queue.bell import Bell
from ocr_service.service.failing import CRASHED, fail_document
from ocr_service.service.intake_archive import DEFAULT_LIMITS, ArchiveLimits
from ocr_service.service.intake_unpacking import Shift, unpack_file
from ocr_service.service.processing import read_document
from ocr_service.service.splitting import split_file

_LOG = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Worker:
    """What a worker works with.

    Attributes:
        db: the database.
        blobs: the blob store.
        bell: rings for the jobs that a split makes.
        reader: gives the page reader; loads it at the first call.
        terms: how jobs are lent.
        name: who this worker is, for logs and the audit.
        drain_for: how long one ring may go on taking waiting jobs.
        archive_limits: what an archive may hold.
    """

    db: Database
    blobs: BlobStore
    bell: Bell
    reader: Callable[[], PageReader]
    terms: LeaseTerms
    name: str
    drain_for: timedelta
    archive_limits: ArchiveLimits = DEFAULT_LIMITS


def take(worker: Worker, job: JobId) -> Iterator[Lease]:
    """The job that was rung for, if it is still to be done, then whatever else waits.

    A ring that finds its job done by an earlier one takes the oldest waiting job instead. So a
    lost message is made up for by any later one, and the bell needs no order and no count.
    """
    deadline = worker.db.clock() + worker.drain_for
    with worker.db.writing() as uow:
        lease = jobs.claim(uow, job, worker=worker.name, terms=worker.terms)
    while True:
        if lease is None:
            with worker.db.writing() as uow:
                lease = jobs.claim_next(uow, worker=worker.name, terms=worker.terms)
        if lease is None:
            return
        yield lease
        lease = None
        if worker.db.clock() >= deadline:
            return


def work(worker: Worker, lease: Lease) -> None:
    """Do one job and finish it under its fence.

    Raises:
        OcrServiceError: database or store failed; the caller gives the job back.
    """
    _LOG.info("job.started", job=lease.job, kind=lease.kind, attempt=lease.attempt)
    if lease.kind is JobKind.UNPACK:
        shift = Shift(lease, worker.archive_limits, worker.terms.duration / 3)
        done = unpack_file(worker.db, worker.blobs, worker.bell, shift)
    elif lease.kind is JobKind.SPLIT:
        done = split_file(worker.db, worker.blobs, worker.bell, worker.reader(), lease)
    else:
        done = read_document(worker.db, worker.blobs, worker.reader(), lease, worker=worker.name)
    _LOG.info("job.finished" if done else "job.overtaken", job=lease.job, document=lease.document)


def give_back(worker: Worker, lease: Lease, *, error: str) -> None:
    """Return a job that went wrong: to the queue, or after its last attempt to the dead.

    Args:
        worker: who held it.
        lease: what was held.
        error: the exception's type, never its message.
    """
    with worker.db.writing() as uow:
        document = documents.lock(uow, lease.document)
        if lease.attempt >= worker.terms.attempts:
            if jobs.bury(uow, lease, error=error):
                fail_document(uow, document, CRASHED, actor=worker.name, error=error)
            return
        if not jobs.release(uow, lease, error=error, terms=worker.terms):
            return
        if document.state is DocumentState.PROCESSING:
            state = move(document.state, DocumentState.QUEUED)
            documents.update(uow, document, state=state)
        detail: dict[str, DetailValue] = {
            "job": lease.job,
            "attempt": lease.attempt,
            "error": error,
        }
        uow.log(AuditEntry(worker.name, "job.released", "document", document.id, detail))


__all__ = ["Worker", "give_back", "take", "work"]
