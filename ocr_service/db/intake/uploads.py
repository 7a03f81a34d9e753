"""Large files that come in pieces: who sends what, and what was answered in the end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ocr_service.db import tables as t
from ocr_service.db.ids import BatchId
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import NotFound


@dataclass(frozen=True, slots=True)
class NewUpload:
    """An upload as it is announced.

    Attributes:
        token: 32 hex digits; names it in addresses and on disk.
        batch: where the file goes.
        name: the sender's name for it.
        length: bytes it will have.
        created_by: user name.
        correlation: id of the request that announced it.
        expires_at: when it is given up.
    """

    token: str
    batch: BatchId
    name: str
    length: int
    created_by: str
    correlation: str | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload as it stands.

    Attributes:
        new: what was announced.
        sha256: digest of its bytes; None while some are missing.
        status: HTTP status of what was answered; None until the bytes were judged.
        answer: what was answered.
    """

    new: NewUpload
    sha256: str | None
    status: int | None
    answer: dict[str, Any] | None


def insert(uow: UnitOfWork, new: NewUpload) -> None:
    """Announce an upload."""
    uow.connection.execute(
        sa.insert(t.uploads).values(
            token=new.token,
            batch_id=new.batch,
            name=new.name,
            length=new.length,
            created_by=new.created_by,
            correlation=new.correlation,
            created_at=uow.now,
            expires_at=new.expires_at,
        )
    )


def get(uow: UnitOfWork, token: str) -> Upload:
    """One upload.

    Raises:
        NotFound: none, or it was ended.
    """
    return _one(uow, sa.select(t.uploads).where(t.uploads.c.token == token))


def lock(uow: UnitOfWork, token: str) -> Upload:
    """One upload, which nobody else finishes until this unit ends.

    Raises:
        NotFound: none, or it was ended.
    """
    return _one(uow, sa.select(t.uploads).where(t.uploads.c.token == token).with_for_update())


def set_sha256(uow: UnitOfWork, token: str, sha256: str) -> None:
    """Remember that all bytes are there."""
    uow.connection.execute(
        sa.update(t.uploads).where(t.uploads.c.token == token).values(sha256=sha256)
    )


def settle(uow: UnitOfWork, token: str, *, status: int, answer: dict[str, Any]) -> None:
    """Write down what a complete upload became."""
    uow.connection.execute(
        sa.update(t.uploads).where(t.uploads.c.token == token).values(status=status, answer=answer)
    )


def remove(uow: UnitOfWork, token: str) -> None:
    """Forget an upload."""
    uow.connection.execute(sa.delete(t.uploads).where(t.uploads.c.token == token))


def expired(uow: UnitOfWork) -> list[str]:
    """Tokens of uploads whose time is over."""
    query = sa.select(t.uploads.c.token).where(t.uploads.c.expires_at <= uow.now)
    return list(uow.connection.execute(query).scalars())


def _one(uow: UnitOfWork, query: sa.Select[Any]) -> Upload:
    row = uow.connection.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFound("no such upload, or it was ended; start it again")
    new = NewUpload(
        token=row["token"],
        batch=BatchId(row["batch_id"]),
        name=row["name"],
        length=row["length"],
        created_by=row["created_by"],
        correlation=row["correlation"],
        expires_at=row["expires_at"],
    )
    return Upload(new, row["sha256"], row["status"], row["answer"])


__all__ = [
    "NewUpload",
    "Upload",
    "expired",
    "get",
    "insert",
    "lock",
    "remove",
    "set_sha256",
    "settle",
]
