"""The shipped readers, loaded once."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocr_service.pipeline.assemble import ReaderOptions, build_reader
from ocr_service.pipeline.reader import EngineReader


@pytest.fixture(scope="session")
def reader(tmp_path_factory: pytest.TempPathFactory) -> EngineReader:
    """All shipped readers, no blank originals."""
    folder: Path = tmp_path_factory.mktemp("engine")
    return build_reader(ReaderOptions((), folder / "blanks", folder / "cache"))
