"""Puts the pages into the application."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.types import Scope

from ocr_service.domain.errors import AccessDenied
from ocr_service.web.errors import named_problem
from ocr_service.web.pages import (
    account,
    audit,
    batches,
    chips,
    claims,
    dashboard,
    documents,
    export_profiles,
    exports,
    group_review,
    history,
    login,
    masters,
    persons,
    quality,
    queue,
    reconciliation,
    reports,
    review,
    users,
)
from ocr_service.web.pages.rendering import STATIC_DIR
from ocr_service.web.security import Forbidden

# One a line, so that pages of different areas can be added side by side.
_ROUTERS = (
    login.router,
    account.router,
    batches.router,
    documents.router,
    history.router,
    chips.router,
    group_review.router,  # before the review: /review/group is no document
    review.router,
    exports.router,
    export_profiles.router,
    queue.router,
    claims.router,
    reconciliation.router,
    masters.router,
    users.router,
    quality.router,
    dashboard.router,
    audit.router,
    persons.router,
    reports.router,
)


def install_pages(app: FastAPI) -> None:
    """Add the pages, their static files and a page for login links that no longer work."""
    for router in _ROUTERS:
        app.include_router(router)
    app.mount("/static", DatedFiles(directory=STATIC_DIR), name="static")
    app.add_exception_handler(AccessDenied, _on_denied)


class DatedFiles(StaticFiles):
    """Files whose address tells their content are kept for ever, others are asked for each time.

    A module that another one imports has no such address; a browser that guessed how long it may
    keep it would mix modules of two versions after an update.
    """

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file with how long it may be kept."""
        answer = await super().get_response(path, scope)
        dated = b"v=" in scope.get("query_string", b"")
        answer.headers["Cache-Control"] = "max-age=31536000, immutable" if dated else "no-cache"
        return answer


def _on_denied(request: Request, error: Exception) -> Response:
    assert isinstance(error, AccessDenied)  # noqa: S101 - registered for this type only
    if request.url.path.startswith("/login/"):
        return RedirectResponse("/login?expired", HTTPStatus.SEE_OTHER)
    if request.url.path == "/logout" and not isinstance(error, Forbidden):
        return RedirectResponse("/login", HTTPStatus.SEE_OTHER)
    return named_problem(error)


__all__ = ["install_pages"]
