"""Removes stored bytes that no row names: what a crash between bytes and rows leaves behind."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from ocr_service.blobs import BlobStore
from ocr_service.db import tables as t
from ocr_service.db.uow import Database, UnitOfWork


def remove_orphans(db: Database, blobs: BlobStore, *, older_than: timedelta) -> int:
    """Remove unnamed blobs that are older than ``older_than``; how many those were.

    The age protects bytes whose row is just being written: choose hours, not seconds.

    Raises:
        ServiceUnavailable: database or store failed.
    """
    removed = 0
    limit = db.clock() - older_than
    for sha256 in blobs.older_than(limit):
        with db.reading() as uow:
            named = _is_named(uow, sha256)
        if not named:
            blobs.remove(sha256)
            removed += 1
    return removed


def _is_named(uow: UnitOfWork, sha256: str) -> bool:
    columns = (
        t.files.c.sha256,
        t.documents.c.view_sha256,
        t.exports.c.sha256,
        t.blanks.c.sha256,
    )
    return any(
        uow.connection.execute(sa.select(column).where(column == sha256).limit(1)).first()
        for column in columns
    )


__all__ = ["remove_orphans"]
