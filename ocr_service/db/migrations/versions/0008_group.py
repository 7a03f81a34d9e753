"""Cells of digits fields, confirmations of many crops, answers taken back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ocr_service.db.types import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "confirmations",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("template", sa.String(length=100), nullable=False),
        sa.Column("template_version", sa.String(length=100), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmations")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "cell_checks",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("confirmation_id", sa.Integer(), nullable=False),
        sa.Column("reading_id", sa.Integer(), nullable=False),
        sa.Column("cell", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=1), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["confirmation_id"], ["confirmations.id"], name=op.f("fk_cell_checks_confirmation_id")
        ),
        sa.ForeignKeyConstraint(
            ["reading_id"], ["readings.id"], name=op.f("fk_cell_checks_reading_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cell_checks")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_cell_checks_confirmation_id", "cell_checks", ["confirmation_id"], unique=False
    )
    op.create_index(
        "uq_cell_checks_live_reading_id_cell",
        "cell_checks",
        ["reading_id", "cell"],
        unique=True,
        sqlite_where=sa.text("live"),
        postgresql_where=sa.text("live"),
    )
    op.create_table(
        "confirmation_answers",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("confirmation_id", sa.Integer(), nullable=False),
        sa.Column("reading_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["confirmation_id"],
            ["confirmations.id"],
            name=op.f("fk_confirmation_answers_confirmation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["reading_id"], ["readings.id"], name=op.f("fk_confirmation_answers_reading_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmation_answers")),
        sa.UniqueConstraint("reading_id", name=op.f("uq_confirmation_answers_reading_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_confirmation_answers_confirmation_id",
        "confirmation_answers",
        ["confirmation_id"],
        unique=False,
    )
    op.create_table(
        "reading_cells",
        sa.Column("reading_id", sa.Integer(), nullable=False),
        sa.Column("cell", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", sa.String(length=1), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("x", sa.Float(), nullable=False),
        sa.Column("y", sa.Float(), nullable=False),
        sa.Column("w", sa.Float(), nullable=False),
        sa.Column("h", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reading_id"], ["readings.id"], name=op.f("fk_reading_cells_reading_id")
        ),
        sa.PrimaryKeyConstraint("reading_id", "cell", name=op.f("pk_reading_cells")),
    )
    op.create_table(
        "withdrawals",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("reading_id", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reading_id"], ["readings.id"], name=op.f("fk_withdrawals_reading_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withdrawals")),
        sa.UniqueConstraint("reading_id", name=op.f("uq_withdrawals_reading_id")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Take back. Answers that were withdrawn are in force again; cells are known only after reading again."""
    op.drop_table("withdrawals")
    op.drop_table("reading_cells")
    op.drop_index("ix_confirmation_answers_confirmation_id", table_name="confirmation_answers")
    op.drop_table("confirmation_answers")
    op.drop_index("uq_cell_checks_live_reading_id_cell", table_name="cell_checks")
    op.drop_index("ix_cell_checks_confirmation_id", table_name="cell_checks")
    op.drop_table("cell_checks")
    op.drop_table("confirmations")
