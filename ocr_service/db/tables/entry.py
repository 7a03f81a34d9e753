"""Tables of double entry: fields that several people key, and what each of them keyed."""

from __future__ import annotations

import sqlalchemy as sa

from ocr_service.db.tables.base import id_column, metadata, moment, reference

# One field of one document, to be keyed by several people who see nothing else of it.
chips = sa.Table(
    "chips",
    metadata,
    id_column(),
    reference("document_id", "documents.id"),
    sa.Column("template", sa.String(100), nullable=False),
    sa.Column("template_version", sa.String(100), nullable=False),
    sa.Column("key", sa.String(100), nullable=False),
    # how many people key it: 2 or 3
    sa.Column("people", sa.Integer, nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("claimed_by", sa.String(100), nullable=True),
    moment("claimed_until", null=True),
    moment("created_at"),
    moment("settled_at", null=True),
    sa.UniqueConstraint("document_id", "template", "template_version", "key"),
    sa.Index("ix_chips_state_key_id", "state", "key", "id"),
    sqlite_autoincrement=True,
)

# Append-only. That nobody keys a field twice, and that two never count as the same turn, is a
# matter of the database, not of the code alone.
entries = sa.Table(
    "entries",
    metadata,
    id_column(),
    reference("chip_id", "chips.id"),
    # 1, 2, 3; an approver's decision comes after them
    sa.Column("turn", sa.Integer, nullable=False),
    sa.Column("actor", sa.String(100), nullable=False),
    sa.Column("value", sa.JSON, nullable=False),
    sa.Column("illegible", sa.Boolean, nullable=False),
    sa.Column("decision", sa.Boolean, nullable=False),
    moment("created_at"),
    sa.UniqueConstraint("chip_id", "actor"),
    sa.UniqueConstraint("chip_id", "turn"),
    sqlite_autoincrement=True,
)

__all__ = ["chips", "entries"]
