"""Whether everything balances, and a clinic's own invoice against what was read."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from fastapi.responses import HTMLResponse

from ocr_service.billing.balance import MATCH_WORDS, Balance
from ocr_service.billing.invoice import Comparison
from ocr_service.billing.money import yen
from ocr_service.db.accounts.accounts import User
from ocr_service.db.billing import claims
from ocr_service.db.ids import ClaimId
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import InvalidRequest
from ocr_service.service import querying
from ocr_service.service.billing.reconciling import compare_invoice
from ocr_service.web.billing_deps import SetupDep, balances_of
from ocr_service.web.deps import ReadUnit, ServicesDep
from ocr_service.web.pages.language import Language
from ocr_service.web.pages.rendering import PageRoute, language_of, render
from ocr_service.web.security import ExporterUser

router = APIRouter(include_in_schema=False, route_class=PageRoute)

_PAIRS_SHOWN = 300

_NOTHING: dict[str, int | None] = {"batch": None, "claim": None}

Text = Annotated[str, Query(max_length=10)]


@router.get("/reconciliation")
def show_reconciliation(  # noqa: PLR0913, PLR0917 - what the query names
    request: Request,
    user: ExporterUser,
    services: ServicesDep,
    uow: ReadUnit,
    setup: SetupDep,
    batch: Text = "",
    claim: Text = "",
) -> HTMLResponse:
    """The checks of a batch, of a claim, or of both; of the newest ones where none is named."""
    asked = {"batch": _number(batch), "claim": _number(claim)}
    if asked == _NOTHING:
        asked = _newest(uow)
    balances = balances_of(uow, services, setup, **asked)
    return _page(request, user, asked, balances, None)


def _newest(uow: UnitOfWork) -> dict[str, int | None]:
    batches = querying.list_batches(uow, before=None, limit=1)
    made = claims.page(uow, limit=1)
    return {
        "batch": batches[0].batch.id if batches else None,
        "claim": made[0].id if made else None,
    }


@router.post("/reconciliation/invoice")
def show_comparison(  # noqa: PLR0913, PLR0917 - the fields of the form
    request: Request,
    user: ExporterUser,
    services: ServicesDep,
    uow: ReadUnit,
    setup: SetupDep,
    claim: Annotated[int, Form(ge=1)],
    file: Annotated[UploadFile, File()],
    institution: Annotated[str, Form(max_length=10)] = "",
) -> HTMLResponse:
    """A clinic's invoice line by line; nothing of it is kept."""
    found = compare_invoice(
        uow, setup, ClaimId(claim), file.file.read(), institution=institution or None
    )
    balances = balances_of(uow, services, setup, batch=None, claim=claim)
    return _page(request, user, {"batch": None, "claim": claim}, balances, found)


def _page(
    request: Request,
    user: User,
    asked: dict[str, int | None],
    balances: tuple[Balance, ...],
    comparison: Comparison | None,
) -> HTMLResponse:
    language = language_of(request)
    query = "&".join(f"{name}={value}" for name, value in asked.items() if value is not None)
    return render(
        request,
        "reconciliation.html",
        user=user,
        asked=asked,
        query=query,
        balances=balances,
        balanced=all(balance.balanced for balance in balances),
        japanese=language is Language.JA,
        yen=yen,
        comparison=None if comparison is None else _shown(comparison, language),
    )


def _shown(comparison: Comparison, language: Language) -> dict[str, object]:
    side = 0 if language is Language.JA else 1
    return {
        "agrees": comparison.agrees,
        "counts": [(MATCH_WORDS[m][side], m.value, n) for m, n in comparison.counts.items()],
        "ours": yen(comparison.ours),
        "theirs": yen(comparison.theirs),
        "pairs": [
            (MATCH_WORDS[pair.match][side], pair.match.value, pair.ours, pair.theirs)
            for pair in comparison.pairs[:_PAIRS_SHOWN]
        ],
    }


def _number(text: str) -> int | None:
    if not text:
        return None
    # People copy the number as it is printed: C000012.
    digits = text.strip().lstrip("Cc")
    if not digits.isascii() or not digits.isdigit() or int(digits) < 1:
        raise InvalidRequest("write batches and claims by their numbers")
    return int(digits)


__all__ = ["router"]
