"""Brings a database to the newest schema; safe when several processes start at once."""

from __future__ import annotations

from importlib import resources

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

_LOCK_KEY = 7_021_945_310
"""Of PostgreSQL's advisory lock: any number that nothing else uses."""


def upgrade(engine: sa.Engine) -> None:
    """Apply every migration that is missing, in one transaction.

    A second process waits for the first and then finds nothing to do: on SQLite by the write
    lock that every transaction of ours takes, on PostgreSQL by an advisory lock.
    """
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK_KEY)))
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def is_current(engine: sa.Engine) -> bool:
    """Whether the schema is the newest one."""
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    return found == ScriptDirectory.from_config(alembic_config()).get_current_head()


def alembic_config() -> Config:
    """Where Alembic finds the migrations."""
    config = Config()
    folder = resources.files("ocr_service.db") / "migrations"
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


__all__ = ["alembic_config", "is_current", "upgrade"]
