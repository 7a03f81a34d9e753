"""A whole installation of processes, which a test may kill one by one."""

from __future__ import annotations

import random
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import httpx2
import psutil

from ocr_service.bootstrap import Services, build_services, prepare
from ocr_service.db.accounts.accounts import Role, user_named
from ocr_service.service.accounts import accounts
from ocr_service.settings import Settings
from tests.failure.processes import kill_group, start_process, wait_until

API = ["ocr_service.cli", "api"]


@dataclass
class Keeper:
    """Keeps a process running, as a container engine would.

    Attributes:
        start: starts it.
    """

    start: Callable[[], subprocess.Popen[bytes]]
    process: subprocess.Popen[bytes] | None = None
    starts: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def begin(self) -> None:
        """Start it and watch it."""
        self._renew()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def kill(self) -> None:
        """``kill -9`` for all of it; it comes back."""
        if self.process is not None:
            kill_group(self.process)

    def end(self) -> None:
        """Kill it for good."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        self.kill()

    def _watch(self) -> None:
        while not self._stop.wait(0.1):
            if self.process is None or self.process.poll() is not None:
                self._renew()

    def _renew(self) -> None:
        self.process = self.start()
        self.starts += 1


@dataclass
class Installation:
    """Processes over one database.

    Attributes:
        settings: of all processes.
        services: the same installation from within the test.
        api: the web process.
        workers: the reading processes.
        token: of an administrator.
    """

    settings: Settings
    services: Services
    api: Keeper
    workers: Keeper
    token: str

    @property
    def address(self) -> str:
        """Of the API."""
        return f"http://127.0.0.1:{self.settings.port}/api/v1"

    def client(self, *, timeout_s: float = 20.0) -> httpx2.Client:
        """A client with the administrator's token."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx2.Client(base_url=self.address, headers=headers, timeout=timeout_s)

    def wait_for_api(self) -> None:
        """Until it answers."""
        wait_until(self._answers, seconds=90)

    def _answers(self) -> bool:
        with suppress(httpx2.TransportError):
            return httpx2.get(f"{self.address.removesuffix('/api/v1')}/healthz").is_success
        return False

    def kill_a_reader(self, rng: random.Random) -> None:
        """``kill -9`` for one of the reading processes, whatever it does."""
        leader = self.workers.process
        with suppress(psutil.Error):
            children = [] if leader is None else psutil.Process(leader.pid).children()
            if children:
                rng.choice(children).kill()


def open_services(settings: Settings) -> tuple[Services, str]:
    """A prepared installation as seen from the test, and an administrator's token."""
    services = build_services(settings)
    prepare(services)
    with services.db.writing() as uow:
        accounts.create_user(uow, name="tester", roles=(Role.ADMIN,), actor="test")
        user = user_named(uow, "tester")
        token = accounts.issue_token(uow, user, name="t", life=None, actor="test")
    return services, token


@contextmanager
def installation(settings: Settings, *, worker: list[str], **extra: str) -> Iterator[Installation]:
    """Start everything; kill everything afterwards."""
    services, token = open_services(settings)
    api = Keeper(lambda: start_process(API, settings))
    workers = Keeper(lambda: start_process(worker, settings, extra))
    running = Installation(settings, services, api, workers, token)
    api.begin()
    workers.begin()
    try:
        running.wait_for_api()
        yield running
    finally:
        workers.end()
        api.end()
        services.close()


def send_until_taken(
    running: Installation, batch: int, name: str, data: bytes, *, seconds: float = 120.0
) -> list[int]:
    """What a scanner's program does: send again until there is a receipt; the documents.

    Raises:
        AssertionError: an answer that no repetition mends, or none in time.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(httpx2.TransportError), running.client() as client:
            answer = client.post(f"/batches/{batch}/files", files={"file": (name, data)})
            if answer.status_code in {200, 202}:
                return list(answer.json()["documents"])
            assert answer.status_code == 503, answer.text
            assert answer.headers["retry-after"]
        time.sleep(0.2)
    raise AssertionError(f"{name} was never taken")


__all__ = ["Installation", "Keeper", "installation", "open_services", "send_until_taken"]
