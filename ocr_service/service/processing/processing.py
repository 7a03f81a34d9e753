"""Reads one page under a lease. Only workers import it."""

from __future__ import annotations

from dataclasses import replace

from ocr_service.blobs import BlobStore
from ocr_service.db.audit import AuditEntry
from ocr_service.db.intake.files import StoredFile
from ocr_service.db.jobs import jobs
from ocr_service.db.jobs.jobs import Lease
from ocr_service.db.records import corrections, documents, records
from ocr_service.db.records.documents import Document
from ocr_service.db.records.records import MachineRun
from ocr_service.db.uow import Database, UnitOfWork
from ocr_service.domain.errors import TemplateUnknown
from ocr_service.domain.field import FieldValue
from ocr_service.domain.lifecycle import DocumentState, move
from ocr_service.domain.record import Failure
from ocr_service.pipeline.looks import look_of
from ocr_service.pipeline.result import PageReader, ReadPage
from ocr_service.service.double_entry.double_entry import open_chips
from ocr_service.service.intake.likeness import compared
from ocr_service.service.intake.pairing import settle_all, with_side
from ocr_service.service.intake.sheets import arrange, put_away
from ocr_service.service.masters.residents import with_settled
from ocr_service.service.processing.at_hand import AtHand, fetched
from ocr_service.service.processing.failing import fail_document
from ocr_service.service.processing.hinted_reading import read_hinted
from ocr_service.service.processing.rereading import Rules, decided, judged, keep_corrections
from ocr_service.service.quality.raising import keep_floors

_NO_ANSWERS: tuple[FieldValue, ...] = ()


def read_document(  # noqa: PLR0913 - the stores, the reader, and whose turn it is at what
    db: Database,
    blobs: BlobStore,
    reader: PageReader,
    lease: Lease,
    *,
    worker: str,
    rules: Rules | None = None,
    at_hand: AtHand | None = None,
) -> bool:
    """Read the page of ``lease`` and store its record, unless the lease was lost meanwhile.

    Args:
        db: the database.
        blobs: the blob store.
        reader: reads pages.
        lease: the job.
        worker: who has it.
        rules: judges records that people have answered; None = they are left as they are.
        at_hand: what the worker knows of the page; None = it is looked up.

    Returns:
        False if the result was dropped: another worker has the job, or it was cancelled.

    Raises:
        ServiceUnavailable: database or store failed.
    """
    at_hand = at_hand or fetched(db, lease.document)
    document, file = at_hand.opened.document, at_hand.opened.file
    if document.state is DocumentState.QUEUED and not _begin_now(db, lease):
        return False
    try:
        page = read_hinted(
            reader,
            at_hand.bytes_from(blobs),
            document.page - 1,
            file=file.name,
            template=document.wanted_template,
            hint=at_hand.opened.hint,
        )
    except TemplateUnknown as error:
        return _fail(db, lease, Failure(error.code, str(error)), worker=worker)
    view = blobs.put(page.view_jpeg) if page.view_jpeg else None
    run = MachineRun(
        job=lease.job,
        worker=worker,
        record=page.record,
        view_sha256=view,
        view_px_per_mm=page.view_px_per_mm,
        seconds=page.seconds,
    )
    done = _finish(db, lease, page, run, file=file, rules=rules)
    if done and (page.side is not None or document.template is not None):
        settle_all(db)
    return done


def begin(uow: UnitOfWork, lease: Lease) -> None:
    """Show that a page is in hand, in the unit that took its job.

    Left for later where somebody is just changing the document.
    """
    document = documents.lock_if_free(uow, lease.document)
    if document is not None:
        _show_in_hand(uow, document)


def _begin_now(db: Database, lease: Lease) -> bool:
    with db.writing(relaxed=True) as uow:
        document = documents.lock(uow, lease.document)
        if not jobs.holds(uow, lease):
            return False
        _show_in_hand(uow, document)
    return True


def _show_in_hand(uow: UnitOfWork, document: Document) -> None:
    if document.state is DocumentState.QUEUED:
        documents.update(uow, document, state=move(document.state, DocumentState.PROCESSING))


def _finish(
    db: Database,
    lease: Lease,
    page: ReadPage,
    run: MachineRun,
    *,
    file: StoredFile,
    rules: Rules | None,
) -> bool:
    with db.writing() as uow:
        document = documents.lock(uow, lease.document)
        if document.state is not DocumentState.PROCESSING or not jobs.finish(uow, lease):
            return False
        record = put_away(uow, document, file, page)
        if record.registration is not None and page.view_jpeg:
            record = compared(uow, document.id, record, look_of(page.view_jpeg))
        record = with_side(uow, document, record, page.side)
        read, answers, is_answered = record.fields, _NO_ANSWERS, False
        if rules is not None:
            rules = rules.at_once()
            record = keep_floors(uow, record, rules.library())
            read, answers = record.fields, decided(uow, record, rules)
            is_answered = corrections.any_of(uow, document.id, template=record.template)
            settled = with_settled(record, answers)
            record = judged(uow, document, settled, rules, is_answered=is_answered)
        move(document.state, record.state)
        # What was read stays in the log; what a list decided is a further answer of the machine.
        records.store(uow, document, replace(run, record=replace(record, fields=read)))
        records.add_answers(uow, document, record, answers, run)
        arrange(uow, document, file, page)
        if rules is not None:
            if is_answered:
                keep_corrections(uow, document.id, rules, worker=run.worker)
            open_chips(uow, document.id, library=rules.library())
        detail = {
            "job": lease.job,
            "attempt": lease.attempt,
            "state": record.state.value,
            "template": record.template,
        }
        uow.log(AuditEntry(run.worker, "document.read", "document", document.id, detail))
    return True


def _fail(db: Database, lease: Lease, failure: Failure, *, worker: str) -> bool:
    with db.writing() as uow:
        document = documents.lock(uow, lease.document)
        if not jobs.finish(uow, lease):
            return False
        fail_document(uow, document, failure, actor=worker)
    return True


__all__ = ["begin", "read_document"]
