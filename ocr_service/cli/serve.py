"""Single processes and administration: api, worker, sweep, token, user."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from rich.console import Console
from rich.table import Table

from ocr_service.bootstrap import Services, build_services, is_dead_here, prepare
from ocr_service.cli.embedded import web_config
from ocr_service.cli.supervisor import worker_environment
from ocr_service.db.accounts import accounts as account_rows
from ocr_service.db.accounts.accounts import CLERK, Right, Role
from ocr_service.logs import configure_logs, open_log
from ocr_service.service.accounts import accounts
from ocr_service.service.intake.orphans import remove_orphans
from ocr_service.service.processing.sweeping import sweep as sweep_jobs
from ocr_service.settings import Settings

_ACTOR = "command"

token_app = typer.Typer(help="API tokens.", no_args_is_help=True)
user_app = typer.Typer(help="Users and login links.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("api")(api)
    app.command("worker")(worker)
    app.command("sweep")(sweep)
    app.add_typer(token_app, name="token")
    app.add_typer(user_app, name="user")


def api() -> None:
    """Run one web process: JSON API, pages, sweeper."""
    settings = Settings()
    configure_logs(as_json=settings.log_json, stream=open_log(settings.log_file))
    uvicorn.Server(web_config(build_services(settings))).run()


def worker() -> None:
    """Run this machine's reading processes."""
    environment = worker_environment({"OMP_NUM_THREADS": str(Settings().threads)})
    # Replaces this process, so that signals of a container's supervisor reach the workers.
    os.execve(sys.executable, [sys.executable, "-m", "workers"], environment)  # noqa: S606


def sweep(
    *,
    orphans: Annotated[
        bool, typer.Option(help="Also remove stored bytes that no row names, if a day old.")
    ] = False,
) -> None:
    """Look once for forgotten work; web processes do this every few seconds by themselves."""
    with _services() as services:
        swept = sweep_jobs(
            services.db,
            services.bell,
            terms=services.terms,
            patience=timedelta(0),
            is_dead=is_dead_here,
        )
        typer.echo(f"rung {swept.rung}, given up {swept.buried}, freed {swept.lapsed}")
        if orphans:
            removed = remove_orphans(services.db, services.blobs, older_than=timedelta(days=1))
            typer.echo(f"removed {removed} orphans")


@token_app.command("create")
def create_token(
    user: Annotated[str, typer.Argument(help="Whose rights it carries.")],
    name: Annotated[str, typer.Option(help="What it is for.")] = "token",
    days: Annotated[
        int | None, typer.Option(help="Valid for so long; default: until revoked.")
    ] = None,
    scope: Annotated[
        list[Right] | None,
        typer.Option(help="A right it carries; may be repeated. Default: all its user has."),
    ] = None,
) -> None:
    """Make a token and print it; it is not shown again."""
    with _services() as services, services.db.writing() as uow:
        owner = account_rows.user_named(uow, user)
        life = None if days is None else timedelta(days=days)
        scopes = frozenset(scope) if scope else None
        secret = accounts.issue_token(uow, owner, name=name, life=life, actor=_ACTOR, scopes=scopes)
    typer.echo(secret)


@token_app.command("list")
def list_tokens() -> None:
    """Show all tokens, without their secrets."""
    with _services() as services, services.db.reading() as uow:
        tokens = account_rows.api_tokens(uow)
    table = Table("id", "user", "name", "scopes", "created", "expires", "revoked", show_edge=False)
    for token in tokens:
        moments = (token.created_at, token.expires_at, token.revoked_at)
        shown = ["" if m is None else m.isoformat(timespec="minutes") for m in moments]
        table.add_row(str(token.id), token.user, token.name, _scopes_shown(token), *shown)
    Console().print(table)


def _scopes_shown(token: account_rows.TokenRow) -> str:
    return "all" if token.scopes is None else " ".join(sorted(token.scopes))


@token_app.command("revoke")
def revoke_token(token: Annotated[int, typer.Argument(help="Its id.")]) -> None:
    """Make a token worthless."""
    with _services() as services, services.db.writing() as uow:
        accounts.revoke_token(uow, token, actor=_ACTOR)


@user_app.command("add")
def add_user(
    name: Annotated[str, typer.Argument(help="A short name.")],
    role: Annotated[
        list[Role] | None, typer.Option(help="What he is here for; may be repeated.")
    ] = None,
) -> None:
    """Add a user; without a role he does all the day's work and no administration."""
    with _services() as services, services.db.writing() as uow:
        accounts.create_user(uow, name=name, roles=role or CLERK, actor=_ACTOR)


@user_app.command("list")
def list_users() -> None:
    """Show all users."""
    with _services() as services, services.db.reading() as uow:
        users = account_rows.all_users(uow)
    table = Table("name", "roles", "locked out", show_edge=False)
    for user in users:
        table.add_row(user.name, " ".join(sorted(user.roles)), "yes" if user.disabled else "")
    Console().print(table)


@user_app.command("roles")
def set_roles(
    name: Annotated[str, typer.Argument(help="Whose.")],
    role: Annotated[list[Role], typer.Option(help="What he is here for; may be repeated.")],
) -> None:
    """Give a user these roles and no others."""
    with _services() as services, services.db.writing() as uow:
        accounts.change_roles(uow, account_rows.user_named(uow, name), role, actor=_ACTOR)


@user_app.command("login")
def login_link(name: Annotated[str, typer.Argument(help="Who shall log in.")]) -> None:
    """Print a link that logs a user in, once, within a quarter of an hour."""
    with _services() as services, services.db.writing() as uow:
        secret = accounts.issue_login(uow, account_rows.user_named(uow, name), actor=_ACTOR)
        settings = services.settings
    base = settings.public_url or f"http://{settings.host}:{settings.port}"
    typer.echo(f"{base.rstrip('/')}/login/{secret}")


@user_app.command("disable")
def disable_user(
    name: Annotated[str, typer.Argument(help="Who.")],
    *,
    undo: Annotated[bool, typer.Option("--undo", help="Let him in again.")] = False,
) -> None:
    """Lock a user out, with all tokens and sessions."""
    with _services() as services, services.db.writing() as uow:
        user = account_rows.user_named(uow, name)
        if undo:
            accounts.let_in(uow, user, actor=_ACTOR)
        else:
            accounts.lock_out(uow, user, actor=_ACTOR)


@contextmanager
def _services(data: Path | None = None) -> Iterator[Services]:
    settings = Settings() if data is None else Settings(data_dir=data)
    services = build_services(settings)
    prepare(services)
    try:
        yield services
    finally:
        services.close()


__all__ = ["register"]
