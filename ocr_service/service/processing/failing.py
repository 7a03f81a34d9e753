"""Marks a document as failed, with a reason that an operator understands."""

from __future__ import annotations

from ocr_service.db.audit import AuditEntry
from ocr_service.db.records import documents
from ocr_service.db.records.documents import Document
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.lifecycle import DocumentState, move
from ocr_service.domain.record import Failure
from ocr_service.service.intake.pairing import unsettle

CRASHED = Failure(
    "page.crashed",
    "Reading this page stopped the reader every time it was tried. Scan it again, or key it.",
)

TIMED_OUT = Failure(
    "page.timeout",
    "The reader did not come to an end with this page, however often it was tried. Scan it again, "
    "or key it.",
)


def fail_document(
    uow: UnitOfWork, seen: Document, failure: Failure, *, actor: str, error: str | None = None
) -> None:
    """Move a locked document to ``failed``; one that has gone elsewhere is left alone."""
    if seen.state not in {DocumentState.QUEUED, DocumentState.PROCESSING}:
        return
    documents.update(
        uow,
        seen,
        state=move(seen.state, DocumentState.FAILED),
        failure_code=failure.code,
        failure_message=failure.message,
        failure_nearest=None,
    )
    unsettle(uow, seen.id)
    detail = {"code": failure.code, "error": error}
    uow.log(AuditEntry(actor, "document.failed", "document", seen.id, detail))


__all__ = ["CRASHED", "TIMED_OUT", "fail_document"]
