"""Rows of masters, in versions.

An import ends the rows it replaces; undoing it takes its own away and puts those back in force.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from ocr_service.db import tables as t
from ocr_service.db.masters.imports import ImportId, ImportState
from ocr_service.db.uow import UnitOfWork
from ocr_service.masters.importing.model import MasterKind

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A row as kept: plain cells, or sealed ones for citizens.

    Attributes:
        key: what tells it from others of its kind; a keyed hash for citizens.
        found_by: what it is looked up by.
        also_found_by: what it is looked up by else.
        scope: the part of the master it belongs to.
        valid_from: first day it holds.
        valid_to: last day it holds.
        cells: plain, None where sealed.
        sealed: None where plain.
        digest: tells whether another row says the same.
    """

    key: str
    found_by: str | None
    also_found_by: str | None
    scope: str
    valid_from: dt.date | None
    valid_to: dt.date | None
    cells: Mapping[str, str] | None
    sealed: bytes | None
    digest: str


def digests(uow: UnitOfWork, kind: MasterKind, keys: Sequence[str]) -> dict[str, str]:
    """What the rows in force say, by key."""
    r = t.master_rows.c
    query = sa.select(r.key, r.digest).where(r.kind == kind, r.ended_by.is_(None), r.key.in_(keys))
    return {row.key: row.digest for row in uow.connection.execute(query)}


def load_rows(
    uow: UnitOfWork, found: ImportId, kind: MasterKind, rows: Sequence[StoredRow]
) -> None:
    """Bring rows in; they are not in force before ``enforce``."""
    if not rows:
        return
    uow.connection.execute(
        sa.insert(t.master_rows),
        [
            {
                "kind": kind,
                "key": row.key,
                "found_by": row.found_by,
                "also_found_by": row.also_found_by,
                "scope": row.scope,
                "valid_from": row.valid_from,
                "valid_to": row.valid_to,
                "cells": None if row.cells is None else dict(row.cells),
                "sealed": row.sealed,
                "digest": row.digest,
                "import_id": found,
                # ended by the import that brought it: not in force yet
                "ended_by": found,
            }
            for row in rows
        ],
    )


def enforce(uow: UnitOfWork, found: ImportId, kind: MasterKind) -> int:
    """Put all rows of an import in force; those of the same keys end. How many there are."""
    r, own = t.master_rows.c, t.master_rows.alias("own")
    loaded = sa.select(own.c.key).where(own.c.import_id == found)
    uow.connection.execute(
        sa.update(t.master_rows)
        .where(r.kind == kind, r.ended_by.is_(None), r.key.in_(loaded))
        .values(ended_by=found)
    )
    done = uow.connection.execute(
        sa.update(t.master_rows)
        .where(r.import_id == found, r.ended_by == found)
        .values(ended_by=None)
    )
    return int(done.rowcount)


def missing_from(
    uow: UnitOfWork, kind: MasterKind, *, scopes: Collection[str], seen: Collection[str]
) -> Iterator[str]:
    """Keys in force in some parts of a master that a whole list of them does not name."""
    r = t.master_rows.c
    for scope in scopes:
        query = sa.select(r.key).where(r.kind == kind, r.ended_by.is_(None), r.scope == scope)
        for key in uow.connection.execute(query).scalars():
            if key not in seen:
                yield key


def end_rows(uow: UnitOfWork, found: ImportId, kind: MasterKind, keys: Sequence[str]) -> None:
    """End rows that a whole list leaves out."""
    for start in range(0, len(keys), _CHUNK):
        _end(uow, found, kind, keys[start : start + _CHUNK])


def take_back(uow: UnitOfWork, found: ImportId) -> None:
    """Remove the rows of an import and put back in force what it had ended."""
    r = t.master_rows.c
    uow.connection.execute(sa.delete(t.master_rows).where(r.import_id == found))
    uow.connection.execute(
        sa.update(t.master_rows).where(r.ended_by == found).values(ended_by=None)
    )


def remove_all(uow: UnitOfWork, kind: MasterKind) -> int:
    """Remove every row of a kind for good, those that ended included; how many went."""
    done = uow.connection.execute(sa.delete(t.master_rows).where(t.master_rows.c.kind == kind))
    i = t.master_imports.c
    uow.connection.execute(
        sa.update(t.master_imports)
        .where(i.kind == kind, i.state != ImportState.UNDONE)
        .values(state=ImportState.UNDONE, undone_at=uow.now, undone_by="deletion", blob_sha256=None)
    )
    return int(done.rowcount)


def in_force(uow: UnitOfWork) -> dict[MasterKind, int]:
    """How many rows of each kind are in force."""
    r = t.master_rows.c
    query = sa.select(r.kind, sa.func.count()).where(r.ended_by.is_(None)).group_by(r.kind)
    found = dict.fromkeys(MasterKind, 0)
    for kind, number in uow.connection.execute(query):
        found[MasterKind(kind)] = number
    return found


def find(uow: UnitOfWork, kind: MasterKind, found_by: Collection[str]) -> list[StoredRow]:
    """Rows in force by what they are looked up by."""
    asked = {"kind": kind, "found_by": list(found_by), "most": _MOST}
    return _rows(uow, _FIND, asked)


def find_else(uow: UnitOfWork, kind: MasterKind, also_found_by: str) -> list[StoredRow]:
    """Rows in force by the other thing they are looked up by."""
    return _rows(uow, _FIND_ELSE, {"kind": kind, "also": also_found_by, "most": _MOST})


def has_scope(uow: UnitOfWork, kind: MasterKind, scope: str) -> bool:
    """Whether a part of a master has rows in force."""
    return uow.connection.execute(_HAS_SCOPE, {"kind": kind, "scope": scope}).first() is not None


def all_of(uow: UnitOfWork, kind: MasterKind, *, limit: int) -> list[StoredRow]:
    """The rows in force, in order of their keys; for small masters and for looking around."""
    return _rows(uow, _ALL, {"kind": kind, "most": limit})


_R = t.master_rows.c
_MOST = 200

# Made once: every record is judged by these.
_ALL = (
    sa.select(t.master_rows)
    .where(_R.kind == sa.bindparam("kind"), _R.ended_by.is_(None))
    .order_by(_R.key)
    .limit(sa.bindparam("most"))
)
_FIND = _ALL.where(_R.found_by.in_(sa.bindparam("found_by", expanding=True)))
_FIND_ELSE = _ALL.where(_R.also_found_by == sa.bindparam("also"))
_HAS_SCOPE = (
    sa.select(_R.id)
    .where(
        _R.kind == sa.bindparam("kind"),
        _R.scope == sa.bindparam("scope"),
        _R.ended_by.is_(None),
    )
    .limit(1)
)


def _rows(
    uow: UnitOfWork, query: sa.Select[tuple[object, ...]], asked: Mapping[str, object]
) -> list[StoredRow]:
    return [_row(row) for row in uow.connection.execute(query, asked).mappings()]


def _end(uow: UnitOfWork, found: ImportId, kind: MasterKind, keys: Sequence[str]) -> None:
    r = t.master_rows.c
    uow.connection.execute(
        sa.update(t.master_rows)
        .where(r.kind == kind, r.ended_by.is_(None), r.key.in_(keys))
        .values(ended_by=found)
    )


def _row(m: sa.RowMapping) -> StoredRow:
    return StoredRow(
        key=m["key"],
        found_by=m["found_by"],
        also_found_by=m["also_found_by"],
        scope=m["scope"],
        valid_from=m["valid_from"],
        valid_to=m["valid_to"],
        cells=m["cells"],
        sealed=m["sealed"],
        digest=m["digest"],
    )


__all__ = [
    "StoredRow",
    "all_of",
    "digests",
    "end_rows",
    "enforce",
    "find",
    "find_else",
    "has_scope",
    "in_force",
    "load_rows",
    "missing_from",
    "remove_all",
    "take_back",
]
