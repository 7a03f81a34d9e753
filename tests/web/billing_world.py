"""An installation with billable records, behind HTTP and, if wanted, on a port."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI

from ocr_service.bootstrap import Services, build_services, prepare
from ocr_service.service.accounts import accounts
from ocr_service.settings import Settings
from ocr_service.web.app import create_app
from tests.service.fakes import FakeReader, Office, RememberingBell
from tests.web.browsing import served_app

ISSUER = """
[issuer]
name = "見本会　みどり台クリニック"
address = "東京都千代田区見本町一丁目2番3号"
representative = "理事長　見本　太郎"
institution = "1310121996"

[issuer.bank]
bank = "見本銀行"
branch = "見本支店"
number = "0123456"
holder = "ミホンカイ"

[[institution]]
code = "1310121996"
municipality = "131016"
name = "みどり台クリニック"
"""


@dataclass(frozen=True, slots=True)
class BillingWorld:
    """An installation.

    Attributes:
        services: behind the application.
        app: to be called.
        office: takes in and reads.
        folder: of its data.
    """

    services: Services
    app: FastAPI
    office: Office
    folder: Path

    def login_link(self) -> str:
        """Path of a fresh login link."""
        with self.services.db.writing() as uow:
            return f"/login/{accounts.issue_login(uow, accounts.ensure_admin(uow))}"

    def name_issuer(self) -> None:
        """Write the billing file."""
        (self.folder / "billing.toml").write_text(ISSUER, "utf-8")


def billing_world(folder: Path) -> BillingWorld:
    """A fresh installation with the clock of the machine."""
    bell = RememberingBell()
    services = build_services(Settings(data_dir=folder, sweep_seconds=3600), bell=bell)
    prepare(services)
    office = Office(services.db, services.blobs, bell, FakeReader())
    return BillingWorld(services, create_app(services), office, folder)


@contextmanager
def served(world: BillingWorld) -> Iterator[str]:
    """Its address while it is served on a free port of this machine."""
    with served_app(world.app) as address:
        yield address
