"""What records are about, to find others of the same person, voucher or clinic."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from ocr_service.db import tables as t
from ocr_service.db.ids import BatchId, DocumentId
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.lifecycle import DocumentState

_MOST = 200
"""So many records of one person are looked at; more is a mistake in the key, not a history."""


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """What one record is about, by the values in force.

    Attributes:
        document: whose record.
        voucher: hash of municipality and voucher number, None where one is missing.
        person: hash of name and date of birth, None where one is missing.
        vaccinated_on: day of vaccination.
        product: vaccine as read.
        lot: as read.
        number: of the dose.
        institution: code of ten digits.
        given: whether nothing on the form speaks against the dose having been given.
    """

    document: DocumentId
    voucher: str | None = None
    person: str | None = None
    vaccinated_on: dt.date | None = None
    product: str | None = None
    lot: str | None = None
    number: int | None = None
    institution: str | None = None
    given: bool = False


@dataclass(frozen=True, slots=True)
class OtherRecord:
    """Another record of the same voucher or person, with where its document stands."""

    facts: RecordFacts
    batch: BatchId
    state: DocumentState


_COLUMNS = [one.name for one in fields(RecordFacts) if one.name != "document"]


@cache
def _put(dialect: str) -> sa.Executable:
    insert = (postgresql if dialect == "postgresql" else sqlite).insert(t.record_facts)
    f, new = t.record_facts.c, insert.excluded
    return insert.on_conflict_do_update(
        index_elements=["document_id"],
        # what it was judged by belongs to what it was
        set_={name: new[name] for name in _COLUMNS} | {"judged_by": None, "judged_on": None},
        # a row that stays the same is not written
        where=sa.or_(*(f[name].is_distinct_from(new[name]) for name in _COLUMNS)),
    )


def put(uow: UnitOfWork, facts: RecordFacts) -> None:
    """Remember what a record is about."""
    values = {name: getattr(facts, name) for name in _COLUMNS}
    statement = _put(uow.connection.dialect.name)
    uow.connection.execute(statement, {"document_id": facts.document, **values})


def known(uow: UnitOfWork, documents: Sequence[DocumentId]) -> set[DocumentId]:
    """Those of the documents of which it is known what they are about; a few hundred at once."""
    f = t.record_facts.c
    query = sa.select(f.document_id).where(f.document_id.in_(documents))
    return {DocumentId(found) for found in uow.connection.execute(query).scalars()}


def others_like(uow: UnitOfWork, facts: RecordFacts) -> list[OtherRecord]:
    """Records of the same voucher, or of the same person where a voucher is missing.

    Discarded documents do not count.
    """
    f, d = t.record_facts.c, t.documents.c
    same = []
    if facts.voucher is not None:
        same.append(f.voucher == facts.voucher)
    if facts.person is not None:
        same.append(f.person == facts.person)
    if not same:
        return []
    query = (
        sa.select(t.record_facts, d.batch_id, d.state)
        .join(t.documents, d.id == f.document_id)
        .where(sa.or_(*same), f.document_id != facts.document, d.state != DocumentState.DISCARDED)
        .order_by(f.vaccinated_on, f.document_id)
        .limit(_MOST)
    )
    return [
        OtherRecord(_facts(row), BatchId(row["batch_id"]), DocumentState(row["state"]))
        for row in uow.connection.execute(query).mappings()
    ]


def _facts(m: sa.RowMapping) -> RecordFacts:
    return RecordFacts(
        document=DocumentId(m["document_id"]),
        voucher=m["voucher"],
        person=m["person"],
        vaccinated_on=m["vaccinated_on"],
        product=m["product"],
        lot=m["lot"],
        number=m["number"],
        institution=m["institution"],
        given=m["given"],
    )


__all__ = ["OtherRecord", "RecordFacts", "known", "others_like", "put"]
