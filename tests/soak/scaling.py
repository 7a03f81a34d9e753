"""How much faster two reading processes are than one: ``python -m tests.soak.scaling DIR``.

Reads the scans in DIR with the full reader, once with each number of processes. Loading the models
is left out: the clock runs from the first finished page to the last, over the pages in between.
"""

from __future__ import annotations

import sys
import tempfile
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from ocr_service.bootstrap import Services, Sweeper, build_services, prepare
from ocr_service.db import tables as t
from ocr_service.service import querying
from ocr_service.service.intake import intake
from ocr_service.settings import Settings
from tests.failure.processes import wait_until, workers

_PATIENCE_S = 1800.0


def pages_a_minute(scans: list[Path], processes: int) -> float:
    """Pages a minute with so many reading processes."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder), workers=processes, threads=1, sweep_seconds=0.5)
        services = build_services(settings)
        prepare(services)
        sweeper = Sweeper(services)
        sweeper.start()
        try:
            _read(services, settings, scans)
            return _pace(services, warm_up=2 * processes)
        finally:
            sweeper.stop()
            services.close()


def _read(services: Services, settings: Settings, scans: list[Path]) -> None:
    with services.db.writing() as uow:
        batch = intake.create_batch(uow, name="", template=None, actor="bench")
    for scan in scans:
        with scan.open("rb") as file:
            upload = intake.store_upload(services.blobs, file, name=scan.name, max_bytes=10**9)
        with services.db.writing() as uow:
            intake.register_file(uow, services.bell, upload, batch=batch, actor="bench")

    def settled() -> bool:
        with services.db.reading() as uow:
            return querying.batch_status(uow, batch).settled

    with workers(settings):
        wait_until(settled, seconds=_PATIENCE_S)


def _pace(services: Services, *, warm_up: int) -> float:
    j = t.jobs.c
    query = sa.select(j.finished_at).where(j.kind == "read").order_by(j.finished_at)
    with services.db.reading() as uow:
        ends: list[datetime] = list(uow.connection.execute(query).scalars())
    counted = ends[warm_up:]
    return (len(counted) - 1) / (counted[-1] - counted[0]).total_seconds() * 60


def main() -> None:
    """Print both figures and their ratio."""
    scans = sorted(p for p in Path(sys.argv[1]).iterdir() if p.suffix in {".jpg", ".png", ".pdf"})
    one, two = (pages_a_minute(scans, processes) for processes in (1, 2))
    print(  # noqa: T201 - a command
        f"{len(scans)} scans: 1 process {one:.1f}, 2 processes {two:.1f} pages a minute,"
        f" {two / one:.2f} x"
    )


if __name__ == "__main__":
    main()
