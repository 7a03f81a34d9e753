"""The values of many records at once, and nothing else about them.

An export of a hundred thousand records asks for five million values; the database puts each
record together as one JSON object, so that Python touches a row a record.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from ocr_service.db import tables as t
from ocr_service.db.ids import DocumentId
from ocr_service.db.records.readings import in_force
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.field import Source, Value

Values = dict[str, Value]

_HUMAN = 1 << 40
"""More than there will ever be readings."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A document as it was.

    Attributes:
        document: which.
        template: the form it was read as.
        template_version: its version.
        readings_until: later readings do not count.
        at: answers that were taken back later than this still do.
    """

    document: DocumentId
    template: str
    template_version: str
    readings_until: int
    at: datetime


def values_now(
    uow: UnitOfWork, documents: Sequence[DocumentId], keys: Collection[str] | None
) -> dict[DocumentId, Values]:
    """The values in force, by document; documents without any are missing.

    Args:
        uow: open unit of work.
        documents: which.
        keys: only these; None = all.
    """
    r, d = t.readings.c, t.documents.c
    there = sa.and_(r.template == d.template, r.template_version == d.template_version)
    mine = _answers(keys).join(t.documents, d.id == r.document_id)
    mine = mine.where(there, in_force(t.readings))
    return _gathered(uow, mine.where(r.document_id.in_(documents)))


def values_then(uow: UnitOfWork, moment: Moment, keys: Collection[str] | None) -> Values:
    """The values that were in force at a moment; answers are never taken away, so they are there.

    Args:
        uow: open unit of work.
        moment: which document, and when.
        keys: only these; None = all.
    """
    r = t.readings.c
    mine = _answers(keys).where(
        r.document_id == moment.document,
        r.template == moment.template,
        r.template_version == moment.template_version,
        r.id <= moment.readings_until,
        in_force(t.readings, at=moment.at),
    )
    return _gathered(uow, mine).get(moment.document, {})


def _answers(keys: Collection[str] | None) -> sa.Select[Any]:
    r = t.readings.c
    # A human answer outranks any machine's, among each the newest counts.
    rank = sa.case((r.source == Source.HUMAN, _HUMAN), else_=0) + r.id
    query = sa.select(r.document_id, r.key, r.value, rank.label("rank"))
    return query if keys is None else query.where(r.key.in_(sorted(keys)))


def _gathered(uow: UnitOfWork, answers: sa.Select[Any]) -> dict[DocumentId, Values]:
    mine = answers.subquery()
    m = mine.c
    if uow.connection.dialect.name == "sqlite":
        # Beside max() SQLite gives the other columns of that row, and walks the index meanwhile.
        best = (
            sa.select(m.document_id, m.key, m.value, sa.func.max(m.rank))
            .group_by(m.document_id, m.key)
            .subquery()
        )
        whole = sa.func.json_group_object(best.c.key, sa.func.json(best.c.value))
    else:
        best = (
            sa.select(m.document_id, m.key, m.value)
            .ext(distinct_on(m.document_id, m.key))
            .order_by(m.document_id, m.key, m.rank.desc())
            .subquery()
        )
        whole = sa.func.json_object_agg(best.c.key, best.c.value)
    query = sa.select(best.c.document_id, sa.type_coerce(whole, sa.JSON)).group_by(
        best.c.document_id
    )
    return {
        DocumentId(document): {key: _value(value) for key, value in found.items()}
        for document, found in uow.connection.execute(query)
    }


def _value(value: str | bool | list[str] | None) -> Value:  # noqa: FBT001 - a value, no switch
    return tuple(value) if isinstance(value, list) else value


__all__ = ["Moment", "Values", "values_now", "values_then"]
