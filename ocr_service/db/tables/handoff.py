"""Tables of the hand-off: what others are still to be told, and what was done by the clock."""

from __future__ import annotations

import sqlalchemy as sa

from ocr_service.db.tables.base import id_column, metadata, moment

# Written in the transaction that made the thing, delivered later by whichever process is there.
outbox = sa.Table(
    "outbox",
    metadata,
    id_column(),
    # for example export:12; with the target it is the receiver's idempotency key
    sa.Column("event", sa.String(60), nullable=False),
    sa.Column("target", sa.String(20), nullable=False),
    sa.Column("body", sa.JSON, nullable=False),
    # waiting, delivered, given_up
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    moment("not_before"),
    sa.Column("last_error", sa.String(200), nullable=True),
    moment("created_at"),
    moment("delivered_at", null=True),
    sa.UniqueConstraint("event", "target"),
    sa.Index("ix_outbox_state_not_before", "state", "not_before"),
    sqlite_autoincrement=True,
)

# One row for each time that a schedule came round: whoever inserts it does the work.
schedule_runs = sa.Table(
    "schedule_runs",
    metadata,
    id_column(),
    sa.Column("name", sa.String(60), nullable=False),
    moment("due_at"),
    sa.Column("outcome", sa.String(200), nullable=True),
    moment("started_at"),
    moment("finished_at", null=True),
    sa.UniqueConstraint("name", "due_at"),
    sqlite_autoincrement=True,
)

__all__ = ["outbox", "schedule_runs"]
