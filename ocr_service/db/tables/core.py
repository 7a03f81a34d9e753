"""Tables that all others refer to: users, batches, files, documents, jobs, readings."""

from __future__ import annotations

import sqlalchemy as sa

from ocr_service.db.tables.base import byte_count, metadata
from ocr_service.db.tables.base import id_column as _id
from ocr_service.db.tables.base import moment as _moment
from ocr_service.db.tables.base import reference as _ref

users = sa.Table(
    "users",
    metadata,
    _id(),
    sa.Column("name", sa.String(100), nullable=False, unique=True),
    # a list of roles: small offices give several to one person
    sa.Column("roles", sa.JSON, nullable=False, server_default="[]"),
    _moment("created_at"),
    _moment("disabled_at", null=True),
    sqlite_autoincrement=True,
)

# API tokens, one-time login links and browser sessions: all are a secret of which only the
# hash is kept, told apart by `kind`.
tokens = sa.Table(
    "tokens",
    metadata,
    _id(),
    _ref("user_id", "users.id"),
    sa.Column("kind", sa.String(10), nullable=False),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False, unique=True),
    _moment("created_at"),
    _moment("expires_at", null=True),
    _moment("used_at", null=True),
    _moment("revoked_at", null=True),
    # rights an API token is bounded to; null = all that its user has
    sa.Column("scopes", sa.JSON(none_as_null=True), nullable=True),
    # when a session was last used, to the minute
    _moment("seen_at", null=True),
    sqlite_autoincrement=True,
)

batches = sa.Table(
    "batches",
    metadata,
    _id(),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("template", sa.String(200), nullable=True),
    sa.Column("created_by", sa.String(100), nullable=False),
    _moment("created_at"),
    # sheets that the operator says there are; null = not counted
    sa.Column("announced", sa.Integer, nullable=True),
    sa.Column("duplex", sa.Boolean, nullable=False, server_default=sa.false()),
    # null = blank pages are put away in files of several pages only
    sa.Column("skip_blanks", sa.Boolean, nullable=True),
    # whether its jobs may be taken: running, paused, cancelled
    sa.Column("flow", sa.String(10), nullable=False, server_default="running"),
    # what ties the sides of a form together: code, order, off
    sa.Column("pair_by", sa.String(10), nullable=False, server_default="code"),
    # whether a separator sheet was found among the files sent to it; a copy, asked for every page
    sa.Column("separated", sa.Boolean, nullable=False, server_default=sa.false()),
    # fewest people who key each field: 1 = as the form says
    sa.Column("entry", sa.Integer, nullable=False, server_default="1"),
    # 0 = before all others, 1 = as it comes, 2 = when nothing else waits
    sa.Column("priority", sa.Integer, nullable=False, server_default="1"),
    sqlite_autoincrement=True,
)

files = sa.Table(
    "files",
    metadata,
    _id(),
    _ref("batch_id", "batches.id"),
    sa.Column("name", sa.String(255), nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    byte_count("size"),
    sa.Column("media_type", sa.String(40), nullable=False),
    sa.Column("pages", sa.Integer, nullable=True),
    # false once all its documents are discarded: the same bytes may then come again
    sa.Column("live", sa.Boolean, nullable=False),
    _moment("created_at"),
    sa.Index(
        "uq_files_live_sha256",
        "sha256",
        unique=True,
        sqlite_where=sa.text("live"),
        postgresql_where=sa.text("live"),
    ),
    sa.Index("ix_files_batch_id", "batch_id"),
    sqlite_autoincrement=True,
)

documents = sa.Table(
    "documents",
    metadata,
    _id(),
    _ref("batch_id", "batches.id"),
    _ref("file_id", "files.id"),
    sa.Column("page_index", sa.Integer, nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("wanted_template", sa.String(200), nullable=True),
    sa.Column("template", sa.String(100), nullable=True),
    sa.Column("template_version", sa.String(100), nullable=True),
    sa.Column("registration", sa.JSON(none_as_null=True), nullable=True),
    sa.Column("failure_code", sa.String(100), nullable=True),
    sa.Column("failure_message", sa.Text, nullable=True),
    sa.Column("failure_nearest", sa.JSON(none_as_null=True), nullable=True),
    sa.Column("view_sha256", sa.String(64), nullable=True),
    sa.Column("view_px_per_mm", sa.Float, nullable=False),
    sa.Column("claimed_by", sa.String(100), nullable=True),
    _moment("claimed_until", null=True),
    _moment("created_at"),
    _moment("updated_at"),
    # 1-based in its file; both sides of a duplex sheet have the same
    sa.Column("sheet", sa.Integer, nullable=False, server_default="1"),
    sa.UniqueConstraint("file_id", "page_index"),
    sa.Index("ix_documents_batch_id_state", "batch_id", "state"),
    sa.Index("ix_documents_state", "state"),
    sqlite_autoincrement=True,
)

jobs = sa.Table(
    "jobs",
    metadata,
    _id(),
    sa.Column("kind", sa.String(10), nullable=False),
    _ref("file_id", "files.id"),
    _ref("document_id", "documents.id"),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    _moment("leased_until", null=True),
    _moment("not_before"),
    sa.Column("worker", sa.String(100), nullable=True),
    sa.Column("error", sa.String(100), nullable=True),
    sa.Column("correlation", sa.String(64), nullable=True),
    _moment("created_at"),
    _moment("rung_at"),
    _moment("finished_at", null=True),
    # as its batch's; a copy, so that the next job is found by one look into an index
    sa.Column("priority", sa.Integer, nullable=False, server_default="1"),
    # attempts that ended because database or store was away: they do not count against the page
    sa.Column("spared", sa.Integer, nullable=False, server_default="0"),
    sa.Index(
        "uq_jobs_live_document_id",
        "document_id",
        unique=True,
        sqlite_where=sa.text("state IN ('queued', 'leased')"),
        postgresql_where=sa.text("state IN ('queued', 'leased')"),
    ),
    sa.Index("ix_jobs_state_priority_id", "state", "priority", "id"),
    sqlite_autoincrement=True,
)

# Append-only: what machine and people said, in one shape. The current value is a query.
readings = sa.Table(
    "readings",
    metadata,
    _id(),
    _ref("document_id", "documents.id"),
    _ref("job_id", "jobs.id", null=True),
    sa.Column("key", sa.String(100), nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("template", sa.String(100), nullable=False),
    sa.Column("template_version", sa.String(100), nullable=False),
    sa.Column("value", sa.JSON, nullable=False),
    sa.Column("raw", sa.Text, nullable=False),
    sa.Column("probability", sa.Float, nullable=False),
    sa.Column("status", sa.String(10), nullable=False),
    sa.Column("alternatives", sa.JSON, nullable=False),
    sa.Column("reader", sa.String(200), nullable=False),
    sa.Column("source", sa.String(10), nullable=False),
    sa.Column("flags", sa.JSON, nullable=False),
    sa.Column("box_mm", sa.JSON, nullable=False),
    sa.Column("actor", sa.String(100), nullable=False),
    _moment("created_at"),
    sa.Index("ix_readings_document_id_key", "document_id", "key"),
    sqlite_autoincrement=True,
)

issues = sa.Table(
    "issues",
    metadata,
    _id(),
    _ref("document_id", "documents.id"),
    sa.Column("rule", sa.String(100), nullable=False),
    sa.Column("severity", sa.String(10), nullable=False),
    sa.Column("fields", sa.JSON, nullable=False),
    sa.Column("message_ja", sa.Text, nullable=False),
    sa.Column("message_en", sa.Text, nullable=False),
    sa.Index("ix_issues_document_id", "document_id"),
    sqlite_autoincrement=True,
)

timings = sa.Table(
    "timings",
    metadata,
    _id(),
    _ref("document_id", "documents.id"),
    _ref("job_id", "jobs.id"),
    sa.Column("stage", sa.String(100), nullable=False),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Index("ix_timings_stage", "stage"),
    sqlite_autoincrement=True,
)

# Append-only, each row hashes the one before.
audit = sa.Table(
    "audit",
    metadata,
    _id(),
    _moment("at"),
    sa.Column("actor", sa.String(100), nullable=False),
    sa.Column("action", sa.String(50), nullable=False),
    sa.Column("subject", sa.String(20), nullable=False),
    sa.Column("subject_id", sa.Integer, nullable=False),
    sa.Column("detail", sa.JSON, nullable=False),
    sa.Column("previous", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False, unique=True),
    sa.Index("ix_audit_subject_subject_id", "subject", "subject_id"),
    sqlite_autoincrement=True,
)

blanks = sa.Table(
    "blanks",
    metadata,
    _id(),
    sa.Column("template", sa.String(100), nullable=False),
    sa.Column("template_version", sa.String(100), nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("name", sa.String(255), nullable=False),
    sa.Column("created_by", sa.String(100), nullable=False),
    _moment("created_at"),
    sa.Index("ix_blanks_template_template_version", "template", "template_version"),
    sqlite_autoincrement=True,
)

# Work done now and then by one process of all, for example looking for orphans.
chores = sa.Table(
    "chores",
    metadata,
    _id(),
    sa.Column("name", sa.String(40), nullable=False, unique=True),
    _moment("due_at"),
    sqlite_autoincrement=True,
)


__all__ = [
    "audit",
    "batches",
    "blanks",
    "chores",
    "documents",
    "files",
    "issues",
    "jobs",
    "readings",
    "timings",
    "tokens",
    "users",
]
