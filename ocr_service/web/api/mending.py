"""What can be done about pages that no record was made of."""

# ruff: noqa: FAST003 - `document` is a parameter of the dependency, behind an alias

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter
from fastapi.responses import Response

from ocr_service.db.ids import DocumentId
from ocr_service.domain.placement import PageHint
from ocr_service.service.processing import placing
from ocr_service.service.review import rescanning
from ocr_service.service.review.reviewing import Decision
from ocr_service.web.api.documents import DecisionDep, tag
from ocr_service.web.api.schemas import DocumentOut, Placement, Reason
from ocr_service.web.deps import ServicesDep, WriteUnit
from ocr_service.web.security import IntakeUser, ReviewerUser

router = APIRouter(prefix="/documents", tags=["review"])


@router.post("/{document}/place")
def place(
    decision: DecisionDep,
    how: Placement,
    response: Response,
    services: ServicesDep,
    uow: WriteUnit,
) -> DocumentOut:
    """Say how a scan lies; it is read again that way."""
    corners = None
    if how.corners is not None:
        first, second, third, fourth = how.corners
        corners = (first, second, third, fourth)
    done = placing.read_as_placed(
        uow,
        services.bell,
        decision,
        PageHint(how.turns, corners),
        template=how.template,
        library=services.shelf.library(),
    )
    tag(response, done)
    return DocumentOut.of(done)


@router.post("/{document}/rescan", status_code=HTTPStatus.NO_CONTENT)
def rescan(document: int, why: Reason, user: ReviewerUser, uow: WriteUnit) -> None:
    """Ask for the sheet to be scanned again."""
    rescanning.ask_for_rescan(uow, DocumentId(document), reason=why.reason, actor=user.name)


@router.post("/{document}/rescanned")
def rescanned(document: int, response: Response, user: IntakeUser, uow: WriteUnit) -> DocumentOut:
    """The sheet was scanned again: the page that it replaces is put away."""
    done = rescanning.scanned_again(uow, Decision(DocumentId(document), user.name))
    tag(response, done)
    return DocumentOut.of(done)


__all__ = ["router"]
