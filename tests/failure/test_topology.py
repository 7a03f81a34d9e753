"""The processes of ``docker-compose.yml`` as plain processes, each killed once: only a delay."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

import httpx2
import pytest
import sqlalchemy as sa
import yaml  # type: ignore[import-untyped]  # its types are in a package of their own

from ocr_service.blobs import open_store
from ocr_service.bootstrap import Services
from ocr_service.db import tables as t
from ocr_service.db.audit import verify_audit_chain
from ocr_service.db.jobs import jobs
from ocr_service.db.records import documents
from ocr_service.db.records.documents import DocumentFilter
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.settings import Settings
from tests.conftest import free_port
from tests.failure.installation import Installation, Keeper, open_services, send_until_taken
from tests.failure.processes import ROOT, start_with, wait_until
from tests.failure.servers import ObjectServer, PostgresServer, RedisServer
from tests.service.fakes import jpeg

PAGES = 20
COMPOSE = ROOT / "docker-compose.yml"
HEARTBEAT = "OCR_HEARTBEAT_FILE"
SECRETS = {"POSTGRES_PASSWORD": "p", "S3_SECRET": "s"}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def _compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(COMPOSE.read_text("utf-8"))
    return found


def _environment(service: str) -> dict[str, str]:
    """A service's environment, with the values of ``.env`` filled in."""

    def value_of(match: re.Match[str]) -> str:
        return SECRETS.get(match["name"], match["default"] or "")

    pattern = r"\$\{(?P<name>\w+)(?::-(?P<default>[^}]*)|:\?[^}]*)?\}"
    given = _compose()["services"][service]["environment"]
    return {key: re.sub(pattern, value_of, str(value)) for key, value in given.items()}


@dataclass(frozen=True)
class Stores:
    """The servers that keep state, and where they are in place of their names in compose."""

    postgres: PostgresServer
    redis: RedisServer
    objects: ObjectServer
    database: str

    def here(self, environment: dict[str, str], data: Path) -> dict[str, str]:
        """The compose file's environment with the addresses of this machine.

        Raises:
            AssertionError: a name that the compose file used to have is gone.
        """
        names = {
            "@postgres:5432/ocr": f"@{self.database}",
            "redis://redis:6379": f"redis://127.0.0.1:{self.redis.port}",
            "http://objects:8333": self.objects.url,
        }
        text = "\n".join(f"{key}={value}" for key, value in environment.items())
        for name, place in names.items():
            assert name in text, f"docker-compose.yml has no {name} any more; see this test"
            text = text.replace(name, place)
        changed = dict(line.split("=", 1) for line in text.splitlines())
        quick = {
            "OCR_READER": "null",
            "OCR_NULL_READER_SLEEP_MS": "200",
            "OCR_SWEEP_SECONDS": "0.5",
        }
        own = {"OCR_DATA_DIR": str(data), "OCR_WORKERS": "1"}
        if HEARTBEAT in changed:
            own[HEARTBEAT] = str(data.parent / "worker.alive")
        return {**changed, **quick, **own}


@pytest.fixture
def stores(tmp_path: Path, session_dir: Path) -> Iterator[Stores]:
    """Postgres with the user and database that compose names, Redis, a store with its bucket."""
    with ExitStack() as stack:
        own = session_dir / f"topology{free_port()}"
        own.mkdir(mode=0o755)
        postgres = PostgresServer(own)
        stack.callback(postgres.close)
        redis, objects = RedisServer(tmp_path), ObjectServer()
        for server in (redis, objects):
            server.start()
            stack.callback(server.kill)
        bucket = _compose()["services"]["objects"]["environment"]["S3_BUCKET"]
        assert httpx2.put(f"{objects.url}/{bucket}").is_success
        yield Stores(
            postgres, redis, objects, postgres.own_database("ocr", SECRETS["POSTGRES_PASSWORD"])
        )


@pytest.fixture
def parts(
    stores: Stores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[list[Installation], list[Keeper], Services]]:
    """Two api processes and two workers, as ``--scale api=2 --scale worker=2`` would start them."""
    commands = {name: _compose()["services"][name]["command"] for name in ("api", "worker")}
    environment = stores.here(_environment("api"), tmp_path / "data")
    (tmp_path / "data").mkdir()
    for key, value in environment.items():
        monkeypatch.setenv(key, value)
    services, token = open_services(Settings())

    def start(name: str, **changes: str) -> Keeper:
        own = stores.here(_environment(name), tmp_path / "data")
        everything = {**os.environ, **own, **changes, "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-m", "ocr_service.cli", *commands[name]]
        return Keeper(lambda: start_with(command, everything))

    ports = [free_port() for _ in range(2)]
    apis = [start("api", OCR_PORT=str(port)) for port in ports]
    workers = [start("worker") for _ in range(2)]
    running = [
        Installation(Settings(port=port), services, api, workers[0], token)
        for port, api in zip(ports, apis, strict=True)
    ]
    everything = [*apis, *workers]
    try:
        for keeper in everything:
            keeper.begin()
        for one in running:
            one.wait_for_api()
        yield running, everything, services
    finally:
        for keeper in everything:
            keeper.end()
        services.close()


def _is_healthy(worker: Path) -> bool:
    """What compose would be told, asked of the worker that touches this file."""
    kind, command = _compose()["services"]["worker"]["healthcheck"]["test"]
    assert kind == "CMD-SHELL"
    named = _compose()["services"]["worker"]["environment"][HEARTBEAT]
    assert named in command
    asked = command.replace("$$", "$").replace(named, str(worker))
    return subprocess.run(["sh", "-c", asked], check=False).returncode == 0


def test_any_one_process_may_die_and_costs_only_time(
    stores: Stores, parts: tuple[list[Installation], list[Keeper], Services], tmp_path: Path
) -> None:
    """Twenty pages through two apis; every kind of process is killed, or stopped, in between."""
    running, keepers, services = parts
    api, _, worker, _ = keepers

    def broker() -> None:
        stores.redis.kill()
        stores.redis.start()

    def database() -> None:
        stores.postgres.kill()
        stores.postgres.start()

    losses: dict[int, Callable[[], None]] = {
        3: api.kill,
        6: worker.kill,
        9: broker,
        12: database,
        15: lambda: stores.objects.pause(2.0),
    }
    with running[0].client() as client:
        batch = client.post("/batches", json={"name": "二十枚"}).json()["id"]
    started = time.monotonic()
    # As a client behind the proxy: the next api is asked when one does not answer.
    sender = cycle(running)
    sent: list[int] = []
    for seed in range(PAGES):
        if seed in losses:
            losses[seed]()
        sent += send_until_taken(next(sender), batch, f"{seed}.jpg", jpeg(seed))
    wait_until(lambda: _settled(running[1], batch), seconds=120)
    print(f"\n{PAGES} pages, 5 losses: {time.monotonic() - started:.0f} s")  # noqa: T201 - a figure
    with services.db.reading() as uow:
        found = documents.page(uow, DocumentFilter(batch=batch), limit=PAGES + 1)
        names = sa.select(t.readings.c.document_id).where(t.readings.c.key == "name")
        read = list(uow.connection.execute(names).scalars())
        assert verify_audit_chain(uow.connection) is None
        assert jobs.counts(uow)[jobs.JobState.DEAD] == 0
    assert sorted(sent) == [d.id for d in found] == sorted(read)
    assert {d.state for d in found} == {DocumentState.NEEDS_REVIEW}
    _check_heartbeat(tmp_path / "worker.alive")


def _check_heartbeat(heartbeat: Path) -> None:
    assert _is_healthy(heartbeat)
    an_hour_ago = time.time() - 3600
    os.utime(heartbeat, (an_hour_ago, an_hour_ago))
    assert not _is_healthy(heartbeat)
    wait_until(lambda: _is_healthy(heartbeat), seconds=30)  # touched again while nobody sends


def _settled(running: Installation, batch: int) -> bool:
    try:
        with running.client() as client:
            answer = client.get(f"/batches/{batch}")
    except httpx2.TransportError:
        return False
    return bool(answer.is_success and answer.json()["settled"])


def test_the_object_store_keeps_what_it_is_given_and_overwrites_nothing(
    stores: Stores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Create-only, whole, and the same bytes twice are no error; large files go in parts."""
    for key, value in stores.here(_environment("api"), tmp_path).items():
        monkeypatch.setenv(key, value)
    blobs = open_store(os.environ["OCR_BLOB_URL"])
    digest = blobs.put(b"scan")
    assert blobs.put(b"scan") == digest
    assert blobs.get(digest) == b"scan"
    large = tmp_path / "large"
    large.write_bytes(os.urandom(1 << 20) * 20)
    named = hashlib.sha256(large.read_bytes()).hexdigest()
    blobs.put_path(large, named)
    assert blobs.get(named) == large.read_bytes()


def test_the_compose_file_names_what_it_runs() -> None:
    """The parts that these tests start, images with a version, health checks, no root."""
    services = _compose()["services"]
    assert set(services) == {"api", "worker", "proxy", "postgres", "redis", "objects"}
    for name, service in services.items():
        assert re.search(r":[\w.-]*\d", service["image"]), f"{name} has no version"
        assert "healthcheck" in service
    image = (ROOT / "Dockerfile").read_text("utf-8")
    assert re.search(r"^USER (?!root)", image, re.MULTILINE)
