"""What people decide about whole documents, and which one they get next."""

# ruff: noqa: FAST003 - `document` is a parameter of the dependency, behind an alias

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from http import HTTPStatus

from fastapi import APIRouter
from fastapi.responses import Response

from ocr_service.db.ids import BatchId, DocumentId
from ocr_service.db.records.documents import Document
from ocr_service.db.review.actions import Action, Effort, ReviewAction
from ocr_service.domain.errors import TemplateUnknown
from ocr_service.domain.rights import Right
from ocr_service.service.check.checking import recheck
from ocr_service.service.review import answering, claiming, keying, reviewing
from ocr_service.web.api.documents import ApprovalDep, DecisionDep, tag
from ocr_service.web.api.schemas import Approval, DocumentOut, Reason, ReviewWish, TemplateChoice
from ocr_service.web.deps import ServicesDep, WriteUnit
from ocr_service.web.security import ReviewerUser

router = APIRouter(tags=["review"])


def _answer(response: Response, document: Document) -> DocumentOut:
    tag(response, document)
    return DocumentOut.of(document)


@router.post("/documents/{document}/approve")
def approve(
    decision: ApprovalDep, response: Response, uow: WriteUnit, why: Approval | None = None
) -> DocumentOut:
    """Confirm a record as a whole; an issue that blocks it is overridden by giving a reason."""
    claiming.refuse_others(uow, decision.document, actor=decision.actor)
    done = reviewing.approve(uow, decision, reason=None if why is None else why.reason)
    if why is not None and why.effort is not None:
        effort = Effort(why.effort.ms, why.effort.keystrokes)
        step = ReviewAction(done.id, None, Action.APPROVE, effort, False, decision.actor)
        answering.measure(uow, step)
    return _answer(response, done)


@router.post("/documents/{document}/reopen")
def reopen(
    decision: ApprovalDep, response: Response, services: ServicesDep, uow: WriteUnit
) -> DocumentOut:
    """Take an approved or exported document back; the rules judge it by what is known now."""
    done = reviewing.reopen(uow, decision)
    with suppress(TemplateUnknown):
        recheck(uow, done, library=services.shelf.library(), check=services.check)
    return _answer(response, done)


@router.post("/documents/{document}/discard")
def discard(
    decision: ApprovalDep, response: Response, uow: WriteUnit, why: Reason | None = None
) -> DocumentOut:
    """Put a document away for good."""
    done = reviewing.discard(uow, decision, reason=None if why is None else why.reason)
    return _answer(response, done)


@router.post("/documents/{document}/retry")
def retry(
    decision: DecisionDep, response: Response, services: ServicesDep, uow: WriteUnit
) -> DocumentOut:
    """Read a document again."""
    done = reviewing.retry(uow, services.bell, decision)
    return _answer(response, done)


@router.post("/documents/{document}/template")
def choose_template(
    decision: DecisionDep,
    choice: TemplateChoice,
    response: Response,
    services: ServicesDep,
    uow: WriteUnit,
) -> DocumentOut:
    """Say which form a page is; it is read again as that."""
    done = reviewing.choose_template(
        uow,
        services.bell,
        decision,
        template=choice.template,
        library=services.shelf.library(),
    )
    return _answer(response, done)


@router.post("/documents/{document}/key")
def key_by_hand(
    decision: DecisionDep,
    choice: TemplateChoice,
    response: Response,
    services: ServicesDep,
    uow: WriteUnit,
) -> DocumentOut:
    """Open a failed or unmatched document so that a person answers every field."""
    done = keying.key_by_hand(
        uow,
        decision,
        template=choice.template,
        library=services.shelf.library(),
    )
    return _answer(response, done)


@router.post(
    "/review/next",
    response_model=DocumentOut,
    responses={204: {"description": "Nothing waits for eyes"}},
)
def next_to_review(
    wish: ReviewWish, response: Response, user: ReviewerUser, services: ServicesDep, uow: WriteUnit
) -> DocumentOut | Response:
    """A document that nobody else holds, kept for the caller for a while."""
    found = reviewing.next_to_review(
        uow,
        reviewer=user.name,
        batch=None if wish.batch is None else BatchId(wish.batch),
        keep_for=timedelta(seconds=services.settings.review_seconds),
        after=None if wish.after is None else DocumentId(wish.after),
        besides=[DocumentId(document) for document in wish.besides],
        approving=user.may(Right.APPROVE),
    )
    if found is None:
        return Response(status_code=HTTPStatus.NO_CONTENT)
    return _answer(response, found)


__all__ = ["router"]
