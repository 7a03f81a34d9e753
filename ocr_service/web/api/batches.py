"""Batches and the files that go into them."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse

from ocr_service.db.ids import BatchId
from ocr_service.service import querying
from ocr_service.service.intake import receiving
from ocr_service.service.intake.receipt import batch_receipt
from ocr_service.web.api.schemas import ReceiptOut
from ocr_service.web.api.upload_body import FILE_IN_BODY, ReceivedDep
from ocr_service.web.api.upload_schemas import (
    BatchReceiptOut,
    NewScannedBatch,
    ScannedBatchesOut,
    ScannedBatchOut,
)
from ocr_service.web.api.upload_sender import SenderDep, rendered
from ocr_service.web.deps import BulkLane, ReadUnit, ServicesDep
from ocr_service.web.security import AnyUser

router = APIRouter(prefix="/batches", tags=["batches"])


@router.post("", status_code=HTTPStatus.CREATED)
def open_batch(
    new: NewScannedBatch, response: Response, services: ServicesDep, sender: SenderDep
) -> ScannedBatchOut:
    """Open a batch; with an ``Idempotency-Key`` only once, however often it is asked for."""
    if new.template is not None:
        services.shelf.library().get(new.template)
    wanted = receiving.NewBatch(new.name, new.template, new.options())
    batch = BatchId(receiving.open_batch(services.db, wanted, sender).body["id"])
    response.headers["Location"] = f"/api/v1/batches/{batch}"
    with services.db.reading() as uow:
        return ScannedBatchOut.of(querying.batch_status(uow, batch))


@router.get("")
def list_batches(
    _user: AnyUser,
    uow: ReadUnit,
    cursor: Annotated[int | None, Query(ge=1)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> ScannedBatchesOut:
    """Batches, newest first."""
    found = querying.list_batches(uow, before=cursor, limit=limit)
    more = len(found) == limit
    return ScannedBatchesOut(
        batches=[ScannedBatchOut.of(status) for status in found],
        next_cursor=found[-1].batch.id if more else None,
    )


@router.get("/{batch}")
def show_batch(batch: int, _user: AnyUser, uow: ReadUnit) -> ScannedBatchOut:
    """One batch with counts per state."""
    return ScannedBatchOut.of(querying.batch_status(uow, BatchId(batch)))


@router.get("/{batch}/receipt")
def show_receipt(batch: int, _user: AnyUser, uow: ReadUnit) -> BatchReceiptOut:
    """What came in and what became of it; the numbers add up."""
    return BatchReceiptOut.of(batch_receipt(uow, BatchId(batch)))


@router.post(
    "/{batch}/files",
    status_code=HTTPStatus.ACCEPTED,
    response_model=ReceiptOut,
    responses={200: {"model": ReceiptOut, "description": "The same bytes came before"}},
    openapi_extra=FILE_IN_BODY,
)
async def receive_file(
    batch: int, services: ServicesDep, sender: SenderDep, received: ReceivedDep, lane: BulkLane
) -> JSONResponse:
    """Take a file in. Bytes first, rows second."""
    take_in = partial(
        receiving.receive_file,
        services.db,
        services.blobs,
        services.bell,
        received.spooled,
        name=received.name,
        batch=BatchId(batch),
        sender=sender,
    )
    return rendered(await to_thread.run_sync(take_in, limiter=lane))


@router.put(
    "/{batch}/files/{name:path}",
    status_code=HTTPStatus.ACCEPTED,
    response_model=ReceiptOut,
    responses={200: {"model": ReceiptOut, "description": "The same bytes came before"}},
    openapi_extra=FILE_IN_BODY,
)
async def receive_named_file(
    batch: int,
    name: str,  # noqa: ARG001 - the dependency that receives the body takes it from the path
    services: ServicesDep,
    sender: SenderDep,
    received: ReceivedDep,
    lane: BulkLane,
) -> JSONResponse:
    """Take a file in whose bytes are the whole body."""
    return await receive_file(batch, services, sender, received, lane)


__all__ = ["router"]
