"""Hand-off: told once, whatever breaks; signed so that others can check; whole files only."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from ocr_service.bootstrap import hand_off
from ocr_service.db.export import exports, outbox, schedule_runs
from ocr_service.db.uow import Database
from ocr_service.domain.errors import InvalidRequest, ServiceUnavailable
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.forms.library import load_library, shipped_folder
from ocr_service.service.export.delivering import (
    MOST_ATTEMPTS,
    NotDelivered,
    again_after,
    deliver_due,
    signature,
)
from ocr_service.service.export.handing_off import HandOff, announce_claim
from ocr_service.service.export.profiles import ProfileFolder
from ocr_service.service.export.scheduling import Schedule, ScheduleRunner, last_due, read_schedules
from ocr_service.service.whole_files import write_whole
from ocr_service.settings import Settings
from tests.conftest import START, TurnableClock
from tests.service.billing_desk import draft, issue, read
from tests.service.fakes import Office, jpeg

SECRET = b"a secret of 20 bytes"


@dataclass
class Receiver:
    """A webhook on this machine that answers what it is told to and remembers what it got."""

    address: str
    answers: list[int] = field(default_factory=list)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """It listens on 127.0.0.1 only."""
    found = Receiver("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.got.append((dict(self.headers), body))
            self.send_response(found.answers.pop(0) if found.answers else 204)
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
            self.end_headers()

        def log_message(self, *_args: Any) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    found.address = f"http://127.0.0.1:{server.server_port}/hook?key=abc"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


def issued(office: Office, handoff: HandOff) -> None:
    """An issued claim that others are told of."""
    read(office)
    claim = issue(office, draft(office).id)
    for _ in range(2):
        with office.db.writing() as uow:
            announce_claim(uow, handoff, claim)


def states(db: Database) -> list[tuple[str, str, int, str | None]]:
    with db.reading() as uow:
        return [(m.target, m.state, m.attempts, m.last_error) for m in outbox.newest(uow)]


def test_a_webhook_is_told_once_with_a_signature_that_others_can_check(
    office: Office, receiver: Receiver
) -> None:
    """The independent check knows nothing but the header, the body and the secret."""
    handoff = HandOff(None, receiver.address, SECRET)
    issued(office, handoff)
    assert deliver_due(office.db, office.blobs, handoff) == 1
    assert deliver_due(office.db, office.blobs, handoff) == 0
    ((headers, body),) = receiver.got
    parts = dict(part.split("=", 1) for part in headers["X-Signature"].split(","))
    assert int(parts["t"]) == int(office.db.clock().timestamp())
    # RFC 2104 by hand: H((K xor opad) || H((K xor ipad) || text))
    key = SECRET.ljust(64, b"\0")
    inner = hashlib.sha256(bytes(k ^ 0x36 for k in key) + parts["t"].encode() + b"." + body)
    outer = hashlib.sha256(bytes(k ^ 0x5C for k in key) + inner.digest())
    assert parts["v1"] == outer.hexdigest()
    told = json.loads(body)
    assert headers["Idempotency-Key"] == told["event"] == "claim:1"
    assert (told["type"], told["forms"], told["total"]) == ("claim.issued", 1, 2277)
    assert "見本" not in body.decode()


def test_a_changed_message_has_another_signature() -> None:
    """Body, time and secret all count."""
    one = signature(SECRET, body=b"{}", at=START)
    assert one == signature(SECRET, body=b"{}", at=START)
    assert one != signature(SECRET, body=b"{ }", at=START)
    assert one != signature(b"x" + SECRET, body=b"{}", at=START)
    late = signature(SECRET, body=b"{}", at=START + timedelta(seconds=1))
    assert late.partition(",v1=")[2] != one.partition(",v1=")[2]
    digest = hmac.digest(SECRET, f"{int(START.timestamp())}.{{}}".encode(), "sha256").hex()
    assert one.endswith(digest)


def test_failures_are_tried_again_later_and_later(
    office: Office, receiver: Receiver, clock: TurnableClock
) -> None:
    """The same message each time; errors tell neither address nor secret."""
    handoff = HandOff(None, receiver.address, SECRET)
    issued(office, handoff)
    receiver.answers = [500, 302]
    for seconds in (30, 60):
        assert deliver_due(office.db, office.blobs, handoff) == 0
        clock.advance(seconds - 1)
        assert deliver_due(office.db, office.blobs, handoff) == 0
        clock.advance(1)
    assert states(office.db) == [("webhook", "waiting", 2, "webhook: HTTP 302")]
    assert deliver_due(office.db, office.blobs, handoff) == 1
    assert len({body for _, body in receiver.got}) == 1
    assert states(office.db) == [("webhook", "delivered", 3, None)]
    assert "abc" not in repr(handoff)
    assert SECRET.decode() not in repr(handoff)


def test_what_nobody_takes_is_given_up_and_can_be_tried_anew(
    office: Office, clock: TurnableClock
) -> None:
    """After about a day and a half; a person may start it again."""
    handoff = HandOff(None, "http://127.0.0.1:9/hook?key=abc", SECRET)
    issued(office, handoff)
    waited = timedelta(0)
    for attempt in range(1, MOST_ATTEMPTS + 1):
        assert deliver_due(office.db, office.blobs, handoff) == 0
        again = again_after(attempt)
        assert (again is None) == (attempt == MOST_ATTEMPTS)
        waited += again or timedelta(0)
        clock.advance((again or timedelta(0)).total_seconds())
    assert timedelta(hours=24) < waited < timedelta(hours=48)
    ((_, state, attempts, error),) = states(office.db)
    assert (state, attempts, error) == ("given_up", MOST_ATTEMPTS, "webhook: ConnectError")
    with office.db.writing() as uow:
        assert outbox.retry(uow, 1)
        assert not outbox.retry(uow, 1)
    assert states(office.db)[0][:3] == ("webhook", "waiting", 0)


def test_a_process_that_dies_in_a_try_leaves_the_message_to_others(
    office: Office, receiver: Receiver, clock: TurnableClock
) -> None:
    """Not before the lease ends, and then with the same key."""
    handoff = HandOff(None, receiver.address, SECRET)
    issued(office, handoff)
    with office.db.writing() as uow:
        assert outbox.take_due(uow, lease=timedelta(minutes=5)) is not None
    assert deliver_due(office.db, office.blobs, handoff) == 0
    clock.advance(300)
    assert deliver_due(office.db, office.blobs, handoff) == 1
    assert receiver.got[0][0]["Idempotency-Key"] == "claim:1"


def test_several_processes_deliver_each_message_once(office: Office, receiver: Receiver) -> None:
    """Whoever takes a message keeps the others from it for a while."""
    handoff = HandOff(None, receiver.address, SECRET)
    with office.db.writing() as uow:
        for number in range(6):
            body = {"event": f"export:{number}"}
            outbox.add(uow, event=f"export:{number}", target="webhook", body=body)

    def deliver() -> None:
        deliver_due(office.db, office.blobs, handoff)

    threads = [threading.Thread(target=deliver) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    keys = sorted(headers["Idempotency-Key"] for headers, _ in receiver.got)
    assert keys == [f"export:{number}" for number in range(6)]


def test_the_drop_folder_gets_whole_files_and_then_a_word_that_they_are_done(
    office: Office, tmp_path: Path, clock: TurnableClock
) -> None:
    """Where the folder is away (a share that is not mounted) it is tried again, not made."""
    folder = tmp_path / "drop"
    handoff = HandOff(folder)
    issued(office, handoff)
    assert deliver_due(office.db, office.blobs, handoff) == 0
    assert not folder.exists()
    folder.mkdir()
    clock.advance(30)
    assert deliver_due(office.db, office.blobs, handoff) == 1
    assert sorted(path.name for path in folder.iterdir()) == ["C000001.zip", "C000001.zip.done"]
    digest = hashlib.sha256((folder / "C000001.zip").read_bytes()).hexdigest()
    assert (folder / "C000001.zip.done").read_text() == f"{digest}  C000001.zip\n"


def test_a_full_disk_leaves_nothing_under_the_final_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor a temporary file; what was there before stays."""
    target = tmp_path / "a.csv"
    write_whole(target, b"old")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(ServiceUnavailable, match=r"a\.csv cannot be written: No space"):
        write_whole(target, b"new")
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("a.csv", b"old")]


def test_a_webhook_needs_a_secret(tmp_path: Path) -> None:
    """Else what it is told could come from anybody; short ones are guessed."""
    secret = tmp_path / "secret"
    settings = Settings(
        data_dir=tmp_path, webhook_url="http://127.0.0.1:9", webhook_secret_file=secret
    )
    with pytest.raises(InvalidRequest, match="OCR_WEBHOOK_SECRET_FILE"):
        hand_off(settings)
    secret.write_bytes(b"short")
    with pytest.raises(InvalidRequest, match="16 bytes"):
        hand_off(settings)
    secret.write_bytes(SECRET + b"\n")
    assert hand_off(settings).secret == SECRET


def test_targets_that_are_gone_are_failures_not_crashes(office: Office, tmp_path: Path) -> None:
    """The message says that no target is set any more."""
    issued(office, HandOff(tmp_path, "http://127.0.0.1:9", SECRET))
    assert deliver_due(office.db, office.blobs, HandOff()) == 0
    errors = [error for _, _, _, error in states(office.db)]
    assert errors == ["no webhook is set any more", "no folder is set any more"]
    assert NotDelivered.retryable


def test_schedules_come_round_by_japans_clock() -> None:
    """Daily or on some days; late within six hours; not a day later."""
    nightly = Schedule(name="nightly", profile="csv", at=dt.time(2, 0))
    # START is Sunday 2026-11-01 18:00 in Japan.
    evening = Schedule(name="evening", profile="csv", at=dt.time(17, 30), days=("sun",))
    assert last_due(nightly, START) is None
    due = last_due(evening, START)
    assert due is not None
    assert due.isoformat() == "2026-11-01T17:30:00+09:00"
    assert last_due(evening, START + timedelta(hours=5)) == due
    assert last_due(evening, START + timedelta(hours=6)) is None
    assert last_due(evening, START + timedelta(days=1)) is None
    late = Schedule(name="late", profile="csv", at=dt.time(23, 0))
    after_midnight = last_due(late, START + timedelta(hours=8))
    assert after_midnight is not None
    assert after_midnight.day == 1


def test_a_schedule_makes_its_export_once_for_all_processes(
    office: Office, tmp_path: Path, clock: TurnableClock
) -> None:
    """The next day it comes round again and says that nothing goes out."""
    file = tmp_path / "schedules.toml"
    file.write_text(
        '[[schedule]]\nname = "evening"\nprofile = "csv"\nat = 17:30:00\n'
        'template = "mhlw-covid19"\n',
        "utf-8",
    )
    office.reader.state = DocumentState.APPROVED
    office.reader.issues = ()
    office.send(office.open_batch(), jpeg())
    office.work_off()
    library = load_library(shipped_folder())
    runner = ScheduleRunner(
        office.db,
        office.blobs,
        ProfileFolder(tmp_path / "profiles"),
        lambda: library,
        HandOff(tmp_path),
        file,
        tmp_path / "work",
        None,
    )
    threads = [threading.Thread(target=runner.run_due) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    clock.advance(86_400)
    assert runner.run_due() == 1
    with office.db.reading() as uow:
        outcomes = [run.outcome for run in schedule_runs.newest(uow)]
        made = exports.page(uow)
    assert outcomes == ["nothing: conflict", "export 1: 1 rows"]
    assert len(made) == 1
    assert deliver_due(office.db, office.blobs, runner.handoff) == 1
    assert (tmp_path / "E000001-csv.csv.done").is_file()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[schedule", "not TOML"),
        ('[[schedule]]\nname = "a"\nat = 17:30:00\n', r"schedule\.0\.profile"),
        (
            '[[schedule]]\nname = "a"\nprofile = "p"\nat = 17:30:00\ndays = ["monday"]\n',
            r"schedule\.0\.days",
        ),
    ],
)
def test_a_broken_file_of_schedules_is_named(tmp_path: Path, text: str, said: str) -> None:
    """With the entry."""
    file = tmp_path / "schedules.toml"
    assert read_schedules(file) == ()
    file.write_text(text, "utf-8")
    with pytest.raises(InvalidRequest, match=said):
        read_schedules(file)
