"""Claims, what others are still to be told, what was done by the clock."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ocr_service.db.types import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table('claims',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('month', sa.String(length=7), nullable=False),
    sa.Column('until_day', sa.Date(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('selection', sa.JSON(), nullable=False),
    sa.Column('prices', sa.JSON(), nullable=False),
    sa.Column('held', sa.JSON(), nullable=False),
    sa.Column('forms', sa.Integer(), nullable=False),
    sa.Column('net', _BIG, nullable=False),
    sa.Column('gross', _BIG, nullable=False),
    sa.Column('self_payment', _BIG, nullable=False),
    sa.Column('total', _BIG, nullable=False),
    sa.Column('archive_sha256', sa.String(length=64), nullable=True),
    sa.Column('created_by', sa.String(length=100), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('issued_by', sa.String(length=100), nullable=True),
    sa.Column('issued_at', UtcDateTime(), nullable=True),
    sa.Column('cancelled_at', UtcDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_claims')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_claims_state', 'claims', ['state'], unique=False)
    op.create_table('outbox',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('event', sa.String(length=60), nullable=False),
    sa.Column('target', sa.String(length=20), nullable=False),
    sa.Column('body', sa.JSON(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('not_before', UtcDateTime(), nullable=False),
    sa.Column('last_error', sa.String(length=200), nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('delivered_at', UtcDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox')),
    sa.UniqueConstraint('event', 'target', name=op.f('uq_outbox_event_target')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_outbox_state_not_before', 'outbox', ['state', 'not_before'], unique=False)
    op.create_table('schedule_runs',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('due_at', UtcDateTime(), nullable=False),
    sa.Column('outcome', sa.String(length=200), nullable=True),
    sa.Column('started_at', UtcDateTime(), nullable=False),
    sa.Column('finished_at', UtcDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_schedule_runs')),
    sa.UniqueConstraint('name', 'due_at', name=op.f('uq_schedule_runs_name_due_at')),
    sqlite_autoincrement=True
    )
    op.create_table('claim_sheets',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('claim_id', sa.Integer(), nullable=False),
    sa.Column('municipality', sa.String(length=6), nullable=False),
    sa.Column('route', sa.String(length=10), nullable=False),
    sa.Column('forms', sa.Integer(), nullable=False),
    sa.Column('shots', sa.Integer(), nullable=False),
    sa.Column('interviews', sa.Integer(), nullable=False),
    sa.Column('net', _BIG, nullable=False),
    sa.Column('gross', _BIG, nullable=False),
    sa.Column('self_payment', _BIG, nullable=False),
    sa.Column('total', _BIG, nullable=False),
    sa.ForeignKeyConstraint(['claim_id'], ['claims.id'], name=op.f('fk_claim_sheets_claim_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_claim_sheets')),
    sa.UniqueConstraint('claim_id', 'municipality', 'route', name=op.f('uq_claim_sheets_claim_id_municipality_route')),
    sqlite_autoincrement=True
    )
    op.create_table('claim_lines',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('claim_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('document_id', sa.Integer(), nullable=False),
    sa.Column('document_version', sa.Integer(), nullable=False),
    sa.Column('checked_version', sa.Integer(), nullable=False),
    sa.Column('role', sa.String(length=10), nullable=False),
    sa.Column('live', sa.Boolean(), nullable=False),
    sa.Column('stands', sa.Boolean(), nullable=False),
    sa.Column('original_id', sa.Integer(), nullable=True),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('bill', sa.JSON(), nullable=False),
    sa.Column('institution', sa.String(length=10), nullable=False),
    sa.Column('municipality', sa.String(length=6), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('returned_at', UtcDateTime(), nullable=True),
    sa.Column('returned_by', sa.String(length=100), nullable=True),
    sa.Column('returned_reason', sa.String(length=200), nullable=True),
    sa.ForeignKeyConstraint(['claim_id'], ['claims.id'], name=op.f('fk_claim_lines_claim_id')),
    sa.ForeignKeyConstraint(['document_id'], ['documents.id'], name=op.f('fk_claim_lines_document_id')),
    sa.ForeignKeyConstraint(['original_id'], ['claim_lines.id'], name=op.f('fk_claim_lines_original_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_claim_lines')),
    sa.UniqueConstraint('claim_id', 'number', name=op.f('uq_claim_lines_claim_id_number')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_claim_lines_document_id', 'claim_lines', ['document_id'], unique=False)
    op.create_index('uq_claim_lines_live_document_id', 'claim_lines', ['document_id'], unique=True, sqlite_where=sa.text('live'), postgresql_where=sa.text('live'))
    op.create_index('uq_claim_lines_reversed_original_id', 'claim_lines', ['original_id'], unique=True, sqlite_where=sa.text("stands AND role = 'reversal'"), postgresql_where=sa.text("stands AND role = 'reversal'"))


def downgrade() -> None:
    """Take back."""
    op.drop_index('uq_claim_lines_reversed_original_id', table_name='claim_lines', sqlite_where=sa.text("stands AND role = 'reversal'"), postgresql_where=sa.text("stands AND role = 'reversal'"))
    op.drop_index('uq_claim_lines_live_document_id', table_name='claim_lines', sqlite_where=sa.text('live'), postgresql_where=sa.text('live'))
    op.drop_index('ix_claim_lines_document_id', table_name='claim_lines')
    op.drop_table('claim_lines')
    op.drop_table('claim_sheets')
    op.drop_table('schedule_runs')
    op.drop_index('ix_outbox_state_not_before', table_name='outbox')
    op.drop_table('outbox')
    op.drop_index('ix_claims_state', table_name='claims')
    op.drop_table('claims')
