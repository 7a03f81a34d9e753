"""Engines for SQLite (one machine) and PostgreSQL (several)."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa

READ_ONLY = "ocr_read_only"
"""Execution option: begin without asking for the write lock."""

RELAXED = "ocr_relaxed"
"""Execution option: a power failure may undo this transaction, though never half of it.

For claims of work: whoever held it is gone then too. Waiting for the disk at each costs more than
all the rest of the queue."""

_BUSY_TIMEOUT_S = 30.0
_WAL_RETRY_S = 0.05


def make_engine(url: str) -> sa.Engine:
    """An engine with the pragmas and pool this service relies on.

    Args:
        url: ``sqlite:///path`` or ``postgresql://…`` (psycopg 3 is used for the latter).

    Raises:
        ValueError: another kind of database.
    """
    parsed = sa.make_url(url)
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        return _sqlite(parsed)
    if backend == "postgresql":
        engine = sa.create_engine(
            parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True, pool_size=10
        )
        sa.event.listen(engine, "begin", _begin_postgres)
        return engine
    raise ValueError(f"only sqlite and postgresql are supported, not {backend}")


def _sqlite(url: sa.URL) -> sa.Engine:
    if not url.database or url.database == ":memory:":
        raise ValueError("several processes share the database, so it must be a file")
    Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(url, connect_args={"timeout": _BUSY_TIMEOUT_S}, pool_size=10)
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver's own idea of when a transaction starts would turn a read into a write halfway
    # (SQLITE_BUSY without waiting); _begin_sqlite says it instead.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys=ON")
    _switch_to_wal(connection)


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    # Two processes that create the file at once: the switch does not wait for the lock itself.
    deadline = time.monotonic() + _BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(_WAL_RETRY_S)
        else:
            return


def _begin_sqlite(connection: sa.Connection) -> None:
    options = connection.get_execution_options()
    read_only = options.get(READ_ONLY, False)
    sync = "NORMAL" if options.get(RELAXED, False) else "FULL"
    connection.exec_driver_sql(f"PRAGMA synchronous={sync}")
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def _begin_postgres(connection: sa.Connection) -> None:
    if connection.get_execution_options().get(RELAXED, False):
        connection.exec_driver_sql("SET LOCAL synchronous_commit TO off")


__all__ = ["READ_ONLY", "RELAXED", "make_engine"]
