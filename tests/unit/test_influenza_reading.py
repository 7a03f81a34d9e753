"""A page of the influenza form through the whole pipeline, with readers that know the answers."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass

from PIL import Image

from ocr_service.domain.field import Candidate, FieldReading, Flag
from ocr_service.forms.library import load_library, shipped_folder
from ocr_service.imaging.decode import DecodeLimits
from ocr_service.pipeline.calibrate import Calibration
from ocr_service.pipeline.engine import Engine
from ocr_service.pipeline.run import Source, read_page
from ocr_service.recognizers.base import FieldCrop
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


def test_record_gives_dates_of_an_era_in_iso_8601() -> None:
    """The ringed era is a value of its own, the cells become the day it makes of them."""
    library = load_library(shipped_folder())
    scan = io.BytesIO()
    blank = empty_form(library.get("influenza-elderly"))
    Image.fromarray(blank).save(scan, "PNG", dpi=(300, 300))
    kinds = ("text", "digits", "choice", "presence", "sticker")
    engine = Engine(
        library=library,
        recognizers=dict.fromkeys(kinds, _Knowing()),
        calibration=Calibration({}),
        blank=lambda _loaded, _page: None,
        limits=DecodeLimits(),
        clock=lambda: 0.0,
        today=lambda: dt.date(2026, 11, 20),
    )
    record = read_page(scan.getvalue(), Source("a.png", 0), engine=engine, template=None).record
    values = {value.key: value for value in record.fields}
    assert record.template == "influenza-elderly"
    assert tuple(values) == library.get("influenza-elderly").template.record_keys
    assert values["birth_era"].value == "showa"
    assert values["birth_date"].value == "1941-03-09"
    assert values["vaccination_date"].value == "2026-10-15"
    assert Flag.INVALID not in values["birth_date"].flags
    assert "date.impossible" not in {issue.rule for issue in record.issues}
