"""Claims and their lines: fixed when they are made, each document charged by one line at most."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from ocr_service.billing.bills import Bill
from ocr_service.billing.claim import ClaimSums, Role, Sums
from ocr_service.db import tables as t
from ocr_service.db.ids import ClaimId, ClaimLineId, DocumentId
from ocr_service.db.rows import lock_row, one_row
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import Conflict, StaleVersion

_CHUNK = 500


class ClaimState(StrEnum):
    """Where a claim stands."""

    DRAFT = "draft"
    ISSUED = "issued"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class NewClaim:
    """What is known of a claim when it is drafted."""

    month: str
    until_day: dt.date
    selection: Mapping[str, Any]
    prices: Mapping[str, str]
    held: Mapping[str, int]
    created_by: str


@dataclass(frozen=True, slots=True)
class NewLine:
    """A line to be stored.

    Attributes:
        document: what it stands for.
        version: the document's version.
        role: why it is there.
        bill: what it is billed as; of a reversal, the bill taken back.
        original: the line it refers to.
    """

    document: DocumentId
    version: int
    role: Role
    bill: Bill
    original: ClaimLineId | None = None


@dataclass(frozen=True, slots=True)
class StoredLine:
    """A line as stored, with what its claim says."""

    id: ClaimLineId
    claim: ClaimId
    claim_month: str
    claim_state: ClaimState
    number: int
    document: DocumentId
    version: int
    checked_version: int
    role: Role
    live: bool
    original: ClaimLineId | None
    original_claim: ClaimId | None
    original_number: int | None
    digest: str
    bill: Bill
    total: int
    returned_at: datetime | None
    returned_reason: str | None


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim with its stored sums."""

    id: ClaimId
    month: str
    until_day: dt.date
    state: ClaimState
    selection: Mapping[str, Any]
    prices: Mapping[str, str]
    held: Mapping[str, int]
    forms: int
    net: int
    gross: int
    self_payment: int
    total: int
    archive_sha256: str | None
    created_by: str
    created_at: datetime
    issued_by: str | None
    issued_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoredSheet:
    """A municipality's sums as stored."""

    municipality: str
    route: str
    sums: Sums


def insert(uow: UnitOfWork, new: NewClaim, lines: Sequence[NewLine], sums: ClaimSums) -> ClaimId:
    """Store a draft with its lines; lines that are superseded stop charging their documents.

    Raises:
        Conflict: one of the documents is charged by another line already, as the index knows, or
            a line to be taken back charges nothing any more.
    """
    total = sums.sums
    added = uow.connection.execute(
        sa.insert(t.claims)
        .values(
            month=new.month,
            until_day=new.until_day,
            state=ClaimState.DRAFT,
            selection=dict(new.selection),
            prices=dict(new.prices),
            held=dict(new.held),
            forms=total.forms,
            net=total.net,
            gross=total.gross,
            self_payment=total.self_payment,
            total=total.total,
            created_by=new.created_by,
            created_at=uow.now,
        )
        .returning(t.claims.c.id)
    )
    claim = ClaimId(added.scalar_one())
    _insert_sheets(uow, claim, sums)
    _supersede(uow, [x.original for x in lines if x.role is Role.REVERSAL and x.original])
    rows = [_line_values(claim, number, line) for number, line in enumerate(lines, start=1)]
    try:
        for start in range(0, len(rows), _CHUNK):
            uow.connection.execute(sa.insert(t.claim_lines), rows[start : start + _CHUNK])
    except IntegrityError as error:
        raise Conflict("one of these documents is being billed already; look again") from error
    return claim


def _insert_sheets(uow: UnitOfWork, claim: ClaimId, sums: ClaimSums) -> None:
    sheets = [
        {
            "claim_id": claim,
            "municipality": sheet.municipality,
            "route": sheet.route,
            **asdict(sheet.sums),
        }
        for sheet in sums.sheets
    ]
    if sheets:
        uow.connection.execute(sa.insert(t.claim_sheets), sheets)


def _line_values(claim: ClaimId, number: int, line: NewLine) -> dict[str, Any]:
    reversal = line.role is Role.REVERSAL
    return {
        "claim_id": claim,
        "number": number,
        "document_id": line.document,
        "document_version": line.version,
        "checked_version": line.version,
        "role": line.role,
        "live": not reversal,
        "stands": True,
        "original_id": line.original,
        "digest": line.bill.digest,
        "bill": line.bill.as_json(),
        "institution": line.bill.institution,
        "municipality": line.bill.municipality,
        "total": -line.bill.total if reversal else line.bill.total,
    }


def get(uow: UnitOfWork, claim: ClaimId) -> Claim:
    """One claim.

    Raises:
        NotFound: there is none.
    """
    return _claim(one_row(uow, t.claims, claim, what="claim"))


def lock(uow: UnitOfWork, claim: ClaimId) -> Claim:
    """One claim, which nobody else changes until this unit ends.

    Raises:
        NotFound: there is none.
    """
    lock_row(uow, t.claims, claim)
    return get(uow, claim)


def page(uow: UnitOfWork, *, before: int | None = None, limit: int = 50) -> list[Claim]:
    """Claims, newest first."""
    query = sa.select(t.claims).order_by(t.claims.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(t.claims.c.id < before)
    return [_claim(row) for row in uow.connection.execute(query).mappings()]


def sheets_of(uow: UnitOfWork, claim: ClaimId) -> list[StoredSheet]:
    """A claim's municipalities as stored, by route and code."""
    s = t.claim_sheets.c
    query = sa.select(t.claim_sheets).where(s.claim_id == claim).order_by(s.route, s.municipality)
    names = ("forms", "shots", "interviews", "net", "gross", "self_payment", "total")
    return [
        StoredSheet(row["municipality"], row["route"], Sums(**{n: row[n] for n in names}))
        for row in uow.connection.execute(query).mappings()
    ]


def set_issued(uow: UnitOfWork, claim: ClaimId, *, by: str, archive: str) -> None:
    """The claim goes out.

    Raises:
        StaleVersion: it is no draft any more.
    """
    values = {"issued_by": by, "issued_at": uow.now, "archive_sha256": archive}
    _move(uow, claim, ClaimState.ISSUED, values)


def set_cancelled(uow: UnitOfWork, claim: ClaimId) -> None:
    """The draft is given up: its documents are free, superseded lines charge them again.

    Raises:
        StaleVersion: it is no draft any more.
    """
    _move(uow, claim, ClaimState.CANCELLED, {"cancelled_at": uow.now})
    x = t.claim_lines.c
    uow.connection.execute(
        sa.update(t.claim_lines).where(x.claim_id == claim).values(live=False, stands=False)
    )
    query = sa.select(x.original_id).where(x.claim_id == claim, x.role == Role.REVERSAL)
    originals = [ClaimLineId(found) for found in uow.connection.execute(query).scalars()]
    _set_live(uow, originals, live=True)


def set_returned(uow: UnitOfWork, line: ClaimLineId, *, by: str, reason: str) -> None:
    """The municipality sent a form back: its document may be billed again.

    Raises:
        StaleVersion: the line charges nothing any more.
    """
    x = t.claim_lines.c
    done = uow.connection.execute(
        sa.update(t.claim_lines)
        .where(x.id == line, x.live)
        .values(live=False, returned_at=uow.now, returned_by=by, returned_reason=reason)
    )
    if done.rowcount != 1:
        raise StaleVersion("this line was returned or corrected before; load the claim again")


def set_checked(uow: UnitOfWork, line: ClaimLineId, version: int) -> None:
    """A newer version of the document was found to cost the same."""
    x = t.claim_lines.c
    uow.connection.execute(
        sa.update(t.claim_lines).where(x.id == line).values(checked_version=version)
    )


def _supersede(uow: UnitOfWork, lines: Sequence[ClaimLineId]) -> None:
    x = t.claim_lines.c
    for start in range(0, len(lines), _CHUNK):
        some = lines[start : start + _CHUNK]
        done = uow.connection.execute(
            sa.update(t.claim_lines).where(x.id.in_(some), x.live).values(live=False)
        )
        if done.rowcount != len(some):
            raise Conflict("a line to be taken back was returned meanwhile; look again")


def _set_live(uow: UnitOfWork, lines: Sequence[ClaimLineId], *, live: bool) -> None:
    for start in range(0, len(lines), _CHUNK):
        uow.connection.execute(
            sa.update(t.claim_lines)
            .where(t.claim_lines.c.id.in_(lines[start : start + _CHUNK]))
            .values(live=live)
        )


def _move(uow: UnitOfWork, claim: ClaimId, state: ClaimState, values: dict[str, Any]) -> None:
    done = uow.connection.execute(
        sa.update(t.claims)
        .where(t.claims.c.id == claim, t.claims.c.state == ClaimState.DRAFT)
        .values(state=state, **values)
    )
    if done.rowcount != 1:
        raise StaleVersion(f"claim {claim} is no draft any more; load it again")


def _claim(row: sa.RowMapping) -> Claim:
    known = {name: row[name] for name in Claim.__dataclass_fields__}
    return Claim(**known | {"id": ClaimId(row["id"]), "state": ClaimState(row["state"])})


__all__ = [
    "Claim",
    "ClaimState",
    "NewClaim",
    "NewLine",
    "StoredLine",
    "StoredSheet",
    "get",
    "insert",
    "lock",
    "page",
    "set_cancelled",
    "set_checked",
    "set_issued",
    "set_returned",
    "sheets_of",
]
