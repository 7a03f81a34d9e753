"""Documents: listing, record, pictures and single answers."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Annotated, ClassVar

from fastapi import APIRouter, Depends, Header, Query
from fastapi.responses import JSONResponse, Response

from ocr_service.db.ids import BatchId, DocumentId
from ocr_service.db.records import documents
from ocr_service.db.records.documents import Document, DocumentFilter
from ocr_service.domain.errors import InvalidRequest, NotFound
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.exporters.record_json import record_to_json
from ocr_service.service import querying
from ocr_service.service.double_entry.blind import keys_kept_blind, masked
from ocr_service.service.intake.pairing import fellows
from ocr_service.service.review import pictures
from ocr_service.service.review.reviewing import Decision
from ocr_service.web.api.schemas import DocumentOut, DocumentsOut
from ocr_service.web.api.side_schemas import SidesOut
from ocr_service.web.deps import ReadUnit, ServicesDep
from ocr_service.web.security import AnyUser, ApproverUser, ClerkUser, ReviewerUser

router = APIRouter(prefix="/documents", tags=["documents"])

_ETAG = re.compile(r'(?:W/)?"([0-9]{1,9})"|([0-9]{1,9})')
_PNG = "image/png"


class VersionMissing(InvalidRequest):
    """The request must say which version of the document it is about."""

    http_status: ClassVar[int] = HTTPStatus.PRECONDITION_REQUIRED


IfMatch = Annotated[str | None, Header(alias="If-Match")]


def version_from(if_match: str | None) -> int | None:
    """The version an ``If-Match`` header names; None where there is no header, or ``*``.

    Raises:
        InvalidRequest: the header is none of ours.
    """
    if if_match is None or if_match.strip() == "*":
        return None
    found = _ETAG.fullmatch(if_match.strip())
    if found is None:
        raise InvalidRequest("If-Match takes the ETag of the document")
    return int(found[1] or found[2])


async def _decision(document: int, user: ReviewerUser, if_match: IfMatch = None) -> Decision:
    return Decision(DocumentId(document), user.name, version_from(if_match))


async def _approval(document: int, user: ApproverUser, if_match: IfMatch = None) -> Decision:
    return Decision(DocumentId(document), user.name, version_from(if_match))


DecisionDep = Annotated[Decision, Depends(_decision)]
"""Which document, which reviewer, and which version of it he looked at."""

ApprovalDep = Annotated[Decision, Depends(_approval)]
"""The same for what only approvers do."""


def tag(response: Response, document: Document) -> None:
    """Tell the document's version."""
    response.headers["ETag"] = etag(document)


def etag(document: Document) -> str:
    """The document's version as an entity tag."""
    return f'"{document.version}"'


@router.get("")
def list_documents(
    _user: ClerkUser,
    uow: ReadUnit,
    batch: int | None = None,
    state: DocumentState | None = None,
    template: Annotated[str | None, Query(max_length=100)] = None,
    cursor: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> DocumentsOut:
    """Documents in order of intake."""
    wanted = DocumentFilter(None if batch is None else BatchId(batch), state, template)
    found = querying.list_documents(uow, wanted, cursor=cursor, limit=limit)
    return DocumentsOut(
        documents=[DocumentOut.of(document) for document in found.documents],
        next_cursor=found.next_cursor,
    )


@router.get("/{document}")
def show_document(document: int, response: Response, _user: AnyUser, uow: ReadUnit) -> DocumentOut:
    """Where one document stands."""
    found = documents.get(uow, DocumentId(document))
    tag(response, found)
    return DocumentOut.of(found)


@router.get("/{document}/sides")
def show_sides(document: int, _user: ClerkUser, uow: ReadUnit) -> SidesOut:
    """The pages of the same form, front and back or continuation sheets, and whether all came."""
    found = documents.get(uow, DocumentId(document))
    return SidesOut.of(fellows(uow, found.id))


@router.get("/{document}/record")
def show_record(
    document: int,
    _user: ClerkUser,
    uow: ReadUnit,
    language: Annotated[str, Query(pattern="^(ja|en)$")] = "ja",
) -> JSONResponse:
    """What is on the page, with the answers now in force.

    Fields that people still key blind are in ``being_keyed``, and their values are not told.
    """
    found, record = querying.document_record(uow, DocumentId(document))
    keyed = keys_kept_blind(uow, found)
    shown = record_to_json(masked(record, keyed), language=language)
    if keyed:
        shown["being_keyed"] = sorted(keyed)
    return JSONResponse(shown, headers={"ETag": etag(found)})


@router.get("/{document}/pages/{number}.png", response_class=Response)
def show_page(
    document: int, number: int, _user: ClerkUser, services: ServicesDep, uow: ReadUnit
) -> Response:
    """The page as a picture; a document has one page."""
    if number != 1:
        raise NotFound(f"document {document} has no page {number}")
    found = documents.get(uow, DocumentId(document))
    return Response(pictures.page_png(services.blobs, found), media_type=_PNG)


@router.get("/{document}/fields/{key}/crop.png", response_class=Response)
def show_crop(
    document: int, key: str, _user: ClerkUser, services: ServicesDep, uow: ReadUnit
) -> Response:
    """What is on the paper at a field."""
    found, box = pictures.field_box(uow, DocumentId(document), key)
    return Response(pictures.crop_png(services.blobs, found, box), media_type=_PNG)


__all__ = [
    "ApprovalDep",
    "DecisionDep",
    "VersionMissing",
    "etag",
    "router",
    "tag",
    "version_from",
]
