"""The Celery application: ``celery -A workers.app worker``."""

from __future__ import annotations

import threading

from celery.signals import worker_process_init

from ocr_service.bootstrap import queue_options
from ocr_service.queue.celery_app import make_celery
from ocr_service.settings import Settings
from workers.runtime import free_the_dead
from workers.tasks import register

settings = Settings()
app = make_celery(queue_options(settings))
register(app, settings)


@worker_process_init.connect  # type: ignore[untyped-decorator]  # Celery has no types
def _free_the_dead(**_details: object) -> None:
    # Beside: a process that is not up within four seconds is killed, and a database may be slow.
    threading.Thread(target=free_the_dead, args=(settings,), name="free-the-dead").start()


__all__ = ["app", "settings"]
