"""What routes of billing ask for, JSON and pages alike."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from fastapi import Depends
from fastapi.responses import Response

from ocr_service.billing.balance import Balance
from ocr_service.db.billing.claims import Claim
from ocr_service.db.ids import BatchId, ClaimId
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.dates import JAPAN
from ocr_service.service.billing import reconciling
from ocr_service.service.billing.issuing import claim_number
from ocr_service.service.billing.setup import BillingSetup, load_setup
from ocr_service.web.deps import ServicesDep

PDF = "application/pdf"
ZIP = "application/zip"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TYPES = {".pdf": PDF, ".xlsx": XLSX, ".csv": "text/csv", ".json": "application/json"}


def _setup(services: ServicesDep) -> BillingSetup:
    settings = services.settings
    return load_setup(price_dir=settings.price_dir, billing_file=settings.resolved_billing_file)


SetupDep = Annotated[BillingSetup, Depends(_setup)]
"""Price tables, house rules, who claims: read anew for every request."""


def balances_of(
    uow: UnitOfWork,
    services: ServicesDep,
    setup: BillingSetup,
    *,
    batch: int | None,
    claim: int | None,
) -> tuple[Balance, ...]:
    """The checks of a batch, of a claim, or of both."""
    found: list[Balance] = []
    if batch is not None:
        found.append(reconciling.reconcile_batch(uow, BatchId(batch)))
        found.append(reconciling.reconcile_billing(uow, setup, BatchId(batch)))
    if claim is not None:
        found.append(reconciling.reconcile_claim(uow, services.blobs, setup, ClaimId(claim)))
    return tuple(found)


def claim_download(claim: Claim, name: str | None, data: bytes) -> Response:
    """The package of a claim, or a file out of it."""
    if name is None:
        shown, media = f"{claim_number(claim.id)}.zip", ZIP
    else:
        shown = f"{claim_number(claim.id)}-{name.replace('/', '-')}"
        media = _TYPES[name[name.rindex(".") :]]
    return attached(data, shown, media)


def attached(data: bytes, name: str, media_type: str) -> Response:
    """A file to be saved; the name is ASCII."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, media_type=media_type, headers=headers)


def today(uow: UnitOfWork) -> dt.date:
    """The day in Japan."""
    return uow.now.astimezone(JAPAN).date()


__all__ = ["PDF", "SetupDep", "attached", "balances_of", "claim_download", "today"]
