"""What every table is made of: one collection of names, one kind of key, one kind of moment."""

from __future__ import annotations

import sqlalchemy as sa

from ocr_service.db.types import UtcDateTime

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def id_column() -> sa.Column[int]:
    """The key of a table: whole numbers in order of creation."""
    return sa.Column("id", sa.Integer, primary_key=True, autoincrement=True)


def reference(name: str, target: str, *, null: bool = False) -> sa.Column[int]:
    """A column that names a row of another table."""
    return sa.Column(name, sa.Integer, sa.ForeignKey(target), nullable=null)


def moment(name: str, *, null: bool = False) -> sa.Column[object]:
    """A column for a moment."""
    return sa.Column(name, UtcDateTime, nullable=null)


def byte_count(name: str, *, default: str | None = None) -> sa.Column[int]:
    """A column for a size in bytes; archives exceed what a 32-bit number holds."""
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column(name, kind, nullable=False, server_default=default)


__all__ = ["byte_count", "id_column", "metadata", "moment", "reference"]
