"""By what the rules judged each record, to see which records they would judge otherwise today."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa

from ocr_service.db import tables as t
from ocr_service.db.ids import DocumentId
from ocr_service.db.records.facts import RecordFacts
from ocr_service.db.uow import UnitOfWork

_MOST = 500

_NOTE = sa.update(t.record_facts).where(
    t.record_facts.c.document_id.in_(sa.bindparam("documents", expanding=True))
)


def note(uow: UnitOfWork, documents: Sequence[DocumentId], *, grounds: str, day: dt.date) -> None:
    """Remember by what documents were judged; their facts are known (``db.records.facts.put``).

    Args:
        uow: open unit of work.
        documents: which.
        grounds: hash of all that the rules went by besides this record and others.
        day: the day they were judged as of, in Japan.
    """
    told = {"judged_by": grounds, "judged_on": day}
    for start in range(0, len(documents), _MOST):
        some = documents[start : start + _MOST]
        uow.connection.execute(_NOTE, {"documents": some, **told})


def unsettle_others(uow: UnitOfWork, facts: RecordFacts) -> None:
    """Records of the same voucher or person may be judged otherwise, now that this one changed."""
    f = t.record_facts.c
    same = [
        column == value
        for column, value in ((f.voucher, facts.voucher), (f.person, facts.person))
        if value is not None
    ]
    if same:
        uow.connection.execute(
            sa.update(t.record_facts)
            .where(sa.or_(*same), f.document_id != facts.document, f.judged_by.is_not(None))
            .values(judged_by=None)
        )


def settled(
    uow: UnitOfWork, documents: Sequence[DocumentId], *, grounds: str, today: dt.date
) -> set[DocumentId]:
    """Those of the documents that would be judged today as they were.

    The day matters to records without a day of vaccination, to those with one that had not come
    yet, and to all at the turn of the year.

    Args:
        uow: open unit of work.
        documents: which; a few hundred at once.
        grounds: what the rules go by now.
        today: the day, in Japan.
    """
    f = t.record_facts.c
    query = sa.select(f.document_id).where(
        f.document_id.in_(documents),
        f.judged_by == grounds,
        f.judged_on >= today.replace(month=1, day=1),
        sa.or_(f.judged_on == today, f.vaccinated_on <= f.judged_on),
    )
    return {DocumentId(found) for found in uow.connection.execute(query).scalars()}


__all__ = ["note", "settled", "unsettle_others"]
