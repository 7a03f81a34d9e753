"""Where somebody without a session lands: name and password, or how to get a link."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from ocr_service.domain.errors import LoginRefused, LoginThrottled
from ocr_service.service.accounts.sessions import Attempt, open_by_password
from ocr_service.web.deps import ServicesDep
from ocr_service.web.pages.rendering import PageRoute, render
from ocr_service.web.security import give_cookie, refuse_foreign_pages, safe_next, terms_of

router = APIRouter(include_in_schema=False, route_class=PageRoute)

Typed = Annotated[str, Form(max_length=1000)]


@router.get("/login")
def show_login(request: Request) -> HTMLResponse:
    """The form; ``next`` says where to go on."""
    asked = request.query_params
    notice = next((f"login.{why}" for why in ("expired", "ended") if why in asked), None)
    return render(
        request, "login.html", notice=notice, next=safe_next(asked.get("next")), name="", wait_s=0
    )


@router.post("/login")
def log_in(
    request: Request,
    services: ServicesDep,
    name: Typed = "",
    password: Typed = "",
    next: Typed = "/",  # noqa: A002 - the name of the form's field
) -> Response:
    """Trade name and password for a session."""
    refuse_foreign_pages(request)
    terms = terms_of(services)
    target = safe_next(next)
    try:
        opened = open_by_password(services.db, Attempt(name, password, address_of(request)), terms)
    except (LoginRefused, LoginThrottled) as error:
        wait_s = error.wait_s if isinstance(error, LoginThrottled) else 0
        answer: Response = render(
            request,
            "login.html",
            status=error.http_status,
            notice="login.throttled" if wait_s else "login.refused",
            next=target,
            name=name,
            wait_s=wait_s,
        )
        if wait_s:
            answer.headers["Retry-After"] = str(wait_s)
        return answer
    answer = RedirectResponse(target, HTTPStatus.SEE_OTHER)
    give_cookie(answer, request, opened.secret, terms)
    return answer


def address_of(request: Request) -> str:
    """Where a request comes from; behind a proxy only if the server is told to trust it."""
    return request.client.host if request.client else "unknown"


__all__ = ["address_of", "router"]
