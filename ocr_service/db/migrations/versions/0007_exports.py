"""Exports over several batches, their files, what each document was when it went out; layouts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ocr_service.db.types import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def _big() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _exports(*, several: bool) -> None:
    more = [
        sa.Column("profile_version", sa.String(length=40), server_default="1", nullable=False),
        sa.Column("profile_sha256", sa.String(length=64), nullable=True),
        sa.Column("name", sa.String(length=255), nullable=True),
        sa.Column("size", _big(), server_default="0", nullable=False),
        sa.Column("documents", sa.Integer(), server_default="0", nullable=False),
        sa.Column("held", sa.Integer(), server_default="0", nullable=False),
        sa.Column("manifest_sha256", sa.String(length=64), nullable=True),
        sa.Column("selection", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("readings_until", sa.Integer(), server_default="0", nullable=False),
    ]
    op.create_table(
        "exports",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=several),
        sa.Column("profile", sa.String(length=50), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=100 if several else 60), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("amends", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.String(length=100), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        *(more if several else ()),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_exports_batch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exports")),
        sqlite_autoincrement=True,
    )


def _export_items(*, several: bool) -> None:
    more = [
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("template", sa.String(length=100), nullable=True),
        sa.Column("template_version", sa.String(length=100), nullable=True),
        sa.Column("change", sa.String(length=10), server_default="new", nullable=False),
    ]
    op.create_table(
        "export_items",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("export_id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("profile", sa.String(length=50), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        *(more if several else ()),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_export_items_document_id")
        ),
        sa.ForeignKeyConstraint(
            ["export_id"], ["exports.id"], name=op.f("fk_export_items_export_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_items")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_export_items_export_id", "export_items", ["export_id"], unique=False)
    op.create_index(
        "uq_export_items_live_document_id_profile",
        "export_items",
        ["document_id", "profile"],
        unique=True,
        sqlite_where=sa.text("live"),
        postgresql_where=sa.text("live"),
    )


def _rebuild(*, several: bool) -> None:
    # SQLite cannot let a column be null afterwards, and a table that others name cannot be
    # replaced: so the rows step aside and both tables are made anew, on PostgreSQL as well.
    for name in ("export_items", "exports"):
        op.execute(f"CREATE TABLE {name}_before AS SELECT * FROM {name}")
        op.drop_table(name)
    _exports(several=several)
    _export_items(several=several)
    own = "id, batch_id, profile, sha256, media_type, rows, amends, created_by, created_at"
    only = "" if several else " WHERE batch_id IS NOT NULL"
    taken = own if several else own.replace("media_type", "substr(media_type, 1, 60)")
    op.execute(f"INSERT INTO exports ({own}) SELECT {taken} FROM exports_before{only}")
    own = "id, export_id, document_id, profile, live"
    only = "" if several else " WHERE export_id IN (SELECT id FROM exports)"
    op.execute(f"INSERT INTO export_items ({own}) SELECT {own} FROM export_items_before{only}")
    for name in ("export_items", "exports"):
        op.drop_table(f"{name}_before")
    if op.get_bind().dialect.name == "postgresql":
        for name in ("export_items", "exports"):
            op.execute(
                f"SELECT setval(pg_get_serial_sequence('{name}', 'id'),"
                f" COALESCE((SELECT max(id) FROM {name}), 0) + 1, false)"
            )


def upgrade() -> None:
    """Apply."""
    _rebuild(several=True)
    op.create_index(
        "ix_export_items_document_id_profile",
        "export_items",
        ["document_id", "profile"],
        unique=False,
    )
    op.create_table(
        "export_files",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("export_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", _big(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["export_id"], ["exports.id"], name=op.f("fk_export_files_export_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_files")),
        sa.UniqueConstraint(
            "export_id", "position", name=op.f("uq_export_files_export_id_position")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_export_files_sha256", "export_files", ["sha256"], unique=False)
    op.create_table(
        "export_profiles",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("created_by", sa.String(length=100), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_profiles")),
        sa.UniqueConstraint("name", "version", name=op.f("uq_export_profiles_name_version")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Take back. Exports over several batches are lost with what they say was sent."""
    op.drop_table("export_profiles")
    op.drop_table("export_files")
    op.drop_index("ix_export_items_document_id_profile", table_name="export_items")
    _rebuild(several=False)
