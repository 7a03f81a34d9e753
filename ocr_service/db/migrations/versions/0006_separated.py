"""Whether a batch has separator sheets, where every page asks for it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column(
        "batches", sa.Column("separated", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.execute(
        "UPDATE batches SET separated = true WHERE id IN ("
        "SELECT files.batch_id FROM separators "
        "JOIN documents ON documents.id = separators.document_id "
        "JOIN files ON files.id = documents.file_id)"
    )


def downgrade() -> None:
    """Take back."""
    op.drop_column("batches", "separated")
