"""Claims: drafted from what is approved, issued as papers, cancelled, returned line by line."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass

from ocr_service.billing.claim import ClaimSums, add_up
from ocr_service.billing.classify import holiday_hint
from ocr_service.db.audit import AuditEntry, DetailValue
from ocr_service.db.billing import claim_lines, claims
from ocr_service.db.billing.claims import Claim, ClaimState, NewClaim
from ocr_service.db.ids import ClaimId, ClaimLineId
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import Conflict, IllegalTransition, InvalidRequest
from ocr_service.service.billing.picking import ClaimWish, Picked, as_lines, pick
from ocr_service.service.billing.setup import BillingSetup

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
MAX_REASON = 200


@dataclass(frozen=True, slots=True)
class Preview:
    """What a claim would be: its lines, its sums, what is held."""

    picked: Picked
    sums: ClaimSums


def end_of_month_before(month: str) -> dt.date:
    """The last day before a billing month: what is submitted in it was done before it.

    Raises:
        InvalidRequest: not a month like 2026-11.
    """
    found = _MONTH.fullmatch(month)
    if found is None:
        raise InvalidRequest(f"write the billing month like 2026-11, not {month[:10]}")
    return dt.date(int(found[1]), int(found[2]), 1) - dt.timedelta(days=1)


def last_day(month: str) -> dt.date:
    """The last day of a month.

    Raises:
        InvalidRequest: not a month like 2026-11.
    """
    end_of_month_before(month)
    year, number = map(int, month.split("-"))
    return dt.date(year, number, calendar.monthrange(year, number)[1])


def preview_claim(uow: UnitOfWork, setup: BillingSetup, wish: ClaimWish) -> Preview:
    """What a claim would hold now; changes nothing.

    Raises:
        PriceTableInvalid: a table in use has errors.
    """
    setup.refuse_errors()
    picked = pick(uow, setup, wish)
    return Preview(picked, add_up(as_lines(picked.lines)))


def holidays_without_addon(picked: Picked) -> int:
    """How many lines lie on a weekend or holiday without the add-on for holidays: a hint only."""
    return sum(
        holiday_hint(line.bill.day) is not None
        and all(item.code != "holiday" for item in line.bill.items)
        for line in picked.lines
    )


def draft_claim(
    reading: UnitOfWork, uow: UnitOfWork, setup: BillingSetup, wish: ClaimWish, *, actor: str
) -> Claim:
    """Fix what a claim holds: documents and versions, prices, sums.

    Records are judged in the reading unit, which keeps nobody waiting. Should one change before
    the writing unit ends, its line names the version that was judged, and issuing refuses.

    Args:
        reading: sees one state of the database.
        uow: commits at the edge, as always.
        setup: prices and house rules.
        wish: what the claim shall cover.
        actor: who drafts it.

    Raises:
        PriceTableInvalid: a table in use has errors.
        Conflict: there is nothing to bill, or another claim took the same documents meanwhile.
        InvalidRequest: the period ends after the billing month.
    """
    if wish.until > last_day(wish.month):
        raise InvalidRequest("the period ends after the billing month")
    preview = preview_claim(reading, setup, wish)
    picked = preview.picked
    for line, version in picked.checked:
        claims.set_checked(uow, line, version)
    if not picked.lines:
        raise Conflict(f"nothing to bill: {len(picked.held)} records are held{_why(picked)}")
    new = NewClaim(
        month=wish.month,
        until_day=wish.until,
        selection={
            "batch": wish.batch,
            "template": wish.template,
            "institution": wish.institution,
        },
        prices=setup.prices,
        held=picked.reasons,
        created_by=actor,
    )
    claim = claims.insert(uow, new, picked.lines, preview.sums)
    detail: dict[str, DetailValue] = {
        "month": wish.month,
        "lines": len(picked.lines),
        "total": preview.sums.sums.total,
    }
    uow.log(AuditEntry(actor, "claim.drafted", "claim", claim, detail))
    return claims.get(uow, claim)


def cancel_claim(uow: UnitOfWork, claim: ClaimId, *, actor: str) -> Claim:
    """Give a draft up; its documents may be billed in another.

    Raises:
        NotFound: no such claim.
        IllegalTransition: it was issued or cancelled.
    """
    found = claims.lock(uow, claim)
    if found.state is not ClaimState.DRAFT:
        raise IllegalTransition(f"a claim that is {found.state} cannot be cancelled")
    claims.set_cancelled(uow, claim)
    uow.log(AuditEntry(actor, "claim.cancelled", "claim", claim))
    return claims.get(uow, claim)


def return_line(
    uow: UnitOfWork, claim: ClaimId, number: int, *, reason: str, actor: str
) -> ClaimLineId:
    """A form came back (返戻): it may go into a claim of a later month.

    Args:
        uow: open unit of work.
        claim: an issued claim.
        number: of the line.
        reason: what the payer wrote, in a few words; no personal data.
        actor: who enters it.

    Raises:
        NotFound: no such claim or line.
        IllegalTransition: the claim was not issued.
        InvalidRequest: no reason, or a long one.
        Conflict: the line takes another back, or charges nothing any more.
    """
    reason = " ".join(reason.split())
    if not reason or len(reason) > MAX_REASON:
        raise InvalidRequest(f"say in 1 to {MAX_REASON} characters why it came back")
    found = claims.lock(uow, claim)
    if found.state is not ClaimState.ISSUED:
        raise IllegalTransition("only forms of an issued claim come back")
    line = claim_lines.numbered(uow, claim, number)
    claims.set_returned(uow, line.id, by=actor, reason=reason)
    uow.log(AuditEntry(actor, "claim.line_returned", "claim", claim, {"line": number}))
    return line.id


def _why(picked: Picked) -> str:
    reasons = ", ".join(f"{reason} {count}" for reason, count in picked.reasons.items())
    return f" ({reasons})" if reasons else ""


__all__ = [
    "MAX_REASON",
    "Preview",
    "cancel_claim",
    "draft_claim",
    "end_of_month_before",
    "holidays_without_addon",
    "last_day",
    "preview_claim",
    "return_line",
]
