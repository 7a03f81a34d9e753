"""Sheets that the scanner operator is asked to scan again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from ocr_service.db import tables as t
from ocr_service.db.ids import BatchId, DocumentId
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import NotFound


@dataclass(frozen=True, slots=True)
class Rescan:
    """One sheet on the list.

    Attributes:
        document: the page that could not be used.
        batch: its batch.
        batch_name: that batch's name; may be empty.
        file: name of the file it came in.
        page: 1-based page in that file.
        sheet: 1-based sheet of paper in that file.
        reason: why it is scanned again.
        actor: who asks.
        created_at: since when.
    """

    document: DocumentId
    batch: BatchId
    batch_name: str
    file: str
    page: int
    sheet: int
    reason: str
    actor: str
    created_at: datetime


def add(uow: UnitOfWork, document: DocumentId, *, reason: str, actor: str) -> None:
    """Put a sheet on the list; a second wish replaces the first."""
    dialect = postgresql if uow.connection.dialect.name == "postgresql" else sqlite
    values = {"reason": reason, "actor": actor, "created_at": uow.now, "done_at": None}
    uow.connection.execute(
        dialect.insert(t.rescans)
        .values(document_id=document, **values)
        .on_conflict_do_update(index_elements=["document_id"], set_=values)
    )


def finish(uow: UnitOfWork, document: DocumentId) -> None:
    """Take a sheet off the list.

    Raises:
        NotFound: it is not on it.
    """
    r = t.rescans.c
    done = uow.connection.execute(
        sa.update(t.rescans)
        .where(r.document_id == document, r.done_at.is_(None))
        .values(done_at=uow.now)
    )
    if done.rowcount != 1:
        raise NotFound(f"document {document} does not wait to be scanned again")


def waiting(uow: UnitOfWork) -> list[Rescan]:
    """The list, in the order in which the paper lies: by batch, file and page."""
    r, d, f, b = t.rescans.c, t.documents.c, t.files.c, t.batches.c
    query = (
        sa.select(
            r.document_id,
            d.batch_id,
            b.name.label("batch_name"),
            f.name.label("file"),
            d.page_index,
            d.sheet,
            r.reason,
            r.actor,
            r.created_at,
        )
        .join(t.documents, d.id == r.document_id)
        .join(t.files, f.id == d.file_id)
        .join(t.batches, b.id == d.batch_id)
        .where(r.done_at.is_(None))
        .order_by(d.batch_id, d.file_id, d.page_index)
    )
    return [
        Rescan(
            document=DocumentId(row["document_id"]),
            batch=BatchId(row["batch_id"]),
            batch_name=row["batch_name"],
            file=row["file"],
            page=row["page_index"] + 1,
            sheet=row["sheet"],
            reason=row["reason"],
            actor=row["actor"],
            created_at=row["created_at"],
        )
        for row in uow.connection.execute(query).mappings()
    ]


__all__ = ["Rescan", "add", "finish", "waiting"]
