"""Sessions of browsers, which are secrets that know when they were used last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from ocr_service.db import tables as t
from ocr_service.db.accounts.accounts import TokenKind, User, still_valid, user_of_row
from ocr_service.db.ids import UserId
from ocr_service.db.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A browser's session that was not ended.

    Attributes:
        id: number.
        user: whose.
        by: how it was begun: ``link`` or ``password``.
        opened_at: when.
        seen_at: last use, to the minute.
        sha256: hash of its secret.
    """

    id: int
    user: User
    by: str
    opened_at: datetime
    seen_at: datetime
    sha256: str


def find(uow: UnitOfWork, sha256: str) -> SessionRow | None:
    """The session with this secret; None for unknown, lapsed, ended, or of a disabled user."""
    found = uow.connection.execute(_sessions(uow).where(t.tokens.c.sha256 == sha256))
    row = found.mappings().one_or_none()
    return None if row is None or row["disabled_at"] is not None else _session(row)


def of_user(uow: UnitOfWork, user: UserId) -> list[SessionRow]:
    """A user's sessions that were not ended, the newest first."""
    query = _sessions(uow).where(t.users.c.id == user).order_by(t.tokens.c.id.desc())
    return [_session(row) for row in uow.connection.execute(query).mappings()]


def note_use(uow: UnitOfWork, sha256: str) -> None:
    """A session was used now."""
    uow.connection.execute(
        sa.update(t.tokens).where(t.tokens.c.sha256 == sha256).values(seen_at=uow.now)
    )


def end(uow: UnitOfWork, session: int) -> None:
    """End a session."""
    c = t.tokens.c
    uow.connection.execute(
        sa.update(t.tokens)
        .where(c.id == session, c.kind == TokenKind.SESSION)
        .values(revoked_at=uow.now)
    )


def _sessions(uow: UnitOfWork) -> sa.Select[tuple[object, ...]]:
    c = t.tokens.c
    opened = (c.id.label("session"), c.name.label("by"), c.created_at.label("opened_at"))
    return (
        sa.select(t.users, *opened, c.seen_at, c.sha256)
        .join(t.tokens, c.user_id == t.users.c.id)
        .where(c.kind == TokenKind.SESSION, still_valid(uow))
    )


def _session(row: sa.RowMapping) -> SessionRow:
    opened_at = row["opened_at"]
    seen_at = row["seen_at"] or opened_at
    return SessionRow(
        row["session"], user_of_row(row), row["by"], opened_at, seen_at, row["sha256"]
    )


def forget_old(uow: UnitOfWork, *, before: datetime) -> int:
    """Remove sessions and login links that lapsed, and guesses of so long ago; how many rows."""
    c = t.tokens.c
    kinds = (TokenKind.SESSION, TokenKind.LOGIN)
    lapsed = sa.delete(t.tokens).where(c.kind.in_(kinds), c.expires_at < before)
    gone = uow.connection.execute(lapsed).rowcount
    old = sa.delete(t.guesses).where(t.guesses.c.last_at < before)
    return gone + uow.connection.execute(old).rowcount


__all__ = ["SessionRow", "end", "find", "forget_old", "note_use", "of_user"]
