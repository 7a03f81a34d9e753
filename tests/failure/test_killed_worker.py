"""The proof of the queue: whatever is killed, every page ends with one record."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from ocr_service.bootstrap import Services, Sweeper, build_services, prepare
from ocr_service.db import tables as t
from ocr_service.db.audit import verify_audit_chain
from ocr_service.db.ids import BatchId
from ocr_service.db.jobs import jobs
from ocr_service.db.records import documents
from ocr_service.db.records.documents import DocumentFilter
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.service import querying
from ocr_service.service.intake import intake
from ocr_service.settings import Settings
from tests.failure.processes import kill_group, kill_one_at_work, wait_until, workers
from tests.service.fakes import jpeg

PAGES = 50


@pytest.fixture
def services(settings: Settings) -> Iterator[Services]:
    """An installation that sweeps."""
    built = build_services(settings)
    prepare(built)
    sweeper = Sweeper(built)
    sweeper.start()
    yield built
    sweeper.stop()
    built.close()


def _send_all(services: Services) -> BatchId:
    with services.db.writing() as uow:
        batch = intake.create_batch(uow, name="", template=None, actor="test")
    for seed in range(PAGES):
        upload = intake.store_upload(
            services.blobs, io.BytesIO(jpeg(seed)), name=f"{seed}.jpg", max_bytes=10**6
        )
        with services.db.writing() as uow:
            intake.register_file(uow, services.bell, upload, batch=batch, actor="test")
    return batch


def _read(services: Services) -> int:
    with services.db.reading() as uow:
        return documents.state_counts(uow)[DocumentState.NEEDS_REVIEW]


@pytest.mark.slow
def test_fifty_pages_with_workers_killed_end_with_fifty_records_each_once(
    settings: Settings, services: Services
) -> None:
    """A child is killed at work, then a whole worker group; the next one ends the batch."""
    batch = _send_all(services)
    with workers(settings) as first:
        wait_until(lambda: _read(services) >= PAGES // 5)
        kill_one_at_work(services)
        wait_until(lambda: _read(services) >= PAGES // 2)
        kill_group(first)
    assert _read(services) < PAGES
    with workers(settings):
        wait_until(lambda: _settled(services, batch))
    with services.db.reading() as uow:
        found = documents.page(uow, DocumentFilter(batch=batch), limit=PAGES + 1)
        names = sa.select(t.readings.c.document_id).where(t.readings.c.key == "name")
        read = list(uow.connection.execute(names).scalars())
        most = uow.connection.execute(sa.select(sa.func.max(t.jobs.c.attempt))).scalar_one()
        assert verify_audit_chain(uow.connection) is None
        assert jobs.counts(uow)[jobs.JobState.DEAD] == 0
    assert [document.state for document in found] == [DocumentState.NEEDS_REVIEW] * PAGES
    assert sorted(read) == [document.id for document in found]
    assert most in {2, 3}


def _settled(services: Services, batch: BatchId) -> bool:
    with services.db.reading() as uow:
        return querying.batch_status(uow, batch).settled
