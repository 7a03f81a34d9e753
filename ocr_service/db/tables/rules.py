"""Tables of the content check."""

from __future__ import annotations

import sqlalchemy as sa

from ocr_service.db.tables.base import id_column, metadata, moment, reference

# Append-only but for the withdrawal. `reading_ids` names, by record key, the answers that were in
# force: a waiver holds only while the values are the same, and no value is copied here.
issue_waivers = sa.Table(
    "issue_waivers",
    metadata,
    id_column(),
    reference("document_id", "documents.id"),
    sa.Column("rule", sa.String(100), nullable=False),
    sa.Column("fields", sa.JSON, nullable=False),
    sa.Column("reading_ids", sa.JSON, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("actor", sa.String(100), nullable=False),
    moment("created_at"),
    moment("withdrawn_at", null=True),
    sa.Column("withdrawn_by", sa.String(100), nullable=True),
    sa.Index("ix_issue_waivers_document_id", "document_id"),
    sqlite_autoincrement=True,
)

__all__ = ["issue_waivers"]
