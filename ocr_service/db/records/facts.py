"""What records are about, to find others of the same person, voucher or clinic."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

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


def put(uow: UnitOfWork, facts: RecordFacts) -> bool:
    """Remember what a record is about; whether that differs from what was known of it."""
    f = t.record_facts.c
    if get(uow, facts.document) == facts:
        return False
    uow.connection.execute(sa.delete(t.record_facts).where(f.document_id == facts.document))
    uow.connection.execute(
        sa.insert(t.record_facts).values(
            document_id=facts.document,
            voucher=facts.voucher,
            person=facts.person,
            vaccinated_on=facts.vaccinated_on,
            product=facts.product,
            lot=facts.lot,
            number=facts.number,
            institution=facts.institution,
            given=facts.given,
        )
    )
    return True


def get(uow: UnitOfWork, document: DocumentId) -> RecordFacts | None:
    """What a record is about, None where it was not read since this is kept."""
    query = sa.select(t.record_facts).where(t.record_facts.c.document_id == document)
    row = uow.connection.execute(query).mappings().one_or_none()
    return None if row is None else _facts(row)


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


__all__ = ["OtherRecord", "RecordFacts", "get", "known", "others_like", "put"]
