"""By what, and on which day, the rules judged each record."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("record_facts") as table:
        table.add_column(sa.Column("judged_by", sa.String(64), nullable=True))
        table.add_column(sa.Column("judged_on", sa.Date(), nullable=True))


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("record_facts") as table:
        table.drop_column("judged_on")
        table.drop_column("judged_by")
