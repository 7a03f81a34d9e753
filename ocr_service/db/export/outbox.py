"""What others are still to be told, with how often it was tried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from ocr_service.db import tables as t
from ocr_service.db.uow import UnitOfWork

WAITING, DELIVERED, GIVEN_UP = "waiting", "delivered", "given_up"
_ERROR_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Message:
    """One message for one target.

    Attributes:
        id: its id.
        event: what happened, for example ``export:12``.
        target: ``folder`` or ``webhook``.
        body: what is said; no personal data.
        state: waiting, delivered or given_up.
        attempts: how often it was tried.
        not_before: when it may be tried again.
        last_error: why the last try failed.
        created_at: when it happened.
        delivered_at: when it was taken.
    """

    id: int
    event: str
    target: str
    body: Mapping[str, Any]
    state: str
    attempts: int
    not_before: datetime
    last_error: str | None
    created_at: datetime
    delivered_at: datetime | None


def add(uow: UnitOfWork, *, event: str, target: str, body: Mapping[str, Any]) -> None:
    """Something is to be told; a second time of the same event is none."""
    dialect = postgresql if uow.connection.dialect.name == "postgresql" else sqlite
    uow.connection.execute(
        dialect.insert(t.outbox)
        .values(
            event=event,
            target=target,
            body=dict(body),
            state=WAITING,
            attempts=0,
            not_before=uow.now,
            created_at=uow.now,
        )
        .on_conflict_do_nothing(index_elements=["event", "target"])
    )


def has_due(uow: UnitOfWork) -> bool:
    """Whether anything may be tried now; cheap enough to ask every few seconds."""
    o = t.outbox.c
    query = sa.select(o.id).where(o.state == WAITING, o.not_before <= uow.now).limit(1)
    return uow.connection.execute(query).first() is not None


def take_due(uow: UnitOfWork, *, lease: timedelta) -> Message | None:
    """The oldest that may be tried, kept from other processes for a while; counts as a try.

    The count rises before the try: a process that dies in the middle leaves it to be tried again
    after the lease.
    """
    o = t.outbox.c
    due = (
        sa.select(o.id)
        .where(o.state == WAITING, o.not_before <= uow.now)
        .order_by(o.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    found = uow.connection.execute(due).scalar()
    if found is None:
        return None
    uow.connection.execute(
        sa.update(t.outbox)
        .where(o.id == found)
        .values(attempts=o.attempts + 1, not_before=uow.now + lease)
    )
    row = uow.connection.execute(sa.select(t.outbox).where(o.id == found)).mappings().one()
    return _message(row)


def set_delivered(uow: UnitOfWork, message: int) -> None:
    """The target has it."""
    uow.connection.execute(
        sa.update(t.outbox)
        .where(t.outbox.c.id == message)
        .values(state=DELIVERED, delivered_at=uow.now, last_error=None)
    )


def set_failed(uow: UnitOfWork, message: int, *, error: str, again: timedelta | None) -> None:
    """The try failed; it is tried again after ``again``, or never if that is None."""
    values: dict[str, Any] = {"last_error": error[:_ERROR_LENGTH]}
    values |= {"state": GIVEN_UP} if again is None else {"not_before": uow.now + again}
    uow.connection.execute(sa.update(t.outbox).where(t.outbox.c.id == message).values(**values))


def retry(uow: UnitOfWork, message: int) -> bool:
    """Try one that was given up again, from the start; whether there was one."""
    o = t.outbox.c
    done = uow.connection.execute(
        sa.update(t.outbox)
        .where(o.id == message, o.state == GIVEN_UP)
        .values(state=WAITING, attempts=0, not_before=uow.now)
    )
    return done.rowcount == 1


def newest(uow: UnitOfWork, *, limit: int = 50) -> list[Message]:
    """Messages, newest first."""
    query = sa.select(t.outbox).order_by(t.outbox.c.id.desc()).limit(limit)
    return [_message(row) for row in uow.connection.execute(query).mappings()]


def _message(row: sa.RowMapping) -> Message:
    return Message(**{name: row[name] for name in Message.__dataclass_fields__})


__all__ = [
    "DELIVERED",
    "GIVEN_UP",
    "WAITING",
    "Message",
    "add",
    "has_due",
    "newest",
    "retry",
    "set_delivered",
    "set_failed",
    "take_due",
]
