"""The operator's settings of the rules reach whoever reads pages, not the services alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ocr_service.cli.engine import reader_from_settings
from ocr_service.domain.errors import InvalidRequest
from ocr_service.pipeline.result import PageReader
from ocr_service.settings import Settings
from workers.engine import full_reader


@pytest.mark.parametrize("made_by", [full_reader, reader_from_settings])
def test_a_reader_is_not_made_with_settings_that_cannot_be_used(
    made_by: Callable[[Settings], PageReader], tmp_path: Path
) -> None:
    """Neither a worker's nor that of ``ocr-service read``: it would judge by others."""
    file = tmp_path / "rules.toml"
    file.write_text("[[rule]]\ncode = 5\n", "utf-8")
    with pytest.raises(InvalidRequest, match=r"rules\.toml"):
        made_by(Settings(data_dir=tmp_path, rules_file=file))
