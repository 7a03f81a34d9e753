"""Sides: pages of forms with several, and what ties those of a batch together."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. Pages that were read before are not paired; reading them again does it."""
    op.add_column(
        "batches", sa.Column("pair_by", sa.String(length=10), server_default="code", nullable=False)
    )
    op.create_table(
        "sides",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("template", sa.String(length=100), nullable=False),
        sa.Column("side", sa.Integer(), nullable=False),
        sa.Column("needed", sa.JSON(), nullable=False),
        sa.Column("keys", sa.JSON(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=True),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("judged", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_sides_document_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sides")),
        sa.UniqueConstraint("document_id", name=op.f("uq_sides_document_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_sides_code", "sides", ["code"], unique=False)
    op.create_index(
        "ix_sides_unjudged",
        "sides",
        ["document_id"],
        unique=False,
        sqlite_where=sa.text("NOT judged"),
        postgresql_where=sa.text("NOT judged"),
    )


def downgrade() -> None:
    """Take back. Which pages belong together is lost; the pages stay."""
    op.drop_index("ix_sides_unjudged", table_name="sides")
    op.drop_index("ix_sides_code", table_name="sides")
    op.drop_table("sides")
    op.drop_column("batches", "pair_by")
