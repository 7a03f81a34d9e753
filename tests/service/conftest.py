"""An installation for each test of the service."""

from __future__ import annotations

import pytest

from ocr_service.blobs import BlobStore
from ocr_service.db.uow import Database
from tests.service.fakes import FakeReader, Office, RememberingBell


@pytest.fixture
def office(db: Database, blobs: BlobStore) -> Office:
    """A whole installation without processes, on each kind of database."""
    return Office(db, blobs, RememberingBell(), FakeReader())
