"""Uploads in pieces: tus 1.0.0, https://tus.io/protocols/resumable-upload.

Core protocol with the extensions creation, creation-with-upload, checksum, expiration and
termination. Beyond the protocol, ``GET`` tells what a complete upload became.
"""

# ruff: noqa: FAST003 - `token` is a parameter of the dependency, behind an alias

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from email.utils import format_datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from ocr_service.db.ids import BatchId
from ocr_service.db.intake.uploads import Upload
from ocr_service.domain.errors import FileTooLarge, InvalidRequest, UnsupportedFormat
from ocr_service.service.intake import uploads as intake_uploads
from ocr_service.service.intake.pieces import CHECKSUMS, Checksum, ChecksumMismatch
from ocr_service.service.intake.receiving import Answer
from ocr_service.service.intake.spool import CHUNK_BYTES
from ocr_service.service.intake.uploads import Desk
from ocr_service.web.api.upload_body import whole_stream
from ocr_service.web.api.upload_sender import SenderDep, rendered
from ocr_service.web.deps import ServicesDep
from ocr_service.web.security import IntakeUser

router = APIRouter(prefix="/uploads", tags=["uploads"])

VERSION = "1.0.0"
PIECE = "application/offset+octet-stream"
_EXTENSIONS = "creation,creation-with-upload,checksum,expiration,termination"
_OURS = {"Tus-Resumable": VERSION, "Cache-Control": "no-store"}


def _desk(services: ServicesDep) -> Desk:
    settings = services.settings
    return Desk(
        db=services.db,
        blobs=services.blobs,
        bell=services.bell,
        folder=settings.data_dir.resolve() / "uploads",
        max_page_bytes=settings.max_upload_bytes,
        max_bytes=max(settings.max_upload_bytes, settings.max_archive_bytes),
    )


DeskDep = Annotated[Desk, Depends(_desk)]


class WrongVersion(InvalidRequest):
    """The header ``Tus-Resumable`` must say 1.0.0."""

    http_status = HTTPStatus.PRECONDITION_FAILED


def _version(version: Annotated[str | None, Header(alias="Tus-Resumable")] = None) -> None:
    if version != VERSION:
        raise WrongVersion(f"send the header Tus-Resumable: {VERSION}")


def _upload(token: str, user: IntakeUser, desk: DeskDep) -> Upload:
    return intake_uploads.find(desk, token, actor=user.name)


UploadDep = Annotated[Upload, Depends(_upload)]


@dataclass(frozen=True, slots=True)
class Wish:
    """What the headers of a new upload ask for."""

    length: int
    batch: BatchId
    name: str | None


def _wish(
    length: Annotated[int, Header(alias="Upload-Length", ge=0)],
    metadata: Annotated[str, Header(alias="Upload-Metadata")],
) -> Wish:
    told = parse_metadata(metadata)
    batch = told.get("batch", "")
    if not (batch.isascii() and batch.isdigit() and len(batch) < 10):  # noqa: PLR2004 - 32 bits
        raise InvalidRequest("Upload-Metadata must name the batch by its number")
    return Wish(length, BatchId(int(batch)), told.get("filename"))


@router.options("", status_code=HTTPStatus.NO_CONTENT)
def tell_abilities(_user: IntakeUser, desk: DeskDep) -> Response:
    """Which version and extensions of tus are spoken here."""
    return Response(
        status_code=HTTPStatus.NO_CONTENT,
        headers={
            **_OURS,
            "Tus-Version": VERSION,
            "Tus-Extension": _EXTENSIONS,
            "Tus-Max-Size": str(desk.max_bytes),
            "Tus-Checksum-Algorithm": ",".join(CHECKSUMS),
        },
    )


@router.post("", status_code=HTTPStatus.CREATED, dependencies=[Depends(_version)])
async def announce(
    request: Request, desk: DeskDep, sender: SenderDep, wish: Annotated[Wish, Depends(_wish)]
) -> Response:
    """Begin an upload into a batch; ``Upload-Metadata`` has ``batch`` and ``filename``."""
    token = await run_in_threadpool(
        intake_uploads.announce,
        desk,
        batch=wish.batch,
        name=wish.name,
        length=wish.length,
        sender=sender,
    )
    upload = await run_in_threadpool(intake_uploads.find, desk, token, actor=sender.actor)
    headers = {**_headers(desk, upload), "Location": f"/api/v1/uploads/{token}"}
    if request.headers.get("content-type") == PIECE:
        await _receive(request, desk, upload, 0, _checksum(request))
    headers["Upload-Offset"] = str(intake_uploads.offset_of(desk, upload))
    answer = await run_in_threadpool(intake_uploads.conclude, desk, upload)
    return _told(answer, HTTPStatus.CREATED, headers)


@router.head("/{token}", dependencies=[Depends(_version)])
def tell_offset(desk: DeskDep, upload: UploadDep) -> Response:
    """How many bytes are safe here; a complete upload left unjudged by a crash is taken in now."""
    headers = _headers(desk, upload)
    intake_uploads.conclude(desk, upload)
    return Response(headers={**headers, "Upload-Length": str(upload.new.length)})


@router.patch("/{token}", status_code=HTTPStatus.NO_CONTENT, dependencies=[Depends(_version)])
async def receive_piece(
    request: Request,
    desk: DeskDep,
    upload: UploadDep,
    offset: Annotated[int, Header(alias="Upload-Offset", ge=0)],
) -> Response:
    """The next piece; the last one is answered by what became of the file, if it is refused."""
    if request.headers.get("content-type") != PIECE:
        raise UnsupportedFormat(f"a piece has the Content-Type {PIECE}")
    try:
        await _receive(request, desk, upload, offset, _checksum(request))
    except ChecksumMismatch as error:
        body = {"title": "Checksum Mismatch", "status": 460, "code": error.code}
        return JSONResponse(
            {**body, "type": "about:blank", "detail": str(error)},
            error.http_status,
            headers=_headers(desk, upload),
            media_type="application/problem+json",
        )
    headers = _headers(desk, upload)
    answer = await run_in_threadpool(intake_uploads.conclude, desk, upload)
    return _told(answer, HTTPStatus.NO_CONTENT, headers)


@router.get("/{token}")
def tell_outcome(desk: DeskDep, upload: UploadDep) -> JSONResponse:
    """What became of the file: its receipt or problem; both null while bytes are missing."""
    offset = intake_uploads.offset_of(desk, upload)
    answer = intake_uploads.conclude(desk, upload)
    shown: dict[str, Any] = {
        "offset": offset,
        "length": upload.new.length,
        "status": None if answer is None else answer.status,
        "receipt": None if answer is None or answer.is_error else answer.body,
        "problem": answer.body if answer is not None and answer.is_error else None,
    }
    return JSONResponse(shown)


@router.delete("/{token}", status_code=HTTPStatus.NO_CONTENT, dependencies=[Depends(_version)])
def end(desk: DeskDep, upload: UploadDep) -> Response:
    """Give an upload up and free its space."""
    intake_uploads.give_up(desk, upload)
    return Response(status_code=HTTPStatus.NO_CONTENT, headers=_OURS)


async def _receive(
    request: Request, desk: Desk, upload: Upload, offset: int, checksum: Checksum | None
) -> None:
    length = request.headers.get("content-length", "")
    if length.isdigit() and offset + int(length) > upload.new.length:
        raise FileTooLarge("more bytes than the upload's length; start it again")
    if offset == upload.new.length == intake_uploads.offset_of(desk, upload):
        return
    with desk.pieces(upload).appending(offset, checksum) as piece:
        data = bytearray()
        try:
            async for chunk in whole_stream(request):
                data += chunk
                if len(data) >= CHUNK_BYTES:
                    full, data = bytes(data), bytearray()
                    await run_in_threadpool(piece.write, full)
        finally:  # what came before the line broke is kept too
            piece.write(bytes(data))


def _headers(desk: Desk, upload: Upload) -> dict[str, str]:
    return {
        **_OURS,
        "Upload-Offset": str(intake_uploads.offset_of(desk, upload)),
        "Upload-Expires": format_datetime(upload.new.expires_at, usegmt=True),
    }


def _told(answer: Answer | None, status: int, headers: dict[str, str]) -> Response:
    if answer is not None and answer.is_error:
        refused = rendered(answer)
        refused.headers.update(headers)
        return refused
    return Response(status_code=status, headers=headers)


def parse_metadata(header: str) -> dict[str, str]:
    """``Upload-Metadata``: pairs of a key and a value in Base64, separated by commas.

    Raises:
        InvalidRequest: it is none.
    """
    told = {}
    for pair in header.split(","):
        key, _, value = pair.strip().partition(" ")
        try:
            told[key] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError, ValueError) as error:
            raise InvalidRequest("Upload-Metadata holds keys and values in Base64") from error
    return told


def _checksum(request: Request) -> Checksum | None:
    header = request.headers.get("upload-checksum")
    if header is None:
        return None
    algorithm, _, digest = header.partition(" ")
    try:
        return Checksum(algorithm, base64.b64decode(digest, validate=True))
    except binascii.Error as error:
        raise InvalidRequest("Upload-Checksum is a name and a digest in Base64") from error


__all__ = ["PIECE", "VERSION", "parse_metadata", "router"]
