"""Keeps the workers of this machine running: one Celery process group, started anew if it dies."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import structlog

import workers

_LOOK_EVERY_S = 0.5
_GRACE_S = 10.0
_LONGEST_PAUSE_S = 30.0
_STEADY_S = 60.0

_LOG = structlog.get_logger()


class WorkerSupervisor:
    """Starts the workers, watches them from a thread, and leaves none behind."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = dict(environment)
        self._stop = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)

    def start(self) -> None:
        """Start the workers and the watch."""
        self._process = self._spawn()
        self._thread.start()

    def stop(self) -> None:
        """Let pages in hand finish for a while, then end everything that is left."""
        self._stop.set()
        self._thread.join()
        process = self._process
        if process is None:
            return
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(_GRACE_S)
            except subprocess.TimeoutExpired:
                _LOG.warning("workers.killed", pid=process.pid)
        _end_group(process)

    @property
    def pid(self) -> int | None:
        """The process that leads the workers."""
        return None if self._process is None else self._process.pid

    def _watch(self) -> None:
        pause_s = 1.0
        started = time.monotonic()
        while not self._stop.wait(_LOOK_EVERY_S):
            process = self._process
            if process is None or process.poll() is None:
                continue
            _LOG.error("workers.died", pid=process.pid, exit_code=process.returncode)
            _end_group(process)
            if time.monotonic() - started > _STEADY_S:
                pause_s = 1.0
            if self._stop.wait(pause_s):
                return
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
            started = time.monotonic()
            self._process = self._spawn()

    def _spawn(self) -> subprocess.Popen[bytes]:
        # In a session of its own: Ctrl-C reaches only us, and we can end all of them by one id.
        return subprocess.Popen(
            [sys.executable, "-m", "workers", "--follow-parent"],
            env=self._environment,
            stdout=subprocess.DEVNULL,  # Celery's farewell; our log goes to standard error
            start_new_session=True,
        )


def worker_environment(changes: Mapping[str, str]) -> dict[str, str]:
    """This process's environment with ``changes``, and our packages importable."""
    root = str(Path(str(workers.__file__)).resolve().parents[1])
    paths = [root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return {**os.environ, **changes, "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths))}


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """Kill whatever of the group is left; the leader may be dead while a child reads on."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


__all__ = ["WorkerSupervisor", "worker_environment"]
