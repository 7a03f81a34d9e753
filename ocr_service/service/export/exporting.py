"""Lets approved records leave the house: fixed rows, each document once per profile.

An export is a set of (document, version) and the bytes they gave; both stay as they are. A document
may go out once in each of several profiles. When it is reopened, it goes out once more in each of
the profiles it was out in, as an amendment.

For whoever makes exports by program: ``export_now`` does all of it, ``export_status`` lists what
became of the documents of a period.
"""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path
from typing import ClassVar

from ocr_service.blobs import BlobStore
from ocr_service.db.audit import AuditEntry, DetailValue
from ocr_service.db.export import exports
from ocr_service.db.export.exports import Export, ExportFile, NewExport
from ocr_service.db.ids import ExportId
from ocr_service.db.uow import Database, UnitOfWork
from ocr_service.domain.dates import JAPAN
from ocr_service.domain.errors import Conflict, ServiceUnavailable
from ocr_service.exporters.profile_files import WrittenFile
from ocr_service.exporters.profile_writers import media_type_of
from ocr_service.forms.library import TemplateLibrary
from ocr_service.service.export.manifest import manifest_bytes
from ocr_service.service.export.preparing import (
    ExportRequest,
    PreparedExport,
    prepared_export,
)

_CHUNK = 1 << 20
_ZIP = "application/zip"


class ExportRefused(Conflict):
    """The profile wants every character and the encoding lacks some; the dry run lists them."""

    code: ClassVar[str] = "export.refused"


def make_export(
    reading: UnitOfWork,
    writing: UnitOfWork,
    blobs: BlobStore,
    *,
    request: ExportRequest,
    library: TemplateLibrary,
    folder: Path,
) -> Export:
    """Export what is ready; approved documents become ``exported``.

    The rows are made in the reading unit, which keeps nobody waiting. The writing unit only fixes
    them: should a document have changed meanwhile, or two exports run at once, it refuses.

    Args:
        reading: sees one state of the database.
        writing: commits at the edge, as always.
        blobs: takes the files.
        request: what is wanted.
        library: the templates.
        folder: for files on their way; must be on a disk with room for them twice.

    Raises:
        Conflict: nothing goes out, or another export was faster.
        ExportRefused: characters are missing and the profile refuses then.
        StaleVersion: a document changed meanwhile.
        InvalidRequest: the columns follow the form and there are several forms.
        ServiceUnavailable: the disk or the store is full; nothing was exported.
    """
    with prepared_export(reading, request, library, folder) as prepared:
        check_goes_out(prepared)
        return _keep(writing, blobs, prepared)


def export_now(
    db: Database,
    blobs: BlobStore,
    *,
    request: ExportRequest,
    library: TemplateLibrary,
    folder: Path,
) -> Export:
    """``make_export`` in units of its own, for commands and schedules.

    Raises:
        Conflict: see ``make_export``.
    """
    with db.reading() as reading, db.writing() as writing:
        return make_export(reading, writing, blobs, request=request, library=library, folder=folder)


def check_goes_out(prepared: PreparedExport) -> None:
    """Refuse an export that must not be made.

    Raises:
        ExportRefused: characters are missing and the profile refuses then.
        Conflict: no record goes out.
    """
    profile = prepared.request.profile.profile
    missing = prepared.missing_characters
    if missing and profile.characters.missing == "refuse":
        documents = len({finding.document for finding in missing})
        raise ExportRefused(
            f"{len(missing)} cells of {documents} documents hold characters that"
            f" {profile.file.encoding.value} does not have; a dry run lists them"
        )
    if not prepared.items:
        waiting = sum(prepared.waiting.values())
        raise Conflict(
            f"nothing goes out: no document is approved and not out in {profile.name} already"
            f" ({prepared.already_out} are out, {len(prepared.held)} are held back,"
            f" {waiting} are not approved yet)"
        )


def _keep(uow: UnitOfWork, blobs: BlobStore, prepared: PreparedExport) -> Export:
    profile = prepared.request.profile
    download, media_type = _download(prepared)
    for file in (*prepared.files, download):
        blobs.put_path(file.path, file.sha256)
    batches = prepared.request.selection.batches
    new = NewExport(
        batch=batches[0] if len(batches) == 1 else None,
        profile=profile.profile.name,
        profile_version=profile.profile.version,
        profile_sha256=profile.sha256,
        download=_stored(download),
        media_type=media_type,
        files=tuple(_stored(file) for file in prepared.files),
        items=prepared.items,
        held=len(prepared.held),
        selection=prepared.request.selection.as_json(),
        readings_until=prepared.readings_until,
        created_by=prepared.request.actor,
    )
    export = exports.insert(uow, new)
    prepared.gate.keep(uow)
    exports.settle(uow, export)
    exports.set_manifest(
        uow, export, blobs.put(manifest_bytes(prepared, export, sha256=download.sha256))
    )
    _log(uow, export, new)
    return exports.get(uow, export)


def _log(uow: UnitOfWork, export: ExportId, new: NewExport) -> None:
    detail: dict[str, DetailValue] = {
        "batch": new.batch,
        "profile": f"{new.profile}@{new.profile_version}",
        "documents": len(new.items),
        "rows": new.download.rows,
        "held": new.held,
        "sha256": new.download.sha256,
    }
    uow.log(AuditEntry(new.created_by, "export.made", "export", export, detail))


def _stored(file: WrittenFile) -> ExportFile:
    return ExportFile(file.name, file.sha256, file.size, file.rows)


def _download(prepared: PreparedExport) -> tuple[WrittenFile, str]:
    """The one file, or a ZIP of all."""
    if len(prepared.files) == 1:
        return prepared.files[0], media_type_of(prepared.request.profile.profile)
    local = prepared.moment.astimezone(JAPAN)
    path = prepared.files[0].path.with_name("all.zip")
    try:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in prepared.files:
                info = zipfile.ZipInfo(file.name, local.timetuple()[:6])
                info.compress_type = zipfile.ZIP_DEFLATED
                with archive.open(info, "w") as member, file.path.open("rb") as source:
                    while chunk := source.read(_CHUNK):
                        member.write(chunk)
        digest, size = _digest(path)
    except OSError as error:
        raise ServiceUnavailable(
            "the archive could not be written, the disk is full or gone; nothing was exported"
        ) from error
    name = f"{prepared.request.profile.profile.name}-{local:%Y%m%d-%H%M%S}.zip"
    return WrittenFile(name, path, digest, size, prepared.rows), _ZIP


def _digest(path: Path) -> tuple[str, int]:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
        return digest.hexdigest(), file.tell()


__all__ = [
    "ExportRefused",
    "ExportRequest",
    "check_goes_out",
    "export_now",
    "make_export",
]
