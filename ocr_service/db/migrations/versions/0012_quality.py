"""Samples of accepted fields, and the thresholds that they raise."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ocr_service.db.types import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table('quality_plans',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('seed', sa.String(length=64), nullable=False),
    sa.Column('share', sa.Float(), nullable=False),
    sa.Column('actor', sa.String(length=100), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_quality_plans')),
    sqlite_autoincrement=True
    )
    op.create_table('quality_raises',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('accept_at', sa.Float(), nullable=False),
    sa.Column('escaped', sa.Integer(), nullable=False),
    sa.Column('judged', sa.Integer(), nullable=False),
    sa.Column('low', sa.Float(), nullable=False),
    sa.Column('promise', sa.Float(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('applied_at', UtcDateTime(), nullable=True),
    sa.Column('undone_at', UtcDateTime(), nullable=True),
    sa.Column('undone_by', sa.String(length=100), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_quality_raises')),
    sqlite_autoincrement=True
    )
    op.create_table('quality_populations',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('batch_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('band', sa.Integer(), nullable=False),
    sa.Column('fields', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['batch_id'], ['batches.id'], name=op.f('fk_quality_populations_batch_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_quality_populations')),
    sa.UniqueConstraint('batch_id', 'kind', 'band', name=op.f('uq_quality_populations_batch_id_kind_band')),
    sqlite_autoincrement=True
    )
    op.create_table('quality_frames',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('document_id', sa.Integer(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['document_id'], ['documents.id'], name=op.f('fk_quality_frames_document_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_quality_frames')),
    sa.UniqueConstraint('document_id', name=op.f('uq_quality_frames_document_id')),
    sqlite_autoincrement=True
    )
    op.create_table('quality_samples',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('document_id', sa.Integer(), nullable=False),
    sa.Column('batch_id', sa.Integer(), nullable=False),
    sa.Column('reading_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=100), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('band', sa.Integer(), nullable=False),
    sa.Column('promise', sa.Float(), nullable=False),
    sa.Column('verdict', sa.String(length=10), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('settled_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['batch_id'], ['batches.id'], name=op.f('fk_quality_samples_batch_id')),
    sa.ForeignKeyConstraint(['document_id'], ['documents.id'], name=op.f('fk_quality_samples_document_id')),
    sa.ForeignKeyConstraint(['reading_id'], ['readings.id'], name=op.f('fk_quality_samples_reading_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_quality_samples')),
    sa.UniqueConstraint('reading_id', name=op.f('uq_quality_samples_reading_id')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_quality_samples_kind_band', 'quality_samples', ['kind', 'band'], unique=False)
    op.create_index('ix_quality_samples_verdict', 'quality_samples', ['verdict'], unique=False)
    op.create_table('quality_looks',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('sample_id', sa.Integer(), nullable=False),
    sa.Column('value', sa.JSON(), nullable=False),
    sa.Column('illegible', sa.Boolean(), nullable=False),
    sa.Column('agrees', sa.Boolean(), nullable=False),
    sa.Column('actor', sa.String(length=100), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['sample_id'], ['quality_samples.id'], name=op.f('fk_quality_looks_sample_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_quality_looks')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_quality_looks_sample_id_actor', 'quality_looks', ['sample_id', 'actor'], unique=False)


def downgrade() -> None:
    """Take back. What was sampled is lost, raised thresholds too."""
    op.drop_index('ix_quality_looks_sample_id_actor', table_name='quality_looks')
    op.drop_table('quality_looks')
    op.drop_index('ix_quality_samples_verdict', table_name='quality_samples')
    op.drop_index('ix_quality_samples_kind_band', table_name='quality_samples')
    op.drop_table('quality_samples')
    op.drop_table('quality_frames')
    op.drop_table('quality_populations')
    op.drop_table('quality_raises')
    op.drop_table('quality_plans')
