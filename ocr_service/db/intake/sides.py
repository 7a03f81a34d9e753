"""Pages of forms with several sides, and which of them belong together."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ocr_service.db import tables as t
from ocr_service.db.ids import BatchId, DocumentId
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.pairing import Side, SidePage

_GONE = (DocumentState.DISCARDED, DocumentState.FAILED, DocumentState.UNMATCHED)
"""A page that has no record is no side of anything; the receipt names it by itself."""


@dataclass(frozen=True, slots=True)
class StoredSide:
    """A page as it is remembered.

    Attributes:
        page: which side of which form, and its code.
        batch: the batch it belongs to.
        held: it would have passed straight through, had the other sides been there.
    """

    page: SidePage
    batch: BatchId
    held: bool


def put(
    uow: UnitOfWork,
    document: DocumentId,
    *,
    template: str,
    side: Side,
    code: str | None,
    held: bool = False,
) -> None:
    """Remember a page, in place of what was known of it; it is not judged yet."""
    c = t.sides.c
    uow.connection.execute(sa.delete(t.sides).where(c.document_id == document))
    uow.connection.execute(
        sa.insert(t.sides).values(
            document_id=document,
            template=template,
            side=side.number,
            needed=list(side.needed),
            keys=list(side.keys),
            code=code,
            held=held,
            judged=False,
        )
    )


def forget(uow: UnitOfWork, document: DocumentId) -> None:
    """The page is no side of a form any more."""
    uow.connection.execute(sa.delete(t.sides).where(t.sides.c.document_id == document))


def get(uow: UnitOfWork, document: DocumentId) -> StoredSide | None:
    """What is known of a page; None where it is no side of a form with several."""
    row = uow.connection.execute(_select().where(t.sides.c.document_id == document)).mappings()
    found = row.one_or_none()
    return None if found is None else _stored(found)


def of_batch(uow: UnitOfWork, batch: BatchId) -> list[SidePage]:
    """Sides that belong to a batch and have a record."""
    d = t.documents.c
    query = _select().where(d.batch_id == batch, d.state.not_in(_GONE)).order_by(d.id)
    return [_stored(row).page for row in uow.connection.execute(query).mappings()]


def near(uow: UnitOfWork, batch: BatchId, documents: Collection[DocumentId]) -> list[SidePage]:
    """The sides of a batch that some pages may be paired with, and these pages.

    Their sheets, whatever bears one of the codes found there, and the sheets of those. Each step
    goes by an index, so that a long batch costs no more than a short one.
    """
    c, d = t.sides.c, t.documents.c
    start = {*documents, *_on_sheets_of(uow, documents)}
    asked = sa.select(c.code).where(c.document_id.in_(start), c.code.is_not(None)).distinct()
    codes = list(uow.connection.execute(asked).scalars())
    alike = sa.select(c.document_id).join(t.documents, d.id == c.document_id)
    alike = alike.where(c.code.in_(codes), d.batch_id == batch)
    bearing = set(uow.connection.execute(alike).scalars()) if codes else set()
    whole = {*start, *bearing, *_on_sheets_of(uow, bearing)}
    query = _select().where(c.document_id.in_(whole), d.batch_id == batch, d.state.not_in(_GONE))
    return [_stored(row).page for row in uow.connection.execute(query).mappings()]


def stir(uow: UnitOfWork, documents: Collection[DocumentId]) -> None:
    """Have pages judged anew; their rows are taken in order, so that nobody waits in a circle."""
    c = t.sides.c
    mine = sa.select(c.id).where(c.document_id.in_(documents), c.judged).order_by(c.document_id)
    ids = list(uow.connection.execute(mine.with_for_update()).scalars())
    if ids:
        uow.connection.execute(sa.update(t.sides).where(c.id.in_(ids)).values(judged=False))


def stir_batches(uow: UnitOfWork, batches: Collection[BatchId]) -> None:
    """Have all pages of batches judged anew."""
    c, d = t.sides.c, t.documents.c
    theirs = sa.select(d.id).where(d.batch_id.in_(batches))
    uow.connection.execute(
        sa.update(t.sides).where(c.document_id.in_(theirs), c.judged).values(judged=False)
    )


def unjudged_batches(uow: UnitOfWork) -> list[BatchId]:
    """Batches with pages that are to be judged anew."""
    d = t.documents.c
    query = (
        sa.select(d.batch_id)
        .join(t.sides, t.sides.c.document_id == d.id)
        .where(sa.not_(t.sides.c.judged))
        .distinct()
        .order_by(d.batch_id)
    )
    return [BatchId(batch) for batch in uow.connection.execute(query).scalars()]


def unjudged(uow: UnitOfWork, batch: BatchId, *, limit: int) -> list[DocumentId]:
    """Pages of a batch that are to be judged anew."""
    d = t.documents.c
    query = (
        sa.select(d.id)
        .join(t.sides, t.sides.c.document_id == d.id)
        .where(sa.not_(t.sides.c.judged), d.batch_id == batch)
        .order_by(d.id)
        .limit(limit)
    )
    return [DocumentId(found) for found in uow.connection.execute(query).scalars()]


def set_judged(uow: UnitOfWork, documents: Collection[DocumentId]) -> None:
    """Their issues say how they stand now."""
    c = t.sides.c
    uow.connection.execute(
        sa.update(t.sides).where(c.document_id.in_(documents)).values(judged=True)
    )


def set_held(uow: UnitOfWork, document: DocumentId, *, held: bool) -> None:
    """Whether the page waits for nothing but its other sides."""
    c = t.sides.c
    uow.connection.execute(sa.update(t.sides).where(c.document_id == document).values(held=held))


def _on_sheets_of(uow: UnitOfWork, documents: Collection[int]) -> set[int]:
    """Pages on the same sheets of the same files as some pages, these too."""
    d = t.documents.c
    places = sa.select(d.file_id, d.sheet).where(d.id.in_(documents)).distinct()
    wanted = {(file, sheet) for file, sheet in uow.connection.execute(places)}
    if not wanted:
        return set()
    there = sa.select(d.id, d.file_id, d.sheet).where(
        d.file_id.in_({file for file, _ in wanted}), d.sheet.in_({sheet for _, sheet in wanted})
    )
    return {one for one, file, sheet in uow.connection.execute(there) if (file, sheet) in wanted}


def _select() -> sa.Select[Any]:
    d = t.documents.c
    return sa.select(t.sides, d.batch_id, d.file_id, d.sheet).join(
        t.documents, d.id == t.sides.c.document_id
    )


def _stored(row: sa.RowMapping) -> StoredSide:
    side = Side(row["side"], tuple(row["needed"]), tuple(row["keys"]))
    page = SidePage(
        document=row["document_id"],
        form=row["template"],
        side=side,
        code=row["code"],
        file=row["file_id"],
        sheet=row["sheet"],
    )
    return StoredSide(page, BatchId(row["batch_id"]), row["held"])


__all__ = [
    "StoredSide",
    "forget",
    "get",
    "near",
    "of_batch",
    "put",
    "set_held",
    "set_judged",
    "stir",
    "stir_batches",
    "unjudged",
    "unjudged_batches",
]
