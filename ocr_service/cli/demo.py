"""``ocr-service demo``: the sample scans through API and queue, the records as a table."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from ocr_service.cli.client import ServiceClient
from ocr_service.cli.demo_papers import make_papers
from ocr_service.cli.demo_review import read_truth, review_all
from ocr_service.cli.embedded import RunningService, embedded
from ocr_service.cli.up import stop_on_signals
from ocr_service.db.ids import BatchId
from ocr_service.domain.errors import InvalidRequest
from ocr_service.logs import configure_logs, open_log
from ocr_service.settings import Settings

_SAMPLES = Path(__file__).resolve().parents[2] / "samples" / "scans"
_UNSEEN = _SAMPLES.with_name("scans-influenza")
_SCANS = ("*.jpg", "*.png", "*.tif", "*.pdf")
_SHOWN_KEYS = ("voucher_number", "name", "birth_date", "vaccination_date", "lot_number")
"""Enough to recognise a page by; the pages show all."""
_FILES = (
    ("csv", "records.csv"),
    ("csv-cp932", "records-cp932.csv"),
)
_LIMIT_S = 600.0
_WORKERS = 2
_UP = "ocr-service up --data"
_TABLE_COLUMNS = 150


def register(commands: typer.Typer) -> None:
    """Add the command."""
    commands.command("demo")(demo)


def demo(
    samples: Annotated[Path, typer.Option(help="Folder of scans.")] = _SAMPLES,
    data: Annotated[Path, typer.Option(help="Folder for what the demo keeps.")] = Path("data/demo"),
    port: Annotated[int, typer.Option(help="Port of the pages; 0 = any free one.")] = 0,
) -> None:
    """Read the sample scans, show the records; end with a ledger file, a claim and its balance."""
    scans = _scans_in(samples)
    if not scans:
        raise InvalidRequest(f"no scans in {samples}")
    console = Console(highlight=False, soft_wrap=True)
    stop = stop_on_signals()
    data.mkdir(parents=True, exist_ok=True)
    log_file = data.resolve() / "service.log"
    settings = Settings(data_dir=data, port=port, workers=_WORKERS, log_file=log_file)
    configure_logs(as_json=True, stream=open_log(log_file))
    with embedded(settings) as service:
        console.print(f"Reading {len(scans)} scans with {_WORKERS} workers …")
        batch = _read_all(service, scans, data, console)
        _review(service, batch, samples, console)
        make_papers(service.services, batch, data, console.print)
        console.print(f"Look at them: {service.login_url(then='/')}")
        if sys.stdout.isatty():
            _leave_work(service, console)
            console.print("Serving until Ctrl-C.")
            stop.wait()
            return
    console.print(f"Not on a terminal, so the pages are closed again; to open them: {_UP} {data}")


def _scans_in(folder: Path) -> list[Path]:
    return sorted(path for pattern in _SCANS for path in folder.glob(pattern))


def _leave_work(service: RunningService, console: Console) -> None:
    """Send scans that nobody has seen, so that whoever opens the review finds something to do."""
    scans = _scans_in(_UNSEEN)
    if not scans:
        return
    client = ServiceClient(service.address, service.admin_token("demo"))
    try:
        _send_all(client, scans, console, name="for you")
    finally:
        client.close()
    console.print(
        f"{len(scans)} further scans are being read and wait for you under 確認 (Review)."
    )


def _review(service: RunningService, batch: BatchId, samples: Path, console: Console) -> None:
    """Say plainly that no person looked: the samples' truth is what the demo answers from."""
    truth = read_truth(samples)
    if not truth:
        console.print("What stands on these scans is not known: approve them on the pages.")
        return
    done = review_all(service.services, batch, truth)
    if not done.approved + done.left:
        return
    console.print(
        f"The demo played the person at the desk (user demo in the audit log): it answered"
        f" {done.answered} fields from the samples' known content and approved {done.approved}"
        f" records; {done.left} are left to people."
    )


def _read_all(service: RunningService, scans: list[Path], data: Path, console: Console) -> BatchId:
    client = ServiceClient(service.address, service.admin_token("demo"))
    try:
        batch = _send_all(client, scans, console)
        _follow(client, batch)
        documents = list(client.documents(batch))
        table = _table(documents, [client.record(d["id"]) for d in documents])
        # A pipe has no width of its own; folded cells would be unreadable there.
        wide = console if console.is_terminal else Console(width=_TABLE_COLUMNS)
        wide.print(table)
        for profile, name in _FILES:
            path = data / name
            path.write_bytes(client.records_csv(batch, profile))
            console.print(f"{len(documents)} records as CSV ({profile}): {path}")
    finally:
        client.close()
    return BatchId(batch)


def _send_all(
    client: ServiceClient, scans: list[Path], console: Console, *, name: str = "samples"
) -> int:
    """Send the scans; the batch they are in, an earlier run's if it had them all."""
    batch = client.open_batch(name)
    sent = [client.send(batch, path) for path in scans]
    if not all(one.duplicate for one in sent):
        return batch
    console.print("The same scans were read before: nothing is read twice.")
    return sent[0].batch


def _follow(client: ServiceClient, batch: int) -> None:
    with Progress(transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("reading", total=None)
        client.wait(
            batch,
            limit_s=_LIMIT_S,
            told=lambda p: bar.update(task, completed=p.done, total=p.total or None),
        )


def _table(documents: Iterable[dict[str, Any]], records: Iterable[dict[str, Any]]) -> Table:
    table = Table("file", "state", *_SHOWN_KEYS, "fields to check", show_edge=False)
    for document, record in zip(documents, records, strict=True):
        fields: dict[str, Any] = record["fields"]
        shown = [str((fields.get(key) or {}).get("value") or "") for key in _SHOWN_KEYS]
        doubtful = sum(field["status"] == "review" for field in fields.values())
        table.add_row(document["file"], document["state"], *shown, f"{doubtful} of {len(fields)}")
    return table


__all__ = ["demo", "register"]
