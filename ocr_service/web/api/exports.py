"""Exports, and a look at what one would hold."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from ocr_service.db import exports
from ocr_service.db.ids import BatchId, ExportId
from ocr_service.service.export_profiles import profile_named
from ocr_service.service.exporting import export_batch, preview_batch, template_of_batch
from ocr_service.web.api.schemas import ExportOut, NewExport
from ocr_service.web.deps import ReadUnit, ServicesDep, WriteUnit
from ocr_service.web.security import ExporterUser

router = APIRouter(tags=["exports"])


@router.post("/exports", status_code=HTTPStatus.CREATED)
def post_export(
    new: NewExport, response: Response, user: ExporterUser, services: ServicesDep, uow: WriteUnit
) -> ExportOut:
    """Export the approved documents of a batch."""
    batch = BatchId(new.batch)
    template = template_of_batch(uow, services.shelf.library(), batch=batch, asked=new.template)
    profile = profile_named(new.profile)
    made = export_batch(uow, services.blobs, profile, template, batch=batch, actor=user.name)
    response.headers["Location"] = f"/api/v1/exports/{made.id}"
    return ExportOut.of(made)


@router.get("/exports/{export}")
def show_export(export: int, _user: ExporterUser, uow: ReadUnit) -> ExportOut:
    """One export."""
    return ExportOut.of(exports.get(uow, ExportId(export)))


@router.get("/exports/{export}/file", response_class=Response)
def download_export(
    export: int, _user: ExporterUser, services: ServicesDep, uow: ReadUnit
) -> Response:
    """Its bytes, the same every time."""
    found = exports.get(uow, ExportId(export))
    suffix = profile_named(found.profile).suffix
    name = f"export-{found.id}{suffix}"
    return Response(
        services.blobs.get(found.sha256),
        media_type=found.media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@router.get("/batches/{batch}/records.csv", response_class=Response)
def preview_csv(
    batch: int,
    _user: ExporterUser,
    services: ServicesDep,
    uow: ReadUnit,
    profile: Annotated[str, Query(max_length=50)] = "csv",
    template: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """The records of a batch as they stand now; no export, nothing changes."""
    chosen = profile_named(profile)
    wanted = BatchId(batch)
    form = template_of_batch(uow, services.shelf.library(), batch=wanted, asked=template)
    return Response(
        preview_batch(uow, chosen, form, batch=wanted),
        media_type=chosen.media_type,
        headers={"Content-Disposition": f'attachment; filename="batch-{batch}{chosen.suffix}"'},
    )


__all__ = ["router"]
