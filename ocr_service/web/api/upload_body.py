"""Receives the file in a request's body straight to disk, hashing it on the way.

Neither a form's file nor a plain body is ever in memory as a whole: at most one buffer of a
megabyte is, and a disk that is full is told to the sender as such.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Annotated, Any
from urllib.parse import unquote

from fastapi import Depends, Request
from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from ocr_service.domain.errors import InputError, InvalidRequest
from ocr_service.service.intake.spool import CHUNK_BYTES, Spool, Spooled, spool_folder, spooling
from ocr_service.web.deps import ServicesDep
from ocr_service.web.security import IntakeUser

_FIELD = b"file"
_CUT_OFF = "the request ended before the file did; send it again"


@dataclass(frozen=True, slots=True)
class Received:
    """What a request brought.

    Attributes:
        spooled: the file on disk, or why it was not received to its end.
        name: the sender's name for it.
    """

    spooled: Spooled | InputError
    name: str | None


@dataclass(slots=True)
class _Form:
    """Takes the bytes of the field ``file`` out of a form as it comes in."""

    name: str | None = None
    seen: bool = False
    ended: bool = False
    data: bytearray = field(default_factory=bytearray)
    _header: bytes = b""
    _value: bytes = b""
    _wanted: bool = False

    def parser(self, boundary: bytes) -> MultipartParser:
        """A parser that calls this form."""
        return MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._on_header,
                "on_header_value": self._on_value,
                "on_header_end": self._on_header_end,
                "on_part_data": self._on_data,
                "on_end": self._end,
            },
        )

    def _begin(self) -> None:
        self._wanted = False

    def _on_header(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            _kind, options = parse_options_header(self._value)
            if options.get(b"name") == _FIELD and b"filename" in options:
                if self.seen:
                    raise InvalidRequest("send one file a request")
                self.seen = self._wanted = True
                self.name = _decoded(options[b"filename"])
        self._header = self._value = b""

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        if self._wanted:
            self.data += data[start:end]

    def _end(self) -> None:
        self.ended = True


async def receive_body(
    request: Request, _user: IntakeUser, services: ServicesDep
) -> AsyncIterator[Received]:
    """The file in the body: a form's field ``file``, or the whole body under any other type.

    Raises:
        InvalidRequest: a form without a file, with several, or cut off.
        ServiceUnavailable: the disk is full.
    """
    kind, options = parse_options_header(request.headers.get("content-type"))
    folder, limit = spool_folder(services.blobs), services.settings.max_upload_bytes
    with spooling(folder, max_bytes=limit) as spool:
        form = _Form(_name_of_body(request))
        spooled: Spooled | InputError
        try:
            if kind == b"multipart/form-data":
                await _write_form(request, form, options.get(b"boundary", b""), spool)
            else:
                await _write_all(request, spool)
            spooled = await run_in_threadpool(spool.finish)
        except InputError as error:
            spooled = error
        yield Received(spooled, form.name)


async def _write_form(request: Request, form: _Form, boundary: bytes, spool: Spool) -> None:
    try:
        parser = form.parser(boundary)
        async for chunk in whole_stream(request):
            parser.write(chunk)
            if len(form.data) >= CHUNK_BYTES:
                await _flush(form.data, spool)
        parser.finalize()
    except (FormParserError, ValueError) as error:
        raise InvalidRequest(
            "the form cannot be read; send the file as its field 'file'"
        ) from error
    if not form.seen:
        raise InvalidRequest("send the file as the form's field 'file'")
    if not form.ended:
        raise InvalidRequest(_CUT_OFF)
    await _flush(form.data, spool)


async def _write_all(request: Request, spool: Spool) -> None:
    data = bytearray()
    async for chunk in whole_stream(request):
        data += chunk
        if len(data) >= CHUNK_BYTES:
            await _flush(data, spool)
    await _flush(data, spool)


async def _flush(data: bytearray, spool: Spool) -> None:
    await run_in_threadpool(spool.write, bytes(data))
    data.clear()


async def whole_stream(request: Request) -> AsyncIterator[bytes]:
    """The body as it comes in.

    Raises:
        InvalidRequest: the sender went away.
    """
    try:
        async for chunk in request.stream():
            yield chunk
    except ClientDisconnect as error:
        raise InvalidRequest(_CUT_OFF) from error


def _name_of_body(request: Request) -> str | None:
    told = request.path_params.get("name") or request.query_params.get("name")
    if told is not None:
        return str(told)
    _kind, options = parse_options_header(request.headers.get("content-disposition"))
    name = options.get(b"filename")
    return None if name is None else unquote(_decoded(name))


def _decoded(name: bytes) -> str:
    """A name as it was meant: UTF-8, or what Japanese Windows writes."""
    for encoding in ("utf-8", "cp932"):
        try:
            return name.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name.decode("latin-1")


ReceivedDep = Annotated[Received, Depends(receive_body)]

FILE_IN_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            },
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}
"""What the description of the API says of such a body, which FastAPI does not see."""

__all__ = ["FILE_IN_BODY", "Received", "ReceivedDep", "receive_body", "whole_stream"]
