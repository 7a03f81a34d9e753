"""Exports: what left the house, each document at most once per profile until it is reopened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from ocr_service.db import tables as t
from ocr_service.db.ids import BatchId, DocumentId, ExportId
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import Conflict, NotFound


@dataclass(frozen=True, slots=True)
class NewExport:
    """What is known of an export when it is made.

    Attributes:
        batch: whose documents.
        profile: which layout.
        sha256: the file in the blob store.
        media_type: of that file.
        documents: what it holds, one row each.
        amends: some of them were exported before and reopened since.
        created_by: user name.
    """

    batch: BatchId
    profile: str
    sha256: str
    media_type: str
    documents: tuple[DocumentId, ...]
    amends: bool
    created_by: str


@dataclass(frozen=True, slots=True)
class Export:
    """An export with its id."""

    id: ExportId
    batch: BatchId
    profile: str
    sha256: str
    media_type: str
    rows: int
    amends: bool
    created_by: str
    created_at: datetime


def insert(uow: UnitOfWork, new: NewExport) -> ExportId:
    """Store an export and its items.

    Raises:
        Conflict: one of the documents is out already, as the unique index knows.
    """
    added = uow.connection.execute(
        sa.insert(t.exports)
        .values(
            batch_id=new.batch,
            profile=new.profile,
            sha256=new.sha256,
            media_type=new.media_type,
            rows=len(new.documents),
            amends=new.amends,
            created_by=new.created_by,
            created_at=uow.now,
        )
        .returning(t.exports.c.id)
    )
    export = ExportId(added.scalar_one())
    items = [
        {"export_id": export, "document_id": document, "profile": new.profile, "live": True}
        for document in new.documents
    ]
    try:
        uow.connection.execute(sa.insert(t.export_items), items)
    except IntegrityError as error:
        raise Conflict("a document of this batch is being exported already") from error
    return export


def get(uow: UnitOfWork, export: ExportId) -> Export:
    """One export.

    Raises:
        NotFound: there is none.
    """
    query = sa.select(t.exports).where(t.exports.c.id == export)
    row = uow.connection.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFound(f"no export {export}")
    return Export(
        id=ExportId(row["id"]),
        batch=BatchId(row["batch_id"]),
        profile=row["profile"],
        sha256=row["sha256"],
        media_type=row["media_type"],
        rows=row["rows"],
        amends=row["amends"],
        created_by=row["created_by"],
        created_at=row["created_at"],
    )


def withdraw(uow: UnitOfWork, document: DocumentId) -> None:
    """The document was reopened: it may go out again, as an amendment."""
    i = t.export_items
    uow.connection.execute(
        sa.update(i).where(i.c.document_id == document, i.c.live).values(live=False)
    )


def were_out(uow: UnitOfWork, documents: list[DocumentId], profile: str) -> bool:
    """Whether any of them was ever exported under this profile."""
    i = t.export_items.c
    query = sa.select(i.id).where(i.document_id.in_(documents), i.profile == profile).limit(1)
    return uow.connection.execute(query).first() is not None


__all__ = ["Export", "NewExport", "get", "insert", "were_out", "withdraw"]
