"""Exports: what left the house, each document at most once per profile until it is reopened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from ocr_service.db import tables as t
from ocr_service.db.ids import BatchId, DocumentId, ExportId
from ocr_service.db.rows import one_row
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import Conflict, StaleVersion
from ocr_service.domain.lifecycle import DocumentState

_ROWS_AT_ONCE = 5000


@dataclass(frozen=True, slots=True)
class NewItem:
    """A document in an export.

    Attributes:
        document: which.
        version: as it was read for the export.
        template: the form it was read as.
        template_version: its version.
        change: new, correct or cancel.
    """

    document: DocumentId
    version: int
    template: str | None
    template_version: str | None
    change: str = "new"


@dataclass(frozen=True, slots=True)
class ExportFile:
    """A file of an export.

    Attributes:
        name: what its receiver calls it.
        sha256: its bytes in the blob store.
        size: in bytes.
        rows: without a header.
    """

    name: str
    sha256: str
    size: int
    rows: int


@dataclass(frozen=True, slots=True)
class NewExport:
    """What is known of an export when it is made.

    Attributes:
        batch: whose documents; None = of several batches.
        profile: name of the layout.
        profile_version: its version.
        profile_sha256: hex digest of its file.
        download: the one file, or a ZIP of all.
        media_type: of the download.
        files: all of them, in order.
        items: what they hold.
        held: how many documents stayed behind.
        selection: what was asked for.
        readings_until: id of the newest reading it saw.
        created_by: user name.
    """

    batch: BatchId | None
    profile: str
    profile_version: str
    profile_sha256: str
    download: ExportFile
    media_type: str
    files: tuple[ExportFile, ...]
    items: Sequence[NewItem]
    held: int
    selection: Mapping[str, Any]
    readings_until: int
    created_by: str

    @property
    def amends(self) -> bool:
        """Whether some of the documents were out before."""
        return any(item.change != "new" for item in self.items)


@dataclass(frozen=True, slots=True)
class Export:
    """An export with its id; ``name`` is None for those made before names were kept."""

    id: ExportId
    batch: BatchId | None
    profile: str
    profile_version: str
    profile_sha256: str | None
    sha256: str
    media_type: str
    name: str | None
    size: int
    rows: int
    documents: int
    held: int
    amends: bool
    manifest_sha256: str | None
    selection: Mapping[str, Any] | None
    readings_until: int
    created_by: str
    created_at: datetime


def insert(uow: UnitOfWork, new: NewExport) -> ExportId:
    """Store an export with its items and files.

    Raises:
        Conflict: one of the documents is out already, as the unique index knows.
    """
    added = uow.connection.execute(
        sa.insert(t.exports)
        .values(
            batch_id=new.batch,
            profile=new.profile,
            profile_version=new.profile_version,
            profile_sha256=new.profile_sha256,
            sha256=new.download.sha256,
            media_type=new.media_type,
            name=new.download.name,
            size=new.download.size,
            rows=new.download.rows,
            documents=len(new.items),
            held=new.held,
            amends=new.amends,
            selection=dict(new.selection),
            readings_until=new.readings_until,
            created_by=new.created_by,
            created_at=uow.now,
        )
        .returning(t.exports.c.id)
    )
    export = ExportId(added.scalar_one())
    _insert_items(uow, export, new)
    _insert_files(uow, export, new.files)
    return export


def _insert_items(uow: UnitOfWork, export: ExportId, new: NewExport) -> None:
    for start in range(0, len(new.items), _ROWS_AT_ONCE):
        rows = [
            {
                "export_id": export,
                "document_id": item.document,
                "profile": new.profile,
                "live": True,
                "version": item.version,
                "template": item.template,
                "template_version": item.template_version,
                "change": item.change,
            }
            for item in new.items[start : start + _ROWS_AT_ONCE]
        ]
        try:
            uow.connection.execute(sa.insert(t.export_items), rows)
        except IntegrityError as error:
            raise Conflict("one of these documents is being exported already") from error


def _insert_files(uow: UnitOfWork, export: ExportId, files: Sequence[ExportFile]) -> None:
    rows = [
        {
            "export_id": export,
            "position": position,
            "name": file.name,
            "sha256": file.sha256,
            "size": file.size,
            "rows": file.rows,
        }
        for position, file in enumerate(files, start=1)
    ]
    if rows:
        uow.connection.execute(sa.insert(t.export_files), rows)


def settle(uow: UnitOfWork, export: ExportId) -> None:
    """Let the approved documents of an export become exported.

    Raises:
        StaleVersion: a document is not what it was when the rows were made.
    """
    d, i = t.documents.c, t.export_items.c
    own = sa.select(i.document_id).where(i.export_id == export)
    if uow.connection.dialect.name == "postgresql":  # SQLite has one writer, and that is us
        locked = sa.select(d.id).where(d.id.in_(own)).order_by(d.id).with_for_update()
        uow.connection.execute(locked).close()
    changed = uow.connection.execute(
        sa.select(sa.func.count())
        .select_from(t.export_items.join(t.documents, d.id == i.document_id))
        .where(i.export_id == export, d.version != i.version)
    ).scalar_one()
    if changed:
        raise StaleVersion(f"{changed} documents changed while the export was made; do it again")
    uow.connection.execute(
        sa.update(t.documents)
        .where(d.id.in_(own), d.state == DocumentState.APPROVED)
        .values(state=DocumentState.EXPORTED, version=d.version + 1, updated_at=uow.now)
    )


def set_manifest(uow: UnitOfWork, export: ExportId, sha256: str) -> None:
    """Name the blob that holds the export's manifest."""
    uow.connection.execute(
        sa.update(t.exports).where(t.exports.c.id == export).values(manifest_sha256=sha256)
    )


def get(uow: UnitOfWork, export: ExportId) -> Export:
    """One export.

    Raises:
        NotFound: there is none.
    """
    return _export(one_row(uow, t.exports, export, what="export"))


def page(uow: UnitOfWork, *, before: int | None = None, limit: int = 50) -> list[Export]:
    """Newest first, with an id below ``before``."""
    query = sa.select(t.exports).order_by(t.exports.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(t.exports.c.id < before)
    return [_export(row) for row in uow.connection.execute(query).mappings()]


def files_of(uow: UnitOfWork, export: ExportId) -> list[ExportFile]:
    """The files of an export, in order; none for those made before files were kept."""
    f = t.export_files.c
    query = sa.select(t.export_files).where(f.export_id == export).order_by(f.position)
    return [
        ExportFile(row["name"], row["sha256"], row["size"], row["rows"])
        for row in uow.connection.execute(query).mappings()
    ]


def changes_of(uow: UnitOfWork, export: ExportId) -> dict[str, int]:
    """Documents of an export by why they went out: new, correct, cancel."""
    i = t.export_items.c
    query = sa.select(i.change, sa.func.count()).where(i.export_id == export).group_by(i.change)
    return {row[0]: row[1] for row in uow.connection.execute(query)}


def withdraw(uow: UnitOfWork, document: DocumentId) -> None:
    """The document was reopened: it goes out again in each of its profiles, as an amendment."""
    i = t.export_items
    uow.connection.execute(
        sa.update(i).where(i.c.document_id == document, i.c.live).values(live=False)
    )


def _export(row: sa.RowMapping) -> Export:
    batch = row["batch_id"]
    return Export(
        id=ExportId(row["id"]),
        batch=None if batch is None else BatchId(batch),
        profile=row["profile"],
        profile_version=row["profile_version"],
        profile_sha256=row["profile_sha256"],
        sha256=row["sha256"],
        media_type=row["media_type"],
        name=row["name"],
        size=row["size"],
        rows=row["rows"],
        documents=row["documents"] or row["rows"],
        held=row["held"],
        amends=row["amends"],
        manifest_sha256=row["manifest_sha256"],
        selection=row["selection"],
        readings_until=row["readings_until"],
        created_by=row["created_by"],
        created_at=row["created_at"],
    )


__all__ = [
    "Export",
    "ExportFile",
    "NewExport",
    "NewItem",
    "changes_of",
    "files_of",
    "get",
    "insert",
    "page",
    "set_manifest",
    "settle",
    "withdraw",
]
