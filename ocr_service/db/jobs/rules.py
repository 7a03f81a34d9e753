"""Which jobs may be taken, as conditions of a query."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa

from ocr_service.db import tables as t
from ocr_service.db.intake.flow import Flow


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    LEASED = "leased"
    DONE = "done"
    DEAD = "dead"
    CANCELLED = "cancelled"


ALWAYS = datetime(2000, 1, 1, tzinfo=UTC)
"""Since when a new job may be taken: it waits for no clock, and so for none that is fast."""

TOO_FAR = timedelta(hours=1)
"""No job rests, and no ring lies, that far ahead: whoever wrote such a moment had a wrong clock."""


def claimable(now: datetime) -> sa.ColumnElement[bool]:
    """Whether nobody works on the job, as far as leases tell."""
    return sa.or_(waiting(now, now + TOO_FAR), lapsed(now))


Moment = datetime | sa.BindParameter[datetime]
"""A moment, or the place for it in a statement that is made once."""


def waiting(now: Moment, too_far: Moment) -> sa.ColumnElement[bool]:
    """Whether the job is queued and has rested; ``too_far`` is ``TOO_FAR`` behind ``now``."""
    rest = t.jobs.c.not_before
    rested = sa.or_(rest <= now, rest > too_far)
    return sa.and_(t.jobs.c.state == JobState.QUEUED, rested)


def lapsed(now: Moment) -> sa.ColumnElement[bool]:
    """Whether its lease ran out."""
    return sa.and_(t.jobs.c.state == JobState.LEASED, t.jobs.c.leased_until <= now)


def used() -> sa.ColumnElement[int]:
    """Attempts that count against the page."""
    return t.jobs.c.attempt - t.jobs.c.spared


def held() -> sa.ColumnElement[bool]:
    """Whether the job's batch does not run; by way of the document, which may change batches."""
    d, b = t.documents.c, t.batches.c
    return (
        sa.select(1)
        .select_from(t.documents.join(t.batches, b.id == d.batch_id))
        .where(d.id == t.jobs.c.document_id, b.flow != Flow.RUNNING)
        .correlate(t.jobs)
        .exists()
    )


__all__ = ["ALWAYS", "TOO_FAR", "JobState", "claimable", "held", "lapsed", "used", "waiting"]
