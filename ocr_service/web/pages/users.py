"""Who may use the service: for administrators."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from ocr_service.db.accounts import accounts as rows
from ocr_service.db.accounts import passwords
from ocr_service.db.accounts.accounts import Right, Role, TokenRow, User
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import InvalidRequest
from ocr_service.domain.rights import rights_of
from ocr_service.service.accounts import accounts, sessions
from ocr_service.web.deps import ReadUnit, WriteUnit
from ocr_service.web.pages.lists import local_time
from ocr_service.web.pages.rendering import PageRoute, render
from ocr_service.web.security import AdminUser

router = APIRouter(prefix="/admin/users", include_in_schema=False, route_class=PageRoute)

_MAX_DAYS = 3650

Name = Annotated[str, Form(max_length=100)]


@router.get("")
def list_users(request: Request, user: AdminUser, uow: ReadUnit) -> HTMLResponse:
    """Everybody, and the form for a new one."""
    with_password = passwords.with_password(uow)
    shown = [{"user": one, "has_password": one.id in with_password} for one in rows.all_users(uow)]
    return render(request, "admin_users.html", user=user, users=shown, all_roles=list(Role))


@router.post("")
def add_user(
    admin: AdminUser,
    uow: WriteUnit,
    name: Name = "",
    role: Annotated[list[Role] | None, Form()] = None,
) -> Response:
    """A new user."""
    made = accounts.create_user(uow, name=name, roles=_some(role), actor=admin.name)
    return _back_to(made)


@router.get("/{number}")
def show_user(
    request: Request,
    number: int,
    user: AdminUser,
    uow: ReadUnit,
    done: Annotated[str | None, Query(pattern="^(roles|disabled|enabled|ended|revoked)$")] = None,
) -> HTMLResponse:
    """One user: roles, tokens, what can be done about him."""
    return _user_page(request, user, rows.get_user(uow, number), uow, done=done)


@router.post("/{number}/roles")
def put_roles(
    number: int,
    admin: AdminUser,
    uow: WriteUnit,
    role: Annotated[list[Role] | None, Form()] = None,
) -> Response:
    """Other roles."""
    accounts.change_roles(uow, rows.get_user(uow, number), _some(role), actor=admin.name)
    return _back_to(number, "roles")


@router.post("/{number}/disable")
def disable(number: int, admin: AdminUser, uow: WriteUnit) -> Response:
    """Let him in no more."""
    accounts.lock_out(uow, rows.get_user(uow, number), actor=admin.name)
    return _back_to(number, "disabled")


@router.post("/{number}/enable")
def enable(number: int, admin: AdminUser, uow: WriteUnit) -> Response:
    """Let him in again."""
    accounts.let_in(uow, rows.get_user(uow, number), actor=admin.name)
    return _back_to(number, "enabled")


@router.post("/{number}/sessions/end")
def end_sessions(number: int, admin: AdminUser, uow: WriteUnit) -> Response:
    """Log him out everywhere."""
    sessions.close_all(uow, rows.get_user(uow, number), actor=admin.name)
    return _back_to(number, "ended")


@router.post("/{number}/link")
def make_link(request: Request, number: int, admin: AdminUser, uow: WriteUnit) -> HTMLResponse:
    """A login link, shown once on the answer to this form and nowhere else."""
    subject = rows.get_user(uow, number)
    secret = accounts.issue_login(uow, subject, actor=admin.name)
    public = request.app.state.services.settings.public_url or str(request.base_url)
    link = f"{public.rstrip('/')}/login/{secret}"
    return _user_page(request, admin, subject, uow, link=link)


@router.post("/{number}/tokens")
def make_token(  # noqa: PLR0913, PLR0917 - what a form has, and what endpoints ask for
    request: Request,
    number: int,
    admin: AdminUser,
    uow: WriteUnit,
    name: Name = "",
    days: Annotated[str, Form(max_length=5)] = "",
    scope: Annotated[list[Right] | None, Form()] = None,
) -> HTMLResponse:
    """An API token, shown once."""
    if not scope:
        raise InvalidRequest("choose what the token may do")
    subject = rows.get_user(uow, number)
    token = accounts.issue_token(
        uow,
        subject,
        name=name.strip() or "token",
        life=_life(days),
        actor=admin.name,
        scopes=frozenset(scope),
    )
    return _user_page(request, admin, subject, uow, token=token)


@router.post("/{number}/tokens/{token}/revoke")
def revoke_token(number: int, token: int, admin: AdminUser, uow: WriteUnit) -> Response:
    """Make a token worthless."""
    accounts.revoke_token(uow, token, actor=admin.name)
    return _back_to(number, "revoked")


def _user_page(
    request: Request,
    admin: User,
    subject: User,
    uow: UnitOfWork,
    **shown: str | None,
) -> HTMLResponse:
    held = rights_of(subject.roles)
    return render(
        request,
        "admin_user.html",
        user=admin,
        subject=subject,
        all_roles=list(Role),
        scopes=[right for right in Right if right in held],
        tokens=[_token_line(row, uow) for row in rows.api_tokens(uow) if row.user == subject.name],
        has_password=passwords.hash_of(uow, subject.id) is not None,
        done=shown.get("done"),
        link=shown.get("link"),
        token=shown.get("token"),
    )


def _token_line(row: TokenRow, uow: UnitOfWork) -> dict[str, object]:
    lapsed = row.expires_at is not None and row.expires_at <= uow.now
    return {
        "id": row.id,
        "name": row.name,
        "scopes": None if row.scopes is None else sorted(row.scopes),
        "created": local_time(row.created_at),
        "expires": None if row.expires_at is None else local_time(row.expires_at),
        "valid": row.revoked_at is None and not lapsed,
    }


def _some(roles: list[Role] | None) -> list[Role]:
    if not roles:
        raise InvalidRequest("choose at least one role")
    return roles


def _life(days: str) -> timedelta | None:
    if not days.strip():
        return None
    if not (days.isascii() and days.isdigit() and 0 < int(days) <= _MAX_DAYS):
        raise InvalidRequest(f"a token is valid for 1 to {_MAX_DAYS} days")
    return timedelta(days=int(days))


def _back_to(number: int, done: str | None = None) -> Response:
    query = f"?done={done}" if done else ""
    return RedirectResponse(f"/admin/users/{number}{query}", HTTPStatus.SEE_OTHER)


__all__ = ["router"]
