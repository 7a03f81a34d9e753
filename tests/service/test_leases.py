"""The lease protocol against a model: random claims, lapses, finishes, crashes and sweeps."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
)

from ocr_service.blobs import open_store
from ocr_service.db import tables as t
from ocr_service.db.audit import verify_audit_chain
from ocr_service.db.engine import make_engine
from ocr_service.db.jobs import jobs
from ocr_service.db.jobs.jobs import JobKind, JobState, Lease
from ocr_service.db.migrate import upgrade
from ocr_service.db.records import documents
from ocr_service.db.records.documents import DocumentFilter
from ocr_service.db.uow import Database
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.service.processing.processing import read_document
from ocr_service.service.processing.sweeping import sweep
from ocr_service.service.processing.working import give_back
from tests.conftest import TurnableClock
from tests.service.fakes import TERMS, FakeReader, Office, RememberingBell, jpeg
from workers.tasks import answer

PAGES = 3
LEASE_S = TERMS.duration.total_seconds()
RESTING = replace(TERMS, pause=timedelta(seconds=5))


class LeaseMachine(RuleBasedStateMachine):
    """Workers that may be slow, dead, or broken, over three pages."""

    leases = Bundle("leases")

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        engine = make_engine(f"sqlite:///{Path(self._folder.name) / 'x.sqlite3'}")
        upgrade(engine)
        self._clock = TurnableClock()
        self._office = Office(
            Database(engine, self._clock),
            open_store("memory://"),
            RememberingBell(),
            FakeReader(pages=PAGES),
        )
        self._finished: set[int] = set()
        self._starts: dict[int, int] = {}

    @initialize()
    def send(self) -> None:
        """A file of three pages, split."""
        self._office.send(self._office.open_batch(), jpeg())
        answer(self._office.worker)
        self._office.bell.rung.clear()

    @rule(target=leases, worker=st.sampled_from(["a", "b"]))
    def claim(self, worker: str) -> Lease | None:
        """Somebody takes the next job, if there is one to take."""
        return self._claim(worker)

    def _claim(self, worker: str) -> Lease | None:
        with self._office.db.writing() as uow:
            lease = jobs.claim_next(uow, worker=worker, terms=RESTING)
        if lease is not None:
            assert lease.kind is JobKind.READ
            assert lease.job not in self._finished
            self._starts[lease.job] = self._starts.get(lease.job, 0) + 1
            assert lease.attempt == self._starts[lease.job] <= RESTING.attempts
        return lease

    @rule(lease=consumes(leases))
    def finish(self, lease: Lease | None) -> None:
        """A worker, in time or far too late, comes to its end."""
        if lease is None:
            return
        done = read_document(
            self._office.db, self._office.blobs, self._office.reader, lease, worker="w"
        )
        if done:
            assert lease.attempt == self._starts[lease.job], "an overtaken worker finished"
            assert lease.job not in self._finished, "a job was finished twice"
            self._finished.add(lease.job)

    @rule(target=leases, lease=consumes(leases))
    def be_overtaken_while_reading(self, lease: Lease | None) -> Lease | None:
        """The lease lapses in the middle of a page and somebody else takes a job, maybe this."""
        if lease is None:
            return None
        taken: list[Lease | None] = []

        def lapse(_index: int) -> None:
            self._clock.advance(LEASE_S + 1)
            taken.append(self._claim("c"))

        self._office.reader.before = lapse
        self.finish(lease)
        self._office.reader.before = lambda _index: None
        return taken[0] if taken else None

    @rule(lease=consumes(leases))
    def break_down(self, lease: Lease | None) -> None:
        """A worker gives its job back after an error."""
        if lease is not None:
            give_back(self._office.worker, lease, MemoryError())

    @rule(lease=consumes(leases))
    def vanish(self, lease: Lease | None) -> None:
        """A worker is killed."""

    @rule(seconds=st.sampled_from([1.0, LEASE_S - 1, LEASE_S + 1]))
    def wait(self, seconds: float) -> None:
        """Time passes."""
        self._clock.advance(seconds)

    @rule()
    def look_for_forgotten_work(self) -> None:
        """A sweep."""
        sweep(self._office.db, self._office.bell, terms=RESTING, patience=RESTING.duration)

    @invariant()
    def every_document_agrees_with_its_job(self) -> None:
        """Read exactly where a worker finished; one record each; nothing runs after the end."""
        with self._office.db.reading() as uow:
            found = documents.page(uow, DocumentFilter())
            counts = jobs.counts(uow)
            read = list(
                uow.connection.execute(
                    t.readings.select().where(t.readings.c.key == "name")
                ).mappings()
            )
        states = [document.state for document in found]
        assert states.count(DocumentState.NEEDS_REVIEW) == len(self._finished) == len(read)
        assert states.count(DocumentState.FAILED) == counts[JobState.DEAD]
        assert len({row["document_id"] for row in read}) == len(read)

    def teardown(self) -> None:
        """In the end every page is read or given up, and the log is whole."""
        for _ in self._rounds():
            with self._office.db.writing() as uow:
                lease = jobs.claim_next(uow, worker="last", terms=RESTING)
            if lease is not None:
                self._starts[lease.job] = self._starts.get(lease.job, 0) + 1
                self.finish(lease)
        self.every_document_agrees_with_its_job()
        with self._office.db.reading() as uow:
            open_jobs = jobs.counts(uow)
            assert open_jobs[JobState.QUEUED] + open_jobs[JobState.LEASED] == 0
            assert verify_audit_chain(uow.connection) is None
        self._office.db.engine.dispose()
        self._folder.cleanup()

    def _rounds(self) -> Iterator[int]:
        for number in range(PAGES * 2):
            self._clock.advance(LEASE_S + 1)
            self.look_for_forgotten_work()
            yield number


TestLeases = LeaseMachine.TestCase
TestLeases.settings = settings(
    max_examples=15,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
