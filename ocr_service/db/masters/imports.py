"""Imports of masters: what each file did, so that it can be told and undone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NewType

import sqlalchemy as sa

from ocr_service.db import tables as t
from ocr_service.db.rows import one_row
from ocr_service.db.uow import UnitOfWork
from ocr_service.masters.importing.model import MasterKind, Problem, ProblemCode

ImportId = NewType("ImportId", int)


class ImportState(StrEnum):
    """Where an import stands."""

    STAGED = "staged"  # looked at, waiting for somebody to say yes
    LOADING = "loading"  # its rows come in and are not in force yet
    APPLIED = "applied"
    UNDONE = "undone"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """What an import does, or would do, to the rows in force.

    Attributes:
        rows: taken from the file.
        added: of them, new.
        changed: of them, replacing another.
        unchanged: of them, in force already.
        ended: rows in force that the file leaves out, where it is a whole list.
        rejected: lines kept out.
    """

    rows: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    ended: int = 0
    rejected: int = 0


@dataclass(frozen=True, slots=True)
class NewImport:
    """An import to be noted.

    Attributes:
        kind: of master.
        state: where it stands.
        file_name: as the operator calls it.
        sha256: of the file.
        blob_sha256: of the sealed file, while it is staged.
        encoding: that it was read in.
        options: what the operator said of it.
        counts: what it does.
        problems: the first ones.
        key_print: of the seal, for rows about citizens.
        actor: who.
    """

    kind: MasterKind
    state: ImportState
    file_name: str
    sha256: str
    blob_sha256: str | None
    encoding: str
    options: Mapping[str, str]
    counts: ImportCounts
    problems: tuple[Problem, ...]
    key_print: str | None
    actor: str


@dataclass(frozen=True, slots=True)
class MasterImport:
    """An import as noted."""

    id: ImportId
    kind: MasterKind
    state: ImportState
    file_name: str
    sha256: str
    blob_sha256: str | None
    encoding: str
    options: Mapping[str, str]
    counts: ImportCounts
    problems: tuple[Problem, ...]
    key_print: str | None
    created_by: str
    created_at: datetime
    applied_at: datetime | None
    undone_by: str | None
    undone_at: datetime | None


def note(uow: UnitOfWork, new: NewImport) -> ImportId:
    """Add an import."""
    c = new.counts
    applied = uow.now if new.state is ImportState.APPLIED else None
    added = uow.connection.execute(
        sa.insert(t.master_imports)
        .values(
            kind=new.kind,
            state=new.state,
            file_name=new.file_name[:255],
            sha256=new.sha256,
            blob_sha256=new.blob_sha256,
            encoding=new.encoding,
            options=dict(new.options),
            rows=c.rows,
            added=c.added,
            changed=c.changed,
            unchanged=c.unchanged,
            ended=c.ended,
            rejected=c.rejected,
            problems=_as_lists(new.problems),
            key_print=new.key_print,
            created_by=new.actor,
            created_at=uow.now,
            applied_at=applied,
        )
        .returning(t.master_imports.c.id)
    )
    return ImportId(added.scalar_one())


def set_outcome(
    uow: UnitOfWork,
    found: ImportId,
    counts: ImportCounts,
    *,
    encoding: str,
    problems: tuple[Problem, ...],
) -> None:
    """Say what an import did, once it is through."""
    _update(
        uow,
        found,
        rows=counts.rows,
        added=counts.added,
        changed=counts.changed,
        unchanged=counts.unchanged,
        ended=counts.ended,
        rejected=counts.rejected,
        encoding=encoding,
        problems=_as_lists(problems),
    )


def loading(uow: UnitOfWork, kind: MasterKind) -> list[ImportId]:
    """Imports of a kind whose rows come in, or came in when their process died."""
    i = t.master_imports.c
    query = sa.select(i.id).where(i.kind == kind, i.state == ImportState.LOADING)
    return [ImportId(found) for found in uow.connection.execute(query).scalars()]


def set_state(uow: UnitOfWork, found: ImportId, state: ImportState, *, by: str) -> None:
    """Move an import on; its staged file is not needed any more."""
    undone = state is ImportState.UNDONE
    values: dict[str, Any] = {"state": state, "blob_sha256": None}
    if state is ImportState.APPLIED:
        values["applied_at"] = uow.now
    if undone:
        values |= {"undone_by": by, "undone_at": uow.now}
    _update(uow, found, **values)


def get(uow: UnitOfWork, wanted: int) -> MasterImport:
    """One import.

    Raises:
        NotFound: there is none.
    """
    return _import(one_row(uow, t.master_imports, wanted, what="import"))


def history(
    uow: UnitOfWork, kind: MasterKind | None = None, *, limit: int = 50
) -> list[MasterImport]:
    """Imports, the newest first; those dropped or not yet through are left out."""
    i = t.master_imports.c
    hidden = (ImportState.DROPPED, ImportState.LOADING)
    query = sa.select(t.master_imports).where(i.state.not_in(hidden))
    if kind is not None:
        query = query.where(i.kind == kind)
    rows = uow.connection.execute(query.order_by(i.id.desc()).limit(limit)).mappings()
    return [_import(row) for row in rows]


def newest_applied(uow: UnitOfWork, kind: MasterKind) -> MasterImport | None:
    """The import whose rows came last."""
    i = t.master_imports.c
    query = (
        sa.select(t.master_imports)
        .where(i.kind == kind, i.state == ImportState.APPLIED)
        .order_by(i.id.desc())
        .limit(1)
    )
    row = uow.connection.execute(query).mappings().one_or_none()
    return None if row is None else _import(row)


def state(uow: UnitOfWork) -> tuple[tuple[str, int, int], ...]:
    """How many imports there were and which is the last, by where they stand; tells any change."""
    i = t.master_imports.c
    query = (
        sa.select(i.state, sa.func.count(), sa.func.max(i.id))
        .where(i.state.in_((ImportState.APPLIED, ImportState.UNDONE)))
        .group_by(i.state)
        .order_by(i.state)
    )
    return tuple((row[0], row[1], row[2]) for row in uow.connection.execute(query))


def _as_lists(problems: tuple[Problem, ...]) -> list[list[int | str]]:
    return [[problem.line, problem.column, problem.code] for problem in problems]


def _update(uow: UnitOfWork, found: ImportId, **values: Any) -> None:
    uow.connection.execute(
        sa.update(t.master_imports).where(t.master_imports.c.id == found).values(**values)
    )


def _import(m: sa.RowMapping) -> MasterImport:
    return MasterImport(
        id=ImportId(m["id"]),
        kind=MasterKind(m["kind"]),
        state=ImportState(m["state"]),
        file_name=m["file_name"],
        sha256=m["sha256"],
        blob_sha256=m["blob_sha256"],
        encoding=m["encoding"],
        options=m["options"],
        counts=ImportCounts(
            m["rows"], m["added"], m["changed"], m["unchanged"], m["ended"], m["rejected"]
        ),
        problems=tuple(
            Problem(line, column, ProblemCode(code)) for line, column, code in m["problems"]
        ),
        key_print=m["key_print"],
        created_by=m["created_by"],
        created_at=m["created_at"],
        applied_at=m["applied_at"],
        undone_by=m["undone_by"],
        undone_at=m["undone_at"],
    )


__all__ = [
    "ImportCounts",
    "ImportId",
    "ImportState",
    "MasterImport",
    "NewImport",
    "get",
    "history",
    "loading",
    "newest_applied",
    "note",
    "set_outcome",
    "set_state",
    "state",
]
