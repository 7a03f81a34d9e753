"""In which profiles documents are out."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from ocr_service.db import tables as t
from ocr_service.db.ids import DocumentId, ExportId
from ocr_service.db.uow import UnitOfWork


def profiles_of(
    uow: UnitOfWork, documents: Sequence[DocumentId]
) -> dict[DocumentId, tuple[str, ...]]:
    """Profiles that have each document as it is now; documents that are nowhere are missing."""
    i = t.export_items.c
    query = (
        sa.select(i.document_id, i.profile)
        .where(i.document_id.in_(documents), i.live)
        .order_by(i.id)
    )
    found: dict[DocumentId, tuple[str, ...]] = {}
    for document, profile in uow.connection.execute(query):
        known = found.get(DocumentId(document), ())
        found[DocumentId(document)] = (*known, profile)
    return found


def exports_of(uow: UnitOfWork, document: DocumentId) -> list[tuple[ExportId, str, bool]]:
    """Every export that held a document: its id, its profile, whether it holds it as it is."""
    i = t.export_items.c
    query = (
        sa.select(i.export_id, i.profile, i.live).where(i.document_id == document).order_by(i.id)
    )
    return [(ExportId(e), profile, live) for e, profile, live in uow.connection.execute(query)]


__all__ = ["exports_of", "profiles_of"]
