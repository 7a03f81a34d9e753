"""Finds the pages of a file: one document and one job each. Only workers import it."""

from __future__ import annotations

from functools import partial

from ocr_service.blobs import BlobStore
from ocr_service.db import batches, documents, files, jobs
from ocr_service.db.audit import AuditEntry
from ocr_service.db.files import StoredFile
from ocr_service.db.jobs import JobKind, Lease
from ocr_service.db.uow import Database, UnitOfWork
from ocr_service.domain.errors import InputError
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.record import Failure
from ocr_service.pipeline.result import PageReader
from ocr_service.queue.bell import Bell
from ocr_service.service.failing import fail_document
from ocr_service.service.intake_sheets import sort_if_separated

_ACTOR = "worker"


def split_file(
    db: Database, blobs: BlobStore, bell: Bell, reader: PageReader, lease: Lease
) -> bool:
    """Count a file's pages and queue each; a file without readable pages fails as one document.

    Returns:
        False if another worker took the job over meanwhile; then nothing was changed.

    Raises:
        ServiceUnavailable: database or store failed.
    """
    with db.reading() as uow:
        file = files.get(uow, lease.file)
    data = blobs.get(file.sha256)
    try:
        pages = reader.count_pages(data)
    except InputError as error:
        return _fail(db, lease, Failure(error.code, str(error)))
    with db.writing() as uow:
        first = documents.lock(uow, lease.document)
        if not jobs.finish(uow, lease):
            return False
        _queue_pages(uow, bell, file, lease, pages=pages, template=first.wanted_template)
    return True


def _queue_pages(
    uow: UnitOfWork,
    bell: Bell,
    file: StoredFile,
    lease: Lease,
    *,
    pages: int,
    template: str | None,
) -> None:
    files.set_pages(uow, file.id, pages)
    duplex = batches.get(uow, file.batch).options.duplex
    documents.insert_missing(
        uow, file.id, batch=file.batch, pages=range(pages), template=template, duplex=duplex
    )
    sort_if_separated(uow, file.batch)
    for document in documents.of_file(uow, file.id):
        if document.state is DocumentState.QUEUED:
            job = jobs.insert(
                uow,
                JobKind.READ,
                file=file.id,
                document=document.id,
                correlation=lease.correlation,
            )
            uow.after_commit(partial(bell.ring, job))
    uow.log(AuditEntry(_ACTOR, "file.split", "file", file.id, {"pages": pages}))


def _fail(db: Database, lease: Lease, failure: Failure) -> bool:
    with db.writing() as uow:
        document = documents.lock(uow, lease.document)
        if not jobs.finish(uow, lease):
            return False
        fail_document(uow, document, failure, actor=_ACTOR)
    return True


__all__ = ["split_file"]
