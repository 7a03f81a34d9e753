"""The tables of passwords and of guesses at them."""

from __future__ import annotations

import sqlalchemy as sa

from ocr_service.db.tables.base import id_column as _id
from ocr_service.db.tables.base import metadata
from ocr_service.db.tables.base import moment as _moment
from ocr_service.db.tables.base import reference as _ref

passwords = sa.Table(
    "passwords",
    metadata,
    _id(),
    _ref("user_id", "users.id"),
    # Argon2id with its parameters and salt, in the PHC string format
    sa.Column("hash", sa.String(200), nullable=False),
    _moment("set_at"),
    sa.UniqueConstraint("user_id"),
    sqlite_autoincrement=True,
)

# How often somebody guessed wrong, by account and by address, over all processes. The subject is
# a hash: what is typed as a name may be a password in the wrong box.
guesses = sa.Table(
    "guesses",
    metadata,
    _id(),
    sa.Column("subject", sa.String(80), nullable=False, unique=True),
    sa.Column("failures", sa.Integer, nullable=False),
    _moment("last_at"),
    _moment("blocked_until", null=True),
    sqlite_autoincrement=True,
)

__all__ = ["guesses", "passwords"]
