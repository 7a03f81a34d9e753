"""Takes the files out of an archive, one at a time. Only workers import it."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from ocr_service.blobs import BlobStore
from ocr_service.db.audit import AuditEntry
from ocr_service.db.intake import arrivals, files
from ocr_service.db.intake.arrivals import Member
from ocr_service.db.intake.files import StoredFile
from ocr_service.db.jobs import jobs
from ocr_service.db.jobs.jobs import JobKind, Lease
from ocr_service.db.records import documents
from ocr_service.db.uow import Database
from ocr_service.domain.errors import InputError
from ocr_service.domain.lifecycle import DocumentState, move
from ocr_service.domain.record import Failure
from ocr_service.queue.bell import Bell
from ocr_service.service.intake.archive import (
    Archive,
    ArchiveLimits,
    ArchiveMember,
    NestedArchive,
    open_archive,
)
from ocr_service.service.intake.intake import (
    ARCHIVE,
    StoredUpload,
    media_type_of,
    register_file,
    register_reject,
    store_spooled,
)
from ocr_service.service.intake.spool import copy_limited, spool_folder, spooling
from ocr_service.service.processing.failing import fail_document

UNPACKED = Failure("file.archive", "This ZIP was unpacked; its files are documents of their own.")

_ACTOR = "worker"


@dataclass(frozen=True, slots=True)
class Shift:
    """One worker's turn at an archive.

    Attributes:
        lease: the right to unpack it.
        limits: what it may hold.
        lasts: after so long the rest is left to a new job, well before the lease ends.
    """

    lease: Lease
    limits: ArchiveLimits
    lasts: timedelta


def unpack_file(db: Database, blobs: BlobStore, bell: Bell, shift: Shift) -> bool:
    """Make each member of an archive a file of the batch, or a reject with its reason.

    A member is taken in one unit of work that checks the lease, so that a worker killed in the
    middle leaves only whole members, and the next one goes on behind them.

    Returns:
        False if another worker took the job over meanwhile.

    Raises:
        ServiceUnavailable: database or store failed.
    """
    with db.reading() as uow:
        file = files.get(uow, shift.lease.file)
        done = arrivals.members_done(uow, file.id)
    # Not the database's clock, which may be set meanwhile.
    end = time.monotonic() + shift.lasts.total_seconds()
    try:
        with blobs.open(file.sha256) as stream, open_archive(stream, shift.limits) as archive:
            for member in archive.members:
                if member.index in done:
                    continue
                if not _take_out(db, blobs, bell, shift, file, archive, member):
                    return False
                if time.monotonic() >= end:
                    return _leave_rest(db, bell, shift.lease)
    except InputError as error:
        return _fail(db, shift.lease, Failure(error.code, str(error)))
    return _close(db, shift.lease, len(archive.members))


def _take_out(  # noqa: PLR0913, PLR0917 - three stores, the turn, and what is taken out of what
    db: Database,
    blobs: BlobStore,
    bell: Bell,
    shift: Shift,
    file: StoredFile,
    archive: Archive,
    member: ArchiveMember,
) -> bool:
    stored: StoredUpload | InputError
    try:
        stored = _stored(blobs, archive, member, shift.limits)
    except InputError as error:
        stored = error
    place = Member(file.id, member.index)
    with db.writing() as uow:
        documents.lock(uow, shift.lease.document)
        if not jobs.holds(uow, shift.lease):
            return False
        if isinstance(stored, InputError):
            register_reject(uow, stored, batch=file.batch, name=member.name, member=place)
        else:
            register_file(
                uow,
                bell,
                stored,
                batch=file.batch,
                actor=_ACTOR,
                correlation=shift.lease.correlation,
                member=place,
            )
    return True


def _stored(
    blobs: BlobStore, archive: Archive, member: ArchiveMember, limits: ArchiveLimits
) -> StoredUpload:
    with spooling(spool_folder(blobs), max_bytes=limits.max_member_bytes) as spool:
        with archive.reading(member) as stream:
            spooled = copy_limited(stream, spool)
        with spooled.path.open("rb") as file:
            if media_type_of(file) == ARCHIVE:
                raise NestedArchive("a ZIP inside a ZIP is not unpacked: send it by itself")
        # With its folders: the same name in two of them is two scans.
        return replace(store_spooled(blobs, spooled, name=None), name=member.name)


def _leave_rest(db: Database, bell: Bell, lease: Lease) -> bool:
    with db.writing() as uow:
        documents.lock(uow, lease.document)
        if not jobs.finish(uow, lease):
            return False
        rest = jobs.insert(
            uow,
            JobKind.UNPACK,
            file=lease.file,
            document=lease.document,
            correlation=lease.correlation,
        )
        uow.after_commit(partial(bell.ring, rest))
    return True


def _close(db: Database, lease: Lease, members: int) -> bool:
    with db.writing() as uow:
        document = documents.lock(uow, lease.document)
        if not jobs.finish(uow, lease):
            return False
        documents.update(
            uow,
            document,
            state=move(document.state, DocumentState.DISCARDED),
            failure_code=UNPACKED.code,
            failure_message=UNPACKED.message,
        )
        detail = {"members": members}
        uow.log(AuditEntry(_ACTOR, "file.unpacked", "file", lease.file, detail))
    return True


def _fail(db: Database, lease: Lease, failure: Failure) -> bool:
    with db.writing() as uow:
        document = documents.lock(uow, lease.document)
        if not jobs.finish(uow, lease):
            return False
        fail_document(uow, document, failure, actor=_ACTOR)
    return True


__all__ = ["UNPACKED", "Shift", "unpack_file"]
