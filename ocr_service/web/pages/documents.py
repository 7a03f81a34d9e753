"""One document: the scan with its fields marked, beside the values."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from ocr_service.db.ids import DocumentId
from ocr_service.db.records import documents
from ocr_service.db.records.documents import Document, DocumentFilter
from ocr_service.domain.errors import NotFound
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.record import Record
from ocr_service.service import querying
from ocr_service.service.double_entry.blind import keys_kept_blind, masked, without
from ocr_service.service.intake.pairing import fellows
from ocr_service.web.deps import ReadUnit, ServicesDep
from ocr_service.web.pages.advice import advise
from ocr_service.web.pages.language import Language
from ocr_service.web.pages.lists import document_line
from ocr_service.web.pages.persons import person_panel
from ocr_service.web.pages.rendering import PageRoute, language_of, render
from ocr_service.web.pages.shown import labels_of, make_sheet
from ocr_service.web.security import ClerkUser

router = APIRouter(include_in_schema=False, route_class=PageRoute)

# The address holds the picture's digest, so the answer never changes; kept by the browser for as
# long as somebody works on the page, because every crop on it is a view of this one picture.
_PICTURE_HEADERS = {"Cache-Control": "private, max-age=600, immutable"}


@dataclass(frozen=True, slots=True)
class FailureView:
    """Why a document has no record, for people."""

    code: str
    reason: str
    remedy: str
    nearest: tuple[str, ...]


@router.get("/documents/{document}")
def show_document(
    request: Request, document: int, user: ClerkUser, services: ServicesDep, uow: ReadUnit
) -> HTMLResponse:
    """The document with everything read off it."""
    found, record = querying.document_record(uow, DocumentId(document))
    language = language_of(request)
    sheet, keyed = None, keys_kept_blind(uow, found)
    named: list[str] = []
    if record.fields and found.template is not None:
        loaded = services.shelf.library().get(f"{found.template}@{found.template_version}")
        named = labels_of(loaded.template, keyed, language)
        is_approved = found.state in {DocumentState.APPROVED, DocumentState.EXPORTED}
        kept = without(record, keyed)
        sheet = make_sheet(kept, loaded.template, language, is_approved=is_approved)
    following = querying.list_documents(
        uow, DocumentFilter(batch=found.batch), cursor=found.id, limit=1
    ).documents
    return render(
        request,
        "document.html",
        user=user,
        document=document_line(found, language),
        picture=picture_address(found),
        residual=_residual(record),
        sheet=sheet,
        keyed=named,
        failure=_failure(record, language),
        person=person_panel(services, uow, found, masked(record, keyed), user),
        sides=fellows(uow, found.id),
        following=following[0].id if following else None,
    )


@router.get("/documents/{document}/progress")
def show_progress(request: Request, document: int, _user: ClerkUser, uow: ReadUnit) -> HTMLResponse:
    """Whether the machine has finished; the page asks while it has not."""
    found = documents.get(uow, DocumentId(document))
    line = document_line(found, language_of(request))
    return render(request, "_document_progress.html", document=line)


@router.get("/documents/{document}/page.jpg", response_class=Response)
def show_picture(document: int, _user: ClerkUser, services: ServicesDep, uow: ReadUnit) -> Response:
    """The page as people see it: laid on its template, or as scanned."""
    found = documents.get(uow, DocumentId(document))
    if found.view_sha256 is None:
        raise NotFound(f"document {document} has no picture yet")
    data = services.blobs.get(found.view_sha256)
    return Response(data, media_type="image/jpeg", headers=_PICTURE_HEADERS)


def picture_address(document: Document) -> str | None:
    """Where the page's picture is, None where there is none."""
    if document.view_sha256 is None:
        return None
    return f"/documents/{document.id}/page.jpg?v={document.view_sha256[:12]}"


def _residual(record: Record) -> str | None:
    if record.registration is None:
        return None
    return f"{record.registration.residual_mm:.2f}"


def _failure(record: Record, language: Language) -> FailureView | None:
    failure = record.failure
    if failure is None:
        return None
    advice = advise(failure.code, language)
    return FailureView(failure.code, advice.reason, advice.remedy, failure.nearest)


__all__ = ["picture_address", "router"]
