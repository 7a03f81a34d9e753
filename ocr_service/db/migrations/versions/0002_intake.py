"""Durable intake: arrivals, resumable uploads, kept answers, separators, likenesses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ocr_service.db.types import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("batches", sa.Column("announced", sa.Integer(), nullable=True))
    op.add_column(
        "batches", sa.Column("duplex", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("batches", sa.Column("skip_blanks", sa.Boolean(), nullable=True))
    op.add_column("documents", sa.Column("sheet", sa.Integer(), server_default="1", nullable=False))
    op.execute("UPDATE documents SET sheet = page_index + 1")
    _widen_file_size(sa.BigInteger())
    op.create_table(
        "arrivals",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=True),
        sa.Column("archive_id", sa.Integer(), nullable=True),
        sa.Column("member", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(length=100), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["archive_id"], ["files.id"], name=op.f("fk_arrivals_archive_id")),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_arrivals_batch_id")),
        sa.ForeignKeyConstraint(["file_id"], ["files.id"], name=op.f("fk_arrivals_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_arrivals")),
        sa.UniqueConstraint("archive_id", "member", name=op.f("uq_arrivals_archive_id_member")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_arrivals_batch_id", "arrivals", ["batch_id"], unique=False)
    op.execute(
        "INSERT INTO arrivals (batch_id, name, outcome, file_id, created_at) "
        "SELECT batch_id, name, 'new', id, created_at FROM files ORDER BY id"
    )
    op.create_table(
        "uploads",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column(
            "length", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("created_by", sa.String(length=100), nullable=False),
        sa.Column("correlation", sa.String(length=64), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_uploads_batch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uploads")),
        sa.UniqueConstraint("token", name=op.f("uq_uploads_token")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_uploads_expires_at", "uploads", ["expires_at"], unique=False)
    op.create_table(
        "kept_answers",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("body", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_answers")),
        sa.UniqueConstraint("actor", "key", name=op.f("uq_kept_answers_actor_key")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_kept_answers_created_at", "kept_answers", ["created_at"], unique=False)
    op.create_table(
        "separators",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_separators_batch_id")),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_separators_document_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_separators")),
        sa.UniqueConstraint("document_id", name=op.f("uq_separators_document_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "likenesses",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("template", sa.String(length=100), nullable=False),
        sa.Column("look", sa.String(length=256), nullable=True),
        sa.Column("record_key", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_likenesses_document_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_likenesses")),
        sa.UniqueConstraint("document_id", name=op.f("uq_likenesses_document_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_likenesses_record_key", "likenesses", ["record_key"], unique=False)
    op.create_index(
        "ix_likenesses_template_document_id",
        "likenesses",
        ["template", "document_id"],
        unique=False,
    )


def downgrade() -> None:
    """Take back."""
    for table in ("likenesses", "separators", "kept_answers", "uploads", "arrivals"):
        op.drop_table(table)
    _widen_file_size(sa.Integer())
    op.drop_column("documents", "sheet")
    for column in ("skip_blanks", "duplex", "announced"):
        op.drop_column("batches", column)


def _widen_file_size(kind: sa.types.TypeEngine[int]) -> None:
    # SQLite's INTEGER has 64 bits anyway.
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("files", "size", type_=kind, existing_nullable=False)
