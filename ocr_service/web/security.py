"""Who is asking and what he may: bearer tokens for programs, a cookie for browsers.

A browser gets its cookie by a link that works once. The cookie is HttpOnly and SameSite=Lax, and a
request that changes something is refused unless the browser says it comes from our own pages.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, ClassVar
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from ocr_service.db.accounts import Right, TokenKind, User
from ocr_service.domain.errors import AccessDenied
from ocr_service.service import accounts
from ocr_service.web.deps import ServicesDep, WriteUnit

COOKIE = "ocr_session"

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_PAGES = frozenset({"same-origin", "none"})


class Forbidden(AccessDenied):
    """Known, but without the right."""

    http_status: ClassVar[int] = HTTPStatus.FORBIDDEN


def current_user(request: Request, services: ServicesDep) -> User:
    """Who is asking.

    Raises:
        AccessDenied: no token and no session, or one that is not valid.
        Forbidden: a foreign page made the browser send this.
    """
    bearer = _bearer(request)
    cookie = request.cookies.get(COOKIE)
    with services.db.reading() as uow:
        if bearer is not None:
            return accounts.who(uow, bearer, TokenKind.API)
        if cookie is not None:
            _refuse_foreign_pages(request)
            return accounts.who(uow, cookie, TokenKind.SESSION)
    raise AccessDenied("send a token, or log in with a link from the administrator")


def _bearer(request: Request) -> str | None:
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else None


def _refuse_foreign_pages(request: Request) -> None:
    if request.method in _SAFE_METHODS:
        return
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        if site in _OWN_PAGES:
            return
        raise Forbidden("this request does not come from a page of this service")
    origin = request.headers.get("origin")
    if origin is None or urlsplit(origin).netloc != request.headers.get("host"):
        raise Forbidden("this request does not come from a page of this service")


class Needs:
    """The right that a route asks for; a test finds it by walking the routes."""

    def __init__(self, right: Right) -> None:
        self.right = right

    def __call__(self, user: Annotated[User, Depends(current_user)]) -> User:
        """Who is asking.

        Raises:
            Forbidden: he, or the token he uses, has not the right.
        """
        if not user.may(self.right):
            raise Forbidden(f"this needs the right to {self.right}; ask an administrator")
        return user


AnyUser = Annotated[User, Depends(current_user)]
"""Whoever is known; for what tells nothing that is written on a form."""

IntakeUser = Annotated[User, Depends(Needs(Right.INTAKE))]
"""May open batches and send files."""

ClerkUser = Annotated[User, Depends(Needs(Right.READ))]
"""May see records."""

ReviewerUser = Annotated[User, Depends(Needs(Right.REVIEW))]
"""May answer fields."""

ApproverUser = Annotated[User, Depends(Needs(Right.APPROVE))]
"""May approve, waive issues, reopen and discard."""

ExporterUser = Annotated[User, Depends(Needs(Right.EXPORT))]
"""May make and fetch what leaves the house: exports, claims, reports."""

AdminUser = Annotated[User, Depends(Needs(Right.ADMIN))]
"""May do everything."""

router = APIRouter(include_in_schema=False)


@router.get("/login/{secret}")
def login(secret: str, request: Request, uow: WriteUnit) -> Response:
    """Trade a one-time link for a session cookie."""
    _user, session = accounts.open_session(uow, secret)
    answer = RedirectResponse("/", HTTPStatus.SEE_OTHER)
    answer.set_cookie(
        COOKIE,
        session,
        max_age=int(accounts.SESSION_LIFE.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=_is_https(request),
    )
    return answer


@router.post("/logout")
def logout(request: Request, _user: AnyUser, uow: WriteUnit) -> Response:
    """End the session."""
    cookie = request.cookies.get(COOKIE)
    if cookie is not None:
        accounts.close_session(uow, cookie)
    answer = RedirectResponse("/", HTTPStatus.SEE_OTHER)
    answer.delete_cookie(COOKIE)
    return answer


def _is_https(request: Request) -> bool:
    public: str | None = request.app.state.services.settings.public_url
    return request.url.scheme == "https" or bool(public and public.startswith("https:"))


__all__ = [
    "COOKIE",
    "AdminUser",
    "AnyUser",
    "ApproverUser",
    "ClerkUser",
    "ExporterUser",
    "Forbidden",
    "IntakeUser",
    "Needs",
    "ReviewerUser",
    "current_user",
    "router",
]
