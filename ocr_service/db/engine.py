"""Engines for SQLite (one machine) and PostgreSQL (several)."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.exc import DisconnectionError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from ocr_service.db.types import json_text

READ_ONLY = "ocr_read_only"
"""Execution option: SQLite begins without asking for the write lock, PostgreSQL not at all.

At PostgreSQL's level of isolation each statement sees the newest state, inside a transaction or
not, so BEGIN and COMMIT would be two more ways to the server and back for nothing."""

RELAXED = "ocr_relaxed"
"""Execution option: a power failure may undo this transaction, though never half of it.

For claims of work: whoever held it is gone then too. Waiting for the disk at each costs more than
all the rest of the queue."""

_BUSY_TIMEOUT_S = 30.0
_WAL_RETRY_S = 0.05

_FOR_CLAIMS = "SET LOCAL synchronous_commit TO off; SET LOCAL enable_bitmapscan TO off"
"""Without fresh statistics the planner collects and sorts the whole queue to find its first job,
eight milliseconds among 3,000, where one look into the index is enough."""

_TRUSTED_FOR_S = 1.0
"""A connection used less long ago is taken without asking whether it still lives."""

_PREPARED = 300
"""Statements that a connection to PostgreSQL keeps prepared: the API has some two hundred."""

_USED_AT = "ocr_used_at"
_SYNCHRONOUS = "ocr_synchronous"


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
        return _postgres(parsed)
    raise ValueError(f"only sqlite and postgresql are supported, not {backend}")


def _sqlite(url: sa.URL) -> sa.Engine:
    if not url.database or url.database == ":memory:":
        raise ValueError("several processes share the database, so it must be a file")
    Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(
        url,
        connect_args={"timeout": _BUSY_TIMEOUT_S},
        pool_size=10,
        json_serializer=json_text,
    )
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
    if options.get(READ_ONLY, False):
        _say(connection, "BEGIN")
        return
    wanted = "NORMAL" if options.get(RELAXED, False) else "FULL"
    if connection.info.get(_SYNCHRONOUS) != wanted:
        _say(connection, f"PRAGMA synchronous={wanted}")
        connection.info[_SYNCHRONOUS] = wanted
    _say(connection, "BEGIN IMMEDIATE")


def _postgres(url: sa.URL) -> sa.Engine:
    parsed = url.set(drivername="postgresql+psycopg")
    engine = sa.create_engine(parsed, pool_size=10, json_serializer=json_text)
    sa.event.listen(engine, "connect", _prepare_postgres)
    sa.event.listen(engine, "checkout", _refuse_dead)
    sa.event.listen(engine, "checkin", _note_use)
    sa.event.listen(engine, "begin", _begin_postgres)
    return engine


def _prepare_postgres(connection: Any, _record: Any) -> None:
    # _begin_postgres says BEGIN and what belongs to it in one message instead of two.
    connection.autocommit = True
    connection.prepared_max = _PREPARED


def _refuse_dead(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
    """Let the pool connect anew where the server was restarted since.

    Asked only of connections that rested, for the question costs as much as a statement.
    """
    if time.monotonic() - record.info.get(_USED_AT, 0.0) < _TRUSTED_FOR_S:
        return
    try:
        connection.execute("SELECT 1", prepare=False)
    except psycopg.Error as error:
        raise DisconnectionError("the server closed the connection") from error


def _note_use(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info[_USED_AT] = time.monotonic()


def _begin_postgres(connection: sa.Connection) -> None:
    options = connection.get_execution_options()
    if options.get(READ_ONLY, False):
        return
    if options.get(RELAXED, False):
        _say(connection, f"BEGIN; {_FOR_CLAIMS}", prepare=False)
    else:
        _say(connection, "BEGIN", prepare=False)


def _say(connection: sa.Connection, statement: str, **how: bool) -> None:
    """Execute by the driver alone: SQLAlchemy's way takes longer than such a statement itself.

    Raises:
        OperationalError: as SQLAlchemy would.
    """
    driver: Any = connection.connection.dbapi_connection
    dbapi: Any = connection.dialect.dbapi
    try:
        driver.execute(statement, **how)
    except dbapi.OperationalError as error:
        is_lost = connection.dialect.is_disconnect(error, driver, None)
        if is_lost:
            connection.invalidate(error)
        raise OperationalError(statement, None, error, connection_invalidated=is_lost) from error


__all__ = ["READ_ONLY", "RELAXED", "make_engine"]
