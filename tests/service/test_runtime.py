"""How a worker process is put together, and what the doorbell does without its broker."""

from __future__ import annotations

import os
import socket
import time
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from ocr_service.bootstrap import build_services, is_dead_here, queue_options, worker_name
from ocr_service.queue.celery_app import QueueOptions, make_bell
from ocr_service.settings import ReaderKind, Settings
from tests.service.fakes import KEY, RememberingBell
from workers.runtime import ReaderShelf, build_worker


def test_the_reader_is_loaded_once_and_anew_when_a_template_is_added(tmp_path: Path) -> None:
    """Workers need no restart for a new form."""
    settings = Settings(data_dir=tmp_path, reader=ReaderKind.NULL)
    services = build_services(settings, bell=RememberingBell())
    shelf = ReaderShelf(services)
    first = shelf.reader()
    assert shelf.reader() is first
    shipped = services.shelf.library().get(KEY).folder / "template.toml"
    own = settings.own_template_dir / "x" / "1"
    own.mkdir(parents=True)
    text = shipped.read_text("utf-8").replace(f'key = "{KEY}"', 'key = "copy"', 1)
    (own / "template.toml").write_text(text, "utf-8")
    assert shelf.reader() is not first
    services.close()


def test_a_worker_is_named_after_its_process(tmp_path: Path) -> None:
    """So that its death can be noticed from the same machine."""
    worker = build_worker(Settings(data_dir=tmp_path, reader=ReaderKind.NULL))
    assert worker.name == worker_name() == f"worker:{socket.gethostname()}:{os.getpid()}"
    assert worker.drain_for > timedelta(0)
    worker.db.engine.dispose()


def test_only_a_gone_process_of_this_machine_counts_as_dead() -> None:
    """Of other machines nothing is known."""
    here = socket.gethostname()
    assert not is_dead_here(worker_name())
    assert is_dead_here(f"worker:{here}:{2**22 + 1}")
    assert not is_dead_here(f"worker:elsewhere:{2**22 + 1}")
    assert not is_dead_here("somebody")


def test_a_bell_without_its_broker_is_noted_and_harms_nothing(
    tmp_path: Path,
) -> None:
    """The upload goes through without waiting; the sweep rings again."""
    options = QueueOptions("redis://127.0.0.1:1/0", tmp_path, 10.0, 100)
    bell = make_bell(options)
    bell.ring(7)  # the first one imports the client
    with capture_logs() as logs:
        started = time.perf_counter()
        bell.ring(7)
        took_s = time.perf_counter() - started
    assert [line["event"] for line in logs] == ["bell.unheard"]
    assert took_s < 2


def test_a_ring_through_files_appears_whole(tmp_path: Path) -> None:
    """One message, no half-written one beside it."""
    make_bell(queue_options(Settings(data_dir=tmp_path))).ring(7)
    names = [path.name for path in (tmp_path / "queue" / "messages").iterdir()]
    assert [name.rpartition(".")[2] for name in names] == ["msg"]


def test_settings_survive_the_way_into_a_child_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever was chosen on the command line holds for the workers too."""
    chosen = Settings(
        data_dir=tmp_path, workers=3, template_dirs=(tmp_path / "forms",), log_json=True
    )
    for name, value in chosen.as_environment().items():
        monkeypatch.setenv(name, value)
    assert Settings() == chosen
