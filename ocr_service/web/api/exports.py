"""Exports, and a look at what one would hold."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response

from ocr_service.blobs import BlobStore
from ocr_service.db.audit import AuditEntry
from ocr_service.db.export import exports
from ocr_service.db.ids import BatchId, ExportId
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import NotFound
from ocr_service.exporters.profile_writers import SUFFIXES, media_type_of
from ocr_service.service.export import exporting
from ocr_service.service.export.handing_off import announce_export
from ocr_service.service.export.preparing import ExportRequest, prepared_export
from ocr_service.service.export.preview import preview_file, template_of_batch
from ocr_service.service.export.profiles import profile_named
from ocr_service.web.api.export_schemas import (
    DryRunOut,
    ExportOut,
    ExportsOut,
    NewExport,
    download_name,
)
from ocr_service.web.deps import ReadUnit, ServicesDep, WriteUnit
from ocr_service.web.security import ExporterUser

router = APIRouter(tags=["exports"])

Cursor = Annotated[int | None, Query(ge=1)]
_MOST = 100


@router.post("/exports", status_code=HTTPStatus.CREATED, responses={200: {"model": DryRunOut}})
def post_export(
    new: NewExport,
    response: Response,
    user: ExporterUser,
    services: ServicesDep,
    reading: ReadUnit,
    uow: WriteUnit,
) -> ExportOut | DryRunOut:
    """Export what is ready, or say what would go out."""
    profile = profile_named(reading, services.profiles, new.profile)
    request = ExportRequest(profile, new.selection(), user.name, services.check)
    library, folder = services.shelf.library(), services.settings.export_dir
    if new.dry_run:
        with prepared_export(reading, request, library, folder) as prepared:
            response.status_code = HTTPStatus.OK
            return DryRunOut.of(prepared)
    made = exporting.make_export(
        reading, uow, services.blobs, request=request, library=library, folder=folder
    )
    announce_export(uow, services.handoff, made)
    response.headers["Location"] = f"/api/v1/exports/{made.id}"
    return ExportOut.of(made, exports.files_of(uow, made.id))


@router.get("/exports")
def list_exports(
    _user: ExporterUser,
    uow: ReadUnit,
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=_MOST)] = 50,
) -> ExportsOut:
    """Exports, newest first."""
    found = exports.page(uow, before=cursor, limit=limit + 1)
    shown = [ExportOut.of(one, exports.files_of(uow, one.id)) for one in found[:limit]]
    return ExportsOut(exports=shown, next_cursor=shown[-1].id if len(found) > limit else None)


@router.get("/exports/{export}")
def show_export(export: int, _user: ExporterUser, uow: ReadUnit) -> ExportOut:
    """One export."""
    found = exports.get(uow, ExportId(export))
    return ExportOut.of(found, exports.files_of(uow, found.id))


@router.get("/exports/{export}/manifest", response_class=JSONResponse)
def show_manifest(
    export: int, _user: ExporterUser, services: ServicesDep, uow: ReadUnit
) -> Response:
    """What it holds and what it left behind: ids, counts and hashes."""
    found = exports.get(uow, ExportId(export))
    if found.manifest_sha256 is None:
        raise NotFound(f"export {export} was made before manifests were kept")
    data = services.blobs.get(found.manifest_sha256)
    name = f"export-{export}-manifest.json"
    return _download(data, "application/json", name, found.manifest_sha256)


@router.get("/exports/{export}/file", response_class=Response)
def download_export(
    export: int, user: ExporterUser, services: ServicesDep, uow: WriteUnit
) -> Response:
    """Its bytes, the same every time; a ZIP where it has several files."""
    found = exports.get(uow, ExportId(export))
    _log_download(uow, found.id, user.name, found.sha256)
    return _stored(services.blobs, found.sha256, found.media_type, download_name(found))


@router.get("/exports/{export}/files/{number}", response_class=Response)
def download_one(
    export: int, number: int, user: ExporterUser, services: ServicesDep, uow: WriteUnit
) -> Response:
    """One of its files, from 1."""
    found = exports.get(uow, ExportId(export))
    files = exports.files_of(uow, found.id)
    if not 1 <= number <= len(files):
        raise NotFound(f"export {export} has {len(files)} files")
    file = files[number - 1]
    kind = found.media_type if len(files) == 1 else "application/octet-stream"
    _log_download(uow, found.id, user.name, file.sha256)
    return _stored(services.blobs, file.sha256, kind, file.name)


@router.get("/batches/{batch}/records.csv", response_class=Response)
def preview_csv(
    batch: int,
    _user: ExporterUser,
    services: ServicesDep,
    uow: ReadUnit,
    profile: Annotated[str, Query(max_length=100)] = "csv",
    template: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """The records of a batch as they stand now; no export, nothing changes."""
    chosen = profile_named(uow, services.profiles, profile).profile
    wanted = BatchId(batch)
    library = services.shelf.library()
    form = template_of_batch(uow, library, batch=wanted, asked=template)
    data = preview_file(
        uow, chosen, library, batch=wanted, template=form, folder=services.settings.export_dir
    )
    name = f"batch-{batch}{SUFFIXES[chosen.file.format]}"
    return _download(data, media_type_of(chosen), name, None)


def _log_download(uow: UnitOfWork, export: ExportId, actor: str, sha256: str) -> None:
    uow.log(AuditEntry(actor, "export.fetched", "export", export, {"sha256": sha256}))


def _stored(blobs: BlobStore, sha256: str, media_type: str, name: str) -> Response:
    return _download(blobs.get(sha256), media_type, name, sha256)


def _download(data: bytes, media_type: str, name: str, sha256: str | None) -> Response:
    plain = "".join(char if char.isascii() and char not in '"\\' else "_" for char in name)
    headers = {
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    }
    if sha256 is not None:
        headers["ETag"] = f'"{sha256}"'
    return Response(data, media_type=media_type, headers=headers)


__all__ = ["router"]
