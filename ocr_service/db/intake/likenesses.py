"""What pages look like and whose records they are, to find the same sheet scanned twice."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from ocr_service.db import tables as t
from ocr_service.db.ids import DocumentId
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.lifecycle import DocumentState

WINDOW = 2000
"""Looks are compared with so many pages of the same form before; records with all of them."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """What a page is known by.

    Attributes:
        document: the page.
        template: key of the form.
        look: its difference hash in hex digits, None where it has no view.
        record_key: a hash of whose record it is, None where that is not known.
    """

    document: DocumentId
    template: str
    look: str | None
    record_key: str | None


def put(uow: UnitOfWork, likeness: Likeness) -> None:
    """Remember a page, in place of what was known of it."""
    c = t.likenesses.c
    uow.connection.execute(sa.delete(t.likenesses).where(c.document_id == likeness.document))
    uow.connection.execute(
        sa.insert(t.likenesses).values(
            document_id=likeness.document,
            template=likeness.template,
            look=likeness.look,
            record_key=likeness.record_key,
        )
    )


def get(uow: UnitOfWork, document: DocumentId) -> Likeness | None:
    """What is known of a page."""
    query = sa.select(t.likenesses).where(t.likenesses.c.document_id == document)
    row = uow.connection.execute(query).mappings().one_or_none()
    return None if row is None else _likeness(row)


def same_record(uow: UnitOfWork, likeness: Likeness) -> list[DocumentId]:
    """Other pages of the same record, oldest first; discarded ones do not count."""
    if likeness.record_key is None:
        return []
    c = t.likenesses.c
    query = _others(likeness).where(c.record_key == likeness.record_key).order_by(c.document_id)
    return [_likeness(row).document for row in uow.connection.execute(query).mappings()]


def recent(uow: UnitOfWork, likeness: Likeness) -> list[Likeness]:
    """The pages of the same form that came last, the newest first."""
    c = t.likenesses.c
    query = (
        _others(likeness)
        .where(c.template == likeness.template, c.look.is_not(None))
        .order_by(c.document_id.desc())
        .limit(WINDOW)
    )
    return [_likeness(row) for row in uow.connection.execute(query).mappings()]


def _others(likeness: Likeness) -> sa.Select[tuple[int, str, str | None, str | None]]:
    c, d = t.likenesses.c, t.documents.c
    return (
        sa.select(c.document_id, c.template, c.look, c.record_key)
        .join(t.documents, d.id == c.document_id)
        .where(c.document_id != likeness.document, d.state != DocumentState.DISCARDED)
    )


def _likeness(row: sa.RowMapping) -> Likeness:
    return Likeness(DocumentId(row["document_id"]), row["template"], row["look"], row["record_key"])


__all__ = ["WINDOW", "Likeness", "get", "put", "recent", "same_record"]
