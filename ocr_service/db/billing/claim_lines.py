"""Lines of claims, and the documents that may become some."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ocr_service.billing.bills import Bill
from ocr_service.billing.claim import Role
from ocr_service.db import tables as t
from ocr_service.db.billing.claims import ClaimState, StoredLine
from ocr_service.db.ids import BatchId, ClaimId, ClaimLineId, DocumentId
from ocr_service.db.records import documents
from ocr_service.db.records.documents import Document
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import NotFound
from ocr_service.domain.lifecycle import DocumentState

_READY = (DocumentState.APPROVED, DocumentState.EXPORTED)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which documents are looked at; None = all."""

    batch: BatchId | None = None
    template: str | None = None


def of_claim(uow: UnitOfWork, claim: ClaimId) -> list[StoredLine]:
    """Its lines by number."""
    found = _lines(uow, t.claim_lines.c.claim_id == claim)
    return sorted(found, key=lambda line: line.number)


def numbered(uow: UnitOfWork, claim: ClaimId, number: int) -> StoredLine:
    """One line.

    Raises:
        NotFound: there is none.
    """
    x = t.claim_lines.c
    found = _lines(uow, sa.and_(x.claim_id == claim, x.number == number))
    if not found:
        raise NotFound(f"no line {number} in claim {claim}")
    return found[0]


def newest_of_documents(
    uow: UnitOfWork, wanted: Sequence[DocumentId]
) -> dict[DocumentId, StoredLine]:
    """The line that charges each document, else the newest that was returned."""
    x = t.claim_lines.c
    told = sa.or_(x.live, x.returned_at.is_not(None))
    found = _lines(uow, sa.and_(x.document_id.in_(wanted), x.stands, told))
    ordered = sorted(found, key=lambda line: (line.live, line.id))
    return {line.document: line for line in ordered}


def billed_documents(uow: UnitOfWork, batch: BatchId) -> set[DocumentId]:
    """Records of a batch that a line charges now and that were not discarded."""
    d, x = t.documents.c, t.claim_lines.c
    query = (
        sa.select(d.id)
        .join(t.claim_lines, x.document_id == d.id)
        .where(d.batch_id == batch, x.live, d.state != DocumentState.DISCARDED)
    )
    return {DocumentId(found) for found in uow.connection.execute(query).scalars()}


def candidates(uow: UnitOfWork, wanted: Wanted, *, chunk: int = 500) -> Iterator[list[Document]]:
    """Documents that are approved and that no line charges in this very version.

    Those whose billed version was followed by others come too: they may cost something else now.
    """
    d, x = t.documents.c, t.claim_lines.c
    unbilled = sa.or_(x.id.is_(None), d.version > x.checked_version)
    ready = sa.or_(
        d.state.in_(_READY),
        # billed, then put away: the line has to be taken back
        sa.and_(x.id.is_not(None), d.state == DocumentState.DISCARDED),
    )
    yield from _documents(uow, _wanted(wanted), sa.and_(unbilled, ready), chunk=chunk)


def waiting(uow: UnitOfWork, wanted: Wanted, *, chunk: int = 500) -> Iterator[list[Document]]:
    """Documents that were read but are not approved, or not any more."""
    state = t.documents.c.state == DocumentState.NEEDS_REVIEW
    yield from _documents(uow, _wanted(wanted), state, chunk=chunk)


def _documents(
    uow: UnitOfWork, *conditions: sa.ColumnElement[bool], chunk: int
) -> Iterator[list[Document]]:
    d, x = t.documents.c, t.claim_lines.c
    after = 0
    while True:
        query = (
            sa.select(d.id)
            .outerjoin(t.claim_lines, sa.and_(x.document_id == d.id, x.live))
            .where(d.id > after, *conditions)
            .order_by(d.id)
            .limit(chunk)
        )
        ids = list(uow.connection.execute(query).scalars())
        if not ids:
            return
        yield documents.get_many(uow, ids)
        after = ids[-1]


def _wanted(wanted: Wanted) -> sa.ColumnElement[bool]:
    d = t.documents.c
    parts: list[sa.ColumnElement[bool]] = [d.template.is_not(None)]
    if wanted.batch is not None:
        parts.append(d.batch_id == wanted.batch)
    if wanted.template is not None:
        parts.append(d.template == wanted.template)
    return sa.and_(*parts)


def _lines(uow: UnitOfWork, condition: sa.ColumnElement[bool]) -> list[StoredLine]:
    before = t.claim_lines.alias("before")
    query = (
        sa.select(
            t.claim_lines,
            t.claims.c.month,
            t.claims.c.state,
            before.c.claim_id.label("original_claim"),
            before.c.number.label("original_number"),
        )
        .join(t.claims, t.claims.c.id == t.claim_lines.c.claim_id)
        .outerjoin(before, before.c.id == t.claim_lines.c.original_id)
        .where(condition)
    )
    return [_line(row) for row in uow.connection.execute(query).mappings()]


def _line(row: Any) -> StoredLine:
    return StoredLine(
        id=ClaimLineId(row["id"]),
        claim=ClaimId(row["claim_id"]),
        claim_month=row["month"],
        claim_state=ClaimState(row["state"]),
        number=row["number"],
        document=DocumentId(row["document_id"]),
        version=row["document_version"],
        checked_version=row["checked_version"],
        role=Role(row["role"]),
        live=row["live"],
        original=row["original_id"],
        original_claim=row["original_claim"],
        original_number=row["original_number"],
        digest=row["digest"],
        bill=Bill.of_json(row["bill"]),
        total=row["total"],
        returned_at=row["returned_at"],
        returned_reason=row["returned_reason"],
    )


__all__ = [
    "Wanted",
    "billed_documents",
    "candidates",
    "newest_of_documents",
    "numbered",
    "of_claim",
    "waiting",
]
