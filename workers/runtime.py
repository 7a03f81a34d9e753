"""What a worker process needs beyond the shared services: a name and a page reader."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from ocr_service.bootstrap import (
    DRAIN_FOR,
    Services,
    build_services,
    is_dead_here,
    worker_name,
)
from ocr_service.domain.errors import OcrServiceError
from ocr_service.logs import configure_logs, describe_error, open_log
from ocr_service.pipeline.null_reader import NullPageReader
from ocr_service.pipeline.result import PageReader
from ocr_service.service.intake.archive import ArchiveLimits
from ocr_service.service.masters.residents import ResidentReader
from ocr_service.service.processing.rereading import Rules
from ocr_service.service.processing.sweeping import free_from_dead
from ocr_service.service.processing.working import Worker
from ocr_service.service.templates import Signature
from ocr_service.settings import ReaderKind, Settings
from workers.stopping import is_stopping

_LOG = structlog.get_logger()


@dataclass(slots=True)
class ReaderShelf:
    """Gives the page reader; loads it at the first call, and anew when a template has changed."""

    services: Services
    _reader: PageReader | None = None
    _signature: Signature | None = None

    def reader(self) -> PageReader:
        """The page reader.

        Raises:
            TemplateError: a template is broken.
            ModelMissing: weights are absent.
        """
        signature = self.services.shelf.signature()
        if self._reader is None or signature != self._signature:
            self._reader = load_reader(self.services)
            self._signature = signature
            _LOG.info("reader.loaded", kind=self.services.settings.reader.value)
        return self._reader


def load_reader(services: Services) -> PageReader:
    """The page reader the settings ask for."""
    settings = services.settings
    if settings.reader is ReaderKind.NULL:
        return NullPageReader(services.shelf.library(), settings.null_reader_sleep_ms / 1000)
    # Loads numpy, OpenCV and the recognizers: seconds that a dry run should not pay.
    from workers.engine import full_reader  # noqa: PLC0415 - heavy optional engine

    return full_reader(settings)


def build_worker(settings: Settings) -> Worker:
    """This process as a worker."""
    configure_logs(as_json=settings.log_json, stream=open_log(settings.log_file))
    services = build_services(settings)
    return Worker(
        db=services.db,
        blobs=services.blobs,
        bell=services.bell,
        reader=ReaderShelf(services).reader,
        terms=services.terms,
        name=worker_name(),
        drain_for=DRAIN_FOR,
        stopping=is_stopping,
        rules=_rules(services),
        archive_limits=ArchiveLimits(max_member_bytes=settings.max_upload_bytes),
    )


def _rules(services: Services) -> Rules | None:
    if services.check is None:
        return None
    return Rules(services.shelf.library, services.check, ResidentReader(services.vault))


def free_the_dead(settings: Settings) -> None:
    """End what processes of this machine held that are gone, so that nobody waits for them.

    Called by each process as it starts, for it may stand in for one that a page has killed. The
    sweep of a web process elsewhere cannot know that, and would wait until the lease runs out.
    """
    own = worker_name()
    services = build_services(settings)
    try:
        # A process that has just started holds nothing: what bears its name is of a forerunner,
        # as in a container that was started anew and counts its processes from 1.
        freed = free_from_dead(services.db, lambda name: name == own or is_dead_here(name))
    except OcrServiceError as error:
        _LOG.warning("leases.not_freed", code=error.code, **describe_error(error))
        return
    finally:
        services.close()
    if freed:
        _LOG.info("leases.freed", count=freed)


__all__ = ["ReaderShelf", "build_worker", "free_the_dead", "load_reader"]
