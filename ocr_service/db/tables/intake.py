"""Tables of the intake: what arrived, what is still arriving, what was answered."""

from __future__ import annotations

import sqlalchemy as sa

from ocr_service.db.tables.base import byte_count, id_column, metadata, moment, reference

# One row for each file that reached a batch, whatever became of it; receipts are sums over it.
arrivals = sa.Table(
    "arrivals",
    metadata,
    id_column(),
    reference("batch_id", "batches.id"),
    sa.Column("name", sa.String(255), nullable=False),
    sa.Column("outcome", sa.String(10), nullable=False),
    # the file it became, or the one that had the same bytes; null for rejects
    reference("file_id", "files.id", null=True),
    # the archive it lay in, and which of its members it was
    reference("archive_id", "files.id", null=True),
    sa.Column("member", sa.Integer, nullable=True),
    sa.Column("code", sa.String(100), nullable=True),
    sa.Column("message", sa.Text, nullable=True),
    moment("created_at"),
    sa.UniqueConstraint("archive_id", "member"),
    sa.Index("ix_arrivals_batch_id", "batch_id"),
    sqlite_autoincrement=True,
)

# A large file that comes in pieces; its bytes lie beside, in a file named by the token.
uploads = sa.Table(
    "uploads",
    metadata,
    id_column(),
    sa.Column("token", sa.String(32), nullable=False, unique=True),
    reference("batch_id", "batches.id"),
    sa.Column("name", sa.String(255), nullable=False),
    byte_count("length"),
    sa.Column("created_by", sa.String(100), nullable=False),
    sa.Column("correlation", sa.String(64), nullable=True),
    # set once all bytes are there, before they are moved into the store
    sa.Column("sha256", sa.String(64), nullable=True),
    # set once they were judged
    sa.Column("status", sa.Integer, nullable=True),
    sa.Column("answer", sa.JSON(none_as_null=True), nullable=True),
    moment("created_at"),
    moment("expires_at"),
    sa.Index("ix_uploads_expires_at", "expires_at"),
    sqlite_autoincrement=True,
)

# What a request with an Idempotency-Key was answered, so that it can be sent again.
kept_answers = sa.Table(
    "kept_answers",
    metadata,
    id_column(),
    sa.Column("actor", sa.String(100), nullable=False),
    sa.Column("key", sa.String(255), nullable=False),
    sa.Column("fingerprint", sa.String(64), nullable=False),
    sa.Column("status", sa.Integer, nullable=True),
    sa.Column("body", sa.JSON(none_as_null=True), nullable=True),
    moment("created_at"),
    sa.UniqueConstraint("actor", "key"),
    sa.Index("ix_kept_answers_created_at", "created_at"),
    sqlite_autoincrement=True,
)

# A page that was a separator sheet, and the batch that it opened.
separators = sa.Table(
    "separators",
    metadata,
    id_column(),
    sa.Column(
        "document_id", sa.Integer, sa.ForeignKey("documents.id"), nullable=False, unique=True
    ),
    reference("batch_id", "batches.id"),
    sqlite_autoincrement=True,
)

# What a page looks like and whose record it is, to find the same sheet scanned twice.
likenesses = sa.Table(
    "likenesses",
    metadata,
    id_column(),
    sa.Column(
        "document_id", sa.Integer, sa.ForeignKey("documents.id"), nullable=False, unique=True
    ),
    sa.Column("template", sa.String(100), nullable=False),
    # 256 hex digits; null where the page has no view
    sa.Column("look", sa.String(256), nullable=True),
    # the hash of municipality, voucher and dose; null where one of them is not known
    sa.Column("record_key", sa.String(64), nullable=True),
    sa.Index("ix_likenesses_record_key", "record_key"),
    sa.Index("ix_likenesses_template_document_id", "template", "document_id"),
    sqlite_autoincrement=True,
)

# A page of a form with several sides, and what ties it to the others.
sides = sa.Table(
    "sides",
    metadata,
    id_column(),
    sa.Column(
        "document_id", sa.Integer, sa.ForeignKey("documents.id"), nullable=False, unique=True
    ),
    sa.Column("template", sa.String(100), nullable=False),
    # 1-based page of the form, and those that make it whole
    sa.Column("side", sa.Integer, nullable=False),
    sa.Column("needed", sa.JSON, nullable=False),
    # record keys that hold the code; none where the form names none
    sa.Column("keys", sa.JSON, nullable=False),
    # the hash of the code; null where it is not known
    sa.Column("code", sa.String(64), nullable=True),
    # whether it would have passed straight through, had the other sides been there
    sa.Column("held", sa.Boolean, nullable=False),
    # false = its issues are older than the last change of its set
    sa.Column("judged", sa.Boolean, nullable=False),
    sa.Index("ix_sides_code", "code"),
    sa.Index(
        "ix_sides_unjudged",
        "document_id",
        sqlite_where=sa.text("NOT judged"),
        postgresql_where=sa.text("NOT judged"),
    ),
    sqlite_autoincrement=True,
)

__all__ = ["arrivals", "kept_answers", "likenesses", "separators", "sides", "uploads"]
