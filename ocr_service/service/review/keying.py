"""Lets people key a page that the machine could not read."""

from __future__ import annotations

from ocr_service.db.audit import AuditEntry
from ocr_service.db.records import documents, readings
from ocr_service.db.records.documents import Document
from ocr_service.db.records.readings import Origin
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import IllegalTransition, StaleVersion
from ocr_service.domain.field import FieldValue, Source, Status
from ocr_service.domain.lifecycle import DocumentState, move
from ocr_service.forms.library import TemplateLibrary
from ocr_service.forms.model import FormTemplate
from ocr_service.service.double_entry.double_entry import open_chips
from ocr_service.service.review.reviewing import Decision

_UNREAD = frozenset({DocumentState.FAILED, DocumentState.UNMATCHED})


def key_by_hand(
    uow: UnitOfWork, decision: Decision, *, template: str, library: TemplateLibrary
) -> Document:
    """Open an unread document for review with every field of ``template`` still to be answered.

    Raises:
        NotFound: no such document.
        TemplateUnknown: no such template.
        StaleVersion: it changed since it was looked at.
        IllegalTransition: it is neither failed nor unmatched.
    """
    form = library.get(template).template
    seen = documents.lock(uow, decision.document)
    if decision.expected_version not in {None, seen.version}:
        raise StaleVersion(f"document {seen.id} was changed by somebody else; load it again")
    if seen.state not in _UNREAD:
        raise IllegalTransition(f"a document that is {seen.state} is not keyed by hand")
    documents.update(
        uow,
        seen,
        state=move(seen.state, DocumentState.NEEDS_REVIEW),
        template=form.key,
        template_version=form.version,
        failure_code=None,
        failure_message=None,
        failure_nearest=None,
    )
    readings.append(uow, Origin(seen.id, form.key, form.version, decision.actor), _open(form))
    open_chips(uow, seen.id, library=library)
    detail = {"template": template}
    uow.log(AuditEntry(decision.actor, "document.keyed", "document", seen.id, detail))
    return documents.get(uow, seen.id)


def _open(form: FormTemplate) -> list[FieldValue]:
    return [
        FieldValue(
            key=key,
            value=None,
            raw="",
            probability=0.0,
            status=Status.REVIEW,
            alternatives=(),
            reader="none",
            source=Source.DEFAULT,
            flags=frozenset(),
            box=form.field_of(key).box,
        )
        for key in form.record_keys
    ]


__all__ = ["key_by_hand"]
