"""Whatever is killed while pages come in and are read: as many records as pages, each once."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from ocr_service.db import tables as t
from ocr_service.db.audit import verify_audit_chain
from ocr_service.db.ids import BatchId
from ocr_service.db.jobs import jobs
from ocr_service.db.records import documents
from ocr_service.db.records.documents import DocumentFilter
from ocr_service.domain.errors import ServiceUnavailable
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.service import querying
from ocr_service.service.intake import intake
from ocr_service.settings import ReaderKind, Settings
from tests.conftest import free_port
from tests.failure.installation import Installation, installation, send_until_taken
from tests.failure.odd_worker import CLOCK_FILE
from tests.failure.processes import wait_until
from tests.failure.servers import PostgresServer, RedisServer
from tests.service.fakes import jpeg

SENDERS = 3


@dataclass(frozen=True)
class Storm:
    """How bad it gets.

    Attributes:
        pages: sent.
        acts: how many times something is broken at least.
        pause_s: shortest and longest time between two.
    """

    pages: int
    acts: int
    pause_s: tuple[float, float]


SHORT = Storm(60, 7, (0.3, 1.0))
LONG = Storm(500, 40, (0.5, 3.0))


@dataclass
class Weather:
    """Breaks things at random, one after the other.

    Attributes:
        acts: what may happen, by name.
        storm: how often.
        done: what happened.
    """

    acts: dict[str, Callable[[], None]]
    storm: Storm
    rng: random.Random
    done: list[str] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    def rage(self) -> None:
        """Until told to stop, but each thing at least once and not too few."""
        names = list(self.acts)
        while not self._stop.is_set() or len(self.done) < self.storm.acts:
            fresh = [name for name in names if name not in self.done]
            name = fresh[0] if fresh else self.rng.choice(names)
            self.acts[name]()
            self.done.append(name)
            self._stop.wait(self.rng.uniform(*self.storm.pause_s))

    def calm(self) -> None:
        """Enough."""
        self._stop.set()


@pytest.fixture(params=["sqlite and files", "postgresql and redis"])
def ground(
    request: pytest.FixtureRequest, tmp_path: Path, session_dir: Path
) -> Iterator[tuple[Settings, dict[str, Callable[[], None]]]]:
    """Settings of an installation, and how to break what lies below it."""
    settings = Settings(
        data_dir=tmp_path,
        port=free_port(),
        reader=ReaderKind.NULL,
        null_reader_sleep_ms=40,
        workers=2,
        sweep_seconds=0.5,
        lease_seconds=15,
        attempts=8,  # a page may be hit several times by chance without being to blame
        log_file=tmp_path / "log.txt",
    )
    with ExitStack() as stack:
        if request.param == "sqlite and files":
            yield settings, {}
            return
        redis = RedisServer(tmp_path)
        redis.start()
        stack.callback(redis.kill)
        own = session_dir / f"storm{free_port()}"
        own.mkdir(mode=0o755)
        postgres = PostgresServer(own)
        stack.callback(postgres.close)
        with psycopg.connect(postgres.uri(), autocommit=True) as connection:
            connection.execute("CREATE DATABASE storm")

        def broker() -> None:
            redis.kill()
            time.sleep(0.3)
            redis.start()

        def database() -> None:
            postgres.kill()
            time.sleep(0.5)
            postgres.start()

        changes = {"database_url": postgres.uri("storm"), "broker_url": redis.url}
        yield (
            settings.model_copy(update=changes),
            {"broker restarted": broker, "database crashed": database},
        )


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    "storm",
    [pytest.param(SHORT, id="short"), pytest.param(LONG, id="long", marks=pytest.mark.soak)],
)
def test_every_page_ends_with_one_record_whatever_is_killed(
    ground: tuple[Settings, dict[str, Callable[[], None]]], storm: Storm, tmp_path: Path
) -> None:
    """Readers, their leader, the API, broker, database; the workers' clock jumps by ten minutes."""
    settings, below = ground
    wrong = tmp_path / "clock"
    wrong.write_text("0")
    rng = random.Random(4)  # noqa: S311 - weather, no secret
    worker = ["tests.failure.odd_worker"]
    with installation(settings, worker=worker, **{CLOCK_FILE: str(wrong)}) as running:
        weather = Weather(
            {
                "reader killed": lambda: running.kill_a_reader(rng),
                "api killed": running.api.kill,
                **below,
                "clock jumped": lambda: _jump(wrong, rng),
                "all readers killed": running.workers.kill,
            },
            storm,
            rng,
        )
        # More often than the rest: this is what happens.
        weather.acts |= {f"reader killed {n}": weather.acts["reader killed"] for n in range(3)}
        with running.services.db.writing() as uow:
            batch = intake.create_batch(uow, name="", template=None, actor="test")
        started = time.monotonic()
        sent = _send_through(running, batch, weather, storm.pages)
        sent_s = time.monotonic() - started
        wait_until(lambda: _settled(running, batch), seconds=300)
        print(  # noqa: T201 - figures for docs/reference/reliability.md
            f"\n{storm.pages} pages in {time.monotonic() - started:.0f} s,"
            f" {sent_s:.0f} s of storm, {len(weather.done)} acts: "
            + ", ".join(f"{weather.done.count(n)} x {n}" for n in weather.acts)
        )
        _check(running, batch, sent)


def _jump(wrong: Path, rng: random.Random) -> None:
    wrong.write_text(str(rng.choice([-600, 600])))
    time.sleep(1.0)
    wrong.write_text("0")


def _send_through(
    running: Installation, batch: BatchId, weather: Weather, pages: int
) -> list[list[int]]:
    with ThreadPoolExecutor(1) as sky, ThreadPoolExecutor(SENDERS) as pool:
        raging = sky.submit(weather.rage)
        try:
            sent = list(
                pool.map(
                    lambda seed: send_until_taken(running, batch, f"{seed}.jpg", jpeg(seed)),
                    range(pages),
                )
            )
            wait_until(
                lambda: raging.done() or len(weather.done) >= weather.storm.acts, seconds=600
            )
        finally:
            weather.calm()
        raging.result()  # what went wrong with the weather itself
    return sent


def _settled(running: Installation, batch: BatchId) -> bool:
    try:
        with running.services.db.reading() as uow:
            return querying.batch_status(uow, batch).settled
    except ServiceUnavailable:
        return False


def _check(running: Installation, batch: BatchId, sent: list[list[int]]) -> None:
    """The count of records equals the count of sheets."""
    with running.services.db.reading() as uow:
        found = documents.page(uow, DocumentFilter(batch=batch), limit=10**6)
        files = uow.connection.execute(sa.select(sa.func.count()).select_from(t.files)).scalar_one()
        names = sa.select(t.readings.c.document_id).where(t.readings.c.key == "name")
        read = list(uow.connection.execute(names).scalars())
        counts = jobs.counts(uow)
        assert verify_audit_chain(uow.connection) is None
    assert files == len(sent)
    assert sorted(number for numbers in sent for number in numbers) == [d.id for d in found]
    assert {d.state for d in found} == {DocumentState.NEEDS_REVIEW}
    assert sorted(read) == [d.id for d in found]
    assert counts[jobs.JobState.QUEUED] + counts[jobs.JobState.LEASED] == 0
    assert counts[jobs.JobState.DEAD] == 0
