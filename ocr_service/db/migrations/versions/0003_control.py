"""Pause, cancel and priority of batches; chores."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ocr_service.db.types import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column(
        "batches", sa.Column("flow", sa.String(length=10), server_default="running", nullable=False)
    )
    op.add_column("batches", sa.Column("priority", sa.Integer(), server_default="1", nullable=False))
    op.add_column("jobs", sa.Column("priority", sa.Integer(), server_default="1", nullable=False))
    op.add_column("jobs", sa.Column("spared", sa.Integer(), server_default="0", nullable=False))
    op.drop_index("ix_jobs_state_id", table_name="jobs")
    op.create_index("ix_jobs_state_priority_id", "jobs", ["state", "priority", "id"], unique=False)
    op.create_table(
        "chores",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chores")),
        sa.UniqueConstraint("name", name=op.f("uq_chores_name")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Take back. Batches that were paused run again; those cancelled are discarded already."""
    op.drop_table("chores")
    op.drop_index("ix_jobs_state_priority_id", table_name="jobs")
    op.create_index("ix_jobs_state_id", "jobs", ["state", "id"], unique=False)
    op.drop_column("jobs", "spared")
    op.drop_column("jobs", "priority")
    op.drop_column("batches", "priority")
    op.drop_column("batches", "flow")
