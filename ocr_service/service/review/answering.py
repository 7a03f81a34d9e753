"""A reviewer's step on a field: the answer, what it took, and what is no longer needed after it."""

from __future__ import annotations

from dataclasses import dataclass

from ocr_service.db.audit import AuditEntry
from ocr_service.db.ids import DocumentId
from ocr_service.db.records import documents, readings
from ocr_service.db.records.documents import Document
from ocr_service.db.review import actions as review_actions
from ocr_service.db.review import drafts, postponements
from ocr_service.db.review.actions import Action, Effort, ReviewAction
from ocr_service.db.review.drafts import Draft
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import IllegalTransition, InvalidRequest, NotFound
from ocr_service.domain.field import Value
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.record import Record
from ocr_service.forms.library import TemplateLibrary
from ocr_service.service.double_entry.blind import refuse_keyed
from ocr_service.service.review.claiming import refuse_others
from ocr_service.service.review.editing import Edit, IssueCheck, answer_field
from ocr_service.service.review.typing_values import MAX_TEXT

_MAX_DRAFT = 2 * MAX_TEXT
_MAX_MS = 30 * 60 * 1000
"""A step that took longer was a lunch break, and tells nothing of the field."""
_MAX_KEYS = 5000


@dataclass(frozen=True, slots=True)
class Tools:
    """What judging an answer needs.

    Attributes:
        library: the templates.
        check: finds issues; None keeps those that are there.
    """

    library: TemplateLibrary
    check: IssueCheck | None


def answer(
    uow: UnitOfWork, edit: Edit, effort: Effort | None, *, tools: Tools
) -> tuple[Document, Record]:
    """Take the answer to a field that nobody else has before him.

    Args:
        uow: open unit of work.
        edit: what is answered.
        effort: what it took; None where nobody measured.
        tools: templates and rules.

    Returns:
        As ``answer_field``.

    Raises:
        HeldByOther: somebody else reviews the document.
        Conflict: several people still key the field blind.
        OcrServiceError: as ``answer_field``.
    """
    refuse_others(uow, edit.document, actor=edit.actor)
    refuse_keyed(uow, edit.document, edit.key)
    before = _value(uow, edit.document, edit.key)
    changed, record = answer_field(uow, edit, library=tools.library, check=tools.check)
    drafts.drop(uow, edit.document, actor=edit.actor, key=edit.key)
    postponements.drop(uow, edit.document, edit.key)
    corrected = record.field(edit.key).value != before
    if effort is not None:
        action = Action.CHANGE if corrected else Action.CONFIRM
        action = Action.ILLEGIBLE if edit.illegible else action
        step = ReviewAction(edit.document, edit.key, action, effort, corrected, edit.actor)
        measure(uow, step)
    return changed, record


def measure(uow: UnitOfWork, step: ReviewAction) -> None:
    """Remember what a step took, within reason."""
    ms = min(max(step.effort.ms, 0), _MAX_MS)
    keys = min(max(step.effort.keystrokes, 0), _MAX_KEYS)
    effort = Effort(ms, keys)
    review_actions.add(
        uow,
        ReviewAction(step.document, step.key, step.action, effort, step.corrected, step.actor),
    )


def keep_draft(uow: UnitOfWork, document: DocumentId, draft: Draft, *, actor: str) -> None:
    """Keep what somebody has typed so far.

    Raises:
        NotFound: no such document or field.
        IllegalTransition: the document is not under review.
        InvalidRequest: it is longer than anything worth keeping.
    """
    seen = documents.get(uow, document)
    if seen.state is not DocumentState.NEEDS_REVIEW:
        raise IllegalTransition(f"a document that is {seen.state} cannot be edited; reopen it")
    if isinstance(draft.value, str) and len(draft.value) > _MAX_DRAFT:
        raise InvalidRequest(f"{draft.key} takes at most {MAX_TEXT} characters")
    _value(uow, document, draft.key)
    drafts.put(uow, document, actor, draft)


def postpone(uow: UnitOfWork, document: DocumentId, *, key: str | None, actor: str) -> None:
    """Put a field off, or the whole document, which then comes behind all others.

    Raises:
        NotFound: no such document or field.
        IllegalTransition: the document is not under review.
        HeldByOther: somebody else reviews it.
    """
    refuse_others(uow, document, actor=actor)
    seen = documents.get(uow, document)
    if seen.state is not DocumentState.NEEDS_REVIEW:
        raise IllegalTransition(f"a document that is {seen.state} cannot be put off")
    if key is not None:
        _value(uow, document, key)
    postponements.add(uow, document, key=key or postponements.WHOLE, actor=actor)
    detail = {"key": key}
    uow.log(AuditEntry(actor, "document.postponed", "document", document, detail))


def finish_checking(uow: UnitOfWork, document: DocumentId, *, actor: str) -> None:
    """Hand a checked document to those who may approve, and let it go.

    Raises:
        NotFound: no such document.
        IllegalTransition: it is not under review.
        HeldByOther: somebody else reviews it.
    """
    refuse_others(uow, document, actor=actor)
    seen = documents.get(uow, document)
    if seen.state is not DocumentState.NEEDS_REVIEW:
        raise IllegalTransition(f"a document that is {seen.state} is not under review")
    postponements.add(uow, document, key=postponements.READY, actor=actor)
    documents.set_claim(uow, document, by=None, until=None)
    uow.log(AuditEntry(actor, "document.checked", "document", document, {}))


def _value(uow: UnitOfWork, document: DocumentId, key: str) -> Value:
    seen = documents.get(uow, document)
    found = readings.current_of_key(uow, seen, key)
    if found is None:
        raise NotFound(f"document {document} has no field {key}")
    return found.value


__all__ = ["Tools", "answer", "finish_checking", "keep_draft", "measure", "postpone"]
