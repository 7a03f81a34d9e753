"""Files as they were uploaded."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from ocr_service.db import tables as t
from ocr_service.db.ids import BatchId, FileId
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import NotFound


@dataclass(frozen=True, slots=True)
class NewFile:
    """What is known of an upload before it is split into pages.

    Attributes:
        batch: where it goes.
        name: its name on the sender's side.
        sha256: hex digest of its bytes; where they lie in the blob store.
        size: bytes.
        media_type: by its first bytes, not by what the sender says.
    """

    batch: BatchId
    name: str
    sha256: str
    size: int
    media_type: str


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file with its id; ``pages`` is None until it was split."""

    id: FileId
    batch: BatchId
    name: str
    sha256: str
    media_type: str
    pages: int | None


_SET_PAGES = sa.update(t.files).where(t.files.c.id == sa.bindparam("of_file"))


def insert_if_new(uow: UnitOfWork, new: NewFile) -> FileId | None:
    """The id of the file, or None where a live file has the same bytes already."""
    dialect = postgresql if uow.connection.dialect.name == "postgresql" else sqlite
    added = uow.connection.execute(
        dialect.insert(t.files)
        .values(
            batch_id=new.batch,
            name=new.name,
            sha256=new.sha256,
            size=new.size,
            media_type=new.media_type,
            live=True,
            created_at=uow.now,
        )
        .on_conflict_do_nothing(index_elements=["sha256"], index_where=sa.text("live"))
        .returning(t.files.c.id)
    )
    found = added.scalar_one_or_none()
    return None if found is None else FileId(found)


def get(uow: UnitOfWork, file: FileId) -> StoredFile:
    """One file.

    Raises:
        NotFound: there is none.
    """
    query = sa.select(t.files).where(t.files.c.id == file)
    return _one(uow, query, f"no file {file}")


def live_by_sha256(uow: UnitOfWork, sha256: str) -> StoredFile:
    """The file with these bytes.

    Raises:
        NotFound: there is none, or all its documents are discarded.
    """
    query = sa.select(t.files).where(t.files.c.sha256 == sha256, t.files.c.live)
    return _one(uow, query, "no file with these bytes")


def set_pages(uow: UnitOfWork, file: FileId, pages: int) -> None:
    """Remember how many pages it has."""
    uow.connection.execute(_SET_PAGES, {"of_file": file, "pages": pages})


def set_dead(uow: UnitOfWork, file: FileId) -> None:
    """Let the same bytes come again."""
    uow.connection.execute(sa.update(t.files).where(t.files.c.id == file).values(live=False))


def _one(uow: UnitOfWork, query: sa.Select[tuple[object, ...]], missing: str) -> StoredFile:
    row = uow.connection.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFound(missing)
    return StoredFile(
        id=FileId(row["id"]),
        batch=BatchId(row["batch_id"]),
        name=row["name"],
        sha256=row["sha256"],
        media_type=row["media_type"],
        pages=row["pages"],
    )


__all__ = [
    "NewFile",
    "StoredFile",
    "get",
    "insert_if_new",
    "live_by_sha256",
    "set_dead",
    "set_pages",
]
