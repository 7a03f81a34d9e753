"""The team's work in figures: throughput, acceptance, effort, corrections, escaped errors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from ocr_service.db.ids import BatchId
from ocr_service.db.quality import quality
from ocr_service.db.review import actions as review_actions
from ocr_service.db.review import dashboard
from ocr_service.db.review.actions import FieldEffort, PageEffort
from ocr_service.db.review.dashboard import BatchCounts, Scope, Values
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.quality import KindRate, rate_of

MAX_DAYS = 366
_BATCHES = 20
_JAPAN = timezone(timedelta(hours=9))


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the team.

    Attributes:
        day: ``2026-11-26``, in Japan.
        approved: documents approved by people.
        values: what machines read.
    """

    day: str
    approved: int
    values: Values


@dataclass(frozen=True, slots=True)
class Dashboard:
    """All figures of a period.

    Attributes:
        days: each day of it, oldest first.
        fields: what each field took, the most corrected first.
        pages: what whole pages took.
        waiting: documents that wait for eyes now.
        oldest_s: age of the oldest of them in seconds; None = none waits.
        escaped: error rate among accepted values, by blind samples.
        batches: the newest ones.
    """

    days: tuple[Day, ...]
    fields: tuple[FieldEffort, ...]
    pages: PageEffort
    waiting: int
    oldest_s: float | None
    escaped: KindRate
    batches: tuple[BatchCounts, ...]

    @property
    def values(self) -> Values:
        """Of the whole period."""
        days = [day.values for day in self.days]
        return Values(
            sum(day.pages for day in days),
            sum(day.read for day in days),
            sum(day.accepted for day in days),
        )

    @property
    def approved(self) -> int:
        """Documents approved in the whole period."""
        return sum(day.approved for day in self.days)


def make_dashboard(uow: UnitOfWork, *, days: int, batch: BatchId | None = None) -> Dashboard:
    """The figures of the last ``days`` days, today included.

    Args:
        uow: open unit of work.
        days: 1 to ``MAX_DAYS``.
        batch: only this batch.
    """
    today = uow.now.astimezone(_JAPAN).date()
    first = today - timedelta(days=days - 1)
    since = datetime(first.year, first.month, first.day, tzinfo=_JAPAN)
    scope = Scope(since, batch)
    number, oldest = dashboard.waiting(uow, batch)
    fields = review_actions.by_field(uow, since=since, batch=batch)
    return Dashboard(
        days=_days(uow, scope, first, days),
        fields=tuple(sorted(fields, key=lambda field: (-field.corrected, field.key))),
        pages=review_actions.by_page(uow, since=since, batch=batch),
        waiting=number,
        oldest_s=None if oldest is None else (uow.now - oldest).total_seconds(),
        escaped=rate_of("", quality.strata(uow, batch)),
        batches=tuple(dashboard.newest_batches(uow, scope, limit=_BATCHES)),
    )


def _days(uow: UnitOfWork, scope: Scope, first: date, number: int) -> tuple[Day, ...]:
    approved = dashboard.approved_by_day(uow, scope)
    values = dashboard.values_by_day(uow, scope)
    names = [(first + timedelta(days=offset)).isoformat() for offset in range(number)]
    return tuple(Day(day, approved.get(day, 0), values.get(day, Values())) for day in names)


__all__ = ["MAX_DAYS", "Dashboard", "Day", "make_dashboard"]
