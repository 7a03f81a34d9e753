"""Starts, watches and kills the real worker processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from ocr_service.bootstrap import Services
from ocr_service.db.jobs import jobs
from ocr_service.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


def start_process(
    module: list[str], settings: Settings, extra: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """A Python process of ours that leads a group of its own."""
    own = {**settings.as_environment(), "OMP_NUM_THREADS": "1", **(extra or {})}
    return start_with([sys.executable, "-m", *module], {**os.environ, **own})


def start_with(command: list[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """A process that leads a group of its own."""
    return subprocess.Popen(command, cwd=ROOT, env=dict(environment), start_new_session=True)


@contextmanager
def workers(
    settings: Settings, *, module: str = "workers", extra: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """One group of worker processes, gone afterwards."""
    process = start_process([module], settings, extra)
    try:
        yield process
    finally:
        kill_group(process)


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """``kill -9`` for the leader and everything it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def kill_one_at_work(services: Services) -> int:
    """``kill -9`` for a process that holds a lease; its id."""
    found: list[int] = []

    def somebody_works() -> bool:
        with services.db.reading() as uow:
            found.extend(int(name.rpartition(":")[2]) for name in jobs.holders(uow))
        return bool(found)

    wait_until(somebody_works)
    os.kill(found[0], signal.SIGKILL)
    return found[0]


def wait_until(true: Callable[[], bool], *, seconds: float = 120.0) -> None:
    """Look again and again.

    Raises:
        AssertionError: it did not come true in time.
    """
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.02)
