"""Tables of claims: what was billed, fixed when it was, and what became of it."""

from __future__ import annotations

import sqlalchemy as sa

from ocr_service.db.tables.base import byte_count, id_column, metadata, moment, reference

claims = sa.Table(
    "claims",
    metadata,
    id_column(),
    sa.Column("month", sa.String(7), nullable=False),
    # the last day of vaccination that it covers
    sa.Column("until_day", sa.Date, nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    # which documents were looked at: batch, template, institution
    sa.Column("selection", sa.JSON, nullable=False),
    # sha256 of the price tables by key
    sa.Column("prices", sa.JSON, nullable=False),
    # how many documents were held, by reason
    sa.Column("held", sa.JSON, nullable=False),
    # signed sums of its lines; more yen than a 32-bit number holds
    sa.Column("forms", sa.Integer, nullable=False),
    byte_count("net"),
    byte_count("gross"),
    byte_count("self_payment"),
    byte_count("total"),
    # the package in the blob store, once issued
    sa.Column("archive_sha256", sa.String(64), nullable=True),
    sa.Column("created_by", sa.String(100), nullable=False),
    moment("created_at"),
    sa.Column("issued_by", sa.String(100), nullable=True),
    moment("issued_at", null=True),
    moment("cancelled_at", null=True),
    sa.Index("ix_claims_state", "state"),
    sqlite_autoincrement=True,
)

claim_sheets = sa.Table(
    "claim_sheets",
    metadata,
    id_column(),
    reference("claim_id", "claims.id"),
    sa.Column("municipality", sa.String(6), nullable=False),
    sa.Column("route", sa.String(10), nullable=False),
    sa.Column("forms", sa.Integer, nullable=False),
    sa.Column("shots", sa.Integer, nullable=False),
    sa.Column("interviews", sa.Integer, nullable=False),
    byte_count("net"),
    byte_count("gross"),
    byte_count("self_payment"),
    byte_count("total"),
    sa.UniqueConstraint("claim_id", "municipality", "route"),
    sqlite_autoincrement=True,
)

claim_lines = sa.Table(
    "claim_lines",
    metadata,
    id_column(),
    reference("claim_id", "claims.id"),
    sa.Column("number", sa.Integer, nullable=False),
    reference("document_id", "documents.id"),
    # the version that was billed, and the newest one known to cost the same
    sa.Column("document_version", sa.Integer, nullable=False),
    sa.Column("checked_version", sa.Integer, nullable=False),
    sa.Column("role", sa.String(10), nullable=False),
    # this line charges its document now: no other may
    sa.Column("live", sa.Boolean, nullable=False),
    # false once its claim was cancelled as a draft
    sa.Column("stands", sa.Boolean, nullable=False),
    # the line that is taken back, corrected or entered again
    reference("original_id", "claim_lines.id", null=True),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("bill", sa.JSON, nullable=False),
    sa.Column("institution", sa.String(10), nullable=False),
    sa.Column("municipality", sa.String(6), nullable=False),
    # yen, negative for a reversal
    sa.Column("total", sa.Integer, nullable=False),
    moment("returned_at", null=True),
    sa.Column("returned_by", sa.String(100), nullable=True),
    sa.Column("returned_reason", sa.String(200), nullable=True),
    sa.UniqueConstraint("claim_id", "number"),
    sa.Index(
        "uq_claim_lines_live_document_id",
        "document_id",
        unique=True,
        sqlite_where=sa.text("live"),
        postgresql_where=sa.text("live"),
    ),
    sa.Index(
        "uq_claim_lines_reversed_original_id",
        "original_id",
        unique=True,
        sqlite_where=sa.text("stands AND role = 'reversal'"),
        postgresql_where=sa.text("stands AND role = 'reversal'"),
    ),
    sa.Index("ix_claim_lines_document_id", "document_id"),
    sqlite_autoincrement=True,
)

__all__ = ["claim_lines", "claim_sheets", "claims"]
