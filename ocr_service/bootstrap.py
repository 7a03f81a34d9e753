"""Composition root: settings become the things that use cases work with.

It knows nothing of readers, so that the web process, which starts here too, never loads one; what
a worker needs beyond this is put together in ``workers.runtime``.
"""

from __future__ import annotations

import os
import socket
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from ocr_service.blobs import BlobStore, open_store
from ocr_service.db.engine import make_engine
from ocr_service.db.jobs.jobs import LeaseTerms
from ocr_service.db.migrate import upgrade
from ocr_service.db.uow import Clock, Database
from ocr_service.domain.errors import InvalidRequest, OcrServiceError
from ocr_service.forms.library import shipped_folder
from ocr_service.logs import describe_error
from ocr_service.queue.bell import Bell
from ocr_service.queue.celery_app import QueueOptions, make_bell
from ocr_service.service.check.facts import KnownFacts
from ocr_service.service.check.rechecking import RuleCheck
from ocr_service.service.chores import do_chores
from ocr_service.service.export.delivering import Courier, deliver_due
from ocr_service.service.export.handing_off import HandOff
from ocr_service.service.export.profiles import ProfileFolder
from ocr_service.service.export.scheduling import ScheduleRunner
from ocr_service.service.intake.batch_control import finish_cancelling
from ocr_service.service.intake.pairing import settle_all
from ocr_service.service.masters.vault import Vault
from ocr_service.service.processing.sweeping import Swept, sweep
from ocr_service.service.quality.chore import do_quality
from ocr_service.service.templates import TemplateShelf
from ocr_service.settings import Settings
from ocr_service.validators.dated import own_settings

DRAIN_FOR = timedelta(seconds=20)
"""How long one ring may go on taking waiting jobs before it looks for the next message."""

MIN_SECRET_BYTES = 16

_NOTHING_DONE = Swept(0, 0, 0)

_LOG = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Services:
    """What every process of an installation shares.

    Attributes:
        settings: as read at the edge.
        db: the database.
        blobs: the blob store.
        bell: wakes workers.
        shelf: the templates.
        terms: how jobs are lent.
        vault: whether lists of citizens are kept, and under which key.
        check: finds the issues of a record anew after an edit.
        profiles: layouts of exports that lie in files.
        handoff: who is told of what was made.
    """

    settings: Settings
    db: Database
    blobs: BlobStore
    bell: Bell
    shelf: TemplateShelf
    terms: LeaseTerms
    vault: Vault
    check: RuleCheck | None = None
    profiles: ProfileFolder = field(default_factory=lambda: ProfileFolder(Path("profiles")))
    handoff: HandOff = field(default_factory=HandOff)

    def close(self) -> None:
        """Let go of the database."""
        self.db.engine.dispose()


def utc_now() -> datetime:
    """The clock of real processes."""
    return datetime.now(UTC)


def build_services(
    settings: Settings, *, bell: Bell | None = None, clock: Clock = utc_now
) -> Services:
    """Connect everything; no schema is changed here.

    Args:
        settings: as read at the edge.
        bell: wakes workers; by default through Celery.
        clock: aware UTC now.
    """
    own = settings.own_template_dir
    vault = Vault(settings.resolved_master_key_file, enabled=settings.personal_masters)
    return Services(
        settings=settings,
        db=Database(make_engine(settings.resolved_database_url), clock),
        blobs=open_store(settings.resolved_blob_url),
        bell=bell or make_bell(queue_options(settings)),
        shelf=TemplateShelf((shipped_folder(), *settings.template_dirs, own), own),
        terms=LeaseTerms(timedelta(seconds=settings.lease_seconds), settings.attempts),
        vault=vault,
        check=RuleCheck(clock, KnownFacts(vault), own_settings(settings.rules_file)),
        profiles=ProfileFolder(settings.own_profile_dir),
        handoff=hand_off(settings),
    )


def hand_off(settings: Settings) -> HandOff:
    """Who is told of what was made.

    Raises:
        InvalidRequest: a webhook without a secret; what it is told could come from anybody.
    """
    secret_file = settings.webhook_secret_file
    if settings.webhook_url is not None and (secret_file is None or not secret_file.is_file()):
        raise InvalidRequest("OCR_WEBHOOK_URL needs OCR_WEBHOOK_SECRET_FILE: a file that is there")
    secret = b"" if secret_file is None else secret_file.read_bytes().strip()
    if settings.webhook_url is not None and len(secret) < MIN_SECRET_BYTES:
        raise InvalidRequest(f"the webhook's secret needs {MIN_SECRET_BYTES} bytes or more")
    return HandOff(settings.drop_dir, settings.webhook_url, secret)


def make_courier(services: Services) -> Courier:
    """Delivers what waits and makes exports by the clock."""
    s = services
    runner = ScheduleRunner(
        db=s.db,
        blobs=s.blobs,
        profiles=s.profiles,
        library=s.shelf.library,
        handoff=s.handoff,
        file=s.settings.resolved_schedule_file,
        folder=s.settings.export_dir,
        check=s.check,
    )
    return Courier.make(
        s.settings.sweep_seconds, runner.run_due, lambda: deliver_due(s.db, s.blobs, s.handoff)
    )


def queue_options(settings: Settings) -> QueueOptions:
    """How the doorbell is wired. A worker stuck in a page is killed soon after its lease ends."""
    return QueueOptions(
        broker_url=settings.broker_url,
        spool_dir=settings.spool_dir,
        hard_limit_s=settings.lease_seconds + DRAIN_FOR.total_seconds(),
        memory_mb=settings.worker_memory_mb,
    )


def prepare(services: Services) -> None:
    """Bring the schema up to date and clear what killed writers left behind."""
    upgrade(services.db.engine)
    services.blobs.clean_temporary()


def worker_name() -> str:
    """Who this process is as a holder of leases."""
    return f"worker:{socket.gethostname()}:{os.getpid()}"


def is_dead_here(worker: str) -> bool:
    """Whether this names a process of this machine that is gone; False for other machines."""
    kind, _, rest = worker.partition(":")
    host, _, pid = rest.rpartition(":")
    if kind != "worker" or host != socket.gethostname() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return _has_ended(int(pid))


def _has_ended(pid: int) -> bool:
    """Whether the process is over though its parent has not looked yet, which takes Celery seconds.

    Told by the state in ``/proc/PID/stat``, behind the name in brackets; False where there is none.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", errors="replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[:1] == ["Z"]


class Sweeper:
    """A thread that sweeps every few seconds until it is stopped."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sweeper", daemon=True)
        self._courier = make_courier(services)

    def start(self) -> None:
        """Begin."""
        self._thread.start()
        self._courier.start()

    def stop(self) -> None:
        """End, after the sweep that is going on."""
        self._stop.set()
        self._courier.stop()
        self._thread.join()

    def _run(self) -> None:
        every = self._services.settings.sweep_seconds
        while not self._stop.wait(every):
            self._sweep(timedelta(seconds=every))

    def _sweep(self, patience: timedelta) -> None:
        s = self._services
        try:
            swept = sweep(s.db, s.bell, terms=s.terms, patience=patience, is_dead=is_dead_here)
            put_away = finish_cancelling(s.db)
            settle_all(s.db)
            orphans = do_chores(s.db, s.blobs)
            drawn, recalled = do_quality(s.db, s.shelf.library)
        except OcrServiceError as error:
            # The next sweep makes up for this one; the database may just be restarting.
            _LOG.warning("sweep.failed", code=error.code, **describe_error(error))
            return
        if swept != _NOTHING_DONE:
            _LOG.info("sweep.done", rung=swept.rung, buried=swept.buried, lapsed=swept.lapsed)
        if put_away:
            _LOG.info("cancelled.put_away", count=put_away)
        if orphans:
            _LOG.info("orphans.removed", count=orphans)
        if drawn:
            _LOG.info("quality.drawn", count=drawn)
        if recalled:
            _LOG.warning("quality.recalled", count=recalled)


__all__ = [
    "DRAIN_FOR",
    "Services",
    "Sweeper",
    "build_services",
    "hand_off",
    "is_dead_here",
    "make_courier",
    "prepare",
    "queue_options",
    "utc_now",
    "worker_name",
]
