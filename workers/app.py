"""The Celery application: ``celery -A workers.app worker``."""

from __future__ import annotations

from ocr_service.bootstrap import queue_options
from ocr_service.queue.celery_app import make_celery
from ocr_service.settings import Settings
from workers.tasks import register

settings = Settings()
app = make_celery(queue_options(settings))
register(app, settings)

__all__ = ["app", "settings"]
