"""Marks are found once each, and say how even a stretched page lies."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ocr_service.imaging.anchors import find_marks, guesses_from_marks
from ocr_service.imaging.register import is_match, register
from ocr_service.imaging.scene import make_scene
from ocr_service.imaging.shrink import shrunk
from ocr_service.imaging.warp import mapped
from ocr_service.pipeline.identify import printed_frames
from tests.unit.imaging_paper import MM_TO_PX, PX_PER_MM, drawn_form, filled, one_row_form, shipped

PAGE, _ = one_row_form()
CENTRES = np.array([a.box.centre for a in PAGE.anchors])


def test_marks_of_a_clean_page_are_found_once_each() -> None:
    """Print without noise has flat peaks: every mark still takes one place, and its own."""
    template = shipped().template
    scene = make_scene(drawn_form(template), PX_PER_MM)
    places = find_marks(scene, 5.0)
    apart = np.hypot(*(places[:, None, :] - places[None, :, :]).T)
    assert apart[~np.eye(len(places), dtype=bool)].min(initial=np.inf) > 4.0 * PX_PER_MM
    marks = mapped(MM_TO_PX, np.array([a.box.centre for a in template.pages[0].anchors]))
    nearest = np.hypot(*(marks[:, None, :] - places[None, :4, :]).T).min(axis=0)
    assert nearest.max() < 0.1 * PX_PER_MM


@pytest.mark.parametrize("stretch", [0.973, 0.98, 1.0, 1.02, 1.027])
@pytest.mark.parametrize("upside_down", [False, True])
def test_marks_of_a_stretched_page_agree(stretch: float, upside_down: bool) -> None:  # noqa: FBT001 -- a parameter of the test
    """A page up to 2.7 % longer or shorter than it is wide is guessed from all four marks."""
    places = CENTRES * np.array([1.0, stretch]) * PX_PER_MM
    if upside_down:
        places = np.array([2500.0, 3500.0]) - places
    guesses = guesses_from_marks(places, PAGE.anchors, PX_PER_MM)
    assert guesses[0].marks == 4
    laid = [g for g in guesses if np.abs(mapped(g.to_gray, CENTRES) - places).max() < 0.5]
    assert laid


def test_false_marks_do_not_crowd_out_the_true_ones() -> None:
    """With sixteen letters that pass for marks, the page's four still make the first guess."""
    rng = np.random.default_rng(11)
    letters = np.column_stack([rng.uniform(30, 180, 16), rng.uniform(10, 14, 16)])
    places = np.concatenate([letters, CENTRES * np.array([1.0, 1.025])]) * PX_PER_MM
    first = guesses_from_marks(places, PAGE.anchors, PX_PER_MM)[0]
    assert first.marks == 4
    assert mapped(first.to_gray, CENTRES) == pytest.approx(places[16:], abs=0.5)


def test_one_false_mark_leaves_the_guess_from_the_others() -> None:
    """Where a third mark does not fit the first two, these are still worth a look."""
    places = CENTRES[:3] * PX_PER_MM + np.array([[0.0, 0.0], [0.0, 0.0], [22.0, 22.0]])
    guesses = guesses_from_marks(places, PAGE.anchors, PX_PER_MM)
    assert any(g.marks == 2 for g in guesses)


def test_no_guess_from_one_mark_or_from_one_place_twice() -> None:
    """A turn needs two points that differ."""
    assert guesses_from_marks(np.array([[5.0, 5.0]]), PAGE.anchors, PX_PER_MM) == []
    assert guesses_from_marks(np.array([[5.0, 5.0], [5.0, 5.0]]), PAGE.anchors, PX_PER_MM) == []


@pytest.mark.parametrize("stretch", [0.973, 1.027])
@pytest.mark.parametrize("lost", [(), (0,), (1, 2)])
def test_stretched_page_is_registered(stretch: float, lost: tuple[int, ...]) -> None:
    """Also where one or two of its marks are covered."""
    template = shipped().template
    form = drawn_form(template)
    for index in lost:
        filled(form, template.pages[0].anchors[index].box.grown(1.5), 255)
    height, width = form.shape
    scan = cv2.resize(form, (width, round(height * stretch)), interpolation=cv2.INTER_AREA)
    found = register(scan, template.pages[0], printed_frames(template, 1))
    assert found is not None
    assert is_match(found)
    assert found.residual_mm < 0.1


@pytest.mark.parametrize("shape", [(3507, 2481), (100, 1), (37, 50)])
@pytest.mark.parametrize("factor", [1.0, 0.7, 0.5, 0.339, 0.1])
def test_small_copy_has_the_size_and_the_mean_of_the_scan(
    shape: tuple[int, int], factor: float
) -> None:
    """Halving first loses less than a pixel at the edge and no brightness."""
    gray = np.full(shape, 200, dtype=np.uint8)
    gray[: shape[0] // 2] = 100
    small = shrunk(gray, factor)
    assert small.shape == pytest.approx(np.maximum(1, np.array(shape) * factor), abs=1.1)
    assert abs(float(small.mean()) - float(gray.mean())) < 12.0
