"""What reached a batch, file by file, and what became of each; receipts are sums over it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from ocr_service.db import tables as t
from ocr_service.db.ids import BatchId, FileId
from ocr_service.db.uow import UnitOfWork


class Outcome(StrEnum):
    """What became of a file that arrived."""

    NEW = "new"  # it is taken in
    DUPLICATE = "duplicate"  # its bytes had come before
    REJECTED = "rejected"  # it cannot be taken in


@dataclass(frozen=True, slots=True)
class Member:
    """A place in an archive.

    Attributes:
        archive: the archive, a file itself.
        index: 0-based position in its directory.
    """

    archive: FileId
    index: int


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file that reached a batch.

    Attributes:
        batch: the batch it was sent to.
        name: the sender's name for it.
        outcome: what became of it.
        file: the file it became, or that has the same bytes; None for rejects.
        member: where in an archive it lay; None if it was sent by itself.
        code: of a reject, why.
        message: of a reject, what the operator can do.
    """

    batch: BatchId
    name: str
    outcome: Outcome
    file: FileId | None = None
    member: Member | None = None
    code: str | None = None
    message: str | None = None


def add(uow: UnitOfWork, arrival: Arrival) -> None:
    """Write down that a file arrived."""
    uow.connection.execute(
        sa.insert(t.arrivals).values(
            batch_id=arrival.batch,
            name=arrival.name,
            outcome=arrival.outcome,
            file_id=arrival.file,
            archive_id=arrival.member.archive if arrival.member else None,
            member=arrival.member.index if arrival.member else None,
            code=arrival.code,
            message=arrival.message,
            created_at=uow.now,
        )
    )


def of_batch(uow: UnitOfWork, batch: BatchId) -> list[Arrival]:
    """Everything that reached a batch, in order."""
    query = sa.select(t.arrivals).where(t.arrivals.c.batch_id == batch).order_by(t.arrivals.c.id)
    return [_arrival(row) for row in uow.connection.execute(query).mappings()]


def members_done(uow: UnitOfWork, archive: FileId) -> set[int]:
    """Which members of an archive were taken out of it already."""
    query = sa.select(t.arrivals.c.member).where(t.arrivals.c.archive_id == archive)
    return {member for member in uow.connection.execute(query).scalars() if member is not None}


def _arrival(row: sa.RowMapping) -> Arrival:
    archive, index = row["archive_id"], row["member"]
    return Arrival(
        batch=BatchId(row["batch_id"]),
        name=row["name"],
        outcome=Outcome(row["outcome"]),
        file=None if row["file_id"] is None else FileId(row["file_id"]),
        member=None if archive is None else Member(FileId(archive), index),
        code=row["code"],
        message=row["message"],
    )


__all__ = ["Arrival", "Member", "Outcome", "add", "members_done", "of_batch"]
