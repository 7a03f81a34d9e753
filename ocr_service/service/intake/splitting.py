"""Finds the pages of a file: one document and one job each. Only workers import it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from ocr_service.blobs import BlobStore
from ocr_service.db.audit import AuditEntry
from ocr_service.db.intake import batches, files, flow
from ocr_service.db.intake.files import StoredFile
from ocr_service.db.jobs import jobs
from ocr_service.db.jobs.jobs import JobKind, Lease, LeaseTerms
from ocr_service.db.records import documents
from ocr_service.db.records.documents import Document
from ocr_service.db.records.openings import Opening
from ocr_service.db.uow import Database, UnitOfWork
from ocr_service.domain.errors import InputError
from ocr_service.domain.lifecycle import DocumentState, move
from ocr_service.domain.record import Failure
from ocr_service.pipeline.result import PageReader
from ocr_service.queue.bell import Bell
from ocr_service.service.intake.sheets import sort_if_separated
from ocr_service.service.processing.at_hand import AtHand, fetched
from ocr_service.service.processing.failing import fail_document

_ACTOR = "worker"


@dataclass(frozen=True, slots=True)
class Keeping:
    """The will of a worker to go on with a file of one page by itself.

    Attributes:
        worker: its name.
        terms: how jobs are lent.
    """

    worker: str
    terms: LeaseTerms


@dataclass(frozen=True, slots=True)
class Split:
    """What became of it.

    Attributes:
        done: False if another worker took the job over meanwhile; then nothing was changed.
        kept: the page that the worker goes on with.
        at_hand: what it knows of that page.
    """

    done: bool
    kept: Lease | None = None
    at_hand: AtHand | None = None


def split_file(  # noqa: PLR0913 - the stores, the reader, and whose turn it is at what
    db: Database,
    blobs: BlobStore,
    bell: Bell,
    reader: PageReader,
    lease: Lease,
    *,
    at_hand: AtHand | None = None,
    keeping: Keeping | None = None,
) -> Split:
    """Count a file's pages and queue each; a file without readable pages fails as one document.

    Args:
        db: the database.
        blobs: the blob store.
        bell: rings for the pages.
        reader: counts them.
        lease: the job.
        at_hand: the file and its first page, if they were looked up already.
        keeping: where the worker keeps the only page of a file in hand, which spares the queue
            the way out and in again; None = every page is queued.

    Raises:
        ServiceUnavailable: database or store failed.
    """
    at_hand = at_hand or fetched(db, lease.document)
    file, data = at_hand.opened.file, at_hand.bytes_from(blobs)
    try:
        pages = reader.count_pages(data)
    except InputError as error:
        return Split(_fail(db, lease, Failure(error.code, str(error))))
    # A power failure may undo it: the file is then split again when the lease has run out.
    with db.writing(relaxed=True) as uow:
        first = documents.lock(uow, lease.document)
        if not jobs.finish(uow, lease):
            return Split(done=False)
        files.set_pages(uow, file.id, pages)
        uow.log(AuditEntry(_ACTOR, "file.split", "file", file.id, {"pages": pages}))
        if pages == 1 and keeping is not None:
            kept = _keep_page(uow, bell, lease, first, keeping)
            begun = replace(first, state=DocumentState.PROCESSING)
            return Split(True, kept, AtHand(Opening(begun, file, at_hand.opened.hint), data))
        _queue_pages(uow, bell, file, lease, pages=pages, template=first.wanted_template)
    return Split(done=True)


def _keep_page(
    uow: UnitOfWork, bell: Bell, lease: Lease, page: Document, keeping: Keeping
) -> Lease | None:
    """Take the only page, unless it moves to another batch or its batch does not run."""
    if page.state is not DocumentState.QUEUED:
        return None
    if not flow.reads_on(uow, page.batch):
        sort_if_separated(uow, page.batch)
        _queue(uow, bell, lease, page)
        return None
    documents.update(uow, page, state=move(page.state, DocumentState.PROCESSING))
    return jobs.insert_taken(uow, lease, JobKind.READ, worker=keeping.worker, terms=keeping.terms)


def _queue_pages(
    uow: UnitOfWork,
    bell: Bell,
    file: StoredFile,
    lease: Lease,
    *,
    pages: int,
    template: str | None,
) -> None:
    duplex = batches.get(uow, file.batch).options.duplex
    documents.insert_missing(
        uow, file.id, batch=file.batch, pages=range(pages), template=template, duplex=duplex
    )
    sort_if_separated(uow, file.batch)
    for document in documents.of_file(uow, file.id):
        if document.state is DocumentState.QUEUED:
            _queue(uow, bell, lease, document)


def _queue(uow: UnitOfWork, bell: Bell, lease: Lease, page: Document) -> None:
    job = jobs.insert(
        uow, JobKind.READ, file=lease.file, document=page.id, correlation=lease.correlation
    )
    uow.after_commit(partial(bell.ring, job))


def _fail(db: Database, lease: Lease, failure: Failure) -> bool:
    with db.writing() as uow:
        document = documents.lock(uow, lease.document)
        if not jobs.finish(uow, lease):
            return False
        fail_document(uow, document, failure, actor=_ACTOR)
    return True


__all__ = ["Keeping", "Split", "split_file"]
