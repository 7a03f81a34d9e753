"""Every error as problem+json (RFC 9457), with the stable code that programs rely on."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from ocr_service.domain.errors import InvalidRequest, OcrServiceError
from ocr_service.logs import describe_error

MEDIA_TYPE = "application/problem+json"

_LOG = structlog.get_logger()

_CODES = {
    404: "not_found",
    405: "request.invalid",
    413: "file.too_large",
    415: "file.unsupported",
    422: "request.invalid",
}


def problem(
    status: int,
    *,
    code: str,
    detail: str,
    extra: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """One problem document.

    Args:
        status: HTTP status.
        code: stable, for programs.
        detail: what the caller can do; never a field value.
        extra: further members.
        headers: further headers.
    """
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        **(extra or {}),
    }
    return JSONResponse(
        body, status, media_type=MEDIA_TYPE, headers=dict(headers) if headers else None
    )


def named_problem(
    error: OcrServiceError, *, extra: Mapping[str, Any] | None = None
) -> JSONResponse:
    """A named error of ours as a problem."""
    headers = {"WWW-Authenticate": "Bearer"} if error.http_status == HTTPStatus.UNAUTHORIZED else {}
    if error.retryable:
        headers["Retry-After"] = "5"
    return problem(
        error.http_status, code=error.code, detail=str(error), extra=extra, headers=headers
    )


def _on_named(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, OcrServiceError)  # noqa: S101 - registered for this type only
    if error.http_status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _LOG.error("http.failed", code=error.code, **describe_error(error))
    return named_problem(error)


def _on_invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this type only
    # Without the input: it may hold what is written on a form.
    places = [
        {"where": ".".join(str(part) for part in found["loc"]), "problem": found["msg"]}
        for found in error.errors()
    ]
    return problem(
        InvalidRequest.http_status,
        code=InvalidRequest.code,
        detail="; ".join(f"{p['where']}: {p['problem']}" for p in places),
        extra={"problems": places},
    )


def _on_http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this type only
    code = _CODES.get(error.status_code, "error")
    return problem(error.status_code, code=code, detail=str(error.detail), headers=error.headers)


def unexpected_problem(error: Exception) -> JSONResponse:
    """An error without a name; the log has its type and place."""
    _LOG.error("http.crashed", code=OcrServiceError.code, **describe_error(error))
    return problem(500, code=OcrServiceError.code, detail="something failed; see the log")


def install_error_handlers(app: FastAPI) -> None:
    """Render every named error of this application as a problem."""
    app.add_exception_handler(OcrServiceError, _on_named)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)


__all__ = ["MEDIA_TYPE", "install_error_handlers", "named_problem", "problem", "unexpected_problem"]
