"""A sheet photographed askew: unread by itself, read once a person marks its corners."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.placement import PageHint
from ocr_service.imaging.warp import mapped
from ocr_service.pipeline.reader import EngineReader
from ocr_service.service.processing.hinted_reading import read_hinted

SCAN = Path(__file__).resolve().parents[2] / "samples" / "scans" / "scan-0001.jpg"

pytestmark = [pytest.mark.timeout(300)]


def test_a_page_askew_is_read_by_its_corners(reader: EngineReader) -> None:
    """Strong perspective on a dark desk; the registration leads from the photograph's pixels."""
    page = cv2.imread(str(SCAN), cv2.IMREAD_GRAYSCALE)
    height, width = page.shape
    corners = np.array([[0.30, 0.06], [0.93, 0.26], [0.70, 0.95], [0.08, 0.72]])
    on_desk = (corners * (3400, 3600)).astype(np.float32)
    sheet = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    to_desk = cv2.getPerspectiveTransform(sheet, on_desk)
    photo = cv2.warpPerspective(page, to_desk, (3400, 3600), borderValue=60.0)
    data = cv2.imencode(".jpg", photo)[1].tobytes()

    a, b, c, d = ((float(x), float(y)) for x, y in corners)
    hint = PageHint(corners=(a, b, c, d))
    read = read_hinted(reader, data, 0, file="p.jpg", template="mhlw-covid19", hint=hint)
    assert read.record.state is DocumentState.NEEDS_REVIEW
    assert read.record.field("birth_date").value == "1981-07-27"
    registration = read.record.registration
    assert registration is not None

    straight = read_hinted(
        reader, SCAN.read_bytes(), 0, file="p.jpg", template="mhlw-covid19", hint=None
    )
    assert straight.record.registration is not None
    points = np.array([[300.0, 400.0], [2000.0, 500.0], [1500.0, 3000.0]])
    wanted = mapped(straight.record.registration.homography, points)
    through = mapped(registration.homography, mapped(to_desk, points))
    assert np.abs(through - wanted).max() < 12.0  # a millimetre of the canvas
