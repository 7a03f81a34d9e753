"""Takes a large file in pieces. What is on disk survives the process; the sender goes on there."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from ocr_service.blobs import BlobStore
from ocr_service.db.ids import BatchId
from ocr_service.db.intake import batches, uploads
from ocr_service.db.intake.uploads import NewUpload, Upload
from ocr_service.db.uow import Database
from ocr_service.domain.errors import InputError, NotFound
from ocr_service.queue.bell import Bell
from ocr_service.service.intake.intake import (
    StoredUpload,
    media_type_of,
    plain_name,
    register_reject,
    store_spooled,
)
from ocr_service.service.intake.pieces import Pieces
from ocr_service.service.intake.receiving import Answer, Sender, take_stored
from ocr_service.service.intake.spool import CHUNK_BYTES, Spooled, too_large

KEPT_FOR = timedelta(days=7)
"""An upload not ended by then is given up."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where uploads in pieces are taken in.

    Attributes:
        db: the database.
        blobs: the store.
        bell: wakes workers.
        folder: where the pieces lie; shared by all processes that serve uploads.
        max_page_bytes: limit of files of pages.
        max_bytes: limit of archives.
    """

    db: Database
    blobs: BlobStore
    bell: Bell
    folder: Path
    max_page_bytes: int
    max_bytes: int

    def pieces(self, upload: Upload) -> Pieces:
        """The bytes of an upload."""
        return Pieces(self.folder / upload.new.token, upload.new.length)


def announce(desk: Desk, *, batch: BatchId, name: str | None, length: int, sender: Sender) -> str:
    """Begin an upload; its token.

    Raises:
        NotFound: no such batch.
        FileTooLarge: longer than any file may be.
        ServiceUnavailable: the database failed.
    """
    _clear(desk)
    token = secrets.token_hex(16)
    with desk.db.writing() as uow:
        batches.get(uow, batch)
        if length <= desk.max_bytes:
            expires_at = uow.now + KEPT_FOR
            new = NewUpload(
                token,
                batch,
                plain_name(name),
                length,
                sender.actor,
                sender.correlation,
                expires_at,
            )
            uploads.insert(uow, new)
            return token
        error = too_large(desk.max_bytes)
        register_reject(uow, error, batch=batch, name=plain_name(name))
    raise error


def find(desk: Desk, token: str, *, actor: str) -> Upload:
    """The upload, if it is this user's.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    with desk.db.reading() as uow:
        found = uploads.get(uow, token)
    if found.new.created_by != actor:
        raise NotFound("no such upload, or it was ended; start it again")
    return found


def offset_of(desk: Desk, upload: Upload) -> int:
    """How many bytes are safe here."""
    if upload.sha256 is not None or upload.status is not None:
        return upload.new.length
    return desk.pieces(upload).offset()


def conclude(desk: Desk, upload: Upload) -> Answer | None:
    """Take the file in if all its bytes are here; safe to ask again after a crash at any point.

    Returns:
        None while bytes are missing.

    Raises:
        ServiceUnavailable: database or store failed.
    """
    if upload.status is not None:
        return Answer(upload.status, upload.answer or {})
    if offset_of(desk, upload) < upload.new.length:
        return None
    stored = _stored(desk, upload)
    new = upload.new
    with desk.db.writing() as uow:
        seen = uploads.lock(uow, new.token)
        if seen.status is not None:
            return Answer(seen.status, seen.answer or {})
        sender = Sender(new.created_by, new.correlation)
        answer = take_stored(uow, desk.bell, stored, name=new.name, batch=new.batch, sender=sender)
        uploads.settle(uow, new.token, status=answer.status, answer=answer.body)
    desk.pieces(upload).remove()
    return answer


def give_up(desk: Desk, upload: Upload) -> None:
    """End an upload and free its space; a file taken in already stays."""
    with desk.db.writing() as uow:
        uploads.remove(uow, upload.new.token)
    desk.pieces(upload).remove()


def _stored(desk: Desk, upload: Upload) -> StoredUpload | InputError:
    """The file in the store. Its digest is written down before it is moved there."""
    pieces = desk.pieces(upload)
    sha256 = upload.sha256
    if sha256 is None:
        sha256 = _sha256_of(pieces.path)
        with desk.db.writing() as uow:
            uploads.set_sha256(uow, upload.new.token, sha256)
    if not pieces.path.exists() and upload.new.length:
        return _moved_before(desk, upload, sha256)
    if not upload.new.length:
        desk.folder.mkdir(parents=True, exist_ok=True)
        pieces.path.touch()
    spooled = Spooled(pieces.path, sha256, upload.new.length)
    try:
        return store_spooled(
            desk.blobs, spooled, name=upload.new.name, max_page_bytes=desk.max_page_bytes
        )
    except InputError as error:
        return error


def _moved_before(desk: Desk, upload: Upload, sha256: str) -> StoredUpload | InputError:
    with desk.blobs.open(sha256) as file:
        media_type = media_type_of(file)
    return StoredUpload(upload.new.name, sha256, upload.new.length, media_type)


def _sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    if path.exists():
        with path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                digest.update(chunk)
    return digest.hexdigest()


def _clear(desk: Desk) -> None:
    with desk.db.reading() as uow:
        over = [uploads.get(uow, token) for token in uploads.expired(uow)]
    for upload in over:
        give_up(desk, upload)


__all__ = ["KEPT_FOR", "Desk", "announce", "conclude", "find", "give_up", "offset_of"]
