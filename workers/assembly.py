"""Puts the Celery application of a worker together."""

from __future__ import annotations

import threading
from collections.abc import Callable

from celery import Celery
from celery.signals import worker_process_init

from ocr_service.bootstrap import queue_options
from ocr_service.queue.celery_app import make_celery
from ocr_service.service.processing.working import Worker
from ocr_service.settings import Settings
from workers.runtime import build_worker, free_the_dead
from workers.tasks import register


def worker_app(settings: Settings, build: Callable[[], Worker] | None = None) -> Celery:
    """The application that answers the doorbell.

    Args:
        settings: as read at the edge.
        build: puts a process together at its first ring; by default from the settings.
    """
    app = make_celery(queue_options(settings))
    register(app, build or (lambda: build_worker(settings)))

    def begin(**_details: object) -> None:
        # Beside: a process that is not up within four seconds is killed, and a database may be
        # slow.
        threading.Thread(target=free_the_dead, args=(settings,), name="free-the-dead").start()

    worker_process_init.connect(begin, weak=False)
    return app


__all__ = ["worker_app"]
