"""Ink is told from paper, and handwriting from printed rules."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ocr_service.domain.arrays import Gray
from ocr_service.imaging.ink import ink_mask, is_blank
from ocr_service.imaging.rules import (
    BOX_RULES,
    LINE_RULES,
    align_blank,
    blank_margin_px,
    remove_print,
    remove_rules,
)

BOX = (12, 12, 72, 94)  # a digit cell of 5 x 6.8 mm in a window with 1 mm around it
SHAPE = (106, 84)


def _paper(shape: tuple[int, int], noise: float = 3.0, level: float = 240.0) -> Gray:
    rng = np.random.default_rng(1)
    return np.clip(rng.normal(level, noise, shape), 0, 255).astype(np.uint8)


def _cell(noise: float = 3.0) -> Gray:
    gray = _paper(SHAPE, noise)
    left, top, right, bottom = BOX
    cv2.rectangle(gray, (left - 3, top - 3), (right + 2, bottom + 2), 30, 4)
    gray[top:bottom, left:right] = _paper(SHAPE, noise)[top:bottom, left:right]
    return gray


def _inside(gray: Gray) -> Gray:
    return gray[BOX[1] + 4 : BOX[3] - 4, BOX[0] + 4 : BOX[2] - 4]


WITHIN = (slice(BOX[1] + 4, BOX[3] - 4), slice(BOX[0] + 4, BOX[2] - 4))


@pytest.mark.parametrize("level", [20, 110, 180, 200])
def test_strokes_count_from_black_to_light_pencil(level: int) -> None:
    """A pale stroke in a box with black rules is still ink."""
    gray = _cell()
    cv2.line(gray, (30, 30), (55, 75), level, 5)
    ink = remove_rules(ink_mask(gray, within=WITHIN), BOX, BOX_RULES)
    assert ink[52:54, 42:44].all()
    assert 150 < int(ink.sum()) < 500


@pytest.mark.parametrize("noise", [0.0, 4.0, 12.0])
def test_empty_cell_has_no_ink(noise: float) -> None:
    """Rules go, noise does not count."""
    assert not remove_rules(ink_mask(_cell(noise), within=WITHIN), BOX, BOX_RULES).any()


def test_specks_are_not_ink() -> None:
    """Dust of two pixels is not a dot somebody wrote."""
    gray = _cell()
    gray[40:42, 40:42] = 0
    assert not remove_rules(ink_mask(gray, within=WITHIN), BOX, BOX_RULES).any()


def test_uneven_light_is_paper() -> None:
    """A shadow across the window is no ink, and ink in the shadow is."""
    shade = np.linspace(1.0, 0.45, 400)[None, :]
    gray = (_paper((120, 400)) * shade).astype(np.uint8)
    assert not ink_mask(gray).any()
    cv2.line(gray, (370, 20), (380, 100), 40, 6)
    assert ink_mask(gray)[60, 375]


def test_stroke_across_a_rule_stays_whole() -> None:
    """A 7 whose foot leaves the box keeps its foot."""
    gray = _cell()
    cv2.line(gray, (42, 60), (42, 104), 60, 5)
    ink = remove_rules(ink_mask(gray, within=WITHIN), BOX, BOX_RULES)
    assert ink[60:103, 42].all()


def test_writing_inside_the_box_is_never_taken_for_a_rule() -> None:
    """A straight 1 as long as the box is a digit."""
    gray = _cell()
    cv2.line(gray, (42, 16), (42, 90), 60, 5)
    assert remove_rules(ink_mask(gray, within=WITHIN), BOX, BOX_RULES)[20:86, 42].all()


def test_ring_round_a_box_is_kept() -> None:
    """Some people circle the box instead of ticking it."""
    gray = _paper((110, 110))
    cv2.rectangle(gray, (34, 34), (73, 73), 30, 3)
    cv2.circle(gray, (54, 54), 38, 60, 5)
    ink = remove_rules(ink_mask(gray), (36, 36, 72, 72), BOX_RULES)
    assert not ink[44:64, 44:64].any()
    assert ink[14:19, 54].any()
    assert ink[54, 90:95].any()
    assert int(ink.sum()) > 700


def test_solid_and_dashed_lines_beside_text_go() -> None:
    """A line of writing between a rule above and a dashed one below keeps only the writing."""
    gray = _paper((120, 600))
    gray[8:12] = 30
    for x in range(0, 600, 20):
        gray[108:111, x : x + 12] = 30
    for x in range(60, 500, 60):
        cv2.line(gray, (x, 40), (x + 20, 85), 60, 5)
    ink = remove_rules(ink_mask(gray), (10, 14, 590, 106), LINE_RULES)
    assert not ink[:20].any()
    assert not ink[100:].any()
    assert ink[60, 68:72].any()


def test_print_of_the_blank_goes_though_it_lies_a_little_off() -> None:
    """Printed words vanish, a stroke across them stays."""
    printed = _paper((140, 240))
    cv2.putText(printed, "SAMPLE", (20, 90), cv2.FONT_HERSHEY_SIMPLEX, 1.5, 40, 4)
    scan = np.roll(printed, (2, -3), axis=(0, 1))
    cv2.line(scan, (30, 20), (200, 130), 60, 6)
    spare = blank_margin_px()
    wide = cv2.copyMakeBorder(printed, spare, spare, spare, spare, cv2.BORDER_CONSTANT, value=240)
    aligned = align_blank(scan, wide)
    assert aligned.shape == scan.shape
    ink = remove_print(ink_mask(scan), aligned)
    pen = np.zeros(scan.shape, np.uint8)
    cv2.line(pen, (30, 20), (200, 130), 1, 10)
    assert int((ink & (pen == 0)).sum()) < 40
    assert int(ink.sum()) > 0.7 * 6 * 200


def test_blank_pages_are_told_from_pages_with_little_on_them() -> None:
    """Noise, shadows and a dark edge are nothing; two lines of print are something."""
    page = _paper((1754, 1240), noise=8.0)
    page = (page * np.linspace(1.0, 0.6, 1240)[None, :]).astype(np.uint8)
    page[:, :20] = 10
    assert is_blank(page)
    cv2.putText(page, "Some words", (300, 500), cv2.FONT_HERSHEY_SIMPLEX, 2.0, 40, 5)
    cv2.putText(page, "and some more", (300, 600), cv2.FONT_HERSHEY_SIMPLEX, 2.0, 40, 5)
    assert not is_blank(page)
    assert is_blank(np.full((3508, 2480), 255, np.uint8))
