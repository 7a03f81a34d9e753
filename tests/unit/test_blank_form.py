"""The drawn blank form: true size, embedded fonts, every box where the template says."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from fontTools.ttLib import TTFont
from pdf2image import convert_from_bytes

from ocr_service.domain.arrays import Gray
from ocr_service.domain.errors import TemplateError
from ocr_service.domain.geometry import BoxMm
from ocr_service.forms.blank import form_font_path, render_blank
from ocr_service.forms.fields import ChoiceField, DigitsField, FlagField, TextField
from ocr_service.forms.library import LoadedTemplate, load_library, shipped_folder
from ocr_service.forms.printing_model import BLANK_FILE, load_blank_print

PX_PER_MM = 300 / 25.4


@cache
def _loaded() -> LoadedTemplate:
    return load_library(shipped_folder()).get("mhlw-covid19")


@cache
def _pdf() -> bytes:
    return render_blank(_loaded())


@cache
def _pixels() -> Gray:
    image = convert_from_bytes(_pdf(), dpi=300, grayscale=True)[0]
    return np.asarray(image, dtype=np.uint8)


def _inside(box: BoxMm) -> Gray:
    left, top, right, bottom = box.to_px(PX_PER_MM)
    return _pixels()[top:bottom, left:right]


def _boxes() -> list[BoxMm]:
    boxes = []
    for field in _loaded().template.fields:
        if isinstance(field, DigitsField):
            boxes += [cell.box for cell in field.cells if cell.printed is None]
        elif isinstance(field, ChoiceField):
            boxes += [option.box for option in field.options]
        elif isinstance(field, FlagField):
            boxes.append(field.box)
    return boxes


def test_page_is_a4_in_true_size() -> None:
    """One point is 1/72 inch, so that printing at 100 % gives the template's millimetres."""
    with pikepdf.open(io.BytesIO(_pdf())) as pdf:
        box = [float(v) for v in pdf.pages[0].mediabox]
        assert len(pdf.pages) == 1
    assert box == pytest.approx([0, 0, 210 * 72 / 25.4, 297 * 72 / 25.4], abs=0.01)


def test_every_font_is_embedded() -> None:
    """A printer without Japanese fonts prints the same form."""
    with pikepdf.open(io.BytesIO(_pdf())) as pdf:
        fonts = [f for f in pdf.objects if isinstance(f, pikepdf.Dictionary)]
        fonts = [f for f in fonts if f.get("/Type") == pikepdf.Name.Font]
        assert fonts
        for font in fonts:
            assert "/FontFile2" in font["/FontDescriptor"]


def test_same_template_gives_same_bytes() -> None:
    """No clock and no random id gets into the file."""
    assert render_blank(_loaded()) == _pdf()


def test_corner_marks_are_solid_and_where_the_template_says() -> None:
    """Registration relies on them: black inside, white around."""
    for anchor in _loaded().template.pages[0].anchors:
        assert _inside(anchor.box.grown(-0.2)).max() < 40
        ring = _inside(anchor.box.grown(1.0))
        assert ring[0].min() > 200
        assert ring[:, 0].min() > 200


def test_boxes_are_white_inside_and_ruled_around() -> None:
    """A template box is the inside of the printed rule, to a few pixels."""
    for box in _boxes():
        assert _inside(box.grown(-0.15)).min() > 200, box
        left, top, right, bottom = box.to_px(PX_PER_MM)
        near = 3
        strips = (
            np.median(_pixels()[top - near : top + 1, left:right], axis=1),
            np.median(_pixels()[bottom - 1 : bottom + near, left:right], axis=1),
            np.median(_pixels()[top:bottom, left - near : left + 1], axis=0),
            np.median(_pixels()[top:bottom, right - 1 : right + near], axis=0),
        )
        for strip in strips:
            assert strip.min() < 100, box


def test_printed_digits_stand_in_their_cells() -> None:
    """The cells that the form fills itself hold ink, and it stays inside."""
    field = _loaded().template.field_of("vaccination_date")
    assert isinstance(field, DigitsField)
    printed = [cell for cell in field.cells if cell.printed]
    assert [cell.printed for cell in printed] == ["2", "0", "2"]
    for cell in printed:
        assert (_inside(cell.box.grown(-0.3)) < 128).mean() > 0.03


def test_areas_for_writing_are_free_of_print() -> None:
    """No word of the form may be taken for a person's writing."""
    for field in _loaded().template.fields:
        if isinstance(field, TextField) and not field.after:
            for segment in field.segments:
                assert (_inside(segment.box.grown(-0.25)) < 160).mean() < 0.001, field.key


def test_font_has_every_character_of_the_form() -> None:
    """No empty squares in the print."""
    with TTFont(str(form_font_path()), lazy=True) as font:
        known = set(font.getBestCmap())
    words = "".join(text.text for text in load_blank_print(_loaded().folder).texts)
    assert {c for c in words if ord(c) not in known} == set()


def test_template_without_blank_file_still_draws_its_boxes(tmp_path: Path) -> None:
    """Extra print is optional."""
    bare = LoadedTemplate(_loaded().template, tmp_path, _loaded().sha256)
    with pikepdf.open(io.BytesIO(render_blank(bare))) as pdf:
        assert len(pdf.pages) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [("texts = [", "not a TOML"), ("rules = [{ from = [1, 2], to = [3, 4] }]", "width")],
)
def test_broken_blank_file_says_where(tmp_path: Path, text: str, said: str) -> None:
    """The author of a template learns which entry is wrong."""
    (tmp_path / BLANK_FILE).write_text(text, encoding="utf-8")
    with pytest.raises(TemplateError, match=said):
        load_blank_print(tmp_path)
