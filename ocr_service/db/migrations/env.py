"""Runs migrations on the connection that ``ocr_service.db.migrate`` hands over."""

from __future__ import annotations

from alembic import context

from ocr_service.db.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite can roll DDL back as long as nobody commits in between, and nobody does.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
