"""``ocr-service claim``: claims and price tables without a browser."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ocr_service.billing.places import municipality_name
from ocr_service.billing.reasons import WORDS, Reason
from ocr_service.billing.tariff_lint import lint_tables
from ocr_service.bootstrap import Services, build_services, prepare
from ocr_service.db.billing import claims
from ocr_service.db.ids import BatchId
from ocr_service.domain.errors import InvalidRequest
from ocr_service.domain.record import Severity
from ocr_service.service.billing import claims as billing_claims
from ocr_service.service.billing.claims import Preview
from ocr_service.service.billing.issuing import archive_file, claim_number, issue_claim
from ocr_service.service.billing.picking import ClaimWish
from ocr_service.service.billing.setup import BillingSetup, load_setup
from ocr_service.service.export.handing_off import announce_claim
from ocr_service.service.whole_files import write_whole
from ocr_service.settings import Settings

_ACTOR = "command"
_WRONG = 2

app = typer.Typer(help="Claims and price tables.", no_args_is_help=True)

DataDir = Annotated[Path | None, typer.Option(help="Data folder; default: OCR_DATA_DIR.")]


def register(commands: typer.Typer) -> None:
    """Add the commands."""
    commands.add_typer(app, name="claim")


@contextmanager
def _services(data: Path | None) -> Iterator[Services]:
    services = build_services(Settings() if data is None else Settings(data_dir=data))
    try:
        prepare(services)
        yield services
    finally:
        services.close()


def _setup(services: Services) -> BillingSetup:
    settings = services.settings
    return load_setup(price_dir=settings.price_dir, billing_file=settings.resolved_billing_file)


@app.command("run")
def run(  # noqa: PLR0913 - one option each
    month: Annotated[str, typer.Option(help="Billing month, YYYY-MM.")],
    until: Annotated[
        str | None, typer.Option(help="Vaccinated until YYYY-MM-DD; default: the month before.")
    ] = None,
    batch: Annotated[int | None, typer.Option(help="Only of this batch.")] = None,
    institution: Annotated[str | None, typer.Option(help="Only of this institution.")] = None,
    output: Annotated[Path | None, typer.Option(help="Put the ZIP here; needs --issue.")] = None,
    data: DataDir = None,
    *,
    issue: Annotated[bool, typer.Option("--issue", help="Issue the papers as well.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what it would be.")] = False,
) -> None:
    """Draft a claim from what is approved and not billed yet."""
    if output is not None and not issue:
        raise InvalidRequest("--output needs --issue: a draft has no papers to keep")
    wish = _wish(month, until, batch, institution)
    with _services(data) as services:
        setup = _setup(services)
        with services.db.reading() as uow:
            _show(billing_claims.preview_claim(uow, setup, wish))
        if dry_run:
            return
        with services.db.reading() as reading, services.db.writing() as uow:
            made = billing_claims.draft_claim(reading, uow, setup, wish, actor=_ACTOR)
        if issue:
            with services.db.reading() as reading, services.db.writing() as uow:
                blobs = services.blobs
                made = issue_claim(reading, uow, blobs, setup, made.id, actor=_ACTOR)
                announce_claim(uow, services.handoff, made)
        typer.echo(f"{claim_number(made.id)} {made.state}")
        if output is not None:
            write_whole(output, archive_file(services.blobs, made))
            typer.echo(f"{output}")


@app.command("list")
def list_claims(data: DataDir = None) -> None:
    """Show the newest claims."""
    table = Table("number", "month", "state", "forms", "yen", "made by", show_edge=False)
    with _services(data) as services, services.db.reading() as uow:
        for claim in claims.page(uow):
            table.add_row(
                claim_number(claim.id),
                claim.month,
                claim.state,
                str(claim.forms),
                f"{claim.total:,}",
                claim.created_by,
            )
    Console().print(table)


@app.command("prices")
def prices(data: DataDir = None) -> None:
    """Show the price tables; exit code 2 where one has a gap or an overlap."""
    settings = Settings() if data is None else Settings(data_dir=data)
    setup = load_setup(price_dir=settings.price_dir, billing_file=settings.resolved_billing_file)
    table = Table("key", "vaccine", "from", "until", "rows", "used", show_edge=False)
    for one in setup.tables:
        used = "example" if one.example else "yes"
        span = (one.first_day.isoformat(), one.last_day.isoformat())
        table.add_row(one.key, one.vaccine, *span, str(len(one.price)), used)
    Console().print(table)
    findings = lint_tables(setup.tables)
    for finding in findings:
        typer.echo(f"{finding.severity}: {finding.table}: {finding.message_en}", err=True)
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise typer.Exit(_WRONG)


def _wish(month: str, until: str | None, batch: int | None, institution: str | None) -> ClaimWish:
    try:
        before = billing_claims.end_of_month_before(month)
        last = before if until is None else dt.date.fromisoformat(until)
    except ValueError:
        raise InvalidRequest("write days like 2026-10-31") from None
    return ClaimWish(month, last, None if batch is None else BatchId(batch), None, institution)


def _show(preview: Preview) -> None:
    table = Table("municipality", "route", "forms", "yen", show_edge=False)
    for sheet in preview.sums.sheets:
        name = f"{sheet.municipality} {municipality_name(sheet.municipality)}"
        table.add_row(name, sheet.route, str(sheet.sums.forms), f"{sheet.sums.total:,}")
    total = preview.sums.sums
    table.add_row("total", "", str(total.forms), f"{total.total:,}")
    Console().print(table)
    for reason, count in preview.picked.reasons.items():
        typer.echo(f"held: {count} x {WORDS[Reason(reason)][1]}")


__all__ = ["register"]
