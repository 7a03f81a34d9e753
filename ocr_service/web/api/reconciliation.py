"""Whether everything balances, as JSON and as a sheet."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Query, UploadFile
from fastapi.responses import Response

from ocr_service.billing.balance import balance_pdf
from ocr_service.db.ids import ClaimId
from ocr_service.domain.errors import InvalidRequest
from ocr_service.service.billing.reconciling import compare_invoice
from ocr_service.web.api.claim_schemas import ComparisonOut, ReconciliationOut
from ocr_service.web.billing_deps import PDF, SetupDep, attached, balances_of, today
from ocr_service.web.deps import ReadUnit, ServicesDep
from ocr_service.web.security import ExporterUser

router = APIRouter(tags=["reconciliation"])

Chosen = Annotated[int | None, Query(ge=1)]
Institution = Annotated[str | None, Query(pattern=r"^\d{10}$")]


@router.get("/reconciliation")
def get_reconciliation(
    _user: ExporterUser,
    services: ServicesDep,
    uow: ReadUnit,
    setup: SetupDep,
    batch: Chosen = None,
    claim: Chosen = None,
) -> ReconciliationOut:
    """The checks of a batch, of a claim, or of both."""
    if batch is None and claim is None:
        raise InvalidRequest("name a batch, a claim or both")
    return ReconciliationOut.of(balances_of(uow, services, setup, batch=batch, claim=claim))


@router.get("/reconciliation.pdf", response_class=Response)
def get_sheet(
    _user: ExporterUser,
    services: ServicesDep,
    uow: ReadUnit,
    setup: SetupDep,
    batch: Chosen = None,
    claim: Chosen = None,
) -> Response:
    """The same on A4."""
    if batch is None and claim is None:
        raise InvalidRequest("name a batch, a claim or both")
    balances = balances_of(uow, services, setup, batch=batch, claim=claim)
    return attached(balance_pdf(balances, made=today(uow)), "reconciliation.pdf", PDF)


@router.post("/claims/{claim}/compare")
def post_invoice(
    claim: int,
    _user: ExporterUser,
    uow: ReadUnit,
    setup: SetupDep,
    file: Annotated[UploadFile, File()],
    institution: Institution = None,
) -> ComparisonOut:
    """A clinic's own invoice (CSV) against the lines of a claim."""
    found = compare_invoice(uow, setup, ClaimId(claim), file.file.read(), institution=institution)
    return ComparisonOut.of(found)


__all__ = ["router"]
