"""The list of batches, one batch, and the upload."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Query, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from ocr_service.db.accounts.accounts import User
from ocr_service.db.ids import BatchId
from ocr_service.db.intake import batches
from ocr_service.db.records.documents import DocumentFilter
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.service import querying
from ocr_service.service.intake import intake
from ocr_service.service.intake.intake import StoredUpload
from ocr_service.service.intake.receipt import batch_receipt
from ocr_service.web.deps import CorrelationDep, ReadUnit, ServicesDep, WriteUnit
from ocr_service.web.pages.advice import reasons
from ocr_service.web.pages.lists import batch_line, document_line, troubles
from ocr_service.web.pages.rendering import PageRoute, language_of, render
from ocr_service.web.security import AnyUser, ClerkUser, IntakeUser

router = APIRouter(include_in_schema=False, route_class=PageRoute)

_BATCHES_SHOWN = 30
_DOCUMENTS_SHOWN = 100
_TROUBLE_SHOWN = 50

Cursor = Annotated[int, Query(ge=0)]


@router.get("/")
def list_batches(
    request: Request,
    user: AnyUser,
    uow: ReadUnit,
    before: Annotated[int | None, Query(ge=1)] = None,
) -> HTMLResponse:
    """The upload and the newest batches."""
    found = querying.list_batches(uow, before=before, limit=_BATCHES_SHOWN + 1)
    language = language_of(request)
    shown = [batch_line(status, language) for status in found[:_BATCHES_SHOWN]]
    older = shown[-1].id if len(found) > _BATCHES_SHOWN else None
    return render(
        request,
        "batches.html",
        user=user,
        batches=shown,
        older=older,
        reasons=reasons(language),
    )


def _stored(
    _user: IntakeUser, services: ServicesDep, file: Annotated[list[UploadFile], File()]
) -> list[StoredUpload]:
    limit = services.settings.max_upload_bytes
    return [
        intake.store_upload(services.blobs, one.file, name=one.filename, max_bytes=limit)
        for one in file
    ]


@router.post("/batches")
def receive_batch(
    user: IntakeUser,
    services: ServicesDep,
    correlation: CorrelationDep,
    uploads: Annotated[list[StoredUpload], Depends(_stored)],
    uow: WriteUnit,
    name: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """A batch with its files in one form; the way of browsers that run no scripts."""
    batch = intake.create_batch(uow, name=name.strip(), template=None, actor=user.name)
    for upload in uploads:
        intake.register_file(
            uow, services.bell, upload, batch=batch, actor=user.name, correlation=correlation
        )
    return RedirectResponse(f"/batches/{batch}", HTTPStatus.SEE_OTHER)


@router.get("/batches/{batch}")
def show_batch(
    request: Request,
    batch: int,
    user: ClerkUser,
    uow: ReadUnit,
    state: DocumentState | None = None,
    cursor: Cursor = 0,
) -> HTMLResponse:
    """A batch with its documents."""
    return _batch_page("batch.html", request, user, uow, BatchId(batch), state, cursor)


@router.get("/batches/{batch}/progress")
def show_progress(
    request: Request,
    batch: int,
    user: ClerkUser,
    uow: ReadUnit,
    state: DocumentState | None = None,
    cursor: Cursor = 0,
) -> HTMLResponse:
    """The part of the batch page that changes while workers read."""
    return _batch_page("_batch_progress.html", request, user, uow, BatchId(batch), state, cursor)


def _batch_page(  # noqa: PLR0913, PLR0917 - what both routes are asked, handed on
    template: str,
    request: Request,
    user: User,
    uow: UnitOfWork,
    batch: BatchId,
    state: DocumentState | None,
    cursor: int,
) -> HTMLResponse:
    language = language_of(request)
    status = querying.batch_status(uow, batch)
    wanted = DocumentFilter(batch=batch, state=state)
    found = querying.list_documents(uow, wanted, cursor=cursor, limit=_DOCUMENTS_SHOWN)
    receipt = batch_receipt(uow, batch) if status.settled else None
    trouble = [] if receipt is None else troubles(receipt, language)
    query = f"?cursor={cursor}" + (f"&state={state}" if state else "")
    return render(
        request,
        template,
        user=user,
        batch=batch_line(status, language),
        documents=[document_line(document, language) for document in found.documents],
        state=state,
        receipt=receipt,
        trouble=trouble[:_TROUBLE_SHOWN],
        more_trouble=len(trouble[_TROUBLE_SHOWN:]),
        cursor=cursor,
        next_cursor=found.next_cursor,
        forms=sorted({key for key, _version in batches.templates(uow, batch)}),
        poll_url=f"/batches/{batch}/progress{query}",
    )


__all__ = ["router"]
