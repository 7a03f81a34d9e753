"""The list of sheets that the scanner operator is asked to scan again."""

from __future__ import annotations

from ocr_service.db.audit import AuditEntry
from ocr_service.db.ids import DocumentId
from ocr_service.db.records import documents
from ocr_service.db.records.documents import Document
from ocr_service.db.review import rescans
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import IllegalTransition
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.service.review.reviewing import Decision, discard

_USELESS = frozenset({DocumentState.NEEDS_REVIEW, DocumentState.UNMATCHED, DocumentState.FAILED})


def ask_for_rescan(uow: UnitOfWork, document: DocumentId, *, reason: str, actor: str) -> None:
    """Put a sheet on the list; its page waits where it is until the new scan is there.

    Raises:
        NotFound: no such document.
        IllegalTransition: a record was made of it, or it is being read.
    """
    seen = documents.lock(uow, document)
    if seen.state not in _USELESS:
        raise IllegalTransition(f"a document that is {seen.state} needs no other scan")
    rescans.add(uow, document, reason=reason, actor=actor)
    detail = {"reason": reason}
    uow.log(AuditEntry(actor, "document.rescan_asked", "document", document, detail))


def scanned_again(uow: UnitOfWork, decision: Decision) -> Document:
    """Take a sheet off the list: the new scan came in, and the page that it replaces is put away.

    Raises:
        NotFound: no such document, or it is not on the list.
    """
    rescans.finish(uow, decision.document)
    seen = documents.lock(uow, decision.document)
    if seen.state in _USELESS:
        return discard(uow, decision, reason="rescanned")
    return seen


__all__ = ["ask_for_rescan", "scanned_again"]
