"""Takes batches and files in: bytes first, rows second, work later."""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import dataclass
from functools import partial
from typing import IO

from ocr_service.blobs import BlobStore
from ocr_service.db.audit import AuditEntry
from ocr_service.db.ids import BatchId, DocumentId, FileId
from ocr_service.db.intake import arrivals, batches, files
from ocr_service.db.intake.arrivals import Arrival, Member, Outcome
from ocr_service.db.intake.batches import DEFAULT_OPTIONS, BatchOptions
from ocr_service.db.intake.files import NewFile
from ocr_service.db.jobs import jobs
from ocr_service.db.jobs.jobs import JobKind
from ocr_service.db.records import documents
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import EmptyFile, InputError, InvalidRequest, UnsupportedFormat
from ocr_service.domain.pairing import PairBy
from ocr_service.queue.bell import Bell
from ocr_service.service.intake.spool import CHUNK_BYTES, Spooled, too_large

ARCHIVE = "application/zip"
"""Media type of a file that is no scan but holds scans."""

MAX_BATCH_NAME = 200
MAX_ANNOUNCED = 1_000_000

_HEAD_BYTES = 1024
_MAX_NAME = 255
_ARCHIVE_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")


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


def create_batch(
    uow: UnitOfWork,
    *,
    name: str,
    template: str | None,
    actor: str,
    options: BatchOptions = DEFAULT_OPTIONS,
) -> BatchId:
    """Open a batch.

    Args:
        uow: open unit of work.
        name: for people; may be empty.
        template: ``KEY[@VERSION]`` that every page is read against; None = find it.
        actor: who asks.
        options: how its pages are scanned.

    Raises:
        InvalidRequest: the name is too long, or the number of sheets cannot be right.
    """
    if len(name) > MAX_BATCH_NAME:
        raise InvalidRequest(f"a batch name has at most {MAX_BATCH_NAME} characters")
    if options.announced is not None and not 0 <= options.announced <= MAX_ANNOUNCED:
        raise InvalidRequest(f"a batch has 0 to {MAX_ANNOUNCED} sheets")
    if options.pair_by is PairBy.ORDER and not options.duplex:
        raise InvalidRequest("sides are paired by order only where both sides were scanned: duplex")
    batch = batches.insert(uow, name=name, template=template, created_by=actor, options=options)
    uow.log(AuditEntry(actor, "batch.created", "batch", batch, {"template": template}))
    return batch


def store_upload(
    blobs: BlobStore, file: IO[bytes], *, name: str | None, max_bytes: int
) -> StoredUpload:
    """Hash a received file, look at its first bytes and put it into the blob store.

    Raises:
        EmptyFile: no bytes.
        FileTooLarge: more than ``max_bytes``.
        UnsupportedFormat: neither JPEG, PNG, TIFF, PDF nor ZIP.
        ServiceUnavailable: the store does not take it.
    """
    file.seek(0)
    media_type = media_type_of(file)
    file.seek(0)
    digest, size = hashlib.sha256(), 0
    while chunk := file.read(CHUNK_BYTES):
        digest.update(chunk)
        size += len(chunk)
        if size > max_bytes:
            raise too_large(max_bytes)
    sha256 = digest.hexdigest()
    blobs.put_file(file, sha256)
    return StoredUpload(plain_name(name), sha256, size, media_type)


def store_spooled(
    blobs: BlobStore, spooled: Spooled, *, name: str | None, max_page_bytes: int | None = None
) -> StoredUpload:
    """Look at the first bytes of a file received to disk and move it into the blob store.

    Args:
        blobs: the store.
        spooled: the file.
        name: the sender's name for it.
        max_page_bytes: the limit of files that are no archive, where it is the smaller one.

    Raises:
        EmptyFile: no bytes.
        FileTooLarge: no archive, and more than ``max_page_bytes``.
        UnsupportedFormat: neither JPEG, PNG, TIFF, PDF nor ZIP.
        ServiceUnavailable: the store does not take it.
    """
    with spooled.path.open("rb") as file:
        media_type = media_type_of(file)
    if max_page_bytes is not None and media_type != ARCHIVE and spooled.size > max_page_bytes:
        raise too_large(max_page_bytes)
    blobs.put_path(spooled.path, spooled.sha256)
    return StoredUpload(plain_name(name), spooled.sha256, spooled.size, media_type)


def register_file(  # noqa: PLR0913 - what came, where it goes, who sent it
    uow: UnitOfWork,
    bell: Bell,
    upload: StoredUpload,
    *,
    batch: BatchId,
    actor: str,
    correlation: str | None = None,
    member: Member | None = None,
) -> Receipt:
    """Write down a stored upload, its first page and the job that will find the others.

    Of an archive the first page stands for the archive itself, until it is unpacked.

    Args:
        uow: open unit of work.
        bell: wakes a worker once the rows are there.
        upload: what came.
        batch: where it goes.
        actor: who sent it.
        correlation: id of the request.
        member: the place in an archive where it lay.

    Raises:
        NotFound: no such batch.
    """
    owner = batches.get(uow, batch)
    new = NewFile(batch, upload.name, upload.sha256, upload.size, upload.media_type)
    file = files.insert_if_new(uow, new)
    if file is None:
        known = _known(uow, upload.sha256)
        arrivals.add(uow, Arrival(batch, upload.name, Outcome.DUPLICATE, known.file, member=member))
        return known
    arrivals.add(uow, Arrival(batch, upload.name, Outcome.NEW, file, member=member))
    added = documents.insert_missing(
        uow, file, batch=batch, pages=range(1), template=owner.template
    )
    kind = JobKind.UNPACK if upload.media_type == ARCHIVE else JobKind.SPLIT
    job = jobs.insert(uow, kind, file=file, document=added[0], correlation=correlation)
    uow.log(
        AuditEntry(actor, "file.received", "file", file, {"batch": batch, "sha256": new.sha256})
    )
    uow.after_commit(partial(bell.ring, job))
    return Receipt(file, batch, tuple(added), duplicate=False)


def register_reject(
    uow: UnitOfWork,
    error: InputError,
    *,
    batch: BatchId,
    name: str,
    member: Member | None = None,
) -> None:
    """Write down a file that cannot be taken in, so that the batch's receipt names it.

    Raises:
        NotFound: no such batch.
    """
    batches.get(uow, batch)
    arrivals.add(
        uow,
        Arrival(
            batch,
            name,
            Outcome.REJECTED,
            member=member,
            code=error.code,
            message=str(error),
        ),
    )


def media_type_of(file: IO[bytes]) -> str:
    """The media type that a file's bytes tell; it is read from its start.

    Raises:
        EmptyFile: no bytes.
        UnsupportedFormat: none that we read.
    """
    head = file.read(_HEAD_BYTES)
    if not head:
        raise EmptyFile("the file is empty; scan it again")
    if head.startswith(_ARCHIVE_MAGIC) and zipfile.is_zipfile(file):
        return ARCHIVE
    return sniff(head)


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
    raise UnsupportedFormat("only JPEG, PNG, TIFF and PDF can be read, or a ZIP of them")


def _known(uow: UnitOfWork, sha256: str) -> Receipt:
    file = files.live_by_sha256(uow, sha256)
    pages = documents.of_file(uow, file.id)
    return Receipt(file.id, file.batch, tuple(page.id for page in pages), duplicate=True)


def plain_name(name: str | None) -> str:
    """A sender's name without folders and control characters; Windows sends whole paths."""
    last = (name or "").replace("\\", "/").rpartition("/")[2]
    kept = "".join(c for c in last if c.isprintable()).strip()
    return kept[-_MAX_NAME:] or "unnamed"


__all__ = [
    "ARCHIVE",
    "MAX_ANNOUNCED",
    "MAX_BATCH_NAME",
    "Receipt",
    "StoredUpload",
    "create_batch",
    "media_type_of",
    "plain_name",
    "register_file",
    "register_reject",
    "sniff",
    "store_spooled",
    "store_upload",
]
