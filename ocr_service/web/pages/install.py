"""Puts the pages into the application."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response
from fastapi.staticfiles import StaticFiles

from ocr_service.domain.errors import AccessDenied
from ocr_service.web.errors import named_problem
from ocr_service.web.pages import account, batches, chips, documents, group_review, login, masters
from ocr_service.web.pages.rendering import STATIC_DIR
from ocr_service.web.security import Forbidden


def install_pages(app: FastAPI) -> None:
    """Add the pages, their static files and a page for login links that no longer work."""
    for router in (
        login.router,
        account.router,
        batches.router,
        documents.router,
        group_review.router,
        chips.router,
        masters.router,
    ):
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC_DIR), name="static")
    app.add_exception_handler(AccessDenied, _on_denied)


def _on_denied(request: Request, error: Exception) -> Response:
    assert isinstance(error, AccessDenied)  # noqa: S101 - registered for this type only
    if request.url.path.startswith("/login/"):
        return RedirectResponse("/login?expired", HTTPStatus.SEE_OTHER)
    if request.url.path == "/logout" and not isinstance(error, Forbidden):
        return RedirectResponse("/login", HTTPStatus.SEE_OTHER)
    return named_problem(error)


__all__ = ["install_pages"]
