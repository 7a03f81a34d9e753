"""Issues of the content check may be waived."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ocr_service.db.types import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "issue_waivers",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=100), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("reading_ids", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.Column("withdrawn_by", sa.String(length=100), nullable=True),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_issue_waivers_document_id_documents")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issue_waivers")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_issue_waivers_document_id", "issue_waivers", ["document_id"], unique=False
    )


def downgrade() -> None:
    """Take back; what was waived blocks again."""
    op.drop_index("ix_issue_waivers_document_id", table_name="issue_waivers")
    op.drop_table("issue_waivers")
