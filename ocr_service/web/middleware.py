"""What happens round every request: correlation, one log line, limits, protective headers."""

from __future__ import annotations

import re
import time
import uuid
from typing import Any

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ocr_service.domain.errors import FileTooLarge
from ocr_service.web.errors import problem, unexpected_problem

CORRELATION_HEADER = "X-Correlation-ID"
_FIT_FOR_LOG = re.compile(r"[A-Za-z0-9-]{1,64}")
_MULTIPART_SLACK = 1 << 20

_PROTECTION = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; "
        "base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
}

_LOG = structlog.get_logger()


class Correlation:
    """Gives each request an id that its log lines, its jobs and its answer carry."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        asked = Headers(scope=scope).get(CORRELATION_HEADER, "")
        correlation = asked if _FIT_FOR_LOG.fullmatch(asked) else uuid.uuid4().hex
        scope.setdefault("state", {})["correlation"] = correlation
        started = time.perf_counter()
        status = 0

        async def send_marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _mark(message, scope, correlation)
            await send(message)

        with structlog.contextvars.bound_contextvars(correlation=correlation):
            try:
                await self._app(scope, receive, send_marked)
            except Exception as error:  # noqa: BLE001 - the server would log it with its message
                answer = unexpected_problem(error)
                if status == 0:
                    await answer(scope, receive, send_marked)
            finally:
                # The route's pattern, never the path: a login link is a secret.
                _LOG.info(
                    "http.request",
                    method=scope["method"],
                    route=getattr(scope.get("route"), "path", None),
                    status=status,
                    ms=round((time.perf_counter() - started) * 1000),
                )


def _mark(message: Message, scope: Scope, correlation: str) -> None:
    headers = MutableHeaders(scope=message)
    headers[CORRELATION_HEADER] = correlation
    for name, value in _PROTECTION.items():
        headers.setdefault(name, value)
    if not scope["path"].startswith("/static/"):
        headers.setdefault("Cache-Control", "no-store")


class BodyLimit:
    """Refuses a body that is too large: at once where its length is told, else while it comes."""

    def __init__(self, app: ASGIApp, max_upload_bytes: int) -> None:
        self._app = app
        self._limit = max_upload_bytes + _MULTIPART_SLACK
        self._detail = f"a file may have at most {max_upload_bytes} bytes; send it in parts"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        length = Headers(scope=scope).get("content-length", "")
        if length.isdigit() and int(length) > self._limit:
            refusal = problem(FileTooLarge.http_status, code=FileTooLarge.code, detail=self._detail)
            await refusal(scope, receive, send)
            return
        seen = 0

        async def receive_counted() -> Any:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self._limit:
                raise HTTPException(FileTooLarge.http_status, self._detail)
            return message

        await self._app(scope, receive_counted, send)


__all__ = ["CORRELATION_HEADER", "BodyLimit", "Correlation"]
