"""Claims: list, preview, one claim, price tables."""

from __future__ import annotations

import datetime as dt
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from ocr_service.billing.papers_pdf import claim_pdf
from ocr_service.billing.tariff_lint import lint_tables
from ocr_service.db.billing import claim_lines, claims
from ocr_service.db.ids import BatchId, ClaimId
from ocr_service.domain.errors import InvalidRequest
from ocr_service.service.billing import claims as billing_claims
from ocr_service.service.billing.issuing import claim_number, draft_papers, issue_claim
from ocr_service.service.billing.picking import ClaimWish
from ocr_service.service.export.handing_off import announce_claim
from ocr_service.web.billing_deps import PDF, SetupDep, attached, today
from ocr_service.web.deps import ReadUnit, ServicesDep, WriteUnit
from ocr_service.web.pages.claims_shown import (
    claim_line,
    held_lines,
    line_row,
    sheet_row,
    table_card,
)
from ocr_service.web.pages.lists import local_time
from ocr_service.web.pages.rendering import PageRoute, language_of, render
from ocr_service.web.security import ExporterUser

router = APIRouter(include_in_schema=False, route_class=PageRoute)

_CLAIMS_SHOWN = 30
_LINES_SHOWN = 300

Month = Annotated[str, Query(max_length=7)]
Text = Annotated[str, Query(max_length=20)]


def _wish(month: str, until: str, batch: str, institution: str) -> ClaimWish:
    """What the form asked for; browsers send empty fields as empty text.

    Raises:
        InvalidRequest: a field cannot be what it is meant to be.
    """
    try:
        last = dt.date.fromisoformat(until) if until else billing_claims.end_of_month_before(month)
        number = BatchId(int(batch)) if batch else None
    except ValueError:
        raise InvalidRequest("write dates like 2026-10-31 and batches as numbers") from None
    return ClaimWish(month, last, number, None, institution or None)


@router.get("/claims")
def list_claims(
    request: Request,
    user: ExporterUser,
    uow: ReadUnit,
    setup: SetupDep,
    before: Annotated[int | None, Query(ge=1)] = None,
) -> HTMLResponse:
    """The claims and the form for a new one."""
    found = claims.page(uow, before=before, limit=_CLAIMS_SHOWN + 1)
    shown = [claim_line(claim) for claim in found[:_CLAIMS_SHOWN]]
    return render(
        request,
        "claims.html",
        user=user,
        claims=shown,
        older=found[_CLAIMS_SHOWN - 1].id if len(found) > _CLAIMS_SHOWN else None,
        month=today(uow).strftime("%Y-%m"),
        has_issuer=setup.file is not None,
    )


@router.get("/claims/new")
def preview_claim(  # noqa: PLR0913, PLR0917 - the fields of the form
    request: Request,
    user: ExporterUser,
    uow: ReadUnit,
    setup: SetupDep,
    month: Month,
    until: Text = "",
    batch: Text = "",
    institution: Text = "",
) -> HTMLResponse:
    """What a claim would hold, before anything is made."""
    wish = _wish(month, until, batch, institution)
    preview = billing_claims.preview_claim(uow, setup, wish)
    language = language_of(request)
    return render(
        request,
        "claim_new.html",
        user=user,
        wish=wish,
        sums=preview.sums.sums,
        sheets=[sheet_row(s.municipality, s.route, s.sums, language) for s in preview.sums.sheets],
        held=held_lines(preview.picked.held, language),
        holidays=billing_claims.holidays_without_addon(preview.picked),
        has_lines=bool(preview.picked.lines),
    )


@router.post("/claims")
def make_claim(  # noqa: PLR0913, PLR0917 - the fields of the form
    user: ExporterUser,
    reading: ReadUnit,
    uow: WriteUnit,
    setup: SetupDep,
    month: Annotated[str, Form(max_length=7)],
    until: Annotated[str, Form(max_length=10)] = "",
    batch: Annotated[str, Form(max_length=10)] = "",
    institution: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Make the draft."""
    wish = _wish(month, until, batch, institution)
    made = billing_claims.draft_claim(reading, uow, setup, wish, actor=user.name)
    return RedirectResponse(f"/claims/{made.id}", HTTPStatus.SEE_OTHER)


@router.get("/claims/prices")
def show_prices(request: Request, user: ExporterUser, setup: SetupDep) -> HTMLResponse:
    """The price tables with what is wrong with them."""
    language = language_of(request)
    return render(
        request,
        "claim_prices.html",
        user=user,
        tables=[table_card(table, language) for table in setup.tables],
        findings=lint_tables(setup.tables),
        japanese=language == "ja",
    )


@router.get("/claims/{claim}")
def show_claim(
    request: Request, claim: int, user: ExporterUser, uow: ReadUnit, setup: SetupDep
) -> HTMLResponse:
    """One claim."""
    found = claims.get(uow, ClaimId(claim))
    language = language_of(request)
    lines = claim_lines.of_claim(uow, found.id)
    return render(
        request,
        "claim.html",
        user=user,
        claim=claim_line(found),
        sheets=[
            sheet_row(s.municipality, s.route, s.sums, language)
            for s in claims.sheets_of(uow, found.id)
        ],
        lines=[line_row(line, language) for line in lines[:_LINES_SHOWN]],
        cut=_LINES_SHOWN if len(lines) > _LINES_SHOWN else None,
        created=local_time(found.created_at),
        issued=local_time(found.issued_at) if found.issued_at else None,
        has_issuer=setup.file is not None,
    )


@router.get("/claims/{claim}/draft.pdf")
def show_draft(claim: int, _user: ExporterUser, uow: ReadUnit, setup: SetupDep) -> Response:
    """The papers of a draft, which say that they are one."""
    found = claims.get(uow, ClaimId(claim))
    data = claim_pdf(draft_papers(uow, setup, found))
    return attached(data, f"{claim_number(found.id)}-draft.pdf", PDF)


@router.post("/claims/{claim}/issue")
def issue(
    claim: int,
    user: ExporterUser,
    services: ServicesDep,
    reading: ReadUnit,
    uow: WriteUnit,
    setup: SetupDep,
) -> Response:
    """Make the papers for good."""
    made = issue_claim(reading, uow, services.blobs, setup, ClaimId(claim), actor=user.name)
    announce_claim(uow, services.handoff, made)
    return RedirectResponse(f"/claims/{claim}", HTTPStatus.SEE_OTHER)


@router.post("/claims/{claim}/cancel")
def cancel(claim: int, user: ExporterUser, uow: WriteUnit) -> Response:
    """Give the draft up."""
    billing_claims.cancel_claim(uow, ClaimId(claim), actor=user.name)
    return RedirectResponse(f"/claims/{claim}", HTTPStatus.SEE_OTHER)


@router.post("/claims/{claim}/lines/{number}/return")
def return_line(
    claim: int,
    number: int,
    user: ExporterUser,
    uow: WriteUnit,
    reason: Annotated[str, Form(max_length=400)],
) -> Response:
    """A form came back."""
    billing_claims.return_line(uow, ClaimId(claim), number, reason=reason, actor=user.name)
    return RedirectResponse(f"/claims/{claim}#line-{number}", HTTPStatus.SEE_OTHER)


__all__ = ["router"]
