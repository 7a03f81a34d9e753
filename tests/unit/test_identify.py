"""A scan finds its template, or says why it has none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ocr_service.domain.arrays import Gray
from ocr_service.domain.geometry import BoxMm
from ocr_service.domain.page import Page
from ocr_service.forms.fields import Cell, DigitsField, Label
from ocr_service.forms.library import LoadedTemplate
from ocr_service.forms.model import FormTemplate
from ocr_service.imaging.decode import DecodeLimits, decode_page
from ocr_service.pipeline.identify import Identified, Unmatched, identify, printed_frames
from tests.unit.imaging_paper import drawn_form, drawn_page, filled, one_row_form, scanned, shipped

OFFICIAL = Path(__file__).resolve().parents[3] / "shared/data/forms/mhlw-covid19-2021-05.pdf"


def _page(gray: Gray) -> Page:
    return Page(index=0, gray=gray, dpi=0.0, sha256="0" * 64)


def _other(key: str = "other", version: str = "1", *, pages: int = 1) -> LoadedTemplate:
    spec, row = one_row_form()
    cells = tuple(Cell(box=BoxMm(b.x, b.y + 40, b.w, b.h)) for b in row)
    name = Label(ja="番号", en="Number")
    field = DigitsField(key="number", kind="digits", label=name, page=pages, cells=cells)
    template = FormTemplate(
        schema_version=1,
        key=key,
        version=version,
        title=name,
        pages=(spec,) * pages,
        fields=(field,),
    )
    return LoadedTemplate(template, Path("nowhere"), "0" * 64)


def test_frames_are_what_the_form_prints() -> None:
    """Digit cells, boxes to mark and landmarks; no writing areas."""
    template = shipped().template
    frames = printed_frames(template, 1)
    assert len(frames) == 81 + len(template.pages[0].landmarks)
    assert template.fields[1].box not in frames


@pytest.mark.parametrize("turn_deg", [0.0, 180.0, 90.0, 271.0])
def test_right_template_is_chosen_among_several(turn_deg: float) -> None:
    """Order in the library does not matter."""
    scan = scanned(drawn_form(shipped().template), np.random.default_rng(1), turn_deg=turn_deg)
    for library in ([_other(), shipped()], [shipped(), _other()]):
        found = identify(_page(scan.gray), library)
        assert isinstance(found, Identified)
        assert found.loaded.template.key == "mhlw-covid19"
        assert found.registered.template_page == 0
        assert found.registered.gray.shape == (3564, 2520)


def test_second_page_of_a_template_is_told() -> None:
    """A form's back side is a page of its own."""
    other = _other(pages=2)
    frames = printed_frames(other.template, 2)
    scan = scanned(drawn_page(other.template.pages[1], frames), np.random.default_rng(2))
    found = identify(_page(scan.gray), [other])
    assert isinstance(found, Identified)
    assert found.registered.template_page == 1


def test_newer_version_wins_where_both_fit() -> None:
    """Two versions with the same geometry: new pages are of the new one."""
    old, new = _other(version="2021-05"), _other(version="2022-01")
    frames = printed_frames(new.template, 1)
    gray = drawn_page(new.template.pages[0], frames)
    found = identify(_page(gray), [new, old])
    assert isinstance(found, Identified)
    assert found.loaded.template.version == "2022-01"


def _edition(
    key: str, moved_mm: float, *, from_field: int = 0, version: str = "1"
) -> LoadedTemplate:
    """The shipped form under another key, its boxes moved down from a field on."""
    template = shipped().template
    frames = printed_frames(template, 1)
    moved = tuple(
        BoxMm(b.x, b.y + moved_mm if i >= from_field else b.y, b.w, b.h)
        for i, b in enumerate(frames)
    )
    page = template.pages[0].model_copy(update={"landmarks": moved})
    edition = template.model_copy(
        update={"key": key, "version": version, "fields": (), "pages": (page,)}
    )
    return LoadedTemplate(edition, Path("nowhere"), "0" * 64)


@pytest.mark.parametrize("order", [1, -1])
def test_near_identical_editions_compete_by_what_they_print(order: int) -> None:
    """Of two editions that differ in their last boxes only, each page finds its own."""
    one = _edition("one", 0.0)
    count = len(one.template.pages[0].landmarks)
    two = _edition("two", 3.0, from_field=count - 8, version="2")
    for own in (one, two):
        gray = drawn_form(own.template)
        scan = scanned(gray, np.random.default_rng(9), turn_deg=180.5)
        found = identify(_page(scan.gray), [one, two][::order])
        assert isinstance(found, Identified)
        assert found.loaded.template.key == own.template.key


def test_form_that_fits_by_its_marks_beats_one_whose_boxes_fit_elsewhere() -> None:
    """The search by frames, which would find the other one, does not run: it is slow and misled."""
    one, moved = _edition("one", 0.0), _edition("moved", 9.0, version="2")
    scan = scanned(drawn_form(one.template), np.random.default_rng(10), turn_deg=181.0)
    alone = identify(_page(scan.gray), [moved])
    assert isinstance(alone, Identified)
    assert alone.registered.registration.marks_found == 0
    found = identify(_page(scan.gray), [moved, one])
    assert isinstance(found, Identified)
    assert found.loaded.template.key == "one"


def test_page_without_marks_is_found_by_its_frames_among_several() -> None:
    """Only then the search by frames runs, for all templates."""
    form = drawn_form(shipped().template)
    for anchor in shipped().template.pages[0].anchors:
        filled(form, anchor.box.grown(1.5), 255)
    scan = scanned(form, np.random.default_rng(12), turn_deg=0.7)
    found = identify(_page(scan.gray), [_edition("other", 9.0), _other("row"), shipped()])
    assert isinstance(found, Identified)
    assert found.loaded.template.key == "mhlw-covid19"


def test_blank_page_says_so() -> None:
    """The empty back of a sheet is not an unknown form."""
    rng = np.random.default_rng(3)
    paper = np.clip(rng.normal(240, 6, (1754, 1240)), 0, 255).astype(np.uint8)
    found = identify(_page(paper), [shipped()])
    assert isinstance(found, Unmatched)
    assert found.code == "page.blank"


def test_other_form_and_pictures_are_unmatched() -> None:
    """Marks alone, noise and photographs fit nothing."""
    other = _other()
    form = drawn_page(other.template.pages[0], printed_frames(other.template, 1))
    rng = np.random.default_rng(4)
    noise = rng.integers(0, 256, (1754, 1240)).astype(np.uint8)
    for gray in (form, noise):
        found = identify(_page(gray), [shipped()])
        assert isinstance(found, Unmatched)
        assert found.code == "page.unmatched"
        assert found.message


def test_torn_page_names_its_nearest_template() -> None:
    """Half a page is not cut into fields, but the clerk is told what it looks like."""
    form = drawn_form(shipped().template)
    form[1500:] = 255
    found = identify(_page(form), [_other(), shipped()])
    assert isinstance(found, Unmatched)
    assert found.nearest[:1] == ("mhlw-covid19",)


def test_no_templates_means_unmatched() -> None:
    """An empty library is no error here."""
    found = identify(_page(drawn_form(shipped().template)), [])
    assert isinstance(found, Unmatched)
    assert found.nearest == ()


@pytest.mark.skipif(not OFFICIAL.exists(), reason="needs ../shared (the ministry's PDF)")
@pytest.mark.parametrize(("turn_deg", "dpi"), [(0.0, 300), (183.0, 200), (88.0, 300)])
def test_official_form_is_recognised(turn_deg: float, dpi: int) -> None:
    """The real print, with all its text and rules, lies within 0.05 mm of the template."""
    drawn = decode_page(OFFICIAL.read_bytes(), 0, DecodeLimits())
    scan = scanned(drawn.gray, np.random.default_rng(5), turn_deg=turn_deg, dpi=dpi, jpeg=70)
    found = identify(_page(scan.gray), [shipped()])
    assert isinstance(found, Identified)
    assert found.registered.registration.structure > 0.9
    assert found.registered.registration.residual_mm < 0.1
