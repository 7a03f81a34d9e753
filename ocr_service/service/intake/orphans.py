"""Removes stored bytes that no row names: what a crash between bytes and rows leaves behind."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from ocr_service.blobs import BlobStore
from ocr_service.blobs.aside import aside_since, bring_back, put_aside, remove_aside
from ocr_service.db import tables as t
from ocr_service.db.uow import Database, UnitOfWork

AGE = timedelta(days=1)
"""How old unnamed bytes must be before they are put aside."""

KEPT_ASIDE = timedelta(hours=6)
"""How long they lie aside before they are removed. An upload that found the same bytes in their
place, and so did not write them again, has named them long before."""


def remove_orphans(
    db: Database, blobs: BlobStore, *, older_than: timedelta = AGE, kept: timedelta = KEPT_ASIDE
) -> int:
    """Put unnamed blobs aside, and remove those that stayed unnamed there; how many went.

    Safe while files are taken in and pages are read, and in several processes at once: bytes that
    are named while they lie aside are found there and come back.

    Args:
        db: the database.
        blobs: the store.
        older_than: bytes younger than this may have their row just being written.
        kept: must be longer than any upload takes from its last byte to its row.

    Raises:
        ServiceUnavailable: database or store failed; the next time goes on.
    """
    removed = 0
    for sha256 in list(aside_since(blobs, db.clock() - kept)):
        if _is_named(db, sha256):
            bring_back(blobs, sha256)
        else:
            remove_aside(blobs, sha256)
            removed += 1
    for sha256 in blobs.older_than(db.clock() - older_than):
        if not _is_named(db, sha256):
            put_aside(blobs, sha256)
    return removed


def _is_named(db: Database, sha256: str) -> bool:
    columns = (
        t.files.c.sha256,
        t.documents.c.view_sha256,
        t.exports.c.sha256,
        t.exports.c.manifest_sha256,
        t.export_files.c.sha256,
        t.blanks.c.sha256,
        t.uploads.c.sha256,
        t.claims.c.archive_sha256,
    )
    with db.reading() as uow:
        return any(_holds(uow, column, sha256) for column in columns)


def _holds(uow: UnitOfWork, column: sa.Column[str], sha256: str) -> bool:
    query = sa.select(column).where(column == sha256).limit(1)
    return uow.connection.execute(query).first() is not None


__all__ = ["AGE", "KEPT_ASIDE", "remove_orphans"]
