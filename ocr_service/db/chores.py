"""Work that one process of all does now and then."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from ocr_service.db import tables as t
from ocr_service.db.uow import UnitOfWork


def is_due(uow: UnitOfWork, name: str, *, every: timedelta) -> bool:
    """Whether it may be time; cheap enough to ask every few seconds."""
    query = sa.select(t.chores.c.due_at).where(t.chores.c.name == name)
    due_at: datetime | None = uow.connection.execute(query).scalar()
    return due_at is None or due_at <= uow.now or due_at > uow.now + every


def claim_due(uow: UnitOfWork, name: str, *, every: timedelta) -> bool:
    """Whether the caller is the one to do it now; the next time comes after ``every``.

    The first time comes after ``every`` too: a process that has just started has other things
    to do. A caller that fails or dies leaves the work to the next time.
    """
    connection, c = uow.connection, t.chores.c
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(
        dialect.insert(t.chores)
        .values(name=name, due_at=uow.now + every)
        .on_conflict_do_nothing(index_elements=["name"])
    )
    # The second part sets right a time that a wrong clock put far ahead.
    due = sa.or_(c.due_at <= uow.now, c.due_at > uow.now + every)
    done = connection.execute(
        sa.update(t.chores).where(c.name == name, due).values(due_at=uow.now + every)
    )
    return done.rowcount == 1


__all__ = ["claim_due", "is_due"]
