"""Users, their tokens, login links and sessions. Secrets leave here once and are never stored."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from datetime import timedelta

from ocr_service.db import accounts
from ocr_service.db.accounts import Role, TokenKind, User
from ocr_service.db.audit import AuditEntry
from ocr_service.db.ids import UserId
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import AccessDenied

LOGIN_LINK_LIFE = timedelta(minutes=15)
SESSION_LIFE = timedelta(hours=12)

SecretMaker = Callable[[], str]


def new_secret() -> str:
    """256 random bits, fit for a header, a cookie or a URL."""
    return secrets.token_urlsafe(32)


def create_user(uow: UnitOfWork, *, name: str, role: Role, actor: str) -> UserId:
    """A new user.

    Raises:
        Conflict: the name is taken.
    """
    user = accounts.add_user(uow, name=name, role=role)
    uow.log(AuditEntry(actor, "user.created", "user", user, {"role": role.value}))
    return user


def ensure_admin(uow: UnitOfWork, *, name: str = "admin") -> User:
    """The first administrator, made if nobody is there yet."""
    for user in accounts.all_users(uow):
        if user.role is Role.ADMIN and not user.disabled:
            return user
    create_user(uow, name=name, role=Role.ADMIN, actor="system")
    return accounts.user_named(uow, name)


def issue_token(
    uow: UnitOfWork,
    user: User,
    *,
    name: str,
    life: timedelta | None,
    actor: str,
    make: SecretMaker = new_secret,
) -> str:
    """An API token, shown once.

    Args:
        uow: open unit of work.
        user: whose rights it carries.
        name: what it is for.
        life: None = until it is revoked.
        actor: who asks.
        make: gives the secret.
    """
    secret = make()
    expires_at = None if life is None else uow.now + life
    token = accounts.add_token(
        uow, user.id, TokenKind.API, sha256=_digest(secret), name=name, expires_at=expires_at
    )
    uow.log(AuditEntry(actor, "token.issued", "user", user.id, {"token": token}))
    return secret


def issue_login(uow: UnitOfWork, user: User, *, make: SecretMaker = new_secret) -> str:
    """The secret of a login link that works once, for a quarter of an hour."""
    secret = make()
    accounts.add_token(
        uow,
        user.id,
        TokenKind.LOGIN,
        sha256=_digest(secret),
        name="login",
        expires_at=uow.now + LOGIN_LINK_LIFE,
    )
    return secret


def open_session(
    uow: UnitOfWork, login_secret: str, *, make: SecretMaker = new_secret
) -> tuple[User, str]:
    """Trade a login link for a session.

    Returns:
        The user and the session's secret, for the cookie.

    Raises:
        AccessDenied: the link is unknown, lapsed or was used.
    """
    user = accounts.use_login(uow, _digest(login_secret))
    if user is None:
        raise AccessDenied("this login link is used up or too old; ask for a new one")
    secret = make()
    accounts.add_token(
        uow,
        user.id,
        TokenKind.SESSION,
        sha256=_digest(secret),
        name="session",
        expires_at=uow.now + SESSION_LIFE,
    )
    uow.log(AuditEntry(user.name, "session.opened", "user", user.id))
    return user, secret


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
    "SecretMaker",
    "close_session",
    "create_user",
    "ensure_admin",
    "issue_login",
    "issue_token",
    "new_secret",
    "open_session",
    "who",
]
