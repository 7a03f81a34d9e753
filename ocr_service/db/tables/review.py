"""Tables of the review: effort, drafts, what was put off, how pages lie, what is scanned again."""

from __future__ import annotations

import sqlalchemy as sa

from ocr_service.db.tables.base import id_column, metadata, moment, reference

# What one step of a review took. For figures of a team; reports name nobody.
review_actions = sa.Table(
    "review_actions",
    metadata,
    id_column(),
    reference("document_id", "documents.id"),
    # null for steps about a whole page
    sa.Column("key", sa.String(100), nullable=True),
    sa.Column("action", sa.String(20), nullable=False),
    sa.Column("ms", sa.Integer, nullable=False),
    sa.Column("keystrokes", sa.Integer, nullable=False),
    # the value differs from the one that was in force
    sa.Column("corrected", sa.Boolean, nullable=False),
    sa.Column("actor", sa.String(100), nullable=False),
    moment("created_at"),
    sa.Index("ix_review_actions_document_id", "document_id"),
    sa.Index("ix_review_actions_created_at", "created_at"),
    sqlite_autoincrement=True,
)

# What somebody typed and has not confirmed yet. Goes when the field is answered.
drafts = sa.Table(
    "drafts",
    metadata,
    id_column(),
    reference("document_id", "documents.id"),
    sa.Column("actor", sa.String(100), nullable=False),
    sa.Column("key", sa.String(100), nullable=False),
    sa.Column("value", sa.JSON, nullable=False),
    moment("updated_at"),
    sa.UniqueConstraint("document_id", "actor", "key"),
    sqlite_autoincrement=True,
)

# Fields, or whole documents, that were put off; they come behind all others.
postponements = sa.Table(
    "postponements",
    metadata,
    id_column(),
    reference("document_id", "documents.id"),
    # "" for the whole document: a null would not be unique
    sa.Column("key", sa.String(100), nullable=False),
    sa.Column("actor", sa.String(100), nullable=False),
    moment("created_at"),
    sa.UniqueConstraint("document_id", "key"),
    sqlite_autoincrement=True,
)

# How a person says that a scan lies; the next reading keeps to it.
page_hints = sa.Table(
    "page_hints",
    metadata,
    id_column(),
    sa.Column(
        "document_id", sa.Integer, sa.ForeignKey("documents.id"), nullable=False, unique=True
    ),
    # clockwise quarter turns that make the scan upright, 0 to 3
    sa.Column("turns", sa.Integer, nullable=False),
    # [[x, y] x 4] of the paper's corners on the scan as it came, 0 to 1; null = find them
    sa.Column("corners", sa.JSON(none_as_null=True), nullable=True),
    sa.Column("actor", sa.String(100), nullable=False),
    moment("created_at"),
    sqlite_autoincrement=True,
)

# Sheets that the scanner operator is asked to scan again.
rescans = sa.Table(
    "rescans",
    metadata,
    id_column(),
    sa.Column(
        "document_id", sa.Integer, sa.ForeignKey("documents.id"), nullable=False, unique=True
    ),
    sa.Column("reason", sa.String(200), nullable=False),
    sa.Column("actor", sa.String(100), nullable=False),
    moment("created_at"),
    moment("done_at", null=True),
    sqlite_autoincrement=True,
)

__all__ = ["drafts", "page_hints", "postponements", "rescans", "review_actions"]
