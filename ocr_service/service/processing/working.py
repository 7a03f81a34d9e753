"""How a worker takes jobs, does them and gives them back. Only workers and commands import it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from ocr_service.blobs import BlobStore
from ocr_service.db.audit import AuditEntry, DetailValue
from ocr_service.db.ids import JobId
from ocr_service.db.jobs import jobs
from ocr_service.db.jobs.jobs import JobKind, Lease, LeaseTerms
from ocr_service.db.records import documents
from ocr_service.db.records.openings import open_page
from ocr_service.db.uow import Database
from ocr_service.domain.errors import ServiceUnavailable
from ocr_service.domain.lifecycle import DocumentState, move
from ocr_service.pipeline.result import PageReader
from ocr_service.queue.bell import Bell
from ocr_service.service.intake.archive import DEFAULT_LIMITS, ArchiveLimits
from ocr_service.service.intake.splitting import Keeping, split_file
from ocr_service.service.intake.unpacking import Shift, unpack_file
from ocr_service.service.processing.at_hand import AtHand
from ocr_service.service.processing.failing import CRASHED, fail_document
from ocr_service.service.processing.processing import begin, read_document
from ocr_service.service.processing.rereading import Rules

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
        stopping: whether this process was told to end after the page in hand.
        in_hand: pages that a job left in this worker's hands; they come before all that waits.
        at_hand: what it knows of the pages of the jobs it took.
        rules: judges records that people have answered; None = they are left as the machine says.
    """

    db: Database
    blobs: BlobStore
    bell: Bell
    reader: Callable[[], PageReader]
    terms: LeaseTerms
    name: str
    drain_for: timedelta
    archive_limits: ArchiveLimits = DEFAULT_LIMITS
    stopping: Callable[[], bool] = lambda: False
    rules: Rules | None = None
    in_hand: deque[Lease] = field(default_factory=deque)
    at_hand: dict[JobId, AtHand] = field(default_factory=dict)


def take(worker: Worker) -> Iterator[Lease]:
    """Whatever waits, the most urgent first, until nothing does or the time is over.

    A ring says that there is work, not which: so a lost message is made up for by any later one,
    urgent pages overtake, and the bell needs no order and no count.
    """
    # The time of the machine's clock, which may be set while pages are read, does not matter here.
    deadline = time.monotonic() + worker.drain_for.total_seconds()
    yield from _in_hand(worker)
    while not worker.stopping():
        lease = _claim(worker)
        if lease is None:
            return
        yield lease
        yield from _in_hand(worker)
        if time.monotonic() >= deadline:
            return


def _in_hand(worker: Worker) -> Iterator[Lease]:
    while worker.in_hand:
        yield worker.in_hand.popleft()


def _claim(worker: Worker) -> Lease | None:
    with worker.db.writing(relaxed=True) as uow:
        lease = jobs.claim_next(uow, worker=worker.name, terms=worker.terms)
        if lease is not None:
            if lease.kind is JobKind.READ:
                begin(uow, lease)
            worker.at_hand[lease.job] = AtHand(open_page(uow, lease.document))
    return lease


def work(worker: Worker, lease: Lease) -> None:
    """Do one job and finish it under its fence.

    Raises:
        OcrServiceError: database or store failed; the caller gives the job back.
    """
    _LOG.info("job.started", job=lease.job, kind=lease.kind, attempt=lease.attempt)
    at_hand = worker.at_hand.pop(lease.job, None)
    if lease.kind is JobKind.UNPACK:
        shift = Shift(lease, worker.archive_limits, worker.terms.duration / 3)
        done = unpack_file(worker.db, worker.blobs, worker.bell, shift)
    elif lease.kind is JobKind.SPLIT:
        done = _split(worker, lease, at_hand)
    else:
        done = read_document(
            worker.db,
            worker.blobs,
            worker.reader(),
            lease,
            worker=worker.name,
            rules=worker.rules,
            at_hand=at_hand,
        )
    _LOG.info("job.finished" if done else "job.overtaken", job=lease.job, document=lease.document)


def _split(worker: Worker, lease: Lease, at_hand: AtHand | None) -> bool:
    split = split_file(
        worker.db,
        worker.blobs,
        worker.bell,
        worker.reader(),
        lease,
        at_hand=at_hand,
        keeping=None if worker.stopping() else Keeping(worker.name, worker.terms),
    )
    if split.kept is not None and split.at_hand is not None:
        worker.in_hand.append(split.kept)
        worker.at_hand[split.kept.job] = split.at_hand
    return split.done


def give_back(worker: Worker, lease: Lease, failed: Exception) -> None:
    """Return a job that went wrong: to the queue, or after its last attempt to the dead.

    While database or store are away no page is to blame, and none is given up for it.

    Raises:
        ServiceUnavailable: the database is away; ask again, or let the lease run out.
    """
    error = type(failed).__name__  # never its message, which may quote what is on the page
    with worker.db.writing() as uow:
        document = documents.lock(uow, lease.document)
        innocent = isinstance(failed, ServiceUnavailable)
        if lease.used >= worker.terms.attempts and not innocent:
            if jobs.bury(uow, lease, error=error):
                fail_document(uow, document, CRASHED, actor=worker.name, error=error)
            return
        leave = jobs.spare if innocent else jobs.release
        if not leave(uow, lease, error=error, terms=worker.terms):
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
