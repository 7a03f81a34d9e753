"""Who has a document before him, so that nobody else starts on it."""

from __future__ import annotations

from datetime import datetime, timedelta

from ocr_service.db.audit import AuditEntry
from ocr_service.db.ids import DocumentId
from ocr_service.db.records import documents
from ocr_service.db.records.documents import Document
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import HeldByOther
from ocr_service.domain.lifecycle import DocumentState


def holder_of(document: Document, *, besides: str, now: datetime) -> HeldByOther | None:
    """Who else has the document, as the error that would say so; None while nobody has."""
    by, until = document.claimed_by, document.claimed_until
    if by is None or until is None or until <= now or by == besides:
        return None
    return HeldByOther(by, until)


def refuse_others(uow: UnitOfWork, document: DocumentId, *, actor: str) -> None:
    """Let nobody but its holder change a document.

    Raises:
        NotFound: there is none.
        HeldByOther: somebody else has it.
    """
    held = holder_of(documents.get(uow, document), besides=actor, now=uow.now)
    if held is not None:
        raise held


def claim(
    uow: UnitOfWork,
    document: DocumentId,
    *,
    actor: str,
    keep_for: timedelta,
    take_over: bool = False,
) -> Document:
    """Take a document, or keep it for longer; only one that is under review is kept.

    Args:
        uow: open unit of work.
        document: which.
        actor: who.
        keep_for: how long nobody else gets it.
        take_over: take it from whoever has it; the audit log tells.

    Raises:
        NotFound: there is none.
        HeldByOther: somebody else has it, and it was not to be taken over.
    """
    seen = documents.lock(uow, document)
    if seen.state is not DocumentState.NEEDS_REVIEW:
        return seen
    held = holder_of(seen, besides=actor, now=uow.now)
    if held is not None:
        if not take_over:
            raise held
        detail = {"from": held.holder}
        uow.log(AuditEntry(actor, "document.taken_over", "document", document, detail))
    documents.set_claim(uow, document, by=actor, until=uow.now + keep_for)
    return documents.get(uow, document)


def release(uow: UnitOfWork, document: DocumentId, *, actor: str) -> None:
    """Let a document go, if one has it.

    Raises:
        NotFound: there is none.
    """
    seen = documents.lock(uow, document)
    if seen.claimed_by == actor:
        documents.set_claim(uow, document, by=None, until=None)


__all__ = ["claim", "holder_of", "refuse_others", "release"]
