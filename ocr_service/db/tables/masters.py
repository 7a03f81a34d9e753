"""Tables of masters: what operators imported, and by what a record is found again."""

from __future__ import annotations

import sqlalchemy as sa

from ocr_service.db.tables.base import id_column, metadata, moment, reference

# One row for each file that was looked at; rows of masters say which one brought and which one
# ended them, so that an import can be undone.
master_imports = sa.Table(
    "master_imports",
    metadata,
    id_column(),
    sa.Column("kind", sa.String(20), nullable=False),
    # staged: looked at, waiting for somebody to say yes; applied, undone, dropped
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("file_name", sa.String(255), nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    # the sealed file while it is staged
    sa.Column("blob_sha256", sa.String(64), nullable=True),
    sa.Column("encoding", sa.String(20), nullable=False),
    sa.Column("options", sa.JSON, nullable=False),
    sa.Column("rows", sa.Integer, nullable=False),
    sa.Column("added", sa.Integer, nullable=False),
    sa.Column("changed", sa.Integer, nullable=False),
    sa.Column("unchanged", sa.Integer, nullable=False),
    sa.Column("ended", sa.Integer, nullable=False),
    sa.Column("rejected", sa.Integer, nullable=False),
    # line, column, code of the first problems; never a cell
    sa.Column("problems", sa.JSON, nullable=False),
    # the seal that rows about citizens were made with
    sa.Column("key_print", sa.String(16), nullable=True),
    sa.Column("created_by", sa.String(100), nullable=False),
    moment("created_at"),
    moment("applied_at", null=True),
    sa.Column("undone_by", sa.String(100), nullable=True),
    moment("undone_at", null=True),
    sa.Index("ix_master_imports_kind_state", "kind", "state"),
    sqlite_autoincrement=True,
)

# Citizens' rows hold keyed hashes and sealed cells; all others plain text.
master_rows = sa.Table(
    "master_rows",
    metadata,
    id_column(),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("key", sa.String(200), nullable=False),
    sa.Column("found_by", sa.String(200), nullable=True),
    sa.Column("also_found_by", sa.String(200), nullable=True),
    # the part of the master that a whole list replaces, for example a prefecture
    sa.Column("scope", sa.String(200), nullable=False),
    sa.Column("valid_from", sa.Date, nullable=True),
    sa.Column("valid_to", sa.Date, nullable=True),
    sa.Column("cells", sa.JSON(none_as_null=True), nullable=True),
    sa.Column("sealed", sa.LargeBinary, nullable=True),
    # what the row says, hashed, to see whether a later file changes it
    sa.Column("digest", sa.String(64), nullable=False),
    reference("import_id", "master_imports.id"),
    # the import that replaced or ended it; null = in force
    reference("ended_by", "master_imports.id", null=True),
    sa.Index(
        "uq_master_rows_live_kind_key",
        "kind",
        "key",
        unique=True,
        sqlite_where=sa.text("ended_by IS NULL"),
        postgresql_where=sa.text("ended_by IS NULL"),
    ),
    sa.Index("ix_master_rows_kind_found_by", "kind", "found_by"),
    sa.Index("ix_master_rows_kind_also_found_by", "kind", "also_found_by"),
    sa.Index("ix_master_rows_kind_scope", "kind", "scope"),
    sa.Index("ix_master_rows_import_id", "import_id"),
    sa.Index("ix_master_rows_ended_by", "ended_by"),
    sqlite_autoincrement=True,
)

# What a record is about, to find others of the same person or clinic without reading them all.
record_facts = sa.Table(
    "record_facts",
    metadata,
    id_column(),
    sa.Column(
        "document_id",
        sa.Integer,
        sa.ForeignKey("documents.id", ondelete="CASCADE"),
        nullable=False,
        unique=True,
    ),
    # hashes of municipality and voucher, and of name and date of birth; null where not known
    sa.Column("voucher", sa.String(64), nullable=True),
    sa.Column("person", sa.String(64), nullable=True),
    sa.Column("vaccinated_on", sa.Date, nullable=True),
    sa.Column("product", sa.String(200), nullable=True),
    sa.Column("lot", sa.String(40), nullable=True),
    sa.Column("number", sa.Integer, nullable=True),
    sa.Column("institution", sa.String(10), nullable=True),
    # whether the record says that the dose was given: judged fit and agreed to
    sa.Column("given", sa.Boolean, nullable=False),
    # what the rules went by when they judged the record, hashed, and the day in Japan; null where
    # another record of the same voucher or person was judged since
    sa.Column("judged_by", sa.String(64), nullable=True),
    sa.Column("judged_on", sa.Date, nullable=True),
    sa.Index("ix_record_facts_voucher", "voucher"),
    sa.Index("ix_record_facts_person", "person"),
    sa.Index("ix_record_facts_institution", "institution"),
    sqlite_autoincrement=True,
)

__all__ = ["master_imports", "master_rows", "record_facts"]
