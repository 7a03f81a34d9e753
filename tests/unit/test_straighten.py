"""Scans laid straight as a person says."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr_service.domain.errors import InvalidRequest
from ocr_service.domain.placement import PageHint
from ocr_service.imaging.warp import mapped
from ocr_service.pipeline.straighten import straighten


def _scan() -> tuple[bytes, np.ndarray]:
    """A dark square at the top-left of a page, as a file."""
    gray = np.full((120, 80), 255, np.uint8)
    gray[5:25, 5:25] = 0
    return cv2.imencode(".png", gray)[1].tobytes(), gray


@pytest.mark.parametrize("turns", range(4))
def test_quarter_turns_are_clockwise(turns: int) -> None:
    """As a picture on a screen is turned, pixel by pixel."""
    data, gray = _scan()
    made = straighten(data, 0, PageHint(turns))
    flat = cv2.imdecode(np.frombuffer(made.png, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert np.array_equal(flat, np.rot90(gray, -turns))


jitter = st.floats(-0.12, 0.12)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(jitter, jitter), min_size=4, max_size=4))
def test_corners_come_to_the_corners(moved: list[tuple[float, float]]) -> None:
    """Wherever the paper lies on the scan, its corners become those of the page."""
    data, gray = _scan()
    base = ((0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8))
    a, b, c, d = ((x + dx, y + dy) for (x, y), (dx, dy) in zip(base, moved, strict=True))
    made = straighten(data, 0, PageHint(corners=(a, b, c, d)))
    flat = cv2.imdecode(np.frombuffer(made.png, np.uint8), cv2.IMREAD_GRAYSCALE)
    on_scan = np.array([a, b, c, d]) * (gray.shape[1] - 1, gray.shape[0] - 1)
    right, bottom = flat.shape[1] - 1, flat.shape[0] - 1
    wanted = np.array([[0, 0], [right, 0], [right, bottom], [0, bottom]])
    assert np.allclose(mapped(made.homography, on_scan), wanted, atol=0.05)


@pytest.mark.parametrize(
    "corners",
    [
        ((0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, 0.0)),
        ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)),
        ((0.5, 0.5), (0.5, 0.5), (0.5, 0.5), (0.5, 0.5)),
        ((0.0, 0.0), (1.2, 0.0), (1.0, 1.0), (0.0, 1.0)),
    ],
)
def test_corners_that_make_no_page_are_refused(
    corners: tuple[tuple[float, float], ...],
) -> None:
    """Mirrored, crossed, in one spot, or off the scan."""
    first, second, third, fourth = corners
    with pytest.raises(InvalidRequest):
        PageHint(corners=(first, second, third, fourth))
