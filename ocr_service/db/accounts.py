"""Users and their secrets: API tokens, one-time login links, browser sessions.

A secret has 256 random bits, so a plain SHA-256 of it is kept and nothing slower is needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from ocr_service.db import tables as t
from ocr_service.db.ids import UserId
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import Conflict, NotFound


class Role(StrEnum):
    """What a user may do."""

    ADMIN = "admin"  # everything
    CLERK = "clerk"  # take in, review, export
    SCANNER = "scanner"  # take in and ask how it stands


class TokenKind(StrEnum):
    """How a secret is used."""

    API = "api"
    LOGIN = "login"  # once
    SESSION = "session"


@dataclass(frozen=True, slots=True)
class User:
    """Somebody, or some machine, that uses the service."""

    id: UserId
    name: str
    role: Role
    disabled: bool


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A secret as an administrator sees it; the secret itself is not kept."""

    id: int
    user: str
    name: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


def add_user(uow: UnitOfWork, *, name: str, role: Role) -> UserId:
    """A new user.

    Raises:
        Conflict: the name is taken.
    """
    taken = sa.select(t.users.c.id).where(t.users.c.name == name)
    if uow.connection.execute(taken).first() is not None:
        raise Conflict(f"there is a user {name} already")
    added = uow.connection.execute(
        sa.insert(t.users).values(name=name, role=role, created_at=uow.now).returning(t.users.c.id)
    )
    return UserId(added.scalar_one())


def user_named(uow: UnitOfWork, name: str) -> User:
    """The user of this name.

    Raises:
        NotFound: there is none.
    """
    row = (
        uow.connection.execute(sa.select(t.users).where(t.users.c.name == name))
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise NotFound(f"no user {name}")
    return _user(row)


def all_users(uow: UnitOfWork) -> list[User]:
    """Everybody, in order of creation."""
    rows = uow.connection.execute(sa.select(t.users).order_by(t.users.c.id)).mappings()
    return [_user(row) for row in rows]


def set_disabled(uow: UnitOfWork, user: UserId, *, disabled: bool) -> None:
    """Lock a user out, or let him in again."""
    uow.connection.execute(
        sa.update(t.users)
        .where(t.users.c.id == user)
        .values(disabled_at=uow.now if disabled else None)
    )


def add_token(
    uow: UnitOfWork,
    user: UserId,
    kind: TokenKind,
    *,
    sha256: str,
    name: str,
    expires_at: datetime | None,
) -> int:
    """Keep the hash of a new secret."""
    added = uow.connection.execute(
        sa.insert(t.tokens)
        .values(
            user_id=user,
            kind=kind,
            name=name,
            sha256=sha256,
            created_at=uow.now,
            expires_at=expires_at,
        )
        .returning(t.tokens.c.id)
    )
    return int(added.scalar_one())


def owner_of(uow: UnitOfWork, sha256: str, kinds: tuple[TokenKind, ...]) -> User | None:
    """Whose valid secret this is; None for unknown, lapsed, revoked, or of a disabled user."""
    query = (
        sa.select(t.users)
        .join(t.tokens, t.tokens.c.user_id == t.users.c.id)
        .where(t.tokens.c.sha256 == sha256, t.tokens.c.kind.in_(kinds), _valid(uow))
    )
    row = uow.connection.execute(query).mappings().one_or_none()
    return None if row is None or row["disabled_at"] is not None else _user(row)


def use_login(uow: UnitOfWork, sha256: str) -> User | None:
    """Whose login link this is, which is spent from here on; None if it cannot be used."""
    spent = uow.connection.execute(
        sa.update(t.tokens)
        .where(
            t.tokens.c.sha256 == sha256,
            t.tokens.c.kind == TokenKind.LOGIN,
            t.tokens.c.used_at.is_(None),
            _valid(uow),
        )
        .values(used_at=uow.now)
        .returning(t.tokens.c.user_id)
    ).scalar_one_or_none()
    if spent is None:
        return None
    row = uow.connection.execute(sa.select(t.users).where(t.users.c.id == spent)).mappings().one()
    return None if row["disabled_at"] is not None else _user(row)


def revoke(uow: UnitOfWork, sha256: str) -> None:
    """Make a secret worthless, for example at logout."""
    uow.connection.execute(
        sa.update(t.tokens).where(t.tokens.c.sha256 == sha256).values(revoked_at=uow.now)
    )


def revoke_by_id(uow: UnitOfWork, token: int) -> None:
    """Make a token worthless.

    Raises:
        NotFound: there is none.
    """
    done = uow.connection.execute(
        sa.update(t.tokens)
        .where(t.tokens.c.id == token, t.tokens.c.kind == TokenKind.API)
        .values(revoked_at=uow.now)
    )
    if done.rowcount != 1:
        raise NotFound(f"no token {token}")


def api_tokens(uow: UnitOfWork) -> list[TokenRow]:
    """All API tokens, without their secrets."""
    query = (
        sa.select(t.tokens, t.users.c.name.label("user_name"))
        .join(t.users, t.users.c.id == t.tokens.c.user_id)
        .where(t.tokens.c.kind == TokenKind.API)
        .order_by(t.tokens.c.id)
    )
    return [
        TokenRow(
            row["id"],
            row["user_name"],
            row["name"],
            row["created_at"],
            row["expires_at"],
            row["revoked_at"],
        )
        for row in uow.connection.execute(query).mappings()
    ]


def _valid(uow: UnitOfWork) -> sa.ColumnElement[bool]:
    c = t.tokens.c
    return sa.and_(c.revoked_at.is_(None), sa.or_(c.expires_at.is_(None), c.expires_at > uow.now))


def _user(row: sa.RowMapping) -> User:
    return User(UserId(row["id"]), row["name"], Role(row["role"]), row["disabled_at"] is not None)


__all__ = [
    "Role",
    "TokenKind",
    "TokenRow",
    "User",
    "add_token",
    "add_user",
    "all_users",
    "api_tokens",
    "owner_of",
    "revoke",
    "revoke_by_id",
    "set_disabled",
    "use_login",
    "user_named",
]
