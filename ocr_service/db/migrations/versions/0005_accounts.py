"""Several roles a user, passwords, guesses, scopes of tokens, idle sessions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ocr_service.db.types import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# A clerk took in, reviewed, approved and exported; nobody loses what he could do.
_ROLES = {
    "admin": '["admin"]',
    "clerk": '["scanner", "reviewer", "approver", "exporter"]',
    "scanner": '["scanner"]',
}


def upgrade() -> None:
    """Apply."""
    op.add_column("users", sa.Column("roles", sa.JSON(), nullable=False, server_default="[]"))
    for role, roles in _ROLES.items():
        op.execute(f"UPDATE users SET roles = '{roles}' WHERE role = '{role}'")
    op.drop_column("users", "role")
    op.add_column("tokens", sa.Column("scopes", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("tokens", sa.Column("seen_at", UtcDateTime(), nullable=True))
    op.create_table(
        "passwords",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(200), nullable=False),
        sa.Column("set_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_passwords_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passwords")),
        sa.UniqueConstraint("user_id", name=op.f("uq_passwords_user_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "guesses",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.Column("blocked_until", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guesses")),
        sa.UniqueConstraint("subject", name=op.f("uq_guesses_subject")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Take back. Passwords are lost; links that work once let everybody in again."""
    op.drop_table("guesses")
    op.drop_table("passwords")
    op.drop_column("tokens", "seen_at")
    op.drop_column("tokens", "scopes")
    op.add_column(
        "users", sa.Column("role", sa.String(20), nullable=False, server_default="scanner")
    )
    # Text of the JSON list: the older schema knows three roles, the strongest that fits is taken.
    for role, sign in (("clerk", "reviewer"), ("clerk", "exporter"), ("admin", "admin")):
        op.execute(
            f"UPDATE users SET role = '{role}' WHERE CAST(roles AS TEXT) LIKE '%\"{sign}\"%'"
        )
    op.drop_column("users", "roles")
