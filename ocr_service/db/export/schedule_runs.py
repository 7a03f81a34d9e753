"""When schedules came round, and what came of it; whoever writes the row does the work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from ocr_service.db import tables as t
from ocr_service.db.uow import UnitOfWork

_OUTCOME_LENGTH = 200


@dataclass(frozen=True, slots=True)
class ScheduleRun:
    """One time that a schedule came round.

    Attributes:
        name: of the schedule.
        due_at: the time it was set for.
        outcome: what came of it; None while it runs, or where its process died.
        started_at: when somebody began.
        finished_at: when it was done.
    """

    name: str
    due_at: datetime
    outcome: str | None
    started_at: datetime
    finished_at: datetime | None


def is_taken(uow: UnitOfWork, name: str, due_at: datetime) -> bool:
    """Whether somebody did it or is at it."""
    r = t.schedule_runs.c
    query = sa.select(r.id).where(r.name == name, r.due_at == due_at)
    return uow.connection.execute(query).first() is not None


def take(uow: UnitOfWork, name: str, due_at: datetime) -> bool:
    """Whether the caller is the one to do it."""
    dialect = postgresql if uow.connection.dialect.name == "postgresql" else sqlite
    done = uow.connection.execute(
        dialect.insert(t.schedule_runs)
        .values(name=name, due_at=due_at, started_at=uow.now)
        .on_conflict_do_nothing(index_elements=["name", "due_at"])
        .returning(t.schedule_runs.c.id)
    )
    return done.first() is not None


def finish(uow: UnitOfWork, name: str, due_at: datetime, *, outcome: str) -> None:
    """What came of it."""
    r = t.schedule_runs.c
    uow.connection.execute(
        sa.update(t.schedule_runs)
        .where(r.name == name, r.due_at == due_at)
        .values(outcome=outcome[:_OUTCOME_LENGTH], finished_at=uow.now)
    )


def newest(uow: UnitOfWork, *, limit: int = 20) -> list[ScheduleRun]:
    """Runs, newest first."""
    query = sa.select(t.schedule_runs).order_by(t.schedule_runs.c.id.desc()).limit(limit)
    return [
        ScheduleRun(**{name: row[name] for name in ScheduleRun.__dataclass_fields__})
        for row in uow.connection.execute(query).mappings()
    ]


__all__ = ["ScheduleRun", "finish", "is_taken", "newest", "take"]
