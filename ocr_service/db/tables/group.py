"""Tables of the group review: what single cells were read as, and what was confirmed together."""

from __future__ import annotations

import sqlalchemy as sa

from ocr_service.db.tables.base import id_column, metadata, moment, reference

# The cells of a machine's reading of a digits field; written with it and never changed.
reading_cells = sa.Table(
    "reading_cells",
    metadata,
    sa.Column("reading_id", sa.Integer, sa.ForeignKey("readings.id"), primary_key=True),
    sa.Column("cell", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("text", sa.String(1), nullable=False),
    sa.Column("probability", sa.Float, nullable=False),
    # the printed box in millimetres on the template page
    sa.Column("x", sa.Float, nullable=False),
    sa.Column("y", sa.Float, nullable=False),
    sa.Column("w", sa.Float, nullable=False),
    sa.Column("h", sa.Float, nullable=False),
)

# Answers that were taken back. The readings stay as they are; these are no longer in force.
withdrawals = sa.Table(
    "withdrawals",
    metadata,
    id_column(),
    sa.Column("reading_id", sa.Integer, sa.ForeignKey("readings.id"), nullable=False, unique=True),
    sa.Column("actor", sa.String(100), nullable=False),
    moment("created_at"),
    sqlite_autoincrement=True,
)

# One stroke of Enter over many crops: what Esc takes back as a whole.
confirmations = sa.Table(
    "confirmations",
    metadata,
    id_column(),
    sa.Column("template", sa.String(100), nullable=False),
    sa.Column("template_version", sa.String(100), nullable=False),
    sa.Column("actor", sa.String(100), nullable=False),
    moment("created_at"),
    moment("undone_at", null=True),
    sqlite_autoincrement=True,
)

# What a confirmation appended to the readings.
confirmation_answers = sa.Table(
    "confirmation_answers",
    metadata,
    id_column(),
    reference("confirmation_id", "confirmations.id"),
    sa.Column("reading_id", sa.Integer, sa.ForeignKey("readings.id"), nullable=False, unique=True),
    sa.Index("ix_confirmation_answers_confirmation_id", "confirmation_id"),
    sqlite_autoincrement=True,
)

# What a person said a single cell holds. A field is confirmed once all its cells are.
cell_checks = sa.Table(
    "cell_checks",
    metadata,
    id_column(),
    reference("confirmation_id", "confirmations.id"),
    reference("reading_id", "readings.id"),
    sa.Column("cell", sa.Integer, nullable=False),
    sa.Column("text", sa.String(1), nullable=False),
    # false once taken back
    sa.Column("live", sa.Boolean, nullable=False),
    sa.Index(
        "uq_cell_checks_live_reading_id_cell",
        "reading_id",
        "cell",
        unique=True,
        sqlite_where=sa.text("live"),
        postgresql_where=sa.text("live"),
    ),
    sa.Index("ix_cell_checks_confirmation_id", "confirmation_id"),
    sqlite_autoincrement=True,
)

__all__ = ["cell_checks", "confirmation_answers", "confirmations", "reading_cells", "withdrawals"]
