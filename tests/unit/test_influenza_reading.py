"""A page of the influenza form through the whole pipeline, with readers that know the answers."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

from ocr_service.domain.field import Candidate, FieldReading, Flag
from ocr_service.domain.record import Record
from ocr_service.forms.library import load_library, shipped_folder
from ocr_service.imaging.decode import DecodeLimits
from ocr_service.pipeline.calibrate import Calibration
from ocr_service.pipeline.engine import Engine
from ocr_service.pipeline.run import Source, read_page
from ocr_service.recognizers.base import FieldCrop
from ocr_service.validators.dated import own_settings
from samples.generator.run import empty_form

_WRITTEN = {"birth_era": "showa", "birth_date": "16_3_9", "vaccination_date": "081015"}


@dataclass(frozen=True)
class _Knowing:
    """Reads what is in ``_WRITTEN``, nothing anywhere else."""

    name: str = "knowing"

    def read(self, crop: FieldCrop) -> FieldReading:
        """The answer, nearly sure."""
        text = _WRITTEN.get(crop.spec.key, "0" if crop.spec.kind == "presence" else "")
        return FieldReading(crop.spec.key, (Candidate(text, 0.99),), self.name)


LIBRARY = load_library(shipped_folder())


@pytest.fixture(scope="module")
def scan() -> bytes:
    """An empty page."""
    scan = io.BytesIO()
    blank = empty_form(LIBRARY.get("influenza-elderly"))
    Image.fromarray(blank).save(scan, "PNG", dpi=(300, 300))
    return scan.getvalue()


def _read(scan: bytes, rules_file: Path | None = None) -> Record:
    kinds = ("text", "digits", "choice", "presence", "sticker")
    engine = Engine(
        library=LIBRARY,
        recognizers=dict.fromkeys(kinds, _Knowing()),
        calibration=Calibration({}),
        blank=lambda _loaded, _page: None,
        limits=DecodeLimits(),
        clock=lambda: 0.0,
        today=lambda: dt.date(2026, 11, 20),
        rule_settings=own_settings(rules_file),
    )
    return read_page(scan, Source("a.png", 0), engine=engine, template=None).record


def test_record_gives_dates_of_an_era_in_iso_8601(scan: bytes) -> None:
    """The ringed era is a value of its own, the cells become the day it makes of them."""
    record = _read(scan)
    values = {value.key: value for value in record.fields}
    assert record.template == "influenza-elderly"
    assert tuple(values) == LIBRARY.get("influenza-elderly").template.record_keys
    assert values["birth_era"].value == "showa"
    assert values["birth_date"].value == "1941-03-09"
    assert values["vaccination_date"].value == "2026-10-15"
    assert Flag.INVALID not in values["birth_date"].flags
    assert "date.impossible" not in {issue.rule for issue in record.issues}


def test_a_page_fresh_from_the_reader_is_judged_by_the_installation_s_own_settings(
    scan: bytes, tmp_path: Path
) -> None:
    """The programme begins later here than in the settings shipped."""
    own = tmp_path / "rules.toml"
    own.write_text(
        '[[rule]]\ncode = "programme.dates"\ntemplate = "influenza-elderly"\n'
        "parameters = { first = 2026-10-20 }\n",
        "utf-8",
    )
    codes = [
        {issue.rule for issue in _read(scan, file).issues if issue.fields == ("vaccination_date",)}
        for file in (None, own)
    ]
    assert codes == [set(), {"programme.dates"}]
