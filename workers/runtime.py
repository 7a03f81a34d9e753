"""What a worker process needs beyond the shared services: a name and a page reader."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from ocr_service.bootstrap import DRAIN_FOR, Services, build_services, worker_name
from ocr_service.logs import configure_logs, open_log
from ocr_service.pipeline.null_reader import NullPageReader
from ocr_service.pipeline.result import PageReader
from ocr_service.service.intake_archive import ArchiveLimits
from ocr_service.service.templates import Signature
from ocr_service.service.working import Worker
from ocr_service.settings import ReaderKind, Settings

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
        archive_limits=ArchiveLimits(max_member_bytes=settings.max_upload_bytes),
    )


__all__ = ["ReaderShelf", "build_worker", "load_reader"]
