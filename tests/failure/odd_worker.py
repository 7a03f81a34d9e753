"""A worker of the tests: pages that crash or hang their process, and a clock that jumps.

``python -m tests.failure.odd_worker``. Everything but the reader and the clock is the product's.
"""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ocr_service.db.uow import Database
from ocr_service.pipeline.result import PageReader, ReadPage
from ocr_service.service.processing.working import Worker
from ocr_service.settings import Settings
from workers.assembly import worker_app
from workers.running import run_workers
from workers.runtime import build_worker

CLOCK_FILE = "TEST_CLOCK_FILE"
"""Names the file that holds by how many seconds the clock is wrong."""


@dataclass(frozen=True)
class OddReader:
    """Reads what another reader reads, but ends or stops at some pages."""

    reader: PageReader

    def count_pages(self, data: bytes) -> int:
        """As the other."""
        return self.reader.count_pages(data)

    def read(self, data: bytes, page_index: int, *, file: str, template: str | None) -> ReadPage:
        """As the other, unless the file's name says otherwise."""
        if file.startswith("crash"):
            os.kill(os.getpid(), signal.SIGKILL)
        while file.startswith("hang"):
            time.sleep(3600)
        return self.reader.read(data, page_index, file=file, template=template)


def jumping_clock() -> datetime:
    """The machine's time, and what the file says."""
    named = os.environ.get(CLOCK_FILE)
    wrong_s = float(Path(named).read_text("ascii") or 0) if named else 0.0
    return datetime.now(UTC) + timedelta(seconds=wrong_s)


def odd(settings: Settings) -> Worker:
    """This process as such a worker."""
    worker = build_worker(settings)
    plain = worker.reader
    return replace(
        worker,
        reader=lambda: OddReader(plain()),
        db=Database(worker.db.engine, jumping_clock),
    )


if __name__ == "__main__":
    own_settings = Settings()
    run_workers(worker_app(own_settings, lambda: odd(own_settings)), own_settings.workers)
