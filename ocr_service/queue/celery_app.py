"""The Celery application of both sides: the one that rings and the one that answers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from celery import Celery
from kombu.exceptions import OperationalError

RING = "ocr.ring"
"""Name of the only task. Its only argument is the id of a job."""

QUEUE = "ocr-jobs"

_LOG = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class QueueOptions:
    """How the doorbell is wired.

    Attributes:
        broker_url: Redis, or None for messages as files.
        spool_dir: where those files lie.
        hard_limit_s: a worker process busy longer with one ring is killed.
        memory_mb: a worker process above this is renewed after its ring.
    """

    broker_url: str | None
    spool_dir: Path
    hard_limit_s: float
    memory_mb: int


def make_celery(options: QueueOptions) -> Celery:
    """An application that carries ids in JSON, keeps no results and fetches one message."""
    app = Celery("ocr_service", set_as_current=False)
    app.conf.update(
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_store_errors_even_if_ignored=False,
        task_default_queue=QUEUE,
        task_acks_late=False,  # the database redelivers, see the lease
        task_time_limit=options.hard_limit_s,
        worker_prefetch_multiplier=1,
        worker_max_memory_per_child=options.memory_mb * 1024,
        worker_enable_remote_control=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_send_task_events=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        enable_utc=True,
        **_broker(options),
    )
    return app


def _broker(options: QueueOptions) -> dict[str, Any]:
    if options.broker_url is not None:
        return {
            "broker_url": options.broker_url,
            "broker_transport_options": {"socket_timeout": 5.0, "socket_connect_timeout": 2.0},
        }
    messages, control = options.spool_dir / "messages", options.spool_dir / "control"
    for folder in (messages, control):
        folder.mkdir(parents=True, exist_ok=True)
    return {
        "broker_url": "filesystem://localhost//",
        "broker_transport": "ocr_service.queue.spool:Transport",
        "broker_transport_options": {
            "data_folder_in": str(messages),
            "data_folder_out": str(messages),
            "control_folder": str(control),
            "store_processed": False,
            "polling_interval": 0.2,
        },
    }


@dataclass(frozen=True, slots=True)
class CeleryBell:
    """Rings through Celery."""

    app: Celery

    def get_ready(self) -> None:
        """Celery imports its parts at their first use: seconds, on a busy machine."""
        self.app.finalize()
        with self.app.connection_for_write() as connection:
            connection.get_transport_cls()
        _ = self.app.backend, self.app.amqp.queues, self.app.amqp.producer_pool

    def ring(self, job_id: int) -> None:
        """Send the job's id; a broker that is away is noted, and the next sweep rings again."""
        try:
            self.app.send_task(RING, args=[job_id], queue=QUEUE, retry=False)
        except (OperationalError, OSError) as error:
            _LOG.warning("bell.unheard", job=job_id, error=type(error).__name__)


def make_bell(options: QueueOptions) -> CeleryBell:
    """A bell that gives up at once: whoever rings has a sender waiting, and the sweep is patient.

    A worker, which waits for its broker as long as it takes, gets its own application.
    """
    app = make_celery(options)
    hasty = {"max_retries": 0, "interval_start": 0, "interval_step": 0, "interval_max": 0}
    app.conf.broker_transport_options = {**app.conf.broker_transport_options, **hasty}
    return CeleryBell(app)


__all__ = ["QUEUE", "RING", "CeleryBell", "QueueOptions", "make_bell", "make_celery"]
