"""Users and their secrets: API tokens, one-time login links, browser sessions.

A secret has 256 random bits, so a plain SHA-256 of it is kept and nothing slower is needed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from ocr_service.db import tables as t
from ocr_service.db.ids import UserId
from ocr_service.db.rows import one_row
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import Conflict, NotFound
from ocr_service.domain.rights import CLERK, Right, Role, rights_of


class TokenKind(StrEnum):
    """How a secret is used."""

    API = "api"
    LOGIN = "login"  # once
    SESSION = "session"


@dataclass(frozen=True, slots=True)
class User:
    """Somebody, or some machine, that uses the service.

    Attributes:
        id: number.
        name: what he logs in with.
        roles: what he is here for.
        disabled: locked out.
        rights: what he may do in this request; a token's scopes bound them.
    """

    id: UserId
    name: str
    roles: frozenset[Role]
    disabled: bool
    rights: frozenset[Right]

    def may(self, right: Right) -> bool:
        """Whether he has this right."""
        return right in self.rights


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A secret to be kept, as its hash.

    Attributes:
        kind: how it is used.
        sha256: of the secret.
        expires_at: None = it does not lapse.
        name: what it is for.
        scopes: the rights an API token is bounded to; None = all of its user.
    """

    kind: TokenKind
    sha256: str
    expires_at: datetime | None
    name: str
    scopes: frozenset[Right] | None = None


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A secret as an administrator sees it; the secret itself is not kept."""

    id: int
    user: str
    name: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    scopes: frozenset[Right] | None


def add_user(uow: UnitOfWork, *, name: str, roles: Iterable[Role]) -> UserId:
    """A new user.

    Raises:
        Conflict: the name is taken.
    """
    taken = sa.select(t.users.c.id).where(t.users.c.name == name)
    if uow.connection.execute(taken).first() is not None:
        raise Conflict(f"there is a user {name} already")
    added = uow.connection.execute(
        sa.insert(t.users)
        .values(name=name, roles=sorted(roles), created_at=uow.now)
        .returning(t.users.c.id)
    )
    return UserId(added.scalar_one())


def user_named(uow: UnitOfWork, name: str) -> User:
    """The user of this name.

    Raises:
        NotFound: there is none.
    """
    found = find_user(uow, name)
    if found is None:
        raise NotFound(f"no user {name}")
    return found


def find_user(uow: UnitOfWork, name: str) -> User | None:
    """The user of this name, if there is one."""
    query = sa.select(t.users).where(t.users.c.name == name)
    row = uow.connection.execute(query).mappings().one_or_none()
    return None if row is None else user_of_row(row)


def get_user(uow: UnitOfWork, user: int) -> User:
    """The user of this number.

    Raises:
        NotFound: there is none.
    """
    return user_of_row(one_row(uow, t.users, user, what="user"))


def all_users(uow: UnitOfWork) -> list[User]:
    """Everybody, in order of creation."""
    rows = uow.connection.execute(sa.select(t.users).order_by(t.users.c.id)).mappings()
    return [user_of_row(row) for row in rows]


def set_roles(uow: UnitOfWork, user: UserId, roles: Iterable[Role]) -> None:
    """What a user is here for from now on."""
    uow.connection.execute(
        sa.update(t.users).where(t.users.c.id == user).values(roles=sorted(roles))
    )


def set_disabled(uow: UnitOfWork, user: UserId, *, disabled: bool) -> None:
    """Lock a user out, or let him in again."""
    uow.connection.execute(
        sa.update(t.users)
        .where(t.users.c.id == user)
        .values(disabled_at=uow.now if disabled else None)
    )


def add_token(uow: UnitOfWork, user: UserId, new: NewSecret) -> int:
    """Keep the hash of a new secret."""
    added = uow.connection.execute(
        sa.insert(t.tokens)
        .values(
            user_id=user,
            kind=new.kind,
            name=new.name,
            sha256=new.sha256,
            created_at=uow.now,
            seen_at=uow.now,
            expires_at=new.expires_at,
            scopes=None if new.scopes is None else sorted(new.scopes),
        )
        .returning(t.tokens.c.id)
    )
    return int(added.scalar_one())


# Asked at every request: made once.
_OWNER = (
    sa.select(t.users, t.tokens.c.scopes)
    .join(t.tokens, t.tokens.c.user_id == t.users.c.id)
    .where(
        t.tokens.c.sha256 == sa.bindparam("sha256"),
        t.tokens.c.kind.in_(sa.bindparam("kinds", expanding=True)),
        t.tokens.c.revoked_at.is_(None),
        sa.or_(
            t.tokens.c.expires_at.is_(None),
            t.tokens.c.expires_at > sa.bindparam("now", type_=t.tokens.c.expires_at.type),
        ),
    )
)


def owner_of(uow: UnitOfWork, sha256: str, kinds: tuple[TokenKind, ...]) -> User | None:
    """Whose valid secret this is; None for unknown, lapsed, revoked, or of a disabled user."""
    asked = {"sha256": sha256, "kinds": list(kinds), "now": uow.now}
    row = uow.connection.execute(_OWNER, asked).mappings().one_or_none()
    if row is None or row["disabled_at"] is not None:
        return None
    return user_of_row(row, _scopes(row))


def use_login(uow: UnitOfWork, sha256: str) -> User | None:
    """Whose login link this is, which is spent from here on; None if it cannot be used."""
    spent = uow.connection.execute(
        sa.update(t.tokens)
        .where(
            t.tokens.c.sha256 == sha256,
            t.tokens.c.kind == TokenKind.LOGIN,
            t.tokens.c.used_at.is_(None),
            still_valid(uow),
        )
        .values(used_at=uow.now)
        .returning(t.tokens.c.user_id)
    ).scalar_one_or_none()
    if spent is None:
        return None
    row = uow.connection.execute(sa.select(t.users).where(t.users.c.id == spent)).mappings().one()
    return None if row["disabled_at"] is not None else user_of_row(row)


def revoke(uow: UnitOfWork, sha256: str) -> None:
    """Make a secret worthless, for example at logout."""
    uow.connection.execute(
        sa.update(t.tokens).where(t.tokens.c.sha256 == sha256).values(revoked_at=uow.now)
    )


def revoke_all(
    uow: UnitOfWork, user: UserId, kinds: tuple[TokenKind, ...], *, but: str = ""
) -> None:
    """Make a user's secrets of some kinds worthless, except the one with the hash ``but``."""
    c = t.tokens.c
    uow.connection.execute(
        sa.update(t.tokens)
        .where(c.user_id == user, c.kind.in_(kinds), c.revoked_at.is_(None), c.sha256 != but)
        .values(revoked_at=uow.now)
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
            _scopes(row),
        )
        for row in uow.connection.execute(query).mappings()
    ]


def still_valid(uow: UnitOfWork) -> sa.ColumnElement[bool]:
    """Whether a secret is neither revoked nor lapsed."""
    c = t.tokens.c
    return sa.and_(c.revoked_at.is_(None), sa.or_(c.expires_at.is_(None), c.expires_at > uow.now))


def _scopes(row: sa.RowMapping) -> frozenset[Right] | None:
    stored = row["scopes"]
    return None if stored is None else frozenset(Right(scope) for scope in stored)


def user_of_row(row: sa.RowMapping, scopes: frozenset[Right] | None = None) -> User:
    """A user from a row of ``users``, bounded by the scopes of the token he used."""
    roles = frozenset(Role(role) for role in row["roles"])
    return User(
        id=UserId(row["id"]),
        name=row["name"],
        roles=roles,
        disabled=row["disabled_at"] is not None,
        rights=rights_of(roles, scopes),
    )


__all__ = [
    "CLERK",
    "NewSecret",
    "Right",
    "Role",
    "TokenKind",
    "TokenRow",
    "User",
    "add_token",
    "add_user",
    "all_users",
    "api_tokens",
    "find_user",
    "get_user",
    "owner_of",
    "revoke",
    "revoke_all",
    "revoke_by_id",
    "set_disabled",
    "set_roles",
    "still_valid",
    "use_login",
    "user_named",
    "user_of_row",
]
