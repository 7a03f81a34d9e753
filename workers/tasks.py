"""The only task: answers the doorbell."""

from __future__ import annotations

from functools import cache

import structlog
from celery import Celery

from ocr_service.logs import describe_error
from ocr_service.queue.celery_app import RING
from ocr_service.service.working import Worker, give_back, take, work
from ocr_service.settings import Settings
from workers.runtime import build_worker

_LOG = structlog.get_logger()


def register(app: Celery, settings: Settings) -> None:
    """Put the task into ``app``; the worker is put together at the first ring of a process."""
    worker_of_process = cache(lambda: build_worker(settings))

    @app.task(name=RING)  # type: ignore[untyped-decorator]  # Celery has no types
    def ring(job_id: int) -> None:  # noqa: ARG001 - a hint for people who look at the queue
        answer(worker_of_process())


def answer(worker: Worker) -> None:
    """Do what waits."""
    for lease in take(worker):
        with structlog.contextvars.bound_contextvars(correlation=lease.correlation):
            try:
                work(worker, lease)
            except Exception as error:  # noqa: BLE001 - the shim: no page may end the worker
                _LOG.error("job.crashed", job=lease.job, **describe_error(error))
                give_back(worker, lease, error=type(error).__name__)


__all__ = ["answer", "register"]
