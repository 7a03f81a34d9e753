"""What was put off: single fields, or a whole document, which then comes behind all others.

A document that is checked and waits for its approval is put off for those who may not approve.
"""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from ocr_service.db import tables as t
from ocr_service.db.ids import DocumentId
from ocr_service.db.uow import UnitOfWork

WHOLE = ""
"""Stands for the whole document."""

READY = "*"
"""Stands for "everything is checked": whoever may approve takes it from here."""


def add(uow: UnitOfWork, document: DocumentId, *, key: str, actor: str) -> None:
    """Put a field off, or with ``WHOLE`` the document; a second time changes nothing."""
    dialect = postgresql if uow.connection.dialect.name == "postgresql" else sqlite
    uow.connection.execute(
        dialect.insert(t.postponements)
        .values(document_id=document, key=key, actor=actor, created_at=uow.now)
        .on_conflict_do_nothing(index_elements=["document_id", "key"])
    )


def drop(uow: UnitOfWork, document: DocumentId, *keys: str) -> None:
    """Take marks off: of these keys, or all of them where none is named."""
    p = t.postponements.c
    query = sa.delete(t.postponements).where(p.document_id == document)
    if keys:
        query = query.where(p.key.in_(keys))
    uow.connection.execute(query)


def of_many(uow: UnitOfWork, documents: Iterable[DocumentId]) -> dict[DocumentId, frozenset[str]]:
    """The keys put off in each document that has any; ``WHOLE`` among them."""
    p = t.postponements.c
    query = sa.select(p.document_id, p.key).where(p.document_id.in_(list(documents)))
    found: dict[DocumentId, set[str]] = {}
    for document, key in uow.connection.execute(query):
        found.setdefault(DocumentId(document), set()).add(key)
    return {document: frozenset(keys) for document, keys in found.items()}


__all__ = ["READY", "WHOLE", "add", "drop", "of_many"]
