"""What somebody typed and has not confirmed, kept so that neither a crash nor a logout loses it."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from ocr_service.db import tables as t
from ocr_service.db.ids import DocumentId
from ocr_service.db.uow import UnitOfWork

DraftValue = str | bool | list[str] | None
"""As entered, not yet typed."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One field as somebody left it."""

    key: str
    value: DraftValue


def put(uow: UnitOfWork, document: DocumentId, actor: str, draft: Draft) -> None:
    """Keep a draft; it takes the place of the one before."""
    dialect = postgresql if uow.connection.dialect.name == "postgresql" else sqlite
    values = {"value": draft.value, "updated_at": uow.now}
    uow.connection.execute(
        dialect.insert(t.drafts)
        .values(document_id=document, actor=actor, key=draft.key, **values)
        .on_conflict_do_update(index_elements=["document_id", "actor", "key"], set_=values)
    )


def of_document(uow: UnitOfWork, document: DocumentId, actor: str) -> dict[str, DraftValue]:
    """What one person left on a document, by key."""
    d = t.drafts.c
    query = sa.select(d.key, d.value).where(d.document_id == document, d.actor == actor)
    return {row.key: row.value for row in uow.connection.execute(query)}


def drop(uow: UnitOfWork, document: DocumentId, *, actor: str | None, key: str | None) -> None:
    """Forget drafts: of one person or of all, of one field or of all."""
    d = t.drafts.c
    query = sa.delete(t.drafts).where(d.document_id == document)
    if actor is not None:
        query = query.where(d.actor == actor)
    if key is not None:
        query = query.where(d.key == key)
    uow.connection.execute(query)


__all__ = ["Draft", "DraftValue", "drop", "of_document", "put"]
