"""Tables of the samples of accepted fields, and of the thresholds that a broken promise raised."""

from __future__ import annotations

import sqlalchemy as sa

from ocr_service.db.tables.base import id_column, metadata, moment, reference

# Which fields are drawn. One row is in force, the newest; older ones explain older samples.
quality_plans = sa.Table(
    "quality_plans",
    metadata,
    id_column(),
    sa.Column("seed", sa.String(64), nullable=False),
    sa.Column("share", sa.Float, nullable=False),
    sa.Column("actor", sa.String(100), nullable=False),
    moment("created_at"),
    sqlite_autoincrement=True,
)

# Documents whose accepted fields were counted and drawn from, once each.
quality_frames = sa.Table(
    "quality_frames",
    metadata,
    id_column(),
    sa.Column(
        "document_id", sa.Integer, sa.ForeignKey("documents.id"), nullable=False, unique=True
    ),
    moment("created_at"),
    sqlite_autoincrement=True,
)

# How many accepted fields of each kind and band of probability a batch has.
quality_populations = sa.Table(
    "quality_populations",
    metadata,
    id_column(),
    reference("batch_id", "batches.id"),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("band", sa.Integer, nullable=False),
    sa.Column("fields", sa.Integer, nullable=False),
    sa.UniqueConstraint("batch_id", "kind", "band"),
    sqlite_autoincrement=True,
)

quality_samples = sa.Table(
    "quality_samples",
    metadata,
    id_column(),
    reference("document_id", "documents.id"),
    reference("batch_id", "batches.id"),
    # the machine's answer; the value itself stays there
    sa.Column("reading_id", sa.Integer, sa.ForeignKey("readings.id"), nullable=False, unique=True),
    sa.Column("key", sa.String(100), nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("band", sa.Integer, nullable=False),
    # error rate promised for the field when it was drawn
    sa.Column("promise", sa.Float, nullable=False),
    # open, disputed, right, escaped, unclear: follows from the looks
    sa.Column("verdict", sa.String(10), nullable=False),
    moment("created_at"),
    moment("settled_at", null=True),
    sa.Index("ix_quality_samples_verdict", "verdict"),
    sa.Index("ix_quality_samples_kind_band", "kind", "band"),
    sqlite_autoincrement=True,
)

# Append-only: what somebody saw who did not know the machine's value.
quality_looks = sa.Table(
    "quality_looks",
    metadata,
    id_column(),
    reference("sample_id", "quality_samples.id"),
    sa.Column("value", sa.JSON, nullable=False),
    sa.Column("illegible", sa.Boolean, nullable=False),
    sa.Column("agrees", sa.Boolean, nullable=False),
    sa.Column("actor", sa.String(100), nullable=False),
    moment("created_at"),
    sa.Index("ix_quality_looks_sample_id_actor", "sample_id", "actor"),
    sqlite_autoincrement=True,
)

# Smallest probability of a kind that needs no eyes, after its promise was shown to be broken.
quality_raises = sa.Table(
    "quality_raises",
    metadata,
    id_column(),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("accept_at", sa.Float, nullable=False),
    sa.Column("escaped", sa.Integer, nullable=False),
    sa.Column("judged", sa.Integer, nullable=False),
    sa.Column("low", sa.Float, nullable=False),
    sa.Column("promise", sa.Float, nullable=False),
    moment("created_at"),
    # when stored records had followed; null = still to be done
    moment("applied_at", null=True),
    moment("undone_at", null=True),
    sa.Column("undone_by", sa.String(100), nullable=True),
    sqlite_autoincrement=True,
)

__all__ = [
    "quality_frames",
    "quality_looks",
    "quality_plans",
    "quality_populations",
    "quality_raises",
    "quality_samples",
]
