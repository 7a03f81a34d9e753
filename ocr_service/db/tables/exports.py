"""Tables of what left the house: exports, their files and documents, and layouts of our own."""

from __future__ import annotations

import sqlalchemy as sa

from ocr_service.db.tables.base import byte_count, id_column, metadata, moment, reference

exports = sa.Table(
    "exports",
    metadata,
    id_column(),
    # null: documents of several batches
    reference("batch_id", "batches.id", null=True),
    sa.Column("profile", sa.String(50), nullable=False),
    sa.Column("profile_version", sa.String(40), nullable=False, server_default="1"),
    sa.Column("profile_sha256", sa.String(64), nullable=True),
    # the download: the file itself, or a ZIP of all files
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("media_type", sa.String(100), nullable=False),
    sa.Column("name", sa.String(255), nullable=True),
    byte_count("size", default="0"),
    sa.Column("rows", sa.Integer, nullable=False),
    sa.Column("documents", sa.Integer, nullable=False, server_default="0"),
    sa.Column("held", sa.Integer, nullable=False, server_default="0"),
    sa.Column("amends", sa.Boolean, nullable=False),
    sa.Column("manifest_sha256", sa.String(64), nullable=True),
    sa.Column("selection", sa.JSON(none_as_null=True), nullable=True),
    # the newest reading there was: what a document said when it went out is a query
    sa.Column("readings_until", sa.Integer, nullable=False, server_default="0"),
    sa.Column("created_by", sa.String(100), nullable=False),
    moment("created_at"),
    sqlite_autoincrement=True,
)

export_items = sa.Table(
    "export_items",
    metadata,
    id_column(),
    reference("export_id", "exports.id"),
    reference("document_id", "documents.id"),
    sa.Column("profile", sa.String(50), nullable=False),
    # false once the document was reopened: the next export of it is an amendment
    sa.Column("live", sa.Boolean, nullable=False),
    # of the document, as it was read for this export
    sa.Column("version", sa.Integer, nullable=False, server_default="0"),
    sa.Column("template", sa.String(100), nullable=True),
    sa.Column("template_version", sa.String(100), nullable=True),
    # new, correct, cancel
    sa.Column("change", sa.String(10), nullable=False, server_default="new"),
    sa.Index(
        "uq_export_items_live_document_id_profile",
        "document_id",
        "profile",
        unique=True,
        sqlite_where=sa.text("live"),
        postgresql_where=sa.text("live"),
    ),
    sa.Index("ix_export_items_export_id", "export_id"),
    sa.Index("ix_export_items_document_id_profile", "document_id", "profile"),
    sqlite_autoincrement=True,
)

export_files = sa.Table(
    "export_files",
    metadata,
    id_column(),
    reference("export_id", "exports.id"),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("name", sa.String(255), nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    byte_count("size"),
    sa.Column("rows", sa.Integer, nullable=False),
    sa.UniqueConstraint("export_id", "position"),
    sa.Index("ix_export_files_sha256", "sha256"),
    sqlite_autoincrement=True,
)

# Layouts saved on their page; a version once there never changes, it can only be withdrawn.
export_profiles = sa.Table(
    "export_profiles",
    metadata,
    id_column(),
    sa.Column("name", sa.String(50), nullable=False),
    sa.Column("version", sa.String(40), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("created_by", sa.String(100), nullable=False),
    moment("created_at"),
    moment("withdrawn_at", null=True),
    sa.UniqueConstraint("name", "version"),
    sqlite_autoincrement=True,
)

__all__ = ["export_files", "export_items", "export_profiles", "exports"]
