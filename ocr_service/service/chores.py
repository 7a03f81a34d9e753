"""What is done now and then, by one process of all that are there."""

from __future__ import annotations

from datetime import timedelta

from ocr_service.blobs import BlobStore
from ocr_service.db import chores
from ocr_service.db.accounts import sessions
from ocr_service.db.uow import Database
from ocr_service.service.intake.orphans import remove_orphans

EVERY = timedelta(hours=1)
SESSIONS_KEPT = timedelta(days=30)
"""Lapsed sessions, links and wrong guesses; the audit log knows of them for ever."""

_ORPHANS = "orphans"


def do_chores(db: Database, blobs: BlobStore, *, every: timedelta = EVERY) -> int:
    """Clear store and old sessions if it is time and nobody else does; how many orphans went.

    Raises:
        ServiceUnavailable: database or store failed; the next time goes on.
    """
    with db.reading() as uow:
        if not chores.is_due(uow, _ORPHANS, every=every):
            return 0
    with db.writing() as uow:
        if not chores.claim_due(uow, _ORPHANS, every=every):
            return 0
    with db.writing() as uow:
        sessions.forget_old(uow, before=uow.now - SESSIONS_KEPT)
    blobs.clean_temporary()
    return remove_orphans(db, blobs)


__all__ = ["EVERY", "do_chores"]
