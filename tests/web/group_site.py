"""Sample scans, really read once, behind a real server: for browser tests of the group review."""

from __future__ import annotations

import io
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from ocr_service.bootstrap import Services, build_services, prepare
from ocr_service.db.accounts.accounts import Role, user_named
from ocr_service.pipeline.assemble import ReaderOptions, build_reader
from ocr_service.queue.bell import SilentBell
from ocr_service.service.accounts import accounts
from ocr_service.service.intake import intake
from ocr_service.service.processing.working import Worker, take, work
from ocr_service.settings import Settings
from ocr_service.web.app import create_app

SCANS = sorted((Path(__file__).parents[2] / "samples" / "scans").glob("scan-*"))[:3]


@dataclass(frozen=True, slots=True)
class Site:
    """A served installation."""

    services: Services
    address: str

    def link(self, name: str = "", role: Role = Role.ADMIN) -> str:
        """A fresh login link, of the administrator or of a user of this name."""
        with self.services.db.writing() as uow:
            if not name:
                user = accounts.ensure_admin(uow)
            else:
                accounts.create_user(uow, name=name, roles=(role,), actor="test")
                user = user_named(uow, name)
            return f"{self.address}/login/{accounts.issue_login(uow, user)}"


def read_samples(folder: Path, cache: Path) -> None:
    """Fill ``folder`` with an installation that has read a few sample scans."""
    services = _services(folder)
    prepare(services)
    with services.db.writing() as uow:
        batch = intake.create_batch(uow, name="午前の箱", template=None, actor="clerk")
    for scan in SCANS:
        upload = intake.store_upload(
            services.blobs, io.BytesIO(scan.read_bytes()), name=scan.name, max_bytes=10**8
        )
        with services.db.writing() as uow:
            intake.register_file(uow, services.bell, upload, batch=batch, actor="clerk")
    reader = build_reader(ReaderOptions((), folder / "blanks", cache))
    worker = Worker(
        db=services.db,
        blobs=services.blobs,
        bell=services.bell,
        reader=lambda: reader,
        terms=services.terms,
        name="worker:test",
        drain_for=timedelta(seconds=300),
    )
    for lease in take(worker):
        work(worker, lease)
    services.close()


@contextmanager
def serve_copy(read: Path, folder: Path) -> Iterator[Site]:
    """A copy of what was read, served on a free port."""
    shutil.copytree(read, folder, dirs_exist_ok=True)
    services = _services(folder)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()  # a browser that is quicker than the server waits
        config = uvicorn.Config(create_app(services), log_level="critical", access_log=False)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield Site(services, f"http://127.0.0.1:{listener.getsockname()[1]}")
        server.should_exit = True
        thread.join()


@contextmanager
def open_page(chromium: Browser, link: str, *, dark: bool = False) -> Iterator[Page]:
    """A logged-in page; anything the browser complains about fails the test."""
    context = chromium.new_context(
        viewport={"width": 1366, "height": 768},
        locale="ja-JP",
        color_scheme="dark" if dark else "light",
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(link)
    yield page
    context.close()
    assert complaints == []


def assert_accessible(page: Page) -> None:
    """Nothing that axe knows to be wrong, by WCAG 2.2 AA."""
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": tags}})
    assert found.violations_count == 0, found.generate_report()


def _services(folder: Path) -> Services:
    return build_services(Settings(data_dir=folder, sweep_seconds=3600), bell=SilentBell())


__all__ = ["SCANS", "Site", "assert_accessible", "open_page", "read_samples", "serve_copy"]
