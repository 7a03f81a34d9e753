"""Users, their tokens, login links and sessions. Secrets leave here once and are never stored."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import timedelta

from ocr_service.db.accounts import accounts
from ocr_service.db.accounts.accounts import NewSecret, Right, Role, TokenKind, User
from ocr_service.db.audit import AuditEntry, DetailValue
from ocr_service.db.ids import UserId
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import AccessDenied, Conflict, InvalidRequest
from ocr_service.domain.passwords import checked_name
from ocr_service.domain.rights import rights_of

LOGIN_LINK_LIFE = timedelta(minutes=15)


def new_secret() -> str:
    """256 random bits, fit for a header, a cookie or a URL."""
    return secrets.token_urlsafe(32)


def create_user(uow: UnitOfWork, *, name: str, roles: Iterable[Role], actor: str) -> UserId:
    """A new user.

    Raises:
        Conflict: the name is taken.
        InvalidRequest: it is no name.
    """
    held = sorted(set(roles))
    user = accounts.add_user(uow, name=checked_name(name), roles=held)
    uow.log(AuditEntry(actor, "user.created", "user", user, {"roles": " ".join(held)}))
    return user


def ensure_admin(uow: UnitOfWork, *, name: str = "admin") -> User:
    """The first administrator, made if nobody is there yet."""
    for user in accounts.all_users(uow):
        if Role.ADMIN in user.roles and not user.disabled:
            return user
    create_user(uow, name=name, roles=(Role.ADMIN,), actor="system")
    return accounts.user_named(uow, name)


def change_roles(uow: UnitOfWork, user: User, roles: Iterable[Role], *, actor: str) -> None:
    """What a user is here for from now on.

    Raises:
        Conflict: he is the last administrator.
    """
    held = sorted(set(roles))
    if Role.ADMIN not in held:
        _keep_an_admin(uow, user)
    accounts.set_roles(uow, user.id, held)
    detail: dict[str, DetailValue] = {"roles": " ".join(held)}
    uow.log(AuditEntry(actor, "user.roles", "user", user.id, detail))


def lock_out(uow: UnitOfWork, user: User, *, actor: str) -> None:
    """Let a user in no more: sessions, tokens and links are worth nothing while it lasts.

    Raises:
        Conflict: he is the last administrator.
    """
    _keep_an_admin(uow, user)
    accounts.set_disabled(uow, user.id, disabled=True)
    kinds = (TokenKind.SESSION, TokenKind.LOGIN)
    accounts.revoke_all(uow, user.id, kinds)
    uow.log(AuditEntry(actor, "user.disabled", "user", user.id))


def let_in(uow: UnitOfWork, user: User, *, actor: str) -> None:
    """Let a user in again."""
    accounts.set_disabled(uow, user.id, disabled=False)
    uow.log(AuditEntry(actor, "user.enabled", "user", user.id))


def revoke_token(uow: UnitOfWork, token: int, *, actor: str) -> None:
    """Make an API token worthless.

    Raises:
        NotFound: there is none.
    """
    accounts.revoke_by_id(uow, token)
    uow.log(AuditEntry(actor, "token.revoked", "token", token))


def _keep_an_admin(uow: UnitOfWork, user: User) -> None:
    others = (other for other in accounts.all_users(uow) if other.id != user.id)
    if Role.ADMIN in user.roles and not any(
        Role.ADMIN in other.roles and not other.disabled for other in others
    ):
        raise Conflict("this is the last administrator; name another one first")


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
    new = NewSecret(TokenKind.API, digest(secret), expires_at, name, scopes)
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
        uow, user.id, NewSecret(TokenKind.LOGIN, digest(secret), expires_at, "login")
    )
    uow.log(AuditEntry(actor, "login.issued", "user", user.id))
    return secret


def who(uow: UnitOfWork, secret: str) -> User:
    """Whose API token this is.

    Raises:
        AccessDenied: nobody's, or it lapsed, or its user is locked out.
    """
    user = accounts.owner_of(uow, digest(secret), (TokenKind.API,))
    if user is None:
        raise AccessDenied("the token is unknown, lapsed or revoked")
    return user


def digest(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


__all__ = [
    "LOGIN_LINK_LIFE",
    "change_roles",
    "create_user",
    "digest",
    "ensure_admin",
    "issue_login",
    "issue_token",
    "let_in",
    "lock_out",
    "new_secret",
    "revoke_token",
    "who",
]
