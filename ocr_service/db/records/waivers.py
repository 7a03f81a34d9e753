"""Issues that somebody waived: kept by rule and fields, in force while the values are the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import sqlalchemy as sa

from ocr_service.db import tables as t
from ocr_service.db.ids import DocumentId
from ocr_service.db.records import readings
from ocr_service.db.records.documents import Document
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import NotFound
from ocr_service.domain.field import FieldValue, Value
from ocr_service.domain.record import Issue, Waiver


@dataclass(frozen=True, slots=True)
class StoredWaiver:
    """A waiver with what it is about.

    Attributes:
        document: whose issue.
        rule: the issue's rule.
        fields: record keys the issue concerns.
        reading_ids: the answers that were in force, by record key.
        waiver: who, when, why.
    """

    document: DocumentId
    rule: str
    fields: tuple[str, ...]
    reading_ids: Mapping[str, int]
    waiver: Waiver


def insert(uow: UnitOfWork, document: Document, issue: Issue, *, reason: str, actor: str) -> int:
    """Waive ``issue`` as long as the values it concerns stay what they are; gives the id."""
    ids = readings.current_ids(uow, document)
    row = {
        "document_id": document.id,
        "rule": issue.rule,
        "fields": list(issue.fields),
        "reading_ids": {key: ids[key] for key in issue.fields if key in ids},
        "reason": reason,
        "actor": actor,
        "created_at": uow.now,
    }
    result = uow.connection.execute(sa.insert(t.issue_waivers).values(row))
    key = result.inserted_primary_key
    return int(key[0]) if key else 0


def withdraw(uow: UnitOfWork, document: DocumentId, waiver: int, *, actor: str) -> StoredWaiver:
    """Take a waiver back.

    Raises:
        NotFound: the document has no such waiver, or it was withdrawn before.
    """
    found = next((s for s in of_many(uow, [document]) if s.waiver.id == waiver), None)
    if found is None:
        raise NotFound(f"document {document} has no waiver {waiver}")
    uow.connection.execute(
        sa.update(t.issue_waivers)
        .where(t.issue_waivers.c.id == waiver)
        .values(withdrawn_at=uow.now, withdrawn_by=actor)
    )
    return found


def of_many(uow: UnitOfWork, documents: Iterable[DocumentId]) -> list[StoredWaiver]:
    """Waivers that nobody withdrew, oldest first; whether they still hold is another question."""
    w = t.issue_waivers.c
    query = (
        sa.select(t.issue_waivers)
        .where(w.document_id.in_(list(documents)), w.withdrawn_at.is_(None))
        .order_by(w.id)
    )
    return [
        StoredWaiver(
            document=DocumentId(row["document_id"]),
            rule=row["rule"],
            fields=tuple(row["fields"]),
            reading_ids=row["reading_ids"],
            waiver=Waiver(row["id"], row["reason"], row["actor"], row["created_at"]),
        )
        for row in uow.connection.execute(query).mappings()
    ]


def marked(
    uow: UnitOfWork,
    issues: Mapping[DocumentId, list[Issue]],
    fields: Mapping[DocumentId, list[FieldValue]],
) -> dict[DocumentId, list[Issue]]:
    """The issues, those waived bearing their waiver.

    Args:
        uow: open unit of work.
        issues: by document.
        fields: the values in force, by document.
    """
    stored = of_many(uow, [document for document, found in issues.items() if found])
    if not stored:
        return dict(issues)
    then = readings.values_of(uow, {i for s in stored for i in s.reading_ids.values()})
    holding: dict[tuple[DocumentId, str, tuple[str, ...]], Waiver] = {}
    for one in stored:
        now = {value.key: value.value for value in fields[one.document]}
        if _same(one, then, now):
            holding[one.document, one.rule, one.fields] = one.waiver
    return {
        document: [
            replace(issue, waiver=holding.get((document, issue.rule, issue.fields)))
            for issue in found
        ]
        for document, found in issues.items()
    }


def _same(one: StoredWaiver, then: Mapping[int, Value], now: Mapping[str, Value]) -> bool:
    """Whether every value concerned is what it was; "" and None both are nothing written."""
    before = {key: then.get(reading) for key, reading in one.reading_ids.items()}
    return all((before.get(key) or None) == (now.get(key) or None) for key in one.fields)


__all__ = ["StoredWaiver", "insert", "marked", "of_many", "withdraw"]
