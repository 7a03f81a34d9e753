"""Chips and entries: fields that several people key."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ocr_service.db.types import UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "chips",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("template", sa.String(length=100), nullable=False),
        sa.Column("template_version", sa.String(length=100), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("claimed_by", sa.String(length=100), nullable=True),
        sa.Column("claimed_until", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_chips_document_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chips")),
        sa.UniqueConstraint(
            "document_id",
            "template",
            "template_version",
            "key",
            name=op.f("uq_chips_document_id_template_template_version_key"),
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_chips_state_key_id", "chips", ["state", "key", "id"], unique=False)
    op.create_table(
        "entries",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("chip_id", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("illegible", sa.Boolean(), nullable=False),
        sa.Column("decision", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["chip_id"], ["chips.id"], name=op.f("fk_entries_chip_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entries")),
        sa.UniqueConstraint("chip_id", "actor", name=op.f("uq_entries_chip_id_actor")),
        sa.UniqueConstraint("chip_id", "turn", name=op.f("uq_entries_chip_id_turn")),
        sqlite_autoincrement=True,
    )
    op.add_column("batches", sa.Column("entry", sa.Integer(), server_default="1", nullable=False))


def downgrade() -> None:
    """Take back. What was keyed is lost; what was settled stays an answer."""
    op.drop_column("batches", "entry")
    op.drop_table("entries")
    op.drop_index("ix_chips_state_key_id", table_name="chips")
    op.drop_table("chips")
