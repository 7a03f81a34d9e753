"""What machine and people said of the same values, side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from ocr_service.db import tables as t
from ocr_service.db.ids import DocumentId
from ocr_service.db.records.readings import field_of_row, in_force
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.field import FieldValue, Source
from ocr_service.domain.lifecycle import DocumentState


@dataclass(frozen=True, slots=True)
class Pair:
    """One value of one document as the machine read it and, if a person answered, the answer.

    Attributes:
        document: which document.
        template: ``KEY@VERSION`` it was read under.
        machine: what the machine said, as the person saw it.
        read_at: when.
        human: the newest answer of a person, None where nobody answered.
    """

    document: DocumentId
    template: str
    machine: FieldValue
    read_at: datetime
    human: FieldValue | None


def pairs_of_answered(uow: UnitOfWork) -> Iterator[list[Pair]]:
    """All values of each document of which a person answered at least one, oldest first.

    Values that no machine read, and answers under another template than the document's present
    one, are left out; so are discarded documents.
    """
    r, d = t.readings.c, t.documents.c
    answered = (
        sa.select(r.document_id).where(r.source == Source.HUMAN, in_force(t.readings)).distinct()
    )
    query = (
        sa.select(t.readings)
        .join(t.documents, d.id == r.document_id)
        .where(
            r.document_id.in_(answered),
            r.template == d.template,
            r.template_version == d.template_version,
            d.state != DocumentState.DISCARDED,
            in_force(t.readings),
        )
        .order_by(r.document_id, r.position, r.key, r.id)
    )
    rows = uow.connection.execute(query).mappings()
    for document, of_document in groupby(rows, key=lambda row: row["document_id"]):
        fields = groupby(of_document, key=lambda row: row["key"])
        pairs = [_pair(DocumentId(document), list(answers)) for _, answers in fields]
        yield [pair for pair in pairs if pair is not None]


def _pair(document: DocumentId, answers: list[Any]) -> Pair | None:
    """The newest human answer against the last machine reading before it."""
    humans = [row for row in answers if row["source"] == Source.HUMAN]
    last = humans[-1] if humans else None
    machines = [
        row
        for row in answers
        if row["source"] == Source.MACHINE and (last is None or row["id"] < last["id"])
    ]
    if not machines:
        return None
    seen = machines[-1]
    return Pair(
        document=document,
        template=f"{seen['template']}@{seen['template_version']}",
        machine=field_of_row(seen),
        read_at=seen["created_at"],
        human=None if last is None else field_of_row(last),
    )


__all__ = ["Pair", "pairs_of_answered"]
