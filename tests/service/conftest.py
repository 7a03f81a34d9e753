"""An installation for each test of the service."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocr_service.blobs import BlobStore
from ocr_service.db.uow import Database
from tests.service.export_house import House
from tests.service.fakes import FakeReader, Office, RememberingBell


@pytest.fixture
def office(db: Database, blobs: BlobStore) -> Office:
    """A whole installation without processes, on each kind of database."""
    return Office(db, blobs, RememberingBell(), FakeReader())


@pytest.fixture(name="house")
def house_of(office: Office, tmp_path: Path) -> House:
    """An installation with a folder for exports."""
    return House(office, tmp_path)
