"""What machine and people said of each field, in one shape, append-only.

The current value of a field is a query: the newest human answer, else the newest machine one,
among the answers given under the document's present template.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ocr_service.db import tables as t
from ocr_service.db.bulk import insert_rows
from ocr_service.db.group_review import cells
from ocr_service.db.ids import DocumentId, JobId
from ocr_service.db.records.documents import Document
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.field import Alternative, FieldValue, Flag, Source, Status, Value
from ocr_service.domain.geometry import BoxMm
from ocr_service.domain.record import Issue, Severity


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer with who gave it and when."""

    field: FieldValue
    actor: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Origin:
    """Where answers come from.

    Attributes:
        document: the document they are about.
        template: key of the template they were given under.
        template_version: its version.
        actor: user name, or the worker's name.
        job: the job of a machine run, None for people.
    """

    document: DocumentId
    template: str
    template_version: str
    actor: str
    job: JobId | None = None


def append(
    uow: UnitOfWork, origin: Origin, fields: Iterable[FieldValue], *, first_position: int = 0
) -> list[int]:
    """Add answers; nothing is ever changed or removed.

    Returns:
        The ids of the new rows, in order.
    """
    given = list(fields)
    rows = [
        {
            "document_id": origin.document,
            "job_id": origin.job,
            "template": origin.template,
            "template_version": origin.template_version,
            "actor": origin.actor,
            "created_at": uow.now,
            "position": first_position + offset,
            **_columns(field),
        }
        for offset, field in enumerate(given)
    ]
    if not rows:
        return []
    if len(rows) == 1:
        ids = list(uow.connection.execute(_INSERT_ONE, rows[0]).scalars())
    else:
        ids = _insert_many(uow, rows)
    cells.append(uow, zip(ids, (field.cells for field in given), strict=True))
    return ids


_INSERT_ONE = sa.insert(t.readings).returning(t.readings.c.id)
_NEWEST = (
    sa.select(t.readings.c.id)
    .where(t.readings.c.document_id == sa.bindparam("document"))
    .order_by(t.readings.c.id.desc())
    .limit(sa.bindparam("number"))
)


def _insert_many(uow: UnitOfWork, rows: list[dict[str, Any]]) -> list[int]:
    """Add answers for one document, which this unit holds locked; their ids in order.

    Where ids are returned, SQLAlchemy sends rows to SQLite one by one.
    """
    insert_rows(uow, t.readings, rows)
    newest = {"document": rows[0]["document_id"], "number": len(rows)}
    return list(uow.connection.execute(_NEWEST, newest).scalars())[::-1]


def current(uow: UnitOfWork, document: Document) -> list[FieldValue]:
    """The value in force of every field, in template order."""
    return [field_of_row(row) for row in _current_rows(uow, [document])]


def current_of_key(uow: UnitOfWork, document: Document, key: str) -> FieldValue | None:
    """The value in force of one field; None where the document has no such field."""
    wanted = {"documents": [document.id], "key": key}
    row = uow.connection.execute(_CURRENT_OF_KEY, wanted).mappings().one_or_none()
    return None if row is None else field_of_row(row)


def current_of_many(
    uow: UnitOfWork, documents: list[Document]
) -> dict[DocumentId, list[FieldValue]]:
    """The same for many documents in one query."""
    found: dict[DocumentId, list[FieldValue]] = {document.id: [] for document in documents}
    for row in _current_rows(uow, documents):
        found[DocumentId(row["document_id"])].append(field_of_row(row))
    return found


def current_ids(uow: UnitOfWork, document: Document) -> dict[str, int]:
    """By record key: which answer is in force."""
    return {row["key"]: row["id"] for row in _current_rows(uow, [document])}


def values_of(uow: UnitOfWork, ids: Iterable[int]) -> dict[int, Value]:
    """What answers say, by their id."""
    r = t.readings.c
    query = sa.select(r.id, r.value).where(r.id.in_(list(ids)))
    return {row[0]: _from_json(row[1]) for row in uow.connection.execute(query)}


def position_of(uow: UnitOfWork, document: Document, key: str) -> int:
    """Place of ``key`` in template order, 0 where the machine has not read it."""
    r = t.readings.c
    query = sa.select(sa.func.max(r.position)).where(r.document_id == document.id, r.key == key)
    return uow.connection.execute(query).scalar() or 0


def history(uow: UnitOfWork, document: DocumentId, key: str) -> list[Answer]:
    """Every answer ever given for a field, oldest first."""
    r = t.readings.c
    query = sa.select(t.readings).where(r.document_id == document, r.key == key).order_by(r.id)
    return [
        Answer(field_of_row(row), row["actor"], row["created_at"])
        for row in uow.connection.execute(query).mappings()
    ]


def replace_issues(uow: UnitOfWork, document: DocumentId, issues: Iterable[Issue]) -> None:
    """The issues of the values now in force."""
    uow.connection.execute(_DELETE_ISSUES, {"document": document})
    rows = [
        {
            "document_id": document,
            "rule": issue.rule,
            "severity": issue.severity,
            "fields": list(issue.fields),
            "message_ja": issue.message_ja,
            "message_en": issue.message_en,
        }
        for issue in issues
    ]
    insert_rows(uow, t.issues, rows)


_DELETE_ISSUES = sa.delete(t.issues).where(t.issues.c.document_id == sa.bindparam("document"))


_ISSUES = (
    sa.select(t.issues)
    .where(t.issues.c.document_id.in_(sa.bindparam("documents", expanding=True)))
    .order_by(t.issues.c.id)
)


def issues_of_many(
    uow: UnitOfWork, documents: Iterable[DocumentId]
) -> dict[DocumentId, list[Issue]]:
    """The issues of each document."""
    wanted = list(documents)
    found: dict[DocumentId, list[Issue]] = {document: [] for document in wanted}
    for row in uow.connection.execute(_ISSUES, {"documents": wanted}).mappings():
        found[DocumentId(row["document_id"])].append(
            Issue(
                rule=row["rule"],
                severity=Severity(row["severity"]),
                fields=tuple(row["fields"]),
                message_ja=row["message_ja"],
                message_en=row["message_en"],
            )
        )
    return found


def withdraw(uow: UnitOfWork, reading: int, *, actor: str) -> None:
    """Take an answer out of force; it stays in the history."""
    uow.connection.execute(
        sa.insert(t.withdrawals).values(reading_id=reading, actor=actor, created_at=uow.now)
    )


def last_answer(uow: UnitOfWork, document: Document, key: str) -> int | None:
    """The newest answer of a person that is in force for a field; None where there is none."""
    r = t.readings.c
    query = sa.select(sa.func.max(r.id)).where(
        r.document_id == document.id,
        r.key == key,
        r.source == Source.HUMAN,
        r.template == document.template,
        r.template_version == document.template_version,
        in_force(t.readings),
    )
    return uow.connection.execute(query).scalar_one_or_none()


def in_force(reading: sa.FromClause, *, at: datetime | None = None) -> sa.ColumnElement[bool]:
    """Whether a row of ``reading`` (the table or an alias of it) was not taken back.

    Args:
        reading: what is asked about.
        at: as it was at this moment; None = now.
    """
    w = t.withdrawals.c
    taken_back = sa.select(w.id).where(w.reading_id == reading.c.id)
    if at is not None:
        taken_back = taken_back.where(w.created_at <= at)
    return ~taken_back.exists()


def _current_query(*only: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """The values in force of the documents in bind ``documents``."""
    r, d = t.readings.c, t.documents.c
    rank = sa.func.row_number().over(
        partition_by=(r.document_id, r.key),
        order_by=(sa.case((r.source == Source.HUMAN, 0), else_=1), r.id.desc()),
    )
    ranked = (
        sa.select(t.readings, rank.label("rank"))
        .join(t.documents, d.id == r.document_id)
        .where(
            r.document_id.in_(sa.bindparam("documents", expanding=True)),
            r.template == d.template,
            r.template_version == d.template_version,
            in_force(t.readings),
            *only,
        )
        .subquery()
    )
    return (
        sa.select(ranked)
        .where(ranked.c.rank == 1)
        .order_by(ranked.c.document_id, ranked.c.position, ranked.c.key)
    )


# Made once: to put them together takes longer than to run them.
_CURRENT = _current_query()
_CURRENT_OF_KEY = _current_query(t.readings.c.key == sa.bindparam("key"))


def _current_rows(uow: UnitOfWork, documents: list[Document]) -> list[sa.RowMapping]:
    wanted = {"documents": [document.id for document in documents]}
    return list(uow.connection.execute(_CURRENT, wanted).mappings())


def _columns(field: FieldValue) -> dict[str, Any]:
    return {
        "key": field.key,
        "value": _to_json(field.value),
        "raw": field.raw,
        "probability": field.probability,
        "status": field.status,
        "alternatives": [
            {"value": _to_json(a.value), "probability": a.probability} for a in field.alternatives
        ],
        "reader": field.reader,
        "source": field.source,
        "flags": sorted(field.flags),
        "box_mm": [field.box.x, field.box.y, field.box.w, field.box.h],
    }


def field_of_row(row: sa.RowMapping) -> FieldValue:
    """The value in a row of the readings table."""
    return FieldValue(
        key=row["key"],
        value=_from_json(row["value"]),
        raw=row["raw"],
        probability=row["probability"],
        status=Status(row["status"]),
        alternatives=tuple(
            Alternative(_from_json(a["value"]), a["probability"]) for a in row["alternatives"]
        ),
        reader=row["reader"],
        source=Source(row["source"]),
        flags=frozenset(Flag(flag) for flag in row["flags"]),
        box=BoxMm(*row["box_mm"]),
    )


def _to_json(value: Value) -> str | bool | list[str] | None:
    return list(value) if isinstance(value, tuple) else value


def _from_json(value: str | bool | list[str] | None) -> Value:  # noqa: FBT001 - a value, no switch
    return tuple(value) if isinstance(value, list) else value


__all__ = [
    "Answer",
    "Origin",
    "append",
    "current",
    "current_ids",
    "current_of_key",
    "current_of_many",
    "field_of_row",
    "history",
    "in_force",
    "issues_of_many",
    "last_answer",
    "position_of",
    "replace_issues",
    "values_of",
    "withdraw",
]
