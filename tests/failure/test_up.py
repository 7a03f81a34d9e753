"""``ocr-service up``: restarts what dies, and leaves no process behind however it ends."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import psutil
import pytest

from tests.failure.processes import ROOT, wait_until
from tests.service.fakes import jpeg

pytestmark = pytest.mark.slow


@dataclass
class Up:
    """A running ``ocr-service up``.

    Attributes:
        process: the command.
        client: a browser that is logged in.
    """

    process: subprocess.Popen[str]
    client: httpx2.Client

    def family(self) -> list[psutil.Process]:
        """The command and everything it started."""
        own = psutil.Process(self.process.pid)
        return [own, *own.children(recursive=True)]

    def leader(self) -> int | None:
        """The process that leads the workers, if it is up."""
        children = psutil.Process(self.process.pid).children()
        return children[0].pid if children else None


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    """The command with the quick reader, and a logged-in browser."""
    command = [sys.executable, "-m", "ocr_service.cli", "up", "--port", "0"]
    changes = {"OCR_READER": "null", "OCR_SWEEP_SECONDS": "0.5", "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [*command, "--data", str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, **changes},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    address = _said(process.stdout.readline(), r"Serving at (http://\S+)")
    login = _said(process.stdout.readline(), r"(http://\S+/login/\S+)")
    headers = {"Sec-Fetch-Site": "same-origin"}
    with httpx2.Client(base_url=f"{address}/api/v1", headers=headers, timeout=60) as client:
        client.get(login)
        running = Up(process, client)
        family = running.family()
        yield running
        process.stdout.close()
        for member in family:
            if member.is_running():
                member.kill()
        process.wait()


def _said(line: str, pattern: str) -> str:
    found = re.search(pattern, line)
    assert found is not None, line
    return found[1]


def _send_and_wait(up: Up, seed: int) -> None:
    batch = up.client.post("/batches", json={}).json()["id"]
    sent = up.client.post(f"/batches/{batch}/files", files={"file": ("a.jpg", jpeg(seed))})
    assert sent.status_code == 202
    wait_until(lambda: bool(up.client.get(f"/batches/{batch}").json()["settled"]))


def test_dead_workers_are_started_anew_and_sigterm_ends_everything(up: Up) -> None:
    """A page sent after the workers were killed is read; in the end no process is left."""
    _send_and_wait(up, 1)
    first = up.leader()
    assert first is not None
    os.kill(first, signal.SIGKILL)
    _send_and_wait(up, 2)
    assert up.leader() not in {None, first}
    family = up.family()
    up.process.send_signal(signal.SIGTERM)
    assert up.process.wait(60) == 0
    assert [member for member in family if member.is_running()] == []


def test_workers_end_by_themselves_if_the_command_is_killed(up: Up) -> None:
    """Even ``kill -9`` leaves nobody reading for nobody."""
    _send_and_wait(up, 1)
    workers = up.family()[1:]
    assert workers
    up.process.kill()
    wait_until(lambda: not any(_alive(worker) for worker in workers), seconds=60)


def _alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
