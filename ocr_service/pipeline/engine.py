"""Everything the conductor works with, put together once by whoever starts it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ocr_service.domain.arrays import Gray
from ocr_service.forms.fields import FieldSpec, TextField
from ocr_service.forms.library import LoadedTemplate, TemplateLibrary
from ocr_service.imaging.decode import DecodeLimits
from ocr_service.pipeline.calibrate import Calibration
from ocr_service.pipeline.stopwatch import Clock
from ocr_service.recognizers.base import Recognizer
from ocr_service.validators.dated import DatedSettings, shipped_settings
from ocr_service.validators.facts import NO_FACTS, Facts


@dataclass(frozen=True, slots=True)
class Engine:
    """Readers and knowledge for reading pages.

    Attributes:
        library: templates to tell apart.
        recognizers: readers by field kind, and by the name a field may ask for.
        calibration: raw scores to chances.
        blank: the registered blank original of a template page (0-based), None where the operator
            has given none.
        limits: what a file may hold.
        clock: seconds for the stage times.
        today: the day that rules judge by.
        facts: what is known without a database.
        rule_settings: dated settings of the rules.
    """

    library: TemplateLibrary
    recognizers: Mapping[str, Recognizer]
    calibration: Calibration
    blank: Callable[[LoadedTemplate, int], Gray | None]
    limits: DecodeLimits
    clock: Clock
    today: Callable[[], dt.date]
    facts: Facts = NO_FACTS
    rule_settings: DatedSettings = field(default_factory=shipped_settings)

    def recognizer_for(self, spec: FieldSpec) -> Recognizer:
        """The reader a field asks for, or its kind's; print that a label leads to has its own."""
        labelled = isinstance(spec, TextField) and spec.after
        return self.recognizers[spec.reader or ("print" if labelled else spec.kind)]


__all__ = ["Engine"]
