"""``ocr-service watch``: takes in what scanners write into a folder."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from ocr_service.bootstrap import Services, build_services, prepare
from ocr_service.cli.hot_folder import HotFolder, Take
from ocr_service.cli.sending import Outcome, Patience, Sender
from ocr_service.cli.up import stop_on_signals
from ocr_service.db.ids import BatchId
from ocr_service.db.intake.batches import BatchOptions
from ocr_service.domain.errors import InvalidRequest, ServiceUnavailable
from ocr_service.domain.pairing import PairBy
from ocr_service.service.intake import receiving
from ocr_service.service.intake.spool import Spooled, copy_limited, spool_folder, spooling
from ocr_service.settings import Settings

_JAPAN = timezone(timedelta(hours=9), "JST")
_ACTOR = "watch"
_SHORT = Patience(tries=3)


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a watched folder's batches are to be: one a day.

    Attributes:
        name: of the batch; the day is added.
        template: ``KEY[@VERSION]``, None = find it.
        duplex: both sides of each sheet are scanned.
        pair_by: what ties the sides of a form with several together.
    """

    name: str
    template: str | None
    duplex: bool
    pair_by: PairBy = PairBy.CODE

    def title(self, today: str) -> str:
        """Name of the batch of a day."""
        return f"{self.name} {today}"

    def key(self, today: str) -> str:
        """The same for the same day, so that a restart finds the batch again."""
        told = f"watch\n{self.name}\n{self.template}\n{self.duplex}\n{today}"
        if self.pair_by is not PairBy.CODE:
            told += f"\n{self.pair_by}"
        return hashlib.sha256(told.encode()).hexdigest()


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("watch")(watch)


def watch(  # noqa: PLR0913 - one option each
    folder: Annotated[Path, typer.Argument(help="Where scanners write.", file_okay=False)],
    url: Annotated[
        str | None,
        typer.Option(
            help="Address of the service; default: the database of the settings.",
            envvar="OCR_SERVICE_URL",
        ),
    ] = None,
    token: Annotated[
        str, typer.Option(help="API token.", envvar="OCR_SERVICE_TOKEN", show_default=False)
    ] = "",
    batch: Annotated[str | None, typer.Option(help="Batch name; default: the folder's.")] = None,
    template: Annotated[str | None, typer.Option(help="KEY[@VERSION] of every page.")] = None,
    settle: Annotated[
        float, typer.Option(help="A file is complete after so many seconds without change.")
    ] = 5.0,
    *,
    duplex: Annotated[bool, typer.Option(help="Both sides of each sheet are scanned.")] = False,
    pair_by: Annotated[
        PairBy, typer.Option(help="What ties the sides of a form with several together.")
    ] = PairBy.CODE,
    once: Annotated[bool, typer.Option(help="End when nothing waits any more.")] = False,
) -> None:
    """Take in complete files until Ctrl-C; they move to done, or to rejected with a reason."""
    if not folder.is_dir():
        raise InvalidRequest(f"no such folder: {folder}")
    wanted = Wanted(batch or folder.resolve().name, template, duplex, pair_by)
    stop = stop_on_signals()
    console = Console(highlight=False, soft_wrap=True)
    pause = min(1.0, max(0.05, settle / 4))
    with _taking(url, token, wanted) as take:
        hot = HotFolder(folder, settle, take, time.monotonic)
        while not stop.is_set():
            _look(hot, console)
            if once and not hot.is_waiting():
                return
            stop.wait(pause)


def _look(hot: HotFolder, console: Console) -> None:
    try:
        for name, outcome in hot.look():
            told = outcome.reason or ("came before" if outcome.duplicate else "taken in")
            console.print(f"{name}: {told}", markup=False)
    except ServiceUnavailable as error:
        console.print(f"{error.code}: {error}; files stay until it is back", markup=False)


@contextmanager
def _taking(url: str | None, token: str, wanted: Wanted) -> Iterator[Take]:
    if url is None:
        services = build_services(Settings())
        prepare(services)
        try:
            yield taker_of_services(services, wanted)
        finally:
            services.close()
        return
    if not token:
        raise InvalidRequest("give a token with --token or OCR_SERVICE_TOKEN")
    sender = Sender(url, token, _SHORT)
    try:
        yield _taker_of_sender(sender, wanted, lambda: datetime.now(_JAPAN))
    finally:
        sender.close()


def taker_of_services(services: Services, wanted: Wanted) -> Take:
    """Takes files in without HTTP, into the database of the settings."""

    def take(path: Path) -> Outcome:
        today = services.db.clock().astimezone(_JAPAN).date().isoformat()
        by = receiving.Sender(_ACTOR, key=wanted.key(today))
        options = BatchOptions(duplex=wanted.duplex, pair_by=wanted.pair_by)
        new = receiving.NewBatch(wanted.title(today), wanted.template, options)
        opened = receiving.open_batch(services.db, new, by)
        limit = services.settings.max_archive_bytes
        with spooling(spool_folder(services.blobs), max_bytes=limit) as spool:
            with path.open("rb") as file:
                spooled = copy_limited(file, spool)
            answer = receiving.receive_file(
                services.db,
                services.blobs,
                services.bell,
                spooled,
                name=path.name,
                batch=BatchId(opened.body["id"]),
                sender=receiving.Sender(_ACTOR, key=_key_of_file(opened.body["id"], path, spooled)),
            )
        return _outcome(answer)

    return take


def _key_of_file(batch: int, path: Path, spooled: Spooled) -> str:
    return hashlib.sha256(f"{batch}:{path.name}:{spooled.sha256}".encode()).hexdigest()


def _taker_of_sender(sender: Sender, wanted: Wanted, now: Callable[[], datetime]) -> Take:
    def take(path: Path) -> Outcome:
        today = now().date().isoformat()
        shown: dict[str, Any] = {
            "name": wanted.title(today),
            "template": wanted.template,
            "duplex": wanted.duplex,
            "pair_by": wanted.pair_by,
        }
        number = sender.open_batch(shown, key=wanted.key(today))
        return sender.send(number, path)

    return take


def _outcome(answer: receiving.Answer) -> Outcome:
    if answer.is_error:
        return Outcome(
            None, duplicate=False, reason=f"{answer.body['code']}: {answer.body['detail']}"
        )
    return Outcome(answer.body["batch"], answer.body["duplicate"])


__all__ = ["Wanted", "register", "taker_of_services", "watch"]
