"""A distributed and an embedded installation of real processes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ocr_service.settings import ReaderKind, Settings
from tests.conftest import new_database


@pytest.fixture(params=["sqlite and files", "postgresql and redis"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Both deployments, with a reader that is quick and needs no weights."""
    url, broker = None, None
    if request.param == "postgresql and redis":
        uri: Callable[[str], str] = request.getfixturevalue("postgres_uri")
        url = new_database(uri, f"failure_{abs(hash(request.node.name)) % 10**9}")
        broker = request.getfixturevalue("redis_url")
    return Settings(
        data_dir=tmp_path,
        database_url=url,
        broker_url=broker,
        reader=ReaderKind.NULL,
        null_reader_sleep_ms=40,
        workers=2,
        sweep_seconds=0.5,
    )
