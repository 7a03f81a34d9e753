"""Fields are cut out of registered pages exactly and completely."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest

from ocr_service.domain.arrays import Gray
from ocr_service.domain.geometry import CANVAS_PX_PER_MM, BoxMm
from ocr_service.domain.page import RegisteredPage
from ocr_service.forms.fields import (
    CodeField,
    DigitsField,
    FieldSpec,
    FlagField,
    Label,
    MaskField,
    PresenceField,
    StickerField,
    TextField,
)
from ocr_service.imaging.boxes import refine_boxes
from ocr_service.imaging.register import register
from ocr_service.imaging.warp import scan_to_mm, warp
from ocr_service.pipeline.crop import crop_field, mask_page
from ocr_service.pipeline.identify import printed_frames
from tests.unit.imaging_paper import Scan, drawn_form, scanned, shipped, stroke

TEMPLATE = shipped().template
PAGE = TEMPLATE.pages[0]


@cache
def _registered(turn_deg: float = 181.3) -> tuple[RegisteredPage, Scan]:
    form = drawn_form(TEMPLATE)
    one, two = (TEMPLATE.field_of(key) for key in ("q1", "q2"))
    tick = one.box
    stroke(
        form,
        [(tick.x + 0.6, tick.y + 1.4), (tick.x + 1.4, tick.y + 2.6), (tick.x + 3.6, tick.y - 1.0)],
    )
    assert two.page == 1
    birth = TEMPLATE.field_of("birth_date")
    assert isinstance(birth, DigitsField)
    cell = birth.cells[3].box
    stroke(
        form,
        [
            (cell.x + 1, cell.y + 1),
            (cell.right - 0.7, cell.y + 1.2),
            (cell.x + 2, cell.bottom + 0.7),
        ],
    )
    scan = scanned(form, np.random.default_rng(1), turn_deg=turn_deg, noise=4.0)
    found = register(scan.gray, PAGE, printed_frames(TEMPLATE, 1))
    assert found is not None
    return RegisteredPage(0, warp(scan.gray, found.homography, PAGE), found), scan


def _named(key: str) -> FieldSpec:
    return next(f for f in TEMPLATE.fields if f.key == key)


@pytest.mark.parametrize("spec", TEMPLATE.fields, ids=lambda f: f.key)
def test_every_field_is_cut_as_readers_expect(spec: FieldSpec) -> None:
    """Arrays of a part share one shape, which is its window's; the window holds the box."""
    crop = crop_field(_registered()[0], spec, None)
    assert crop.spec is spec
    for part in crop.parts:
        shape = (round(part.window.h * CANVAS_PX_PER_MM), round(part.window.w * CANVAS_PX_PER_MM))
        assert part.gray.shape == part.ink.shape == shape
        assert part.gray.dtype == np.uint8
        assert part.ink.dtype == np.bool_
        assert part.blank is None
        assert part.window.contains(part.box)


def test_parts_follow_the_kind_of_field() -> None:
    """Cells, segments and options give a part each, everything else gives one."""
    page = _registered()[0]
    assert [p.key for p in crop_field(page, _named("age"), None).parts] == ["0", "1", "2"]
    assert [p.key for p in crop_field(page, _named("sex"), None).parts] == ["male", "female"]
    assert len(crop_field(page, _named("address"), None).parts) == 2
    for spec in TEMPLATE.fields:
        if isinstance(spec, CodeField | StickerField | PresenceField | FlagField):
            assert len(crop_field(page, spec, None).parts) == 1


def test_quad_leads_back_to_the_field_on_the_scan() -> None:
    """Corners run clockwise from the top-left of the form, however the scan lies."""
    page, scan = _registered()
    crop = crop_field(page, _named("q1"), None)
    back = scan_to_mm(crop.quad, page.registration.homography)
    box = crop.box
    corners = [(box.x, box.y), (box.right, box.y), (box.right, box.bottom), (box.x, box.bottom)]
    assert back == pytest.approx(np.array(corners), abs=1e-6)
    truth = np.array([*corners[0], 1.0]) @ scan.mm_to_px.T
    assert crop.quad[0] == pytest.approx(truth[:2] / truth[2], abs=2.0)
    assert crop.quad[0][0] > crop.quad[1][0]


def test_only_the_marked_option_has_ink() -> None:
    """A tick is ink, the empty box beside it is not."""
    yes, no = crop_field(_registered()[0], _named("q1"), None).parts
    assert int(yes.ink.sum()) > 150
    assert not no.ink.any()


def test_only_the_written_cell_has_ink_and_its_foot_is_whole() -> None:
    """A 7 that leaves its cell is seen beyond the rule; its neighbours stay empty."""
    parts = crop_field(_registered()[0], _named("birth_date"), None).parts
    written = [int(p.ink.sum()) for p in parts]
    assert written[3] > 300
    assert all(count < 60 for i, count in enumerate(written) if i != 3)
    seven = parts[3]
    below = round((seven.box.bottom - seven.window.y + 0.3) * CANVAS_PX_PER_MM)
    assert seven.ink[below:].any()


def test_blank_original_takes_its_print_out() -> None:
    """With the blank known, the part shows it aligned and the print is no ink."""
    page = _registered()[0]
    bare = drawn_form(TEMPLATE)
    found = register(bare, PAGE, printed_frames(TEMPLATE, 1))
    assert found is not None
    blank = warp(bare, found.homography, PAGE)
    yes, no = crop_field(page, _named("q1"), blank).parts
    assert yes.blank is not None
    assert yes.blank.shape == yes.gray.shape
    assert int(yes.ink.sum()) > 150
    assert not no.ink.any()


def test_windows_beyond_the_page_are_paper() -> None:
    """A field at the very edge still gets its margin."""
    label = Label(ja="端", en="Edge")
    spec = PresenceField(key="edge", kind="presence", label=label, box=BoxMm(0.5, 0.5, 10, 10))
    part = crop_field(_registered()[0], spec, None).parts[0]
    assert part.window.x < 0
    assert (part.gray[:, :10] == 255).all()


def test_mask_is_painted_over_on_canvas_and_scan_and_never_cut() -> None:
    """What must not be kept is gone from both pictures."""
    page, scan = _registered()
    mask = MaskField(
        key="hidden", kind="mask", label=Label(ja="隠す", en="Hidden"), box=BoxMm(20, 54, 60, 12)
    )
    masked_template = TEMPLATE.model_copy(update={"fields": (*TEMPLATE.fields, mask)})
    masked, picture = mask_page(page, scan.gray, masked_template)
    left, top, right, bottom = mask.box.to_px()
    assert (masked.gray[top:bottom, left:right] == 255).all()
    middle = np.array([*mask.box.centre, 1.0]) @ scan.mm_to_px.T
    x, y = np.round(middle[:2] / middle[2]).astype(int)
    assert (picture[y - 30 : y + 30, x - 200 : x + 200] == 255).all()
    assert page.gray[top:bottom, left:right].min() < 100
    assert mask_page(page, scan.gray, TEMPLATE)[1] is scan.gray
    with pytest.raises(TypeError):
        crop_field(page, mask, None)


@pytest.mark.parametrize("shift", [(0.6, -0.5), (-0.7, 0.0), (0.0, 0.7)])
def test_boxes_are_found_where_curled_paper_has_them(shift: tuple[float, float]) -> None:
    """A field that lies up to 0.7 mm off its place is cut where it lies."""
    spec = _named("birth_date")
    assert isinstance(spec, DigitsField)
    canvas = _canvas(
        [BoxMm(c.box.x + shift[0], c.box.y + shift[1], c.box.w, c.box.h) for c in spec.cells]
    )
    for cell, found in zip(
        spec.cells, refine_boxes(canvas, [c.box for c in spec.cells]), strict=True
    ):
        assert found.x == pytest.approx(cell.box.x + shift[0], abs=0.1)
        assert found.y == pytest.approx(cell.box.y + shift[1], abs=0.1)
        assert found.w == pytest.approx(cell.box.w, abs=0.12)


def test_boxes_that_are_not_seen_stay_where_the_template_has_them() -> None:
    """Nothing printed, nothing to snap to."""
    boxes = (BoxMm(20, 20, 5, 6.8), BoxMm(26, 20, 5, 6.8))
    assert refine_boxes(_canvas([]), boxes) == boxes
    assert refine_boxes(_canvas([]), ()) == ()


def test_pen_stroke_along_a_side_does_not_move_the_box() -> None:
    """A 1 written close to the rule is not the rule."""
    boxes = [BoxMm(20 + 6 * i, 20, 5, 6.8) for i in range(4)]
    canvas = _canvas(boxes)
    for box in boxes:
        x = round((box.x + 0.7) * CANVAS_PX_PER_MM)
        cv2.line(canvas, (x, round(20.2 * 12)), (x, round(26.6 * 12)), 40, 5)
    for box, found in zip(boxes, refine_boxes(canvas, boxes), strict=True):
        assert found.x == pytest.approx(box.x, abs=0.15)


def test_text_margin_shows_overshoot() -> None:
    """Text segments reach a little beyond their paper on every side."""
    spec = _named("name")
    assert isinstance(spec, TextField)
    part = crop_field(_registered()[0], spec, None).parts[0]
    assert part.box == spec.segments[0].box
    assert part.window.x < part.box.x - 0.7
    assert part.window.y < part.box.y - 0.9


def _canvas(boxes: list[BoxMm]) -> Gray:
    canvas = np.full((1200, 1400), 245, np.uint8)
    for box in boxes:
        left, top, right, bottom = box.to_px()
        cv2.rectangle(canvas, (left - 4, top - 4), (right + 3, bottom + 3), 30, -1)
        canvas[top:bottom, left:right] = 245
    return canvas
