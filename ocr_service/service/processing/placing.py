"""Reads a page again the way a person says that it lies."""

from __future__ import annotations

from ocr_service.db.audit import AuditEntry
from ocr_service.db.records import documents, page_hints
from ocr_service.db.records.documents import Document
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import StaleVersion
from ocr_service.domain.placement import PageHint
from ocr_service.forms.library import TemplateLibrary
from ocr_service.queue.bell import Bell
from ocr_service.service.review.reviewing import Decision, requeue


def read_as_placed(
    uow: UnitOfWork,
    bell: Bell,
    decision: Decision,
    hint: PageHint,
    *,
    template: str | None,
    library: TemplateLibrary,
) -> Document:
    """Keep how the scan lies and queue it once more; later readings keep to it as well.

    Args:
        uow: open unit of work.
        bell: wakes a worker.
        decision: which document, who, which version.
        hint: how it lies.
        template: ``KEY[@VERSION]`` it is read against; None = find it.
        library: the templates.

    Raises:
        NotFound: no such document.
        TemplateUnknown: no such template.
        StaleVersion: it changed since it was looked at.
        IllegalTransition: it is not failed, unmatched or under review.
    """
    if template is not None:
        library.get(template)
    seen = documents.lock(uow, decision.document)
    if decision.expected_version not in {None, seen.version}:
        raise StaleVersion(f"document {seen.id} was changed by somebody else; load it again")
    queued = requeue(uow, bell, seen, actor=decision.actor, template=template)
    page_hints.put(uow, seen.id, hint, actor=decision.actor)
    detail = {"turns": hint.turns, "corners": hint.corners is not None}
    uow.log(AuditEntry(decision.actor, "document.placed", "document", seen.id, detail))
    return queued


__all__ = ["read_as_placed"]
