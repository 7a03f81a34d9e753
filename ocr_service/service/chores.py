"""What is done now and then, by one process of all that are there."""

from __future__ import annotations

from datetime import timedelta

from ocr_service.blobs import BlobStore
from ocr_service.db import chores
from ocr_service.db.uow import Database
from ocr_service.service.orphans import remove_orphans

EVERY = timedelta(hours=1)

_ORPHANS = "orphans"


def do_chores(db: Database, blobs: BlobStore, *, every: timedelta = EVERY) -> int:
    """Clear the store if it is time and nobody else does; how many orphans were removed.

    Raises:
        ServiceUnavailable: database or store failed; the next time goes on.
    """
    with db.reading() as uow:
        if not chores.is_due(uow, _ORPHANS, every=every):
            return 0
    with db.writing() as uow:
        if not chores.claim_due(uow, _ORPHANS, every=every):
            return 0
    blobs.clean_temporary()
    return remove_orphans(db, blobs)


__all__ = ["EVERY", "do_chores"]
