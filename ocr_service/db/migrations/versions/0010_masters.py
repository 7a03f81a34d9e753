"""Masters: imports, their rows, and what a record is found again by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ocr_service.db.types import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "master_imports",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("blob_sha256", sa.String(length=64), nullable=True),
        sa.Column("encoding", sa.String(length=20), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("ended", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column("key_print", sa.String(length=16), nullable=True),
        sa.Column("created_by", sa.String(length=100), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("applied_at", UtcDateTime(), nullable=True),
        sa.Column("undone_by", sa.String(length=100), nullable=True),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_master_imports")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_master_imports_kind_state", "master_imports", ["kind", "state"], unique=False
    )
    op.create_table(
        "master_rows",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("found_by", sa.String(length=200), nullable=True),
        sa.Column("also_found_by", sa.String(length=200), nullable=True),
        sa.Column("scope", sa.String(length=200), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("cells", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["ended_by"], ["master_imports.id"], name=op.f("fk_master_rows_ended_by")
        ),
        sa.ForeignKeyConstraint(
            ["import_id"], ["master_imports.id"], name=op.f("fk_master_rows_import_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_master_rows")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_master_rows_ended_by", "master_rows", ["ended_by"], unique=False)
    op.create_index("ix_master_rows_import_id", "master_rows", ["import_id"], unique=False)
    op.create_index(
        "ix_master_rows_kind_also_found_by", "master_rows", ["kind", "also_found_by"], unique=False
    )
    op.create_index(
        "ix_master_rows_kind_found_by", "master_rows", ["kind", "found_by"], unique=False
    )
    op.create_index("ix_master_rows_kind_scope", "master_rows", ["kind", "scope"], unique=False)
    op.create_index(
        "uq_master_rows_live_kind_key",
        "master_rows",
        ["kind", "key"],
        unique=True,
        sqlite_where=sa.text("ended_by IS NULL"),
        postgresql_where=sa.text("ended_by IS NULL"),
    )
    op.create_table(
        "record_facts",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("voucher", sa.String(length=64), nullable=True),
        sa.Column("person", sa.String(length=64), nullable=True),
        sa.Column("vaccinated_on", sa.Date(), nullable=True),
        sa.Column("product", sa.String(length=200), nullable=True),
        sa.Column("lot", sa.String(length=40), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("institution", sa.String(length=10), nullable=True),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["documents.id"],
            name=op.f("fk_record_facts_document_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_facts")),
        sa.UniqueConstraint("document_id", name=op.f("uq_record_facts_document_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_record_facts_institution", "record_facts", ["institution"], unique=False)
    op.create_index("ix_record_facts_person", "record_facts", ["person"], unique=False)
    op.create_index("ix_record_facts_voucher", "record_facts", ["voucher"], unique=False)


def downgrade() -> None:
    """Take back. What was imported goes; the operator has the files."""
    op.drop_index("ix_record_facts_voucher", table_name="record_facts")
    op.drop_index("ix_record_facts_person", table_name="record_facts")
    op.drop_index("ix_record_facts_institution", table_name="record_facts")
    op.drop_table("record_facts")
    op.drop_index(
        "uq_master_rows_live_kind_key",
        table_name="master_rows",
        sqlite_where=sa.text("ended_by IS NULL"),
        postgresql_where=sa.text("ended_by IS NULL"),
    )
    op.drop_index("ix_master_rows_kind_scope", table_name="master_rows")
    op.drop_index("ix_master_rows_kind_found_by", table_name="master_rows")
    op.drop_index("ix_master_rows_kind_also_found_by", table_name="master_rows")
    op.drop_index("ix_master_rows_import_id", table_name="master_rows")
    op.drop_index("ix_master_rows_ended_by", table_name="master_rows")
    op.drop_table("master_rows")
    op.drop_index("ix_master_imports_kind_state", table_name="master_imports")
    op.drop_table("master_imports")
