"""Hashes of passwords, and how often somebody guessed wrong."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from ocr_service.db import tables as t
from ocr_service.db.ids import UserId
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.throttle import Guesses


def hash_of(uow: UnitOfWork, user: UserId) -> str | None:
    """The hash of a user's password; None where he has none."""
    query = sa.select(t.passwords.c.hash).where(t.passwords.c.user_id == user)
    return uow.connection.execute(query).scalar_one_or_none()


def with_password(uow: UnitOfWork) -> set[UserId]:
    """Who has a password."""
    found = uow.connection.execute(sa.select(t.passwords.c.user_id)).scalars()
    return {UserId(user) for user in found}


def keep_hash(uow: UnitOfWork, user: UserId, hashed: str) -> None:
    """Take a new password in the place of the old one."""
    values = {"hash": hashed, "set_at": uow.now}
    dialect = postgresql if uow.connection.dialect.name == "postgresql" else sqlite
    uow.connection.execute(
        dialect.insert(t.passwords)
        .values(user_id=user, **values)
        .on_conflict_do_update(index_elements=["user_id"], set_=values)
    )


def lock_guesses(uow: UnitOfWork, subject: str) -> Guesses:
    """What is known of an account or an address, locked until this unit ends.

    The row is made before it is locked, so that many guesses at once are counted as many.
    """
    dialect = postgresql if uow.connection.dialect.name == "postgresql" else sqlite
    uow.connection.execute(
        dialect.insert(t.guesses)
        .values(subject=subject, failures=0, last_at=uow.now)
        .on_conflict_do_nothing(index_elements=["subject"])
    )
    g = t.guesses.c
    query = sa.select(g.failures, g.last_at, g.blocked_until).where(g.subject == subject)
    return Guesses(*uow.connection.execute(query.with_for_update()).one())


def keep_guesses(uow: UnitOfWork, subject: str, guesses: Guesses) -> None:
    """Remember wrong guesses; ``lock_guesses`` has made the row."""
    uow.connection.execute(
        sa.update(t.guesses)
        .where(t.guesses.c.subject == subject)
        .values(
            failures=guesses.failures,
            last_at=guesses.last_at,
            blocked_until=guesses.blocked_until,
        )
    )


def forget_guesses(uow: UnitOfWork, subject: str) -> None:
    """Hold nothing against an account or an address any more."""
    uow.connection.execute(sa.delete(t.guesses).where(t.guesses.c.subject == subject))


__all__ = [
    "forget_guesses",
    "hash_of",
    "keep_guesses",
    "keep_hash",
    "lock_guesses",
    "with_password",
]
