"""Who is asking and what he may: bearer tokens for programs, a cookie for browsers.

A browser gets its cookie by a password or by a link that works once. The cookie is HttpOnly and
SameSite=Lax, and a request that changes something is refused unless the browser says it comes from
our own pages.
"""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, ClassVar
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response

from ocr_service.bootstrap import Services
from ocr_service.db.accounts import passwords
from ocr_service.db.accounts.accounts import Right, User
from ocr_service.domain.errors import AccessDenied
from ocr_service.service.accounts import accounts, sessions
from ocr_service.service.accounts.sessions import SessionTerms
from ocr_service.web.deps import ServicesDep, WriteUnit

COOKIE = "ocr_session"

BACKGROUND_HEADER = "X-Background"
"""Sent with what a page asks by itself, such as polling: it keeps no session alive."""

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_PAGES = frozenset({"same-origin", "none"})
_LONGEST_NEXT = 500


class Forbidden(AccessDenied):
    """Known, but without the right."""

    http_status: ClassVar[int] = HTTPStatus.FORBIDDEN


def current_user(request: Request, services: ServicesDep) -> User:
    """Who is asking.

    Raises:
        AccessDenied: no token and no session, or a token that is not valid.
        SessionExpired: there was a session; whoever logs in again may go on.
        Forbidden: a foreign page made the browser send this.
    """
    bearer = _bearer(request)
    cookie = request.cookies.get(COOKIE)
    if bearer is not None:
        with services.db.reading() as uow:
            return accounts.who(uow, bearer)
    if cookie is not None:
        refuse_foreign_pages(request)
        counts = BACKGROUND_HEADER not in request.headers
        return sessions.whose(services.db, cookie, terms_of(services), counts=counts)
    raise AccessDenied("send a token, or log in")


def terms_of(services: Services) -> SessionTerms:
    """How long this installation's sessions last."""
    settings = services.settings
    idle = timedelta(minutes=settings.session_idle_minutes)
    return SessionTerms(idle, timedelta(hours=settings.session_hours))


def _bearer(request: Request) -> str | None:
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else None


def refuse_foreign_pages(request: Request) -> None:
    """Let nothing be changed by a form or script of another site.

    Raises:
        Forbidden: the browser does not say that one of our pages sends this.
    """
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


def safe_next(wanted: str | None) -> str:
    """Where to go after the login: a path of this service, else the start page."""
    if not wanted or len(wanted) > _LONGEST_NEXT or not wanted.isprintable():
        return "/"
    # Browsers take a backslash for a slash, and two of them for the beginning of a host.
    if wanted[0] != "/" or wanted[1:2] in {"/", "\\"} or "\\" in wanted:
        return "/"
    return "/" if urlsplit(wanted).path in {"/login", "/logout"} else wanted


class Needs:
    """The right that a route asks for; a test finds it by walking the routes.

    It waits for nothing and so runs in the event loop: a thread costs more than it does.
    """

    def __init__(self, right: Right) -> None:
        self.right = right

    async def __call__(self, user: Annotated[User, Depends(current_user)]) -> User:
        """Who is asking.

        Raises:
            Forbidden: he, or the token he uses, has not the right.
        """
        if not user.may(self.right):
            raise Forbidden(f"this needs the right to {self.right}; ask an administrator")
        return user


AnyUser = Annotated[User, Depends(current_user)]
"""Whoever is known; for what tells nothing that is written on a form."""


async def _by_session(request: Request, user: Annotated[User, Depends(current_user)]) -> User:
    if _bearer(request) is not None:
        raise Forbidden("log in for this; a token may not do it")
    return user


SessionUser = Annotated[User, Depends(_by_session)]
"""Somebody at a browser, for his own account: a token must not give itself a password."""

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
def login(
    secret: str,
    request: Request,
    services: ServicesDep,
    uow: WriteUnit,
    next: Annotated[str | None, Query()] = None,  # noqa: A002 - the name in the address
) -> Response:
    """Trade a one-time link for a session cookie; who has no password may set one first."""
    terms = terms_of(services)
    opened = sessions.open_by_link(uow, secret, terms)
    wants_password = next is None and passwords.hash_of(uow, opened.user.id) is None
    target = "/account/password" if wants_password else safe_next(next)
    answer = RedirectResponse(target, HTTPStatus.SEE_OTHER)
    give_cookie(answer, request, opened.secret, terms)
    return answer


@router.post("/logout")
def logout(request: Request, _user: AnyUser, uow: WriteUnit) -> Response:
    """End the session."""
    cookie = request.cookies.get(COOKIE)
    if cookie is not None:
        sessions.close_session(uow, cookie)
    answer = RedirectResponse("/login", HTTPStatus.SEE_OTHER)
    answer.delete_cookie(COOKIE)
    return answer


def give_cookie(answer: Response, request: Request, secret: str, terms: SessionTerms) -> None:
    """Let the browser keep a session's secret where no script can read it."""
    answer.set_cookie(
        COOKIE,
        secret,
        max_age=int(terms.longest.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=_is_https(request),
    )


def _is_https(request: Request) -> bool:
    public: str | None = request.app.state.services.settings.public_url
    return request.url.scheme == "https" or bool(public and public.startswith("https:"))


__all__ = [
    "BACKGROUND_HEADER",
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
    "SessionUser",
    "current_user",
    "give_cookie",
    "refuse_foreign_pages",
    "router",
    "safe_next",
    "terms_of",
]
