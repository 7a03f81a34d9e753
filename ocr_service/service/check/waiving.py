"""Waives an issue with a reason, and takes that back."""

from __future__ import annotations

from dataclasses import dataclass

from ocr_service.db.audit import AuditEntry
from ocr_service.db.records import documents, records, waivers
from ocr_service.db.records.documents import Document
from ocr_service.db.records.waivers import StoredWaiver
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import (
    Conflict,
    IllegalTransition,
    InvalidRequest,
    NotFound,
    StaleVersion,
)
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.record import Issue
from ocr_service.service.review.reviewing import Decision

_OPEN = frozenset({DocumentState.NEEDS_REVIEW, DocumentState.APPROVED})


@dataclass(frozen=True, slots=True)
class Wish:
    """Which issue need not be settled.

    Attributes:
        rule: its rule.
        fields: the record keys it concerns, as the issue has them.
        reason: why; never what is written on the form.
    """

    rule: str
    fields: tuple[str, ...]
    reason: str


def waive(uow: UnitOfWork, decision: Decision, wish: Wish) -> tuple[Document, StoredWaiver]:
    """Waive an issue until one of the values it concerns changes.

    Returns:
        The document with its new version, and the waiver.

    Raises:
        NotFound: no such document, or it has no such issue.
        StaleVersion: it changed since it was looked at.
        IllegalTransition: it is neither under review nor approved.
        InvalidRequest: no reason is given.
        Conflict: the issue is waived already.
    """
    seen = _open(uow, decision)
    if not wish.reason.strip():
        raise InvalidRequest("say why the issue need not be settled")
    issue = _issue(uow, seen, wish)
    if issue.waiver is not None:
        raise Conflict(f"{issue.rule} is waived already")
    number = waivers.insert(uow, seen, issue, reason=wish.reason.strip(), actor=decision.actor)
    changed = _changed(uow, seen, "issue.waived", decision.actor, issue.rule, wish.reason.strip())
    stored = next(s for s in waivers.of_many(uow, [seen.id]) if s.waiver.id == number)
    return changed, stored


def withdraw_waiver(uow: UnitOfWork, decision: Decision, waiver: int) -> Document:
    """Take a waiver back; the issue counts again.

    Raises:
        NotFound: no such document or waiver.
        StaleVersion: it changed since it was looked at.
        IllegalTransition: it is neither under review nor approved.
    """
    seen = _open(uow, decision)
    taken = waivers.withdraw(uow, seen.id, waiver, actor=decision.actor)
    return _changed(uow, seen, "issue.waiver_withdrawn", decision.actor, taken.rule, None)


def _open(uow: UnitOfWork, decision: Decision) -> Document:
    seen = documents.lock(uow, decision.document)
    if decision.expected_version not in {None, seen.version}:
        raise StaleVersion(f"document {seen.id} was changed by somebody else; load it again")
    if seen.state not in _OPEN:
        raise IllegalTransition(f"nothing can be waived on a document that is {seen.state}")
    return seen


def _issue(uow: UnitOfWork, seen: Document, wish: Wish) -> Issue:
    for issue in records.load(uow, seen).issues:
        if issue.rule == wish.rule and set(issue.fields) == set(wish.fields):
            return issue
    raise NotFound(f"document {seen.id} has no such issue; load it again")


def _changed(
    uow: UnitOfWork, seen: Document, action: str, actor: str, rule: str, reason: str | None
) -> Document:
    documents.update(uow, seen)
    uow.log(AuditEntry(actor, action, "document", seen.id, {"rule": rule, "reason": reason}))
    return documents.get(uow, seen.id)


__all__ = ["Wish", "waive", "withdraw_waiver"]
