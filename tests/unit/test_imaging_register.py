"""How scans are laid on template pages."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr_service.domain.arrays import Gray
from ocr_service.domain.geometry import CANVAS_PX_PER_MM, BoxMm
from ocr_service.imaging.register import is_match, register
from ocr_service.imaging.warp import canvas_size, mm_to_scan, quad_of, scan_to_mm, warp
from ocr_service.pipeline.identify import printed_frames
from tests.unit.imaging_paper import (
    corner_errors_mm,
    drawn_form,
    drawn_page,
    filled,
    one_row_form,
    scanned,
    shipped,
)

PAGE = shipped().template.pages[0]
FRAMES = printed_frames(shipped().template, 1)
GOAL_MM = 0.3


@cache
def _form() -> Gray:
    return drawn_form(shipped().template)


def _without_marks(form: Gray, ids: set[str], level: int = 255) -> Gray:
    covered = form.copy()
    for anchor in PAGE.anchors:
        if anchor.id in ids:
            filled(covered, anchor.box.grown(1.5), level)
    return covered


DEGRADED: dict[str, dict[str, Any]] = {
    "straight": {"dpi": 300},
    "skewed": {"turn_deg": 3.0},
    "skewed hard": {"turn_deg": -5.0},
    "upside down": {"turn_deg": 178.0},
    "quarter turn": {"turn_deg": 91.5},
    "quarter turn back": {"turn_deg": 268.5},
    "larger": {"stretch": 1.03, "turn_deg": 1.0},
    "smaller": {"stretch": 0.97, "turn_deg": -1.0},
    "uneven light": {"light": 0.5},
    "blurred": {"blur_px": 2.0, "turn_deg": 1.0},
    "noisy": {"noise": 18.0, "turn_deg": -2.0},
    "jpeg 40": {"jpeg": 40, "noise": 8.0},
    "200 dpi": {"turn_deg": 2.0, "jpeg": 60},
    "150 dpi": {"dpi": 150, "turn_deg": -2.0},
    "600 dpi": {"dpi": 600, "turn_deg": 1.0, "noise": 0.0},
    "fax": {"threshold": 140, "turn_deg": 0.7},
    "dark fax": {"threshold": 215, "turn_deg": -0.7},
}


@pytest.mark.parametrize("way", DEGRADED)
def test_box_corners_are_found_to_a_third_of_a_millimetre(way: str) -> None:
    """Whatever the scanner does, no corner of any box is off by 0.3 mm."""
    scan = scanned(_form(), np.random.default_rng(1), **DEGRADED[way])
    found = register(scan.gray, PAGE, FRAMES)
    assert found is not None
    assert is_match(found)
    assert corner_errors_mm(scan, found.homography, FRAMES).max() < GOAL_MM


def test_the_turn_is_told_clockwise() -> None:
    """A page lying upside down with 2 degrees of skew says so."""
    scan = scanned(_form(), np.random.default_rng(2), turn_deg=182.0)
    found = register(scan.gray, PAGE, FRAMES)
    assert found is not None
    assert found.rotation_deg == pytest.approx(182.0, abs=0.1)


@pytest.mark.parametrize(
    "lost",
    [{"TL"}, {"BR"}, {"TL", "TR"}, {"TL", "BR"}, {"TL", "TR", "BL"}, {"TL", "TR", "BL", "BR"}],
)
def test_lost_marks_do_not_move_the_page(lost: set[str]) -> None:
    """With marks cut off or covered, frames alone still hold the page exactly."""
    form = _without_marks(_form(), lost, level=200)
    scan = scanned(form, np.random.default_rng(3), turn_deg=-2.4)
    found = register(scan.gray, PAGE, FRAMES)
    assert found is not None
    assert is_match(found)
    assert found.marks_found == 4 - len(lost)
    assert corner_errors_mm(scan, found.homography, FRAMES).max() < GOAL_MM


def test_black_scanner_background_does_not_disturb() -> None:
    """A lid left open paints the world around the paper black."""
    scan = scanned(_form(), np.random.default_rng(4), turn_deg=2.0)
    dark = np.full((scan.gray.shape[0] + 160, scan.gray.shape[1] + 160), 15, np.uint8)
    dark[80:-80, 80:-80] = scan.gray
    found = register(dark, PAGE, FRAMES, dpi=200.0)
    assert found is not None
    assert is_match(found)


def test_sheet_on_a_larger_scanner_bed_is_found_by_its_dpi() -> None:
    """An A4 sheet in the corner of an A3 scan."""
    scan = scanned(_form(), np.random.default_rng(5))
    bed = np.full((3308, 2339), 250, np.uint8)
    bed[: scan.gray.shape[0], : scan.gray.shape[1]] = scan.gray
    found = register(bed, PAGE, FRAMES, dpi=200.0)
    assert found is not None
    assert is_match(found)
    assert corner_errors_mm(scan, found.homography, FRAMES).max() < GOAL_MM


def test_residual_is_not_fitted_away() -> None:
    """Frames that wander by 0.2 mm about their places show in the residual."""
    rng = np.random.default_rng(6)
    wander = rng.choice([-0.2, 0.2], (len(FRAMES), 2))
    moved = [
        BoxMm(b.x + dx, b.y + dy, b.w, b.h) for b, (dx, dy) in zip(FRAMES, wander, strict=True)
    ]
    found = register(drawn_page(PAGE, moved), PAGE, FRAMES)
    assert found is not None
    assert 0.15 < found.residual_mm < 0.25


@pytest.mark.parametrize("shift", [(5.93, 0.0), (-8.0, 0.0), (0.0, 8.6), (2.0, 2.0)])
def test_page_is_never_laid_a_box_further(shift: tuple[float, float]) -> None:
    """Print shifted against the marks is followed or refused, never cut a box too far."""
    dx, dy = shift
    moved = [BoxMm(b.x + dx, b.y + dy, b.w, b.h) for b in FRAMES]
    found = register(drawn_page(PAGE, moved), PAGE, FRAMES)
    if found is not None and is_match(found):
        spot = scan_to_mm(
            mm_to_scan(np.array([[100.0 + dx, 100.0 + dy]]), found.homography), found.homography
        )
        assert spot[0] == pytest.approx((100.0 + dx, 100.0 + dy))
        quad = quad_of(FRAMES[0], found.homography) * 25.4 / 300
        assert quad[0] == pytest.approx((moved[0].x, moved[0].y), abs=0.3)


def test_row_of_equal_boxes_without_marks_is_refused() -> None:
    """Where a shift by one box fits nearly as well, only marks could tell; there are none."""
    page, row = one_row_form()
    bare = drawn_page(page, row)
    assert is_match(_registered(bare, page, row))
    for anchor in page.anchors:
        filled(bare, anchor.box.grown(1.0), 255)
    found = register(bare, page, row)
    assert found is None or not is_match(found)


def _registered(gray: Gray, page: Any, row: Any) -> Any:
    found = register(gray, page, row)
    assert found is not None
    return found


def test_other_form_with_the_same_marks_does_not_match() -> None:
    """Marks alone make no match: the frames must be in place."""
    rng = np.random.default_rng(7)
    others = [
        BoxMm(float(x), float(y), 5.0, 6.8)
        for x, y in zip(rng.uniform(12, 190, 90), rng.uniform(15, 270, 90), strict=True)
    ]
    found = register(drawn_page(PAGE, others), PAGE, FRAMES)
    assert found is None or not is_match(found)


def test_warp_gives_the_canvas_of_the_page() -> None:
    """The canvas is 12 px/mm, paper beyond the scan is white, frames lie where they should."""
    scan = scanned(_form(), np.random.default_rng(8), turn_deg=179.0, noise=0.0)
    found = register(scan.gray, PAGE, FRAMES)
    assert found is not None
    canvas = warp(scan.gray, found.homography, PAGE)
    assert canvas.shape == canvas_size(PAGE) == (3564, 2520)
    left, top, right, bottom = FRAMES[0].to_px()
    assert canvas[top + 6 : bottom - 6, left + 6 : right - 6].min() > 240
    assert canvas[top + 20, left - 2] < 90
    assert canvas[0, 0] == 255


@settings(max_examples=50, deadline=None)
@given(
    st.floats(-40, 250),
    st.floats(-40, 330),
    st.floats(0, 360),
    st.floats(5.0, 24.0),
    st.floats(-1e-5, 1e-5),
)
def test_millimetres_survive_the_way_to_the_scan_and_back(
    x: float, y: float, turn: float, scale: float, tilt: float
) -> None:
    """Page to scan pixels to page is the identity for any plausible homography."""
    cos, sin = scale * np.cos(np.radians(turn)), scale * np.sin(np.radians(turn))
    to_scan = np.array([[cos, -sin, 400.0], [sin, cos, 700.0], [tilt, tilt, 1.0]])
    canvas = np.array([[CANVAS_PX_PER_MM, 0, -0.5], [0, CANVAS_PX_PER_MM, -0.5], [0, 0, 1.0]])
    homography = canvas @ np.linalg.inv(to_scan)
    point = np.array([[x, y]])
    assert scan_to_mm(mm_to_scan(point, homography), homography) == pytest.approx(point, abs=1e-6)
