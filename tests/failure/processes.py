"""Starts, watches and kills the real worker processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ocr_service.bootstrap import Services
from ocr_service.db import jobs
from ocr_service.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def workers(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """One group of worker processes, gone afterwards."""
    process = subprocess.Popen(
        [sys.executable, "-m", "workers"],
        cwd=ROOT,
        env={**os.environ, **settings.as_environment(), "OMP_NUM_THREADS": "1"},
        start_new_session=True,
    )
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
