"""Takes back the last answer to a field, or an approval that has not left the house."""

from __future__ import annotations

from ocr_service.db.audit import AuditEntry
from ocr_service.db.records import documents, readings, records
from ocr_service.db.records.documents import Document
from ocr_service.db.review import postponements
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import Conflict, IllegalTransition, NotFound
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.record import Record
from ocr_service.service.double_entry.blind import refuse_keyed
from ocr_service.service.review.answering import Tools
from ocr_service.service.review.claiming import refuse_others
from ocr_service.service.review.editing import StaleEdit, recheck, template_of
from ocr_service.service.review.reviewing import Decision, reopen


def undo_answer(
    uow: UnitOfWork, decision: Decision, key: str, *, tools: Tools
) -> tuple[Document, Record]:
    """Withdraw the last answer; the one before it is in force again, a person's or the machine's.

    Args:
        uow: open unit of work.
        decision: which document, who, and which version was looked at.
        key: the field.
        tools: templates and rules.

    Raises:
        NotFound: no such document or field.
        HeldByOther: somebody else reviews the document.
        StaleEdit: the document changed since it was looked at.
        IllegalTransition: it is not under review.
        Conflict: no person has answered the field, or several still key it blind.
    """
    refuse_others(uow, decision.document, actor=decision.actor)
    refuse_keyed(uow, decision.document, key)
    seen = documents.lock(uow, decision.document)
    if seen.state is not DocumentState.NEEDS_REVIEW:
        raise IllegalTransition(f"a document that is {seen.state} cannot be edited; reopen it")
    if decision.expected_version not in {None, seen.version}:
        raise StaleEdit(seen, records.load(uow, seen))
    template = template_of(tools.library, seen)
    if key not in template.record_keys:
        raise NotFound(f"document {seen.id} has no field {key}")
    last = readings.last_answer(uow, seen, key)
    if last is None:
        raise Conflict("nobody has answered this field, so there is nothing to take back")
    readings.withdraw(uow, last, actor=decision.actor)
    postponements.drop(uow, seen.id, key, postponements.READY)
    uow.log(AuditEntry(decision.actor, "field.undone", "document", seen.id, {"key": key}))
    return recheck(uow, seen, template, tools.check)


def undo_approval(uow: UnitOfWork, decision: Decision) -> Document:
    """Take back an approval; once exported, a document is reopened with a reason instead.

    Raises:
        NotFound: no such document.
        StaleVersion: it changed since it was looked at.
        IllegalTransition: it is not approved.
    """
    seen = documents.lock(uow, decision.document)
    if seen.state is not DocumentState.APPROVED:
        raise IllegalTransition(f"a document that is {seen.state} has no approval to take back")
    return reopen(uow, decision)


__all__ = ["undo_answer", "undo_approval"]
