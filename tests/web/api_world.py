"""An installation behind its HTTP interface, with a reader that gives what it is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from ocr_service.bootstrap import Services, build_services, prepare
from ocr_service.db.accounts.accounts import Right, Role, all_users, user_named
from ocr_service.service.accounts import accounts
from ocr_service.settings import Settings
from ocr_service.web.app import create_app
from tests.conftest import TurnableClock
from tests.service.fakes import FakeReader, Office, RememberingBell, jpeg

API = "/api/v1"


@dataclass
class World:
    """One installation and a client of it.

    Attributes:
        client: sends no token by itself.
        services: behind the client.
        office: does the work that uploads cause.
        clock: to turn.
    """

    client: TestClient
    services: Services
    office: Office
    clock: TurnableClock

    def token(self, *roles: Role, scopes: frozenset[Right] | None = None) -> dict[str, str]:
        """A header with the token of a user of these roles; by default of an administrator."""
        with self.services.db.writing() as uow:
            name = f"user-{len(all_users(uow))}"
            held = roles or (Role.ADMIN,)
            accounts.create_user(uow, name=name, roles=held, actor="test")
            user = user_named(uow, name)
            secret = accounts.issue_token(
                uow, user, name="t", life=None, actor="test", scopes=scopes
            )
        return {"Authorization": f"Bearer {secret}"}

    def login(self) -> str:
        """The path of a login link of the administrator."""
        with self.services.db.writing() as uow:
            return f"/login/{accounts.issue_login(uow, accounts.ensure_admin(uow))}"

    def read_one(self, headers: dict[str, str]) -> int:
        """Send a page, have it read; its document."""
        batch = self.client.post(f"{API}/batches", json={}, headers=headers).json()["id"]
        document = self.send(batch, jpeg(), headers).json()["documents"][0]
        self.office.work_off()
        return int(document)

    def send(self, batch: int, data: bytes, headers: dict[str, str], name: str = "a.jpg") -> Any:
        """Upload a file."""
        path = f"{API}/batches/{batch}/files"
        return self.client.post(path, files={"file": (name, data)}, headers=headers)


@contextmanager
def world(folder: Path, **changes: Any) -> Iterator[World]:
    """An installation on SQLite in ``folder``."""
    settings = Settings(data_dir=folder, sweep_seconds=3600, **changes)
    clock = TurnableClock()
    bell = RememberingBell()
    services = build_services(settings, bell=bell, clock=clock)
    prepare(services)
    # The issue check of the rules is tested with the rules; here it would judge every edit.
    services = replace(services, check=None)
    office = Office(services.db, services.blobs, bell, FakeReader())
    with TestClient(create_app(services), follow_redirects=False) as client:
        yield World(client, services, office, clock)
