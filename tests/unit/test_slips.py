"""Generated slips of the pen are what they say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr_service.domain.geometry import BoxMm
from ocr_service.forms.fields import Charset
from samples.generator.crossed import Slip, Slips, StrikeStyle, invent_slip, write_with_slip
from samples.generator.fonts import font_folders, open_fonts
from samples.generator.handwriting import invent_hand
from samples.generator.paper import Paper

AREA = BoxMm(4, 4, 60, 9)


@given(st.integers(0, 2**31), st.text("青森県庁1", min_size=1))
@settings(max_examples=50, deadline=None)
def test_a_slip_fits_its_line(seed: int, text: str) -> None:
    """It replaces characters that are there."""
    slip = invent_slip(np.random.default_rng(seed), text, Charset.JAPANESE, AREA.h)
    assert 1 <= len(slip.struck) <= 4
    assert slip.start >= 0
    assert slip.start + len(slip.struck) <= len(text)


def test_slips_are_as_many_as_ordered() -> None:
    """None at all for a share of nothing."""
    rng = np.random.default_rng(1)
    assert all(Slips(0.0, rng).place(3) is None for _ in range(50))
    assert all(Slips(1.0, rng).place(3) in {0, 1, 2} for _ in range(50))


@pytest.mark.parametrize("above", [False, True])
@pytest.mark.parametrize("style", list(StrikeStyle))
def test_a_struck_run_is_where_it_is_told(style: StrikeStyle, above: bool) -> None:  # noqa: FBT001  a parameter
    """There is ink, inside the area's width."""
    rng = np.random.default_rng(5)
    hand = invent_hand(rng, open_fonts(font_folders()))
    paper = Paper(np.full((240, 900), 255, np.uint8))
    found = write_with_slip(paper, AREA, "青森県庁", Slip(1, "山川", style, above), hand, rng)
    left, top, right, bottom = found.run.to_px(300 / 25.4)
    assert AREA.x <= found.run.x < found.run.right <= AREA.right + 1
    assert (paper.gray[top:bottom, left:right] < 128).any()
