"""The shipped influenza form: its print, and that it is never taken for another form."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from ocr_service.domain.arrays import Gray
from ocr_service.domain.geometry import BoxMm, bounding_box
from ocr_service.domain.page import Page
from ocr_service.forms.fields import ChoiceField, MarkKind
from ocr_service.forms.library import LoadedTemplate, TemplateLibrary, load_library, shipped_folder
from ocr_service.imaging.decode import DecodeLimits, decode_page
from ocr_service.pipeline.identify import Identified, identify, printed_frames
from samples.generator.run import empty_form

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
PX_PER_MM = 300 / 25.4
_INK = 140


@cache
def _library() -> TemplateLibrary:
    return load_library(shipped_folder())


def _influenza() -> LoadedTemplate:
    return _library().get("influenza-elderly")


@cache
def _blank(key: str) -> Gray:
    return empty_form(_library().get(key))


def _words() -> list[tuple[str, BoxMm]]:
    choices = [f for f in _influenza().template.fields if isinstance(f, ChoiceField)]
    assert {f.mark for f in choices} == {MarkKind.CIRCLE_WORD}
    return [(f"{f.key}.{o.value}", o.box) for f in choices for o in f.options]


def _ink_in(box: BoxMm) -> BoxMm | None:
    left, top, right, bottom = box.to_px(PX_PER_MM)
    rows, columns = np.nonzero(_blank("influenza-elderly")[top:bottom, left:right] < _INK)
    if not len(rows):
        return None
    pixels = [
        BoxMm((left + x) / PX_PER_MM, (top + y) / PX_PER_MM, 1 / PX_PER_MM, 1 / PX_PER_MM)
        for x, y in ((columns.min(), rows.min()), (columns.max(), rows.max()))
    ]
    return bounding_box(pixels)


@pytest.mark.parametrize(("where", "box"), _words())
def test_option_boxes_fit_their_printed_words(where: str, box: BoxMm) -> None:
    """The reader looks for a ring round the word, so the box must be the word's own."""
    word = _ink_in(box)
    assert word is not None, where
    assert box.contains(word)
    for gap in (word.x - box.x, word.y - box.y, box.right - word.right, box.bottom - word.bottom):
        assert 0.05 < gap < 0.4, where
    assert _ink_in(box.grown(0.7)) == word, f"something stands close to {where}"


def test_page_prints_enough_to_be_told_from_others() -> None:
    """Cells and table cells from top to bottom and from side to side."""
    frames = printed_frames(_influenza().template, 1)
    assert len(frames) >= 50
    around = bounding_box(list(frames))
    assert around.w > 150
    assert around.h > 200


@pytest.mark.parametrize("key", ["influenza-elderly", "mhlw-covid19"])
def test_forms_are_not_taken_for_each_other(key: str) -> None:
    """With both in the library, each blank is found as itself, and not by the other alone."""
    page = Page(index=0, gray=_blank(key), dpi=300.0, sha256="0" * 64)
    found = identify(page, _library().loaded)
    assert isinstance(found, Identified)
    assert found.loaded.template.key == key
    assert found.registered.registration.structure > 0.95
    assert found.registered.registration.residual_mm < 0.1
    others = [t for t in _library().loaded if t.template.key != key]
    assert not isinstance(identify(page, others), Identified)


@pytest.mark.parametrize(
    ("scan", "key"),
    [
        ("scans-influenza/scan-0001.jpg", "influenza-elderly"),
        ("scans-influenza/scan-0006.jpg", "influenza-elderly"),
        ("scans-influenza/scan-0007.jpg", "influenza-elderly"),
        ("scans/scan-0007.jpg", "mhlw-covid19"),
    ],
)
def test_filled_scans_find_their_form(scan: str, key: str) -> None:
    """Skewed on a black lid, faxed, upside down: each is what it is and lies exactly."""
    page = decode_page((SAMPLES / scan).read_bytes(), 0, DecodeLimits())
    found = identify(page, _library().loaded)
    assert isinstance(found, Identified)
    assert found.loaded.template.key == key
    assert found.registered.registration.residual_mm < 0.1
