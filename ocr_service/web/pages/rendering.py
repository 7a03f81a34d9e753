"""Pages from templates: language, errors as pages, addresses of static files."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Coroutine
from functools import cache, partial
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.routing import APIRoute
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ocr_service.db.accounts.accounts import User
from ocr_service.domain.errors import AccessDenied, NotFound, OcrServiceError, SessionExpired
from ocr_service.web.errors import named_problem
from ocr_service.web.pages.advice import ADVICE_CODES, advise
from ocr_service.web.pages.language import LANGUAGE_COOKIE, Language, chosen_language
from ocr_service.web.pages.navigation import menu_for
from ocr_service.web.pages.words import say
from ocr_service.web.security import Forbidden, safe_next

STATIC_DIR = Path(__file__).resolve().parents[1] / "static"
_TEMPLATE_DIR = STATIC_DIR.parent / "templates"
_YEAR_S = 31_536_000

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(_TEMPLATE_DIR),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def language_of(request: Request) -> Language:
    """The language this request is answered in."""
    return chosen_language(request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE))


def render(
    request: Request,
    template: str,
    *,
    user: User | None = None,
    status: int = HTTPStatus.OK,
    **context: Any,
) -> HTMLResponse:
    """A page.

    Args:
        request: for language and the address of the language switch.
        template: file name in ``web/templates``.
        user: who is logged in.
        status: HTTP status.
        context: what the template shows.
    """
    language = language_of(request)
    switch = request.url.include_query_params(lang=language.other)
    text = _ENVIRONMENT.get_template(template).render(
        language=language,
        t=partial(say, language=language),
        static=static_address,
        switch_url=f"{switch.path}?{switch.query}",
        user=user,
        menu=menu_for(user, request.url.path),
        **context,
    )
    answer = HTMLResponse(text, int(status))
    if "lang" in request.query_params:
        answer.set_cookie(LANGUAGE_COOKIE, language, max_age=_YEAR_S, samesite="lax")
    return answer


@cache
def static_address(name: str) -> str:
    """Address of a static file; it changes with the content, so it may be kept for ever."""
    digest = hashlib.sha256((STATIC_DIR / name).read_bytes()).hexdigest()
    return f"/static/{name}?v={digest[:12]}"


class PageRoute(APIRoute):
    """A route for people: named errors become pages, and nobody known is sent to the login."""

    def get_route_handler(self) -> Handler:
        """The handler with errors turned into pages."""
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await inner(request)
            except OcrServiceError as error:
                return error_page(request, error)
            except RequestValidationError:
                return error_page(request, NotFound("no such page"))

        return handle


def error_page(request: Request, error: OcrServiceError) -> Response:
    """What a person sees instead of the page asked for."""
    if isinstance(error, AccessDenied) and not isinstance(error, Forbidden):
        return _to_login(request, error)
    language = language_of(request)
    if error.code in ADVICE_CODES:
        advice = advise(error.code, language)
        message = f"{advice.reason} {advice.remedy}"
    elif isinstance(error, NotFound):
        message = say("error.not_found", language)
    else:
        message = str(error)
    return render(request, "error.html", status=error.http_status, message=message, code=error.code)


def _to_login(request: Request, error: AccessDenied) -> Response:
    """The login with the way back; a script gets the problem, for it cannot fill in a form."""
    if request.headers.get("sec-fetch-dest") == "empty":
        return named_problem(error)
    asked = request.url if request.method == "GET" else urlsplit(request.headers.get("referer", ""))
    back = safe_next(asked.path + (f"?{asked.query}" if asked.query else ""))
    told = {"ended": "1"} if isinstance(error, SessionExpired) else {}
    if back != "/":
        told["next"] = back
    return RedirectResponse(f"/login?{urlencode(told)}".rstrip("?"), HTTPStatus.SEE_OTHER)


__all__ = ["STATIC_DIR", "PageRoute", "error_page", "language_of", "render", "static_address"]
