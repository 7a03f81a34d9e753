"""Users, their tokens, login links and sessions. Secrets leave here once and are never stored."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import timedelta

from ocr_service.db import accounts
from ocr_service.db.accounts import NewSecret, Right, Role, TokenKind, User
from ocr_service.db.audit import AuditEntry, DetailValue
from ocr_service.db.ids import UserId
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import AccessDenied, InvalidRequest
from ocr_service.domain.rights import rights_of

LOGIN_LINK_LIFE = timedelta(minutes=15)
SESSION_LIFE = timedelta(hours=12)


def new_secret() -> str:
    """256 random bits, fit for a header, a cookie or a URL."""
    return secrets.token_urlsafe(32)


def create_user(uow: UnitOfWork, *, name: str, roles: Iterable[Role], actor: str) -> UserId:
    """A new user.

    Raises:
        Conflict: the name is taken.
    """
    held = sorted(roles)
    user = accounts.add_user(uow, name=name, roles=held)
    uow.log(AuditEntry(actor, "user.created", "user", user, {"roles": " ".join(held)}))
    return user


def ensure_admin(uow: UnitOfWork, *, name: str = "admin") -> User:
    """The first administrator, made if nobody is there yet."""
    for user in accounts.all_users(uow):
        if Role.ADMIN in user.roles and not user.disabled:
            return user
    create_user(uow, name=name, roles=(Role.ADMIN,), actor="system")
    return accounts.user_named(uow, name)


def issue_token(
    uow: UnitOfWork,
    user: User,
    *,
    name: str,
    life: timedelta | None,
    actor: str,
    scopes: frozenset[Right] | None = None,
) -> str:
    """An API token, shown once.

    Args:
        uow: open unit of work.
        user: whose rights it carries.
        name: what it is for.
        life: None = until it is revoked.
        actor: who asks.
        scopes: the part of the rights that it carries; None = all of them, as they are when used.

    Raises:
        InvalidRequest: a scope is beyond the rights of the user.
    """
    beyond = (scopes or frozenset()) - rights_of(user.roles)
    if beyond:
        raise InvalidRequest(f"{user.name} has not the right to {' or '.join(sorted(beyond))}")
    secret = new_secret()
    expires_at = None if life is None else uow.now + life
    new = NewSecret(TokenKind.API, _digest(secret), expires_at, name, scopes)
    token = accounts.add_token(uow, user.id, new)
    detail: dict[str, DetailValue] = {
        "token": token,
        "scopes": "all" if scopes is None else " ".join(sorted(scopes)),
    }
    uow.log(AuditEntry(actor, "token.issued", "user", user.id, detail))
    return secret


def issue_login(uow: UnitOfWork, user: User, *, actor: str = "system") -> str:
    """The secret of a login link that works once, for a quarter of an hour."""
    secret = new_secret()
    expires_at = uow.now + LOGIN_LINK_LIFE
    accounts.add_token(
        uow, user.id, NewSecret(TokenKind.LOGIN, _digest(secret), expires_at, "login")
    )
    uow.log(AuditEntry(actor, "login.issued", "user", user.id))
    return secret


def open_session(uow: UnitOfWork, login_secret: str) -> tuple[User, str]:
    """Trade a login link for a session.

    Returns:
        The user and the session's secret, for the cookie.

    Raises:
        AccessDenied: the link is unknown, lapsed or was used.
    """
    user = accounts.use_login(uow, _digest(login_secret))
    if user is None:
        raise AccessDenied("this login link is used up or too old; ask for a new one")
    return user, start_session(uow, user)


def start_session(uow: UnitOfWork, user: User) -> str:
    """The secret of a new session, for the cookie."""
    secret = new_secret()
    expires_at = uow.now + SESSION_LIFE
    accounts.add_token(
        uow, user.id, NewSecret(TokenKind.SESSION, _digest(secret), expires_at, "session")
    )
    uow.log(AuditEntry(user.name, "session.opened", "user", user.id))
    return secret


def close_session(uow: UnitOfWork, secret: str) -> None:
    """Log out."""
    accounts.revoke(uow, _digest(secret))


def who(uow: UnitOfWork, secret: str, kind: TokenKind) -> User:
    """Whose secret this is.

    Raises:
        AccessDenied: nobody's, or it lapsed, or its user is locked out.
    """
    user = accounts.owner_of(uow, _digest(secret), (kind,))
    if user is None:
        raise AccessDenied("the token is unknown, lapsed or revoked")
    return user


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


__all__ = [
    "LOGIN_LINK_LIFE",
    "SESSION_LIFE",
    "close_session",
    "create_user",
    "ensure_admin",
    "issue_login",
    "issue_token",
    "new_secret",
    "open_session",
    "start_session",
    "who",
]
