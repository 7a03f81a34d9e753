"""The review page: one document after the other, by keyboard."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from ocr_service.bootstrap import Services
from ocr_service.db.accounts.accounts import User
from ocr_service.db.ids import BatchId, DocumentId
from ocr_service.db.intake import batches
from ocr_service.db.records.documents import Document
from ocr_service.db.review import drafts, postponements
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import HeldByOther
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.rights import Right
from ocr_service.service import querying
from ocr_service.service.double_entry.blind import keys_kept_blind, without
from ocr_service.service.review import claiming, reviewing
from ocr_service.service.review.editing import JAPAN
from ocr_service.web.deps import ServicesDep, WriteUnit
from ocr_service.web.pages.desk import Desk, Marks, make_desk
from ocr_service.web.pages.documents import picture_address
from ocr_service.web.pages.language import Language
from ocr_service.web.pages.lists import document_line, local_time
from ocr_service.web.pages.rendering import PageRoute, language_of, render
from ocr_service.web.pages.shown import labels_of
from ocr_service.web.pages.words.review import SCRIPT_WORDS
from ocr_service.web.security import ReviewerUser

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@router.get("/review")
def start_review(
    request: Request,
    user: ReviewerUser,
    services: ServicesDep,
    uow: WriteUnit,
    batch: Annotated[int | None, Query(ge=1)] = None,
) -> Response:
    """The next document that waits, or a page that says none does."""
    found = reviewing.next_to_review(
        uow,
        reviewer=user.name,
        batch=None if batch is None else BatchId(batch),
        keep_for=timedelta(seconds=services.settings.review_seconds),
        approving=user.may(Right.APPROVE),
    )
    if found is None:
        return render(request, "review_done.html", user=user, batch=batch)
    narrowed = "" if batch is None else f"?batch={batch}"
    return RedirectResponse(f"/review/{found.id}{narrowed}", HTTPStatus.SEE_OTHER)


@router.get("/review/{document}")
def review(  # noqa: PLR0913 - what FastAPI hands in
    request: Request,
    document: int,
    user: ReviewerUser,
    services: ServicesDep,
    uow: WriteUnit,
    *,
    batch: Annotated[int | None, Query(ge=1)] = None,
    part: bool = False,
) -> HTMLResponse:
    """A document to review; ``part`` gives what the page before changes for the next one."""
    held: HeldByOther | None = None
    keep_for = timedelta(seconds=services.settings.review_seconds)
    try:
        found = claiming.claim(uow, DocumentId(document), actor=user.name, keep_for=keep_for)
    except HeldByOther as error:
        held = error
    found, desk, keyed = _desk(uow, DocumentId(document), services, user, language_of(request))
    return render(
        request,
        "_review_sheet.html" if part else "review.html",
        user=user,
        document=document_line(found, language_of(request)),
        version=found.version,
        open=found.state is DocumentState.NEEDS_REVIEW,
        desk=desk,
        keyed=keyed,
        batch=batch,
        batch_name=batches.get(uow, found.batch).name,
        picture=picture_address(found),
        approving=user.may(Right.APPROVE),
        laid=found.view_px_per_mm > 0,
        holder=held and {"name": held.holder, "until": local_time(held.until)},
        script_words=SCRIPT_WORDS,
    )


def _desk(
    uow: UnitOfWork, document: DocumentId, services: Services, user: User, language: Language
) -> tuple[Document, Desk | None, list[str]]:
    """The page's fields but those that several people still key blind, and the names of these."""
    found, record = querying.document_record(uow, document)
    if not record.fields or found.template is None:
        return found, None, []
    loaded = services.shelf.library().get(f"{found.template}@{found.template_version}")
    marks = Marks(
        drafts=drafts.of_document(uow, document, user.name),
        postponed=postponements.of_many(uow, [document]).get(document, frozenset()),
        today=uow.now.astimezone(JAPAN).date(),
    )
    keyed = keys_kept_blind(uow, found)
    desk = make_desk(without(record, keyed), loaded.template, marks, language)
    return found, desk, labels_of(loaded.template, keyed, language)


__all__ = ["router"]
