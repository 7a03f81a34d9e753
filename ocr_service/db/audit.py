"""Who did what, append-only; each row hashes the one before, so that a change shows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from ocr_service.db import tables as t

DetailValue = str | int | bool | None

GENESIS = "0" * 64
"""What the first row takes for the hash before it."""

_LOCK_KEY = 7_021_945_311
_CHUNK = 1000

_LOCK = sa.select(sa.func.pg_advisory_xact_lock(_LOCK_KEY))
_NEWEST = sa.select(t.audit.c.hash).order_by(t.audit.c.id.desc()).limit(1)
_ADD = sa.insert(t.audit)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One act.

    Attributes:
        actor: user name, ``worker`` or ``system``.
        action: for example ``document.approved``.
        subject: kind of thing acted on: batch, file, document, export, user, template.
        subject_id: its id.
        detail: ids, states, keys; never a field value.
    """

    actor: str
    action: str
    subject: str
    subject_id: int
    detail: Mapping[str, DetailValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuditRow:
    """An entry as stored."""

    id: int
    at: datetime
    entry: AuditEntry
    previous: str
    hash: str


def append(connection: sa.Connection, entries: Iterable[AuditEntry], *, at: datetime) -> None:
    """Chain ``entries`` onto the log. Call it last in a transaction: it serialises writers."""
    waiting = list(entries)
    if not waiting:
        return
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK)
    previous = connection.execute(_NEWEST).scalar() or GENESIS
    rows = []
    for entry in waiting:
        digest = _digest(previous, at, entry)
        rows.append(
            {
                "at": at,
                "actor": entry.actor,
                "action": entry.action,
                "subject": entry.subject,
                "subject_id": entry.subject_id,
                "detail": dict(entry.detail),
                "previous": previous,
                "hash": digest,
            }
        )
        previous = digest
    # One after the other, as the driver does with a list: their ids have to rise like the chain.
    connection.execute(_ADD, rows)


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries a listing shows; None = all.

    Attributes:
        actor: exactly this one.
        action: beginning of the action's name.
        subject: kind of thing.
        subject_id: its id.
    """

    actor: str | None = None
    action: str | None = None
    subject: str | None = None
    subject_id: int | None = None


def newest(
    connection: sa.Connection, wanted: AuditFilter, *, before: int | None, limit: int
) -> list[AuditRow]:
    """Rows with an id below ``before``, the newest first."""
    a = t.audit.c
    query = sa.select(t.audit).order_by(a.id.desc()).limit(limit)
    if before is not None:
        query = query.where(a.id < before)
    if wanted.actor is not None:
        query = query.where(a.actor == wanted.actor)
    if wanted.action is not None:
        query = query.where(a.action.startswith(wanted.action, autoescape=True))
    if wanted.subject is not None:
        query = query.where(a.subject == wanted.subject)
    if wanted.subject_id is not None:
        query = query.where(a.subject_id == wanted.subject_id)
    return [_row(row) for row in connection.execute(query).mappings()]


def page(
    connection: sa.Connection,
    *,
    after: int = 0,
    limit: int = 100,
    subject: str | None = None,
    subject_id: int | None = None,
) -> list[AuditRow]:
    """Rows with an id above ``after``, oldest first, of one subject if given."""
    query = sa.select(t.audit).where(t.audit.c.id > after).order_by(t.audit.c.id).limit(limit)
    if subject is not None:
        query = query.where(t.audit.c.subject == subject)
    if subject_id is not None:
        query = query.where(t.audit.c.subject_id == subject_id)
    return [_row(row) for row in connection.execute(query).mappings()]


def verify_audit_chain(connection: sa.Connection) -> int | None:
    """Id of the first row that does not fit its hash or its forerunner; None if all do."""
    previous = GENESIS
    for row in _all_rows(connection):
        if row.previous != previous or row.hash != _digest(previous, row.at, row.entry):
            return row.id
        previous = row.hash
    return None


def _all_rows(connection: sa.Connection) -> Iterator[AuditRow]:
    after = 0
    while rows := page(connection, after=after, limit=_CHUNK):
        yield from rows
        after = rows[-1].id


def _digest(previous: str, at: datetime, entry: AuditEntry) -> str:
    content = [
        previous,
        at.isoformat(timespec="microseconds"),
        entry.actor,
        entry.action,
        entry.subject,
        entry.subject_id,
        dict(entry.detail),
    ]
    text = json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _row(m: sa.RowMapping) -> AuditRow:
    return AuditRow(
        id=m["id"],
        at=m["at"],
        entry=AuditEntry(m["actor"], m["action"], m["subject"], m["subject_id"], m["detail"]),
        previous=m["previous"],
        hash=m["hash"],
    )


__all__ = [
    "GENESIS",
    "AuditEntry",
    "AuditFilter",
    "AuditRow",
    "DetailValue",
    "append",
    "newest",
    "page",
    "verify_audit_chain",
]
