"""``ocr-service send``: files and folders to a running service, the receipt on the screen."""

from __future__ import annotations

import sys
import time
import uuid
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from ocr_service.cli.sending import Outcome, Sender, scans_in
from ocr_service.domain.errors import InvalidRequest, ServiceUnavailable
from ocr_service.domain.pairing import PairBy

EXIT_ALL_READ = 0
EXIT_SOME_UNREAD = 3

_POLL_S = 0.5
_OPEN = ("queued", "processing")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("send")(send)


def send(  # noqa: PLR0913 - one option each
    paths: Annotated[list[Path], typer.Argument(help="Scans, ZIP files, or folders of them.")],
    batch: Annotated[str, typer.Option(help="Name of the batch.")] = "",
    template: Annotated[str | None, typer.Option(help="KEY[@VERSION] of every page.")] = None,
    sheets: Annotated[int | None, typer.Option(help="Sheets you counted.", min=0)] = None,
    url: Annotated[
        str, typer.Option(help="Address of the service.", envvar="OCR_SERVICE_URL")
    ] = "http://127.0.0.1:8000",
    token: Annotated[
        str, typer.Option(help="API token.", envvar="OCR_SERVICE_TOKEN", show_default=False)
    ] = "",
    *,
    duplex: Annotated[bool, typer.Option(help="Both sides of each sheet were scanned.")] = False,
    pair_by: Annotated[
        PairBy, typer.Option(help="What ties the sides of a form with several together.")
    ] = PairBy.CODE,
    wait: Annotated[bool, typer.Option(help="Wait until everything is read.")] = True,
    limit_s: Annotated[float, typer.Option(help="Wait at most so many seconds.")] = 86_400.0,
) -> None:
    """Send scans, wait until they are read, print the receipt.

    Exit code 0: all read; 3: a file was refused, a page not read, or a side of a form is missing;
    2: wrong usage.
    """
    files = list(scans_in(paths))
    if not files:
        raise InvalidRequest("no scans there")
    if not token:
        raise InvalidRequest("give a token with --token or OCR_SERVICE_TOKEN")
    wanted: dict[str, Any] = {"name": batch, "template": template, "announced": sheets}
    sender = Sender(url, token)
    console = Console(highlight=False, soft_wrap=True)
    try:
        number = sender.open_batch(
            {**wanted, "duplex": duplex, "pair_by": pair_by}, key=uuid.uuid4().hex
        )
        outcomes = _send_all(sender, number, files)
        receipts = _wait(sender, number, limit_s=limit_s) if wait else [sender.receipt(number)]
    finally:
        sender.close()
    for (_path, name), outcome in zip(files, outcomes, strict=True):
        if outcome.reason is not None:
            console.print(f"refused: {name}: {outcome.reason}", style="red", markup=False)
    for receipt in receipts:
        print_receipt(console, receipt)
    raise typer.Exit(_exit_code(outcomes, receipts))


def print_receipt(console: Console, receipt: dict[str, Any]) -> None:
    """Show a batch's receipt as a table, and what somebody must look at below it."""
    files, pages = receipt["files"], receipt["pages"]
    table = Table(title=f"Batch {receipt['batch']} {receipt['name']}", show_header=False)
    if receipt["announced"] is not None:
        table.add_row("sheets announced", str(receipt["announced"]))
    table.add_row("sheets", str(receipt["sheets"]))
    for key in ("received", "taken", "archives", "duplicates", "rejected"):
        table.add_row(f"files {key}", str(files[key]))
    for key in ("received", "documents", "blanks", "separators", "discarded", "moved_out"):
        table.add_row(f"pages {key.replace('_', ' ')}", str(pages[key]))
    if receipt["sides"]["pages"]:
        for key in ("pages", "paired", "alone", "twice", "uncoded", "forms"):
            table.add_row(f"sides {key}", str(receipt["sides"][key]))
    for state, number in sorted(receipt["states"].items()):
        table.add_row(f"  {state}", str(number))
    console.print(table)
    _print_trouble(console, receipt)


def _print_trouble(console: Console, receipt: dict[str, Any]) -> None:
    if receipt["as_announced"] is False:
        told = f"{receipt['announced']} sheets were announced, {receipt['sheets']} came in"
        console.print(told, style="red")
    for kind in ("rejects", "unread", "unpaired"):
        for found in receipt[kind]:
            page = "" if found["page"] is None else f" page {found['page']}"
            line = f"{kind}: {found['name']}{page}: {found['code']}: {found['message']}"
            console.print(line, markup=False)
    for name in receipt["duplicates"]:
        console.print(f"came before: {name}", markup=False)


def _send_all(sender: Sender, batch: int, files: list[tuple[Path, str]]) -> list[Outcome]:
    with Progress(transient=True, disable=not sys.stderr.isatty()) as bar:
        return [
            sender.send(batch, path, name=name)
            for path, name in bar.track(files, description="sending")
        ]


def _wait(sender: Sender, batch: int, *, limit_s: float) -> list[dict[str, Any]]:
    """The receipts of the batch and of those that separator sheets opened, once settled."""
    end = time.monotonic() + limit_s
    with Progress(transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("reading", total=None)
        while True:
            receipts = _receipts(sender, batch)
            total = sum(receipt["pages"]["received"] for receipt in receipts)
            waiting = sum(receipt["states"].get(s, 0) for receipt in receipts for s in _OPEN)
            bar.update(task, completed=total - waiting, total=total or None)
            if all(receipt["settled"] for receipt in receipts):
                return receipts
            if time.monotonic() >= end:
                raise ServiceUnavailable(f"batch {batch} is not ready after {limit_s:.0f} s")
            time.sleep(_POLL_S)


def _receipts(sender: Sender, batch: int) -> list[dict[str, Any]]:
    first = sender.receipt(batch)
    return [first, *(sender.receipt(opened) for opened in first["opened"])]


def _exit_code(outcomes: list[Outcome], receipts: list[dict[str, Any]]) -> int:
    good = all(outcome.reason is None for outcome in outcomes)
    for receipt in receipts:
        good &= not any(receipt[kind] for kind in ("rejects", "unread", "unpaired"))
        good &= receipt["as_announced"] is not False
    return EXIT_ALL_READ if good else EXIT_SOME_UNREAD


__all__ = ["print_receipt", "register", "send"]
