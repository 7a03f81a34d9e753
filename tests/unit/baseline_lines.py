"""Lines of text with known places, for tests of the other engines."""

from __future__ import annotations

from pathlib import Path

from ocr_service.domain.field import FieldValue
from ocr_service.domain.geometry import BoxMm
from ocr_service.evaluation.baselines.by_position import read_by_position
from ocr_service.evaluation.baselines.page_text import PageLine, between
from ocr_service.evaluation.baselines.readings import (
    field_values,
)
from ocr_service.forms.fields import DigitsField
from ocr_service.forms.model import FormTemplate

FORM = "mhlw-covid19@2021-05"


SCANS = Path(__file__).resolve().parents[2] / "samples" / "scans"


def line_in(box: BoxMm, text: str, *, score: float = 0.99, y: float = 0.5) -> PageLine:
    """A level line whose characters lie evenly in ``box``, at a share ``y`` of its height."""
    level = box.y + y * box.h
    shares = [(n + 0.5) / len(text) for n in range(len(text))]
    centres = between((box.x, level), (box.right, level), shares)
    return PageLine(text, centres, height=4.0, angle_deg=0.0, score=score)


def read_line(form: FormTemplate, line: PageLine, *more: PageLine) -> dict[str, FieldValue]:
    read = read_by_position(form, 1, (line, *more))
    return {value.key: value for value in field_values(form, read, "test")}


def field_box(form: FormTemplate, key: str, part: int | None = None) -> BoxMm:
    spec = next(spec for spec in form.fields if spec.key == key)
    if part is not None and spec.kind == "text":
        return spec.segments[part].box
    if part is not None and spec.kind == "digits":
        return spec.cells[part].box
    assert spec.kind != "mask"
    return spec.box


def digits_field(form: FormTemplate, key: str) -> DigitsField:
    spec = next(spec for spec in form.fields if spec.key == key)
    assert isinstance(spec, DigitsField)
    return spec


# ---- where characters lie
