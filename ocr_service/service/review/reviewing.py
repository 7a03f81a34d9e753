"""What a person decides about a whole document."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from ocr_service.db.audit import AuditEntry, DetailValue
from ocr_service.db.double_entry import chips
from ocr_service.db.export import exports
from ocr_service.db.ids import BatchId, DocumentId
from ocr_service.db.intake import files
from ocr_service.db.jobs import jobs
from ocr_service.db.jobs.jobs import JobKind
from ocr_service.db.records import documents, records, waivers
from ocr_service.db.records.documents import Document
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import Conflict, IllegalTransition, StaleVersion
from ocr_service.domain.lifecycle import DocumentState, move
from ocr_service.forms.library import TemplateLibrary
from ocr_service.queue.bell import Bell
from ocr_service.service.intake.intake import ARCHIVE
from ocr_service.service.intake.pairing import unsettle


@dataclass(frozen=True, slots=True)
class Decision:
    """Somebody's will about one document.

    Attributes:
        document: which.
        actor: user name.
        expected_version: the version the person looked at; None = whatever it is.
    """

    document: DocumentId
    actor: str
    expected_version: int | None = None


def next_to_review(  # noqa: PLR0913 - what a reviewer may wish
    uow: UnitOfWork,
    *,
    reviewer: str,
    batch: BatchId | None,
    keep_for: timedelta,
    after: DocumentId | None = None,
    besides: Collection[DocumentId] = (),
    approving: bool = True,
) -> Document | None:
    """Give the reviewer a document nobody else holds and keep it for him a while.

    Args:
        uow: open unit of work.
        reviewer: user name.
        batch: only of this batch.
        keep_for: how long nobody else gets it.
        after: start behind this document; from the front again when nothing follows.
        besides: none of these.
        approving: whether the reviewer may approve; others get nothing that is checked already.
    """
    found = documents.next_to_review(
        uow,
        reviewer=reviewer,
        batch=batch,
        after=after or 0,
        besides=besides,
        approving=approving,
    )
    if found is None:
        return None
    documents.set_claim(uow, found.id, by=reviewer, until=uow.now + keep_for)
    return documents.get(uow, found.id)


def approve(uow: UnitOfWork, decision: Decision, *, reason: str | None = None) -> Document:
    """Confirm a record as a whole.

    Args:
        uow: open unit of work.
        decision: which document and who.
        reason: why it is right although an issue blocks it; goes into the audit log.

    Raises:
        NotFound: no such document.
        StaleVersion: it changed since it was looked at.
        IllegalTransition: it is not under review.
        Conflict: an issue blocks it and no reason was given, or a field is still being keyed.
    """
    seen = _seen(uow, decision)
    state = move(seen.state, DocumentState.APPROVED)
    still_keyed = chips.open_keys(uow, seen)
    if still_keyed:
        raise Conflict(f"several people are to key these fields first: {', '.join(still_keyed)}")
    blocking = [issue for issue in records.load(uow, seen).issues if issue.blocks]
    rules = ", ".join(sorted({issue.rule for issue in blocking}))
    if rules and not reason:
        raise Conflict(f"settle these first, or give a reason: {rules}")
    for issue in blocking if reason else ():
        waivers.insert(uow, seen, issue, reason=reason or "", actor=decision.actor)
    overridden = {"overrides": rules, "reason": reason} if rules else {}
    return _go(uow, seen, state, "document.approved", decision.actor, **overridden)


def reopen(uow: UnitOfWork, decision: Decision) -> Document:
    """Take an approved or exported document back; its next export is an amendment.

    Raises:
        NotFound: no such document.
        StaleVersion: it changed since it was looked at.
        IllegalTransition: it is neither approved nor exported.
    """
    seen = _seen(uow, decision)
    if seen.state not in {DocumentState.APPROVED, DocumentState.EXPORTED}:
        raise IllegalTransition(f"a document that is {seen.state} cannot be reopened")
    state = move(seen.state, DocumentState.NEEDS_REVIEW)
    exports.withdraw(uow, seen.id)
    return _go(uow, seen, state, "document.reopened", decision.actor)


def discard(uow: UnitOfWork, decision: Decision, *, reason: str | None = None) -> Document:
    """Put a document away for good; once all pages of a file are, it may be sent again.

    Args:
        uow: open unit of work.
        decision: which document and who.
        reason: why; goes into the audit log.

    Raises:
        NotFound: no such document.
        StaleVersion: it changed since it was looked at.
        IllegalTransition: it was exported.
    """
    seen = _seen(uow, decision)
    state = move(seen.state, DocumentState.DISCARDED)
    unsettle(uow, seen.id)
    jobs.cancel_of(uow, seen.id)
    why = {} if reason is None else {"reason": reason}
    done = _go(uow, seen, state, "document.discarded", decision.actor, **why)
    pages = documents.of_file(uow, seen.file)
    if all(page.state is DocumentState.DISCARDED for page in pages):
        files.set_dead(uow, seen.file)
    return done


def retry(uow: UnitOfWork, bell: Bell, decision: Decision) -> Document:
    """Read a document again; what people said of it stays in force.

    Raises:
        NotFound: no such document.
        StaleVersion: it changed since it was looked at.
        IllegalTransition: it is not failed, unmatched or under review.
    """
    seen = _seen(uow, decision)
    return requeue(uow, bell, seen, actor=decision.actor, template=seen.wanted_template)


def choose_template(
    uow: UnitOfWork,
    bell: Bell,
    decision: Decision,
    *,
    template: str,
    library: TemplateLibrary,
) -> Document:
    """Say which form a page is, and read it again as that.

    Raises:
        NotFound: no such document.
        TemplateUnknown: no such template.
        StaleVersion: it changed since it was looked at.
        IllegalTransition: it is not failed, unmatched or under review.
    """
    library.get(template)
    seen = _seen(uow, decision)
    return requeue(uow, bell, seen, actor=decision.actor, template=template)


def requeue(
    uow: UnitOfWork, bell: Bell, seen: Document, *, actor: str, template: str | None
) -> Document:
    """Queue a locked document once more.

    Args:
        uow: open unit of work.
        bell: wakes a worker.
        seen: the document, locked by this unit.
        actor: user name.
        template: ``KEY[@VERSION]`` it is read against; None = find it.

    Raises:
        IllegalTransition: it is not failed, unmatched or under review.
    """
    state = move(seen.state, DocumentState.QUEUED)
    file = files.get(uow, seen.file)
    unsplit = JobKind.UNPACK if file.media_type == ARCHIVE else JobKind.SPLIT
    kind = unsplit if file.pages is None else JobKind.READ
    job = jobs.insert(uow, kind, file=seen.file, document=seen.id)
    uow.after_commit(partial(bell.ring, job))
    documents.update(
        uow,
        seen,
        state=state,
        wanted_template=template,
        failure_code=None,
        failure_message=None,
        failure_nearest=None,
        claimed_by=None,
        claimed_until=None,
    )
    detail = {"from": seen.state.value, "template": template}
    uow.log(AuditEntry(actor, "document.requeued", "document", seen.id, detail))
    return documents.get(uow, seen.id)


def _seen(uow: UnitOfWork, decision: Decision) -> Document:
    found = documents.lock(uow, decision.document)
    if decision.expected_version not in {None, found.version}:
        raise StaleVersion(f"document {found.id} was changed by somebody else; load it again")
    return found


def _go(
    uow: UnitOfWork,
    seen: Document,
    state: DocumentState,
    action: str,
    actor: str,
    **detail: DetailValue,
) -> Document:
    documents.update(uow, seen, state=state, claimed_by=None, claimed_until=None)
    uow.log(AuditEntry(actor, action, "document", seen.id, {"from": seen.state.value, **detail}))
    return documents.get(uow, seen.id)


__all__ = [
    "Decision",
    "approve",
    "choose_template",
    "discard",
    "next_to_review",
    "reopen",
    "requeue",
    "retry",
]
