"""One's own account: password, sessions, what one may do."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from ocr_service.db.accounts import passwords, sessions
from ocr_service.db.accounts.accounts import User
from ocr_service.domain.errors import LoginRefused, LoginThrottled
from ocr_service.domain.passwords import WeakPassword
from ocr_service.service.accounts.accounts import digest
from ocr_service.service.accounts.sessions import (
    Change,
    change_password,
    close_all,
    close_one,
    may_set_freely,
)
from ocr_service.web.deps import ReadUnit, ServicesDep, WriteUnit
from ocr_service.web.pages.lists import local_time
from ocr_service.web.pages.rendering import PageRoute, render
from ocr_service.web.security import COOKIE, SessionUser

router = APIRouter(prefix="/account", include_in_schema=False, route_class=PageRoute)

Typed = Annotated[str, Form(max_length=1000)]


@router.get("")
def show_account(request: Request, user: SessionUser, uow: ReadUnit) -> HTMLResponse:
    """Who one is, what one may do, where one is logged in."""
    here = digest(request.cookies[COOKIE])
    shown = [
        {
            "id": row.id,
            "by": row.by,
            "opened": local_time(row.opened_at),
            "seen": local_time(row.seen_at),
            "here": row.sha256 == here,
        }
        for row in sessions.of_user(uow, user.id)
    ]
    return render(
        request,
        "account.html",
        user=user,
        has_password=passwords.hash_of(uow, user.id) is not None,
        sessions=shown,
        changed="changed" in request.query_params,
    )


@router.get("/password")
def show_password(request: Request, user: SessionUser, services: ServicesDep) -> HTMLResponse:
    """The form for a new password."""
    return _password_page(request, user, services)


@router.post("/password")
def put_password(
    request: Request,
    user: SessionUser,
    services: ServicesDep,
    old: Typed = "",
    new: Typed = "",
    again: Typed = "",
) -> Response:
    """Take a new password; all other sessions of the user end."""
    if new != again:
        return _password_page(request, user, services, wrong="password.differ")
    least = services.settings.password_min_length
    change = Change(old=old, new=new, session=request.cookies[COOKIE], min_length=least)
    try:
        change_password(services.db, user, change)
    except WeakPassword as error:
        return _password_page(request, user, services, wrong=f"password.{error.weakness}")
    except LoginThrottled:
        return _password_page(request, user, services, wrong="login.throttled")
    except LoginRefused:
        return _password_page(request, user, services, wrong="password.wrong")
    return RedirectResponse("/account?changed", HTTPStatus.SEE_OTHER)


def _password_page(
    request: Request, user: User, services: ServicesDep, *, wrong: str | None = None
) -> HTMLResponse:
    with services.db.reading() as uow:
        session = sessions.find(uow, digest(request.cookies[COOKIE]))
        has_one = passwords.hash_of(uow, user.id) is not None
        asks_old = has_one and not may_set_freely(session, uow)
    return render(
        request,
        "password.html",
        user=user,
        status=HTTPStatus.OK if wrong is None else HTTPStatus.UNPROCESSABLE_ENTITY,
        wrong=wrong,
        asks_old=asks_old,
        has_one=has_one,
        least=services.settings.password_min_length,
    )


@router.post("/sessions/{session}/end")
def end_session(session: int, user: SessionUser, uow: WriteUnit) -> Response:
    """End one of one's own sessions, for example on a machine one has left."""
    close_one(uow, user, session)
    return RedirectResponse("/account", HTTPStatus.SEE_OTHER)


@router.post("/sessions/end")
def end_all_sessions(user: SessionUser, uow: WriteUnit) -> Response:
    """Log out everywhere, here too."""
    close_all(uow, user, actor=user.name)
    answer = RedirectResponse("/login", HTTPStatus.SEE_OTHER)
    answer.delete_cookie(COOKIE)
    return answer


__all__ = ["router"]
