"""Senders lose nothing and send nothing twice: the hot folder, and the client of ``send``."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from ocr_service.bootstrap import Services, build_services, prepare
from ocr_service.cli.hot_folder import HotFolder, is_open_for_writing
from ocr_service.cli.sending import Outcome, Patience, Sender, scans_in
from ocr_service.cli.watch import Wanted, taker_of_services
from ocr_service.db.records import documents
from ocr_service.db.records.documents import DocumentFilter
from ocr_service.domain.errors import ServiceUnavailable
from ocr_service.queue.bell import SilentBell
from ocr_service.service.accounts import accounts
from ocr_service.service.intake.receipt import batch_receipt
from ocr_service.settings import Settings
from tests.conftest import TurnableClock, free_port
from tests.failure.processes import ROOT, wait_until
from tests.service.fakes import jpeg

WANTED = Wanted("inbox", None, duplex=False)


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """An installation without processes."""
    settings = Settings(data_dir=tmp_path / "data")
    built = build_services(settings, bell=SilentBell(), clock=TurnableClock())
    prepare(built)
    yield built
    built.close()


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """A folder that scanners write into."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def _names(services: Services) -> list[str]:
    with services.db.reading() as uow:
        return [d.file_name for d in documents.page(uow, DocumentFilter())]


class TestHotFolder:
    """What is complete is taken in once and moved away."""

    def test_a_file_that_still_grows_is_left_alone(self, inbox: Path) -> None:
        """Size and time must have stood still for the whole time, and nobody may write."""
        now, taken = [0.0], []

        def take(path: Path) -> Outcome:
            taken.append(path.name)
            return Outcome(1, duplicate=False)

        hot = HotFolder(inbox, 5.0, take, lambda: now[0])
        (inbox / "a.pdf").write_bytes(b"1")
        (inbox / "b.pdf.part").write_bytes(b"1")
        (inbox / ".c.pdf").write_bytes(b"1")
        hot.look()
        now[0] = 4.0
        (inbox / "a.pdf").write_bytes(b"12")
        hot.look()
        now[0] = 8.0
        assert hot.look() == []
        with (inbox / "a.pdf").open("ab"):
            now[0] = 20.0
            assert hot.look() == [] or not is_open_for_writing(inbox / "a.pdf")
        hot.look()
        assert taken == ["a.pdf"]
        assert (inbox / "done" / "a.pdf").exists()
        (inbox / "b.pdf.part").rename(inbox / "b.pdf")
        hot.look()
        now[0] = 40.0
        hot.look()
        assert taken == ["a.pdf", "b.pdf"]

    def test_a_refused_file_lies_beside_its_reason(self, services: Services, inbox: Path) -> None:
        """And a second one of the same name beside the first."""
        hot = HotFolder(inbox, 0.0, taker_of_services(services, WANTED), float)
        for _ in range(2):
            (inbox / "note.txt").write_bytes(b"hello")
            hot.look()
        rejected = inbox / "rejected"
        assert sorted(p.name for p in rejected.iterdir()) == [
            "note-2.txt",
            "note-2.txt.reason.txt",
            "note.txt",
            "note.txt.reason.txt",
        ]
        assert (rejected / "note.txt.reason.txt").read_text().startswith("file.unsupported")

    def test_killed_between_sending_and_moving_nothing_comes_twice(
        self, services: Services, inbox: Path
    ) -> None:
        """The file is still there after the restart; the service knows it."""
        take = taker_of_services(services, WANTED)
        (inbox / "a.jpg").write_bytes(jpeg())

        def killed(path: Path) -> Outcome:
            take(path)
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            HotFolder(inbox, 0.0, killed, float).look()
        assert (inbox / "a.jpg").exists()
        again = HotFolder(inbox, 0.0, take, float).look()
        assert [name for name, _ in again] == ["a.jpg"]
        assert _names(services) == ["a.jpg"]
        with services.db.reading() as uow:
            receipt = batch_receipt(uow, documents.page(uow, DocumentFilter())[0].batch)
        assert (receipt.files.received, receipt.batch.name) == (1, "inbox 2026-11-01")

    def test_files_stay_while_the_service_is_away(self, inbox: Path) -> None:
        """And are taken in when it is back."""
        (inbox / "a.jpg").write_bytes(jpeg())

        def away(_path: Path) -> Outcome:
            raise ServiceUnavailable

        with pytest.raises(ServiceUnavailable):
            HotFolder(inbox, 0.0, away, float).look()
        assert (inbox / "a.jpg").exists()


def test_a_folder_means_the_scans_in_it(inbox: Path) -> None:
    """With their folders in the names; other files are left out."""
    (inbox / "b").mkdir()
    for name in ("b/2.JPG", "1.pdf", "note.txt"):
        (inbox / name).write_bytes(b"1")
    assert [name for _, name in scans_in([inbox])] == ["inbox/1.pdf", "inbox/b/2.JPG"]


@contextmanager
def _api(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "ocr_service.cli", "api"],
        cwd=ROOT,
        env={**os.environ, **settings.as_environment()},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.slow
def test_a_large_file_goes_on_where_it_was_when_the_api_was_killed(tmp_path: Path) -> None:
    """``kill -9`` in the middle of 60 MB; one document in the end, and no byte sent in vain."""
    settings = Settings(data_dir=tmp_path / "data", port=free_port(), sweep_seconds=3600)
    services = build_services(settings, bell=SilentBell())
    prepare(services)
    with services.db.writing() as uow:
        admin = accounts.ensure_admin(uow)
        token = accounts.issue_token(uow, admin, name="t", life=None, actor="test")
    scan = tmp_path / "large.jpg"
    scan.write_bytes(jpeg() + bytes(60_000_000))
    with _api(settings) as first, ThreadPoolExecutor(1) as pool:
        patience = Patience(tries=200, first_s=0.1, most_s=0.2)
        sender = Sender(f"http://127.0.0.1:{settings.port}", token, patience)
        batch = sender.open_batch({"name": "x"}, key="x")
        uploads = settings.data_dir / "uploads"
        sending = pool.submit(sender.send, batch, scan)
        wait_until(lambda: any(p.stat().st_size > 9_000_000 for p in _received(uploads)))
        first.kill()
        first.wait()
        kept = max(p.stat().st_size for p in _received(uploads))
        with _api(settings):
            outcome = sending.result(120)
    sender.close()
    assert 9_000_000 < kept < 60_000_000
    assert outcome == Outcome(batch, duplicate=False)
    assert _names(services) == ["large.jpg"]
    services.close()


def _received(uploads: Path) -> list[Path]:
    """The growing files, without the notes beside them."""
    return [path for path in uploads.glob("*") if not path.suffix]
