"""The session of a browser, for pages that go on where they were after it has ended."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from ocr_service.db.accounts.accounts import User
from ocr_service.domain.errors import LoginThrottled
from ocr_service.service.accounts import sessions
from ocr_service.service.accounts.sessions import Attempt
from ocr_service.web.deps import ServicesDep, WriteUnit
from ocr_service.web.errors import named_problem
from ocr_service.web.pages.login import address_of
from ocr_service.web.security import (
    COOKIE,
    AnyUser,
    give_cookie,
    refuse_foreign_pages,
    terms_of,
)

router = APIRouter(prefix="/session", tags=["session"])


class Credentials(BaseModel):
    """Name and password."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=1000)
    password: str = Field(max_length=1000)


class SessionOut(BaseModel):
    """Who is logged in, and what he may do."""

    name: str
    roles: list[str]
    rights: list[str]

    @classmethod
    def of(cls, user: User) -> SessionOut:
        """From the service's answer."""
        return cls(name=user.name, roles=sorted(user.roles), rights=sorted(user.rights))


@router.post(
    "",
    response_model=SessionOut,
    responses={
        401: {"description": "Wrong name or password"},
        429: {"description": "Too many wrong guesses"},
    },
)
def log_in(credentials: Credentials, request: Request, services: ServicesDep) -> Response:
    """Begin a session; its cookie comes with the answer."""
    refuse_foreign_pages(request)
    attempt = Attempt(credentials.name, credentials.password, address_of(request))
    terms = terms_of(services)
    try:
        opened = sessions.open_by_password(services.db, attempt, terms)
    except LoginThrottled as error:
        refused = named_problem(error)
        refused.headers["Retry-After"] = str(error.wait_s)
        return refused
    answer = JSONResponse(SessionOut.of(opened.user).model_dump())
    give_cookie(answer, request, opened.secret, terms)
    return answer


@router.get("")
def show_session(user: AnyUser) -> SessionOut:
    """Who is logged in."""
    return SessionOut.of(user)


@router.delete("", status_code=HTTPStatus.NO_CONTENT)
def log_out(request: Request, _user: AnyUser, uow: WriteUnit) -> Response:
    """End the session."""
    cookie = request.cookies.get(COOKIE)
    if cookie is not None:
        sessions.close_session(uow, cookie)
    answer = Response(status_code=HTTPStatus.NO_CONTENT)
    answer.delete_cookie(COOKIE)
    return answer


__all__ = ["router"]
