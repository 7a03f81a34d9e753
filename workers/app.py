"""The Celery application: ``celery -A workers.app worker``."""

from __future__ import annotations

from ocr_service.settings import Settings
from workers.assembly import worker_app

settings = Settings()
app = worker_app(settings)

__all__ = ["app", "settings"]
