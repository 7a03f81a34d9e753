"""Review: effort, drafts, what was put off, how a page lies, what is scanned again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ocr_service.db.types import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "review_actions",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=True),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("ms", sa.Integer(), nullable=False),
        sa.Column("keystrokes", sa.Integer(), nullable=False),
        sa.Column("corrected", sa.Boolean(), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_review_actions_document_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_actions")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_review_actions_document_id", "review_actions", ["document_id"])
    op.create_index("ix_review_actions_created_at", "review_actions", ["created_at"])
    op.create_table(
        "drafts",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_drafts_document_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
        sa.UniqueConstraint(
            "document_id", "actor", "key", name=op.f("uq_drafts_document_id_actor_key")
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "postponements",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_postponements_document_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_postponements")),
        sa.UniqueConstraint("document_id", "key", name=op.f("uq_postponements_document_id_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "page_hints",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("turns", sa.Integer(), nullable=False),
        sa.Column("corners", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_page_hints_document_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page_hints")),
        sa.UniqueConstraint("document_id", name=op.f("uq_page_hints_document_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "rescans",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_rescans_document_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rescans")),
        sa.UniqueConstraint("document_id", name=op.f("uq_rescans_document_id")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Take back. What was confirmed stays; marks, drafts and figures go."""
    for table in ("rescans", "page_hints", "postponements", "drafts"):
        op.drop_table(table)
    op.drop_index("ix_review_actions_created_at", table_name="review_actions")
    op.drop_index("ix_review_actions_document_id", table_name="review_actions")
    op.drop_table("review_actions")
