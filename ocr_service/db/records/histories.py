"""Everything that was ever said of a field, with what was taken back."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from ocr_service.db import tables as t
from ocr_service.db.ids import DocumentId
from ocr_service.db.records.readings import Answer, field_of_row
from ocr_service.db.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class PastAnswer:
    """An answer, and who took it back, if anybody did."""

    answer: Answer
    withdrawn_by: str | None


def of_field(uow: UnitOfWork, document: DocumentId, key: str) -> list[PastAnswer]:
    """Every answer of machine and people for a field, oldest first."""
    r, w = t.readings.c, t.withdrawals.c
    query = (
        sa.select(t.readings, w.actor.label("withdrawn_by"))
        .join_from(t.readings, t.withdrawals, w.reading_id == r.id, isouter=True)
        .where(r.document_id == document, r.key == key)
        .order_by(r.id)
    )
    return [
        PastAnswer(Answer(field_of_row(row), row["actor"], row["created_at"]), row["withdrawn_by"])
        for row in uow.connection.execute(query).mappings()
    ]


__all__ = ["PastAnswer", "of_field"]
