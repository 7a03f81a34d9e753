"""Answers kept under the key that the sender chose, so that a lost one can be asked for again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from ocr_service.db import tables as t
from ocr_service.db.uow import UnitOfWork

KEPT_FOR = timedelta(days=7)
"""Longer than any sender repeats a request by itself."""


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What a request was answered.

    Attributes:
        fingerprint: tells the request from others that carry the same key.
        status: HTTP status.
        body: what the answer said.
    """

    fingerprint: str
    status: int
    body: dict[str, Any]


def claim(uow: UnitOfWork, *, actor: str, key: str, fingerprint: str) -> KeptAnswer | None:
    """Take a key for this unit of work, or give what was answered under it.

    A second unit with the same key waits here until the first has committed.

    Returns:
        None if the key is new: call :func:`keep` before this unit ends.
    """
    connection, k = uow.connection, t.kept_answers.c
    connection.execute(sa.delete(t.kept_answers).where(k.created_at < uow.now - KEPT_FOR))
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    added = connection.execute(
        dialect.insert(t.kept_answers)
        .values(actor=actor, key=key, fingerprint=fingerprint, created_at=uow.now)
        .on_conflict_do_nothing(index_elements=["actor", "key"])
        .returning(k.id)
    )
    if added.scalar_one_or_none() is not None:
        return None
    query = sa.select(t.kept_answers).where(k.actor == actor, k.key == key)
    row = connection.execute(query).mappings().one()
    return KeptAnswer(row["fingerprint"], row["status"], row["body"])


def keep(uow: UnitOfWork, *, actor: str, key: str, status: int, body: dict[str, Any]) -> None:
    """Keep what the request that claimed this key is answered."""
    k = t.kept_answers.c
    uow.connection.execute(
        sa.update(t.kept_answers)
        .where(k.actor == actor, k.key == key)
        .values(status=status, body=body)
    )


__all__ = ["KEPT_FOR", "KeptAnswer", "claim", "keep"]
