"""The only task: answers the doorbell."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache

import structlog
from celery import Celery

from ocr_service.db.jobs.jobs import Lease
from ocr_service.domain.errors import ServiceUnavailable
from ocr_service.logs import describe_error
from ocr_service.queue.celery_app import RING
from ocr_service.service.processing.working import Worker, give_back, take, work

_LOOK_AGAIN_S = 1.0

_LOG = structlog.get_logger()


def register(app: Celery, build: Callable[[], Worker]) -> None:
    """Put the task into ``app``; the worker is put together at the first ring of a process."""
    worker_of_process = cache(build)

    @app.task(name=RING)  # type: ignore[untyped-decorator]  # Celery has no types
    def ring(job_id: int) -> None:  # noqa: ARG001 - a hint for people who look at the queue
        worker = worker_of_process()
        answer(worker, guard=lambda: ending_after(worker.terms.duration.total_seconds()))


def answer(
    worker: Worker, *, guard: Callable[[], AbstractContextManager[None]] = nullcontext
) -> None:
    """Do what waits.

    Args:
        worker: this process.
        guard: put around each job.
    """
    for lease in take(worker):
        with structlog.contextvars.bound_contextvars(correlation=lease.correlation), guard():
            try:
                work(worker, lease)
            except Exception as error:  # noqa: BLE001 - the shim: no page may end the worker
                _LOG.error("job.crashed", job=lease.job, **describe_error(error))
                _hand_back(worker, lease, error)


def _hand_back(worker: Worker, lease: Lease, failed: Exception) -> None:
    """Wait for a database that is just being restarted; without it nothing can be done anyway."""
    end = time.monotonic() + worker.terms.duration.total_seconds()
    while True:
        try:
            give_back(worker, lease, failed)
        except ServiceUnavailable:
            if worker.stopping() or time.monotonic() + _LOOK_AGAIN_S > end:
                raise
            time.sleep(_LOOK_AGAIN_S)
        else:
            return


@contextmanager
def ending_after(seconds: float) -> Iterator[None]:
    """End this process if the block lasts longer, wherever it hangs.

    No handler of ours runs: the operating system ends the process even in the middle of a loop in
    C, just after its lease has run out. A new process takes its place.
    """
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


__all__ = ["answer", "ending_after", "register"]
