"""What people said about how a scan lies."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from ocr_service.db import tables as t
from ocr_service.db.ids import DocumentId
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.placement import PageHint


def put(uow: UnitOfWork, document: DocumentId, hint: PageHint, *, actor: str) -> None:
    """Keep a hint; it takes the place of the one before."""
    dialect = postgresql if uow.connection.dialect.name == "postgresql" else sqlite
    corners = None if hint.corners is None else [list(point) for point in hint.corners]
    values = {
        "turns": hint.turns,
        "corners": corners,
        "actor": actor,
        "created_at": uow.now,
    }
    uow.connection.execute(
        dialect.insert(t.page_hints)
        .values(document_id=document, **values)
        .on_conflict_do_update(index_elements=["document_id"], set_=values)
    )


def of_row(row: sa.RowMapping) -> PageHint:
    """The hint in a row of the page_hints table."""
    if row["corners"] is None:
        return PageHint(row["turns"])
    a, b, c, d = ((float(x), float(y)) for x, y in row["corners"])
    return PageHint(row["turns"], (a, b, c, d))


__all__ = ["of_row", "put"]
