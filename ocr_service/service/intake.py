"""Takes batches and files in: bytes first, rows second, work later."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import partial
from typing import IO

from ocr_service.blobs import BlobStore
from ocr_service.db import batches, documents, files, jobs
from ocr_service.db.audit import AuditEntry
from ocr_service.db.files import NewFile
from ocr_service.db.ids import BatchId, DocumentId, FileId
from ocr_service.db.jobs import JobKind
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import EmptyFile, FileTooLarge, InvalidRequest, UnsupportedFormat
from ocr_service.queue.bell import Bell

_CHUNK_BYTES = 1 << 20
_HEAD_BYTES = 1024
_MAX_NAME = 255
_MAX_BATCH_NAME = 200


@dataclass(frozen=True, slots=True)
class StoredUpload:
    """An upload whose bytes are safe but which no row knows yet.

    Attributes:
        name: the sender's name for it, without folders.
        sha256: where it lies in the blob store.
        size: bytes.
        media_type: by its first bytes.
    """

    name: str
    sha256: str
    size: int
    media_type: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the sender gets back.

    Attributes:
        file: the file.
        batch: the batch it is in: another one than asked for, if the bytes came before.
        documents: its pages as far as they are known yet, in order.
        duplicate: the same bytes were taken in before; nothing was added.
    """

    file: FileId
    batch: BatchId
    documents: tuple[DocumentId, ...]
    duplicate: bool


def create_batch(uow: UnitOfWork, *, name: str, template: str | None, actor: str) -> BatchId:
    """Open a batch.

    Args:
        uow: open unit of work.
        name: for people; may be empty.
        template: ``KEY[@VERSION]`` that every page is read against; None = find it.
        actor: who asks.

    Raises:
        InvalidRequest: the name is too long.
    """
    if len(name) > _MAX_BATCH_NAME:
        raise InvalidRequest(f"a batch name has at most {_MAX_BATCH_NAME} characters")
    batch = batches.insert(uow, name=name, template=template, created_by=actor)
    uow.log(AuditEntry(actor, "batch.created", "batch", batch, {"template": template}))
    return batch


def store_upload(
    blobs: BlobStore, file: IO[bytes], *, name: str | None, max_bytes: int
) -> StoredUpload:
    """Hash a received file, look at its first bytes and put it into the blob store.

    Raises:
        EmptyFile: no bytes.
        FileTooLarge: more than ``max_bytes``.
        UnsupportedFormat: neither JPEG, PNG, TIFF nor PDF.
        ServiceUnavailable: the store does not take it.
    """
    file.seek(0)
    head = file.read(_HEAD_BYTES)
    if not head:
        raise EmptyFile("the file is empty; scan it again")
    media_type = sniff(head)
    digest, size = hashlib.sha256(head), len(head)
    while chunk := file.read(_CHUNK_BYTES):
        digest.update(chunk)
        size += len(chunk)
        if size > max_bytes:
            raise FileTooLarge(f"a file may have at most {max_bytes} bytes; send it in parts")
    sha256 = digest.hexdigest()
    blobs.put_file(file, sha256)
    return StoredUpload(_plain_name(name), sha256, size, media_type)


def register_file(
    uow: UnitOfWork,
    bell: Bell,
    upload: StoredUpload,
    *,
    batch: BatchId,
    actor: str,
    correlation: str | None = None,
) -> Receipt:
    """Write down a stored upload, its first page and the job that will find the others.

    Raises:
        NotFound: no such batch.
    """
    owner = batches.get(uow, batch)
    new = NewFile(batch, upload.name, upload.sha256, upload.size, upload.media_type)
    file = files.insert_if_new(uow, new)
    if file is None:
        return _known(uow, upload.sha256)
    added = documents.insert_missing(
        uow, file, batch=batch, pages=range(1), template=owner.template
    )
    job = jobs.insert(uow, JobKind.SPLIT, file=file, document=added[0], correlation=correlation)
    uow.log(
        AuditEntry(actor, "file.received", "file", file, {"batch": batch, "sha256": new.sha256})
    )
    uow.after_commit(partial(bell.ring, job))
    return Receipt(file, batch, tuple(added), duplicate=False)


def sniff(head: bytes) -> str:
    """The media type that the first bytes tell.

    Args:
        head: the first kilobyte of a file, or all of a shorter one.

    Raises:
        UnsupportedFormat: none that we read.
    """
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head[:4] in {b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"}:
        return "image/tiff"
    if b"%PDF-" in head:  # some scanners put a few bytes before it, and readers allow that
        return "application/pdf"
    raise UnsupportedFormat("only JPEG, PNG, TIFF and PDF can be read")


def _known(uow: UnitOfWork, sha256: str) -> Receipt:
    file = files.live_by_sha256(uow, sha256)
    pages = documents.of_file(uow, file.id)
    return Receipt(file.id, file.batch, tuple(page.id for page in pages), duplicate=True)


def _plain_name(name: str | None) -> str:
    """Without folders and control characters; scanners on Windows send whole paths."""
    last = (name or "").replace("\\", "/").rpartition("/")[2]
    kept = "".join(c for c in last if c.isprintable()).strip()
    return kept[-_MAX_NAME:] or "unnamed"


__all__ = ["Receipt", "StoredUpload", "create_batch", "register_file", "sniff", "store_upload"]
