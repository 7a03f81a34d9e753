"""Claims: drafted, issued, cancelled, returned; price tables."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from ocr_service.billing.tariff_lint import lint_tables
from ocr_service.db.audit import AuditEntry
from ocr_service.db.billing import claim_lines, claims
from ocr_service.db.ids import ClaimId
from ocr_service.service.billing import claims as billing_claims
from ocr_service.service.billing.issuing import archive_file, issue_claim
from ocr_service.service.billing.setup import add_price_table
from ocr_service.service.export.handing_off import announce_claim
from ocr_service.web.api.claim_schemas import (
    ClaimOut,
    ClaimsOut,
    FindingOut,
    LineOut,
    LinesOut,
    NewClaimIn,
    NewTableIn,
    PreviewOut,
    ReturnIn,
    TableOut,
    TablesOut,
)
from ocr_service.web.billing_deps import SetupDep, claim_download
from ocr_service.web.deps import ReadUnit, ServicesDep, WriteUnit
from ocr_service.web.security import AdminUser, ExporterUser

router = APIRouter(tags=["claims"])

_MOST = 100


@router.get("/claims")
def list_claims(
    _user: ExporterUser,
    uow: ReadUnit,
    before: Annotated[int | None, Query(ge=1)] = None,
    limit: Annotated[int, Query(ge=1, le=_MOST)] = 50,
) -> ClaimsOut:
    """Claims, newest first."""
    found = claims.page(uow, before=before, limit=limit + 1)
    more = found[limit - 1].id if len(found) > limit else None
    return ClaimsOut(claims=[ClaimOut.of(claim) for claim in found[:limit]], next_before=more)


@router.post("/claims/preview")
def preview_claim(
    new: NewClaimIn, _user: ExporterUser, uow: ReadUnit, setup: SetupDep
) -> PreviewOut:
    """What a claim would hold now; changes nothing."""
    return PreviewOut.of(billing_claims.preview_claim(uow, setup, new.wish()))


@router.post("/claims", status_code=HTTPStatus.CREATED)
def post_claim(
    new: NewClaimIn,
    response: Response,
    user: ExporterUser,
    reading: ReadUnit,
    uow: WriteUnit,
    setup: SetupDep,
) -> ClaimOut:
    """Draft a claim: its documents, versions, prices and sums are fixed."""
    made = billing_claims.draft_claim(reading, uow, setup, new.wish(), actor=user.name)
    response.headers["Location"] = f"/api/v1/claims/{made.id}"
    return ClaimOut.of(made, claims.sheets_of(uow, made.id))


@router.get("/claims/{claim}")
def get_claim(claim: int, _user: ExporterUser, uow: ReadUnit) -> ClaimOut:
    """One claim with its municipalities."""
    found = claims.get(uow, ClaimId(claim))
    return ClaimOut.of(found, claims.sheets_of(uow, found.id))


@router.get("/claims/{claim}/lines")
def get_lines(claim: int, _user: ExporterUser, uow: ReadUnit) -> LinesOut:
    """All its lines."""
    found = claims.get(uow, ClaimId(claim))
    return LinesOut(lines=[LineOut.of(line) for line in claim_lines.of_claim(uow, found.id)])


@router.post("/claims/{claim}/issue")
def post_issue(
    claim: int,
    user: ExporterUser,
    services: ServicesDep,
    reading: ReadUnit,
    uow: WriteUnit,
    setup: SetupDep,
) -> ClaimOut:
    """Make the papers; from now on they never change."""
    made = issue_claim(reading, uow, services.blobs, setup, ClaimId(claim), actor=user.name)
    announce_claim(uow, services.handoff, made)
    return ClaimOut.of(made, claims.sheets_of(uow, made.id))


@router.post("/claims/{claim}/cancel")
def post_cancel(claim: int, user: ExporterUser, uow: WriteUnit) -> ClaimOut:
    """Give a draft up."""
    return ClaimOut.of(billing_claims.cancel_claim(uow, ClaimId(claim), actor=user.name))


@router.post("/claims/{claim}/lines/{number}/return")
def post_return(
    claim: int, number: int, why: ReturnIn, user: ExporterUser, uow: WriteUnit
) -> LineOut:
    """A form came back; it may go into a later month's claim."""
    billing_claims.return_line(uow, ClaimId(claim), number, reason=why.reason, actor=user.name)
    return LineOut.of(claim_lines.numbered(uow, ClaimId(claim), number))


@router.get("/claims/{claim}/file", response_class=Response)
def get_file(
    claim: int,
    user: ExporterUser,
    services: ServicesDep,
    uow: WriteUnit,
    name: Annotated[str | None, Query(max_length=100)] = None,
) -> Response:
    """The package of an issued claim, or one file out of it, for example ``claim.pdf``."""
    found = claims.get(uow, ClaimId(claim))
    data = archive_file(services.blobs, found, name)
    uow.log(AuditEntry(user.name, "claim.fetched", "claim", found.id, {"file": name}))
    return claim_download(found, name, data)


@router.get("/price-tables")
def list_price_tables(_user: ExporterUser, setup: SetupDep) -> TablesOut:
    """All price tables and what lint says of them."""
    return TablesOut(
        tables=[TableOut.of(table) for table in setup.tables],
        findings=[FindingOut.of(finding) for finding in lint_tables(setup.tables)],
    )


@router.post("/price-tables", status_code=HTTPStatus.CREATED)
def post_price_table(
    new: NewTableIn, user: AdminUser, services: ServicesDep, uow: WriteUnit
) -> TablesOut:
    """Take a price table in, unless it is broken or has gaps or overlaps."""
    added = add_price_table(
        uow, new.toml, rows_csv=new.csv, price_dir=services.settings.price_dir, actor=user.name
    )
    return TablesOut(
        tables=[TableOut.of(added.table)],
        findings=[FindingOut.of(finding) for finding in added.findings],
    )


__all__ = ["router"]
