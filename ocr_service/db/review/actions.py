"""What reviewing took, step by step: the figures behind "seconds a page" and "keys a page"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from ocr_service.db import tables as t
from ocr_service.db.ids import BatchId, DocumentId
from ocr_service.db.uow import UnitOfWork


class Action(StrEnum):
    """One step of a review."""

    CONFIRM = "confirm"  # what stood there is right
    CHANGE = "change"  # something else was entered or picked
    ILLEGIBLE = "illegible"
    POSTPONE = "postpone"
    UNDO = "undo"
    APPROVE = "approve"


@dataclass(frozen=True, slots=True)
class Effort:
    """What one step took.

    Attributes:
        ms: milliseconds from the moment the field was before the eyes.
        keystrokes: keys pressed meanwhile.
    """

    ms: int
    keystrokes: int


@dataclass(frozen=True, slots=True)
class ReviewAction:
    """One step of a review.

    Attributes:
        document: the page.
        key: the field; None for steps about the whole page.
        action: what was done.
        effort: what it took.
        corrected: the value differs from the one that was in force.
        actor: who; for the log of the installation, never for a report.
    """

    document: DocumentId
    key: str | None
    action: Action
    effort: Effort
    corrected: bool
    actor: str


@dataclass(frozen=True, slots=True)
class FieldEffort:
    """What one field took over many pages.

    Attributes:
        key: the field.
        answers: confirmations, changes and "illegible" together.
        corrected: those that changed the value.
        ms: of all of them.
        keystrokes: of all of them.
    """

    key: str
    answers: int
    corrected: int
    ms: int
    keystrokes: int


@dataclass(frozen=True, slots=True)
class PageEffort:
    """What whole pages took, from the first look to the approval.

    Attributes:
        pages: how many were approved.
        ms: all steps on them.
        keystrokes: all keys on them.
    """

    pages: int
    ms: int
    keystrokes: int


_ANSWERS = (Action.CONFIRM, Action.CHANGE, Action.ILLEGIBLE)


def add(uow: UnitOfWork, step: ReviewAction) -> None:
    """Remember one step."""
    uow.connection.execute(
        sa.insert(t.review_actions).values(
            document_id=step.document,
            key=step.key,
            action=step.action,
            ms=step.effort.ms,
            keystrokes=step.effort.keystrokes,
            corrected=step.corrected,
            actor=step.actor,
            created_at=uow.now,
        )
    )


def by_field(
    uow: UnitOfWork, *, since: datetime | None = None, batch: BatchId | None = None
) -> list[FieldEffort]:
    """What each field took, in order of keys."""
    a = t.review_actions.c
    query = (
        sa.select(
            a.key,
            sa.func.count(),
            sa.func.sum(sa.case((a.corrected, 1), else_=0)),
            sa.func.sum(a.ms),
            sa.func.sum(a.keystrokes),
        )
        .where(a.key.is_not(None), a.action.in_(_ANSWERS))
        .group_by(a.key)
        .order_by(a.key)
    )
    rows = uow.connection.execute(query.where(*_narrowed(since, batch)))
    return [FieldEffort(key, n, changed, ms, keys) for key, n, changed, ms, keys in rows]


def by_page(
    uow: UnitOfWork, *, since: datetime | None = None, batch: BatchId | None = None
) -> PageEffort:
    """What the approved pages took, all their steps together."""
    a = t.review_actions.c
    approved = sa.select(a.document_id).where(a.action == Action.APPROVE)
    query = sa.select(
        sa.func.count(a.document_id.distinct()),
        sa.func.coalesce(sa.func.sum(a.ms), 0),
        sa.func.coalesce(sa.func.sum(a.keystrokes), 0),
    ).where(a.document_id.in_(approved))
    found = uow.connection.execute(query.where(*_narrowed(since, batch))).one()
    pages, ms, keystrokes = found
    return PageEffort(pages, ms, keystrokes)


def _narrowed(since: datetime | None, batch: BatchId | None) -> list[sa.ColumnElement[bool]]:
    a = t.review_actions.c
    wanted: list[sa.ColumnElement[bool]] = []
    if since is not None:
        wanted.append(a.created_at >= since)
    if batch is not None:
        own = sa.select(t.documents.c.id).where(t.documents.c.batch_id == batch)
        wanted.append(a.document_id.in_(own))
    return wanted


__all__ = [
    "Action",
    "Effort",
    "FieldEffort",
    "PageEffort",
    "ReviewAction",
    "add",
    "by_field",
    "by_page",
]
