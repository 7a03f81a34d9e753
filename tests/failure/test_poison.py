"""A page that ends its process, one that never ends, and a worker that is told to go."""

from __future__ import annotations

import io
import signal
import time
from collections.abc import Iterator

import pytest

from ocr_service.bootstrap import Services, Sweeper, build_services, prepare
from ocr_service.db.audit import verify_audit_chain
from ocr_service.db.ids import BatchId
from ocr_service.db.jobs import jobs
from ocr_service.db.records import documents
from ocr_service.db.records.documents import DocumentFilter
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.service import querying
from ocr_service.service.intake import intake
from ocr_service.settings import Settings
from tests.failure.processes import wait_until, workers
from tests.service.fakes import jpeg

ODD = "tests.failure.odd_worker"
LEASE_S = 4.0
pytestmark = pytest.mark.slow


@pytest.fixture
def hasty(settings: Settings) -> Settings:
    """Leases so short that a hanging page is noticed within a test."""
    return settings.model_copy(update={"lease_seconds": LEASE_S})


@pytest.fixture
def services(hasty: Settings) -> Iterator[Services]:
    """An installation that sweeps."""
    built = build_services(hasty)
    prepare(built)
    sweeper = Sweeper(built)
    sweeper.start()
    yield built
    sweeper.stop()
    built.close()


def _send(services: Services, names: list[str]) -> BatchId:
    with services.db.writing() as uow:
        batch = intake.create_batch(uow, name="", template=None, actor="test")
    for seed, name in enumerate(names):
        upload = intake.store_upload(
            services.blobs, io.BytesIO(jpeg(seed)), name=name, max_bytes=10**6
        )
        with services.db.writing() as uow:
            intake.register_file(uow, services.bell, upload, batch=batch, actor="test")
    return batch


def test_poison_pages_fail_with_their_reasons_and_their_neighbours_are_read(
    hasty: Settings, services: Services
) -> None:
    """Three starts each, within three leases and a little."""
    names = ["1.jpg", "crash.jpg", "2.jpg", "hang.jpg", "3.jpg", "4.jpg"]
    batch = _send(services, names)
    started = time.monotonic()
    with workers(hasty, module=ODD):
        wait_until(lambda: _settled(services, batch), seconds=60)
    took_s = time.monotonic() - started
    with services.db.reading() as uow:
        found = documents.page(uow, DocumentFilter(batch=batch))
        assert verify_audit_chain(uow.connection) is None
    codes = {d.file_name: d.failure_code for d in found if d.state is DocumentState.FAILED}
    assert codes == {"crash.jpg": "page.crashed", "hang.jpg": "page.timeout"}
    read = {d.file_name for d in found if d.state is DocumentState.NEEDS_REVIEW}
    assert read == {"1.jpg", "2.jpg", "3.jpg", "4.jpg"}
    assert took_s < 3 * LEASE_S + 25, "the limit is three leases, and the time to start processes"


def _settled(services: Services, batch: BatchId) -> bool:
    with services.db.reading() as uow:
        return querying.batch_status(uow, batch).settled


def test_sigterm_finishes_the_page_in_hand_and_no_other(
    settings: Settings, services: Services
) -> None:
    """No lease is left behind and no attempt is lost; the rest waits for the next worker."""
    slow = settings.model_copy(update={"null_reader_sleep_ms": 1500, "workers": 1})
    _send(services, [f"{number}.jpg" for number in range(5)])
    with workers(slow) as process:
        wait_until(lambda: _at_work(services))
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    with services.db.reading() as uow:
        counts = jobs.counts(uow)
        states = documents.state_counts(uow)
    assert counts[jobs.JobState.LEASED] == 0
    assert states[DocumentState.PROCESSING] == 0
    assert states[DocumentState.NEEDS_REVIEW] == 1
    assert states[DocumentState.QUEUED] == 4


def _at_work(services: Services) -> bool:
    with services.db.reading() as uow:
        return documents.state_counts(uow)[DocumentState.PROCESSING] == 1
