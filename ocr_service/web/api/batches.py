"""Batches and the files that go into them."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, File, Query, Response, UploadFile

from ocr_service.db.ids import BatchId
from ocr_service.service import intake, querying
from ocr_service.service.intake import StoredUpload
from ocr_service.web.api.schemas import BatchesOut, BatchOut, NewBatch, ReceiptOut
from ocr_service.web.deps import CorrelationDep, ReadUnit, ServicesDep, WriteUnit
from ocr_service.web.security import AnyUser

router = APIRouter(prefix="/batches", tags=["batches"])


@router.post("", status_code=HTTPStatus.CREATED)
def open_batch(
    new: NewBatch, response: Response, user: AnyUser, services: ServicesDep, uow: WriteUnit
) -> BatchOut:
    """Open a batch."""
    if new.template is not None:
        services.shelf.library().get(new.template)
    batch = intake.create_batch(uow, name=new.name, template=new.template, actor=user.name)
    response.headers["Location"] = f"/api/v1/batches/{batch}"
    return BatchOut.of(querying.batch_status(uow, batch))


@router.get("")
def list_batches(
    _user: AnyUser,
    uow: ReadUnit,
    cursor: Annotated[int | None, Query(ge=1)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> BatchesOut:
    """Batches, newest first."""
    found = querying.list_batches(uow, before=cursor, limit=limit)
    more = len(found) == limit
    return BatchesOut(
        batches=[BatchOut.of(status) for status in found],
        next_cursor=found[-1].batch.id if more else None,
    )


@router.get("/{batch}")
def show_batch(batch: int, _user: AnyUser, uow: ReadUnit) -> BatchOut:
    """One batch with counts per state."""
    return BatchOut.of(querying.batch_status(uow, BatchId(batch)))


@dataclass(frozen=True, slots=True)
class Arrival:
    """An upload whose bytes are stored, with who sent it."""

    upload: StoredUpload
    actor: str
    correlation: str | None


def _arrival(
    user: AnyUser,
    services: ServicesDep,
    correlation: CorrelationDep,
    file: Annotated[UploadFile, File()],
) -> Arrival:
    upload = intake.store_upload(
        services.blobs,
        file.file,
        name=file.filename,
        max_bytes=services.settings.max_upload_bytes,
    )
    return Arrival(upload, user.name, correlation)


@router.post(
    "/{batch}/files",
    status_code=HTTPStatus.ACCEPTED,
    responses={200: {"model": ReceiptOut, "description": "The same bytes came before"}},
)
def receive_file(
    batch: int,
    response: Response,
    services: ServicesDep,
    arrival: Annotated[Arrival, Depends(_arrival)],
    uow: WriteUnit,
) -> ReceiptOut:
    """Take a file in. Bytes first (a dependency), rows second."""
    receipt = intake.register_file(
        uow,
        services.bell,
        arrival.upload,
        batch=BatchId(batch),
        actor=arrival.actor,
        correlation=arrival.correlation,
    )
    if receipt.duplicate:
        response.status_code = HTTPStatus.OK
    return ReceiptOut.of(receipt)


__all__ = ["router"]
