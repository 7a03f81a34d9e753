"""Pages of PDF files: scans taken out as they are, or drawn."""

from __future__ import annotations

import io
import os
from pathlib import Path

import cv2
import numpy as np
import pikepdf
import pytest
from PIL import Image

from ocr_service.domain.errors import (
    DamagedFile,
    EncryptedPdf,
    PageTooLarge,
    ServiceUnavailable,
    TooManyPages,
)
from ocr_service.imaging.decode import DecodeLimits, count_pages, decode_page
from ocr_service.imaging.pdf import decode_pdf_page
from tests.unit.decode_files import (
    LIMITS,
    close_to,
    jpeg_of,
    pdf_of,
    picture_of,
    saved,
)


def test_scan_is_taken_out_of_a_pdf_as_it_is() -> None:
    """No second rendering: the JPEG's own pixels come back, with the dpi they have on paper."""
    page = decode_page(pdf_of(jpeg_of(), (160, 240)), 0, LIMITS)
    assert np.array_equal(page.gray, decode_page(jpeg_of(), 0, LIMITS).gray)
    assert page.dpi == pytest.approx(160 / 200 * 72)


def test_invisible_text_over_a_scan_does_not_count() -> None:
    """Copiers put recognised text under the scan; the scan is still the page."""
    content = "q 200 0 0 300 0 0 cm /I Do Q BT 3 Tr /F 12 Tf 20 20 Td (abc) Tj ET"
    assert decode_page(pdf_of(jpeg_of(), (160, 240), content=content), 0, LIMITS).gray.shape == (
        240,
        160,
    )


def test_visible_text_over_a_scan_is_drawn() -> None:
    """A stamp put on electronically must not be lost."""
    content = "q 200 0 0 300 0 0 cm /I Do Q BT /F 40 Tf 20 20 Td (STAMP) Tj ET"
    page = decode_page(pdf_of(jpeg_of(), (160, 240), content=content), 0, LIMITS)
    assert page.dpi == LIMITS.pdf_dpi
    assert page.gray[-250:].min() < 40


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize(
    "matrix",
    [
        "200 0 0 300 0 0",
        "-200 0 0 300 200 0",
        "200 0 0 -300 0 300",
        "-200 0 0 -300 200 300",
        "0 300 200 0 0 0",
        "0 300 -200 0 200 0",
        "0 -300 200 0 0 300",
        "0 -300 -200 0 200 300",
    ],
)
def test_extracted_scan_lies_as_the_page_shows_it(matrix: str, rotate: int) -> None:
    """Mirrored, turned and rotated pages agree with what poppler draws."""
    content = f"q {matrix} cm /I Do Q"
    sideways = matrix.startswith("0 ")
    picture = picture_of(160, 240) if sideways else picture_of()
    data = pdf_of(jpeg_of(picture), picture.shape[::-1], content=content, rotate=rotate)
    scan = decode_page(data, 0, LIMITS)
    stamped = pdf_of(
        jpeg_of(picture), picture.shape[::-1], content=content + " 0 0 0.1 0.1 re f", rotate=rotate
    )
    drawn = decode_page(stamped, 0, DecodeLimits(pdf_dpi=round(scan.dpi)))
    assert abs(drawn.gray.shape[0] - scan.gray.shape[0]) <= 2
    assert close_to(scan.gray, cv2.resize(drawn.gray, scan.gray.shape[::-1]))


def test_flate_and_fax_scans_are_taken_out() -> None:
    """One-bit scans in a PDF come back black on white."""
    gray = np.where(picture_of() < 128, 0, 255).astype(np.uint8)
    data = saved(Image.fromarray(gray).convert("1"), "PDF", resolution=72.0)
    page = decode_page(data, 0, LIMITS)
    assert close_to(page.gray, gray)
    flate = pikepdf.open(io.BytesIO(pdf_of(jpeg_of(gray), (160, 240))))
    flate.pages[0].obj.Resources.XObject.I.write(gray.tobytes())
    out = io.BytesIO()
    flate.save(out)
    page = decode_page(out.getvalue(), 0, LIMITS)
    assert np.array_equal(page.gray, gray)


def test_password_is_asked_for() -> None:
    """An encrypted PDF is told apart from a damaged one."""
    locked = pdf_of(jpeg_of(), (160, 240), encryption=pikepdf.Encryption(owner="o", user="u"))
    with pytest.raises(EncryptedPdf):
        count_pages(locked, LIMITS)
    free = pdf_of(jpeg_of(), (160, 240), encryption=pikepdf.Encryption(owner="o", user=""))
    assert decode_page(free, 0, LIMITS).gray.shape == (240, 160)


def test_three_thousand_pages_are_too_many() -> None:
    """The limit holds for PDF and TIFF."""
    with pytest.raises(TooManyPages):
        count_pages(pdf_of(jpeg_of(), (160, 240), pages=3000), LIMITS)
    tiny = Image.new("1", (16, 16), 1)
    data = saved(tiny, "TIFF", save_all=True, append_images=[tiny] * 20)
    with pytest.raises(TooManyPages):
        count_pages(data, DecodeLimits(max_pages=20))
    assert count_pages(data, DecodeLimits(max_pages=21)) == 21


def test_huge_sheet_is_refused_before_it_is_drawn() -> None:
    """A PDF page of 5 m x 5 m would be three gigapixels."""
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(14_000, 14_000))
    out = io.BytesIO()
    pdf.save(out)
    with pytest.raises(PageTooLarge):
        decode_page(out.getvalue(), 0, LIMITS)


def test_missing_poppler_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without poppler a drawn page is not the file's fault."""
    data = pdf_of(jpeg_of(), (160, 240), content="0 0 50 50 re f")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ServiceUnavailable, match="poppler-utils"):
        decode_pdf_page(data, 0, LIMITS)


def test_slow_drawing_is_cut_off(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A page that keeps poppler busy for ever ends with a named error."""
    for name in ("pdftoppm", "pdfinfo"):
        script = tmp_path / name
        script.write_text("#!/bin/sh\nexec sleep 20\n", encoding="ascii")
        script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    data = pdf_of(jpeg_of(), (160, 240), content="0 0 50 50 re f")
    with pytest.raises(DamagedFile, match="1 s"):
        decode_pdf_page(data, 0, DecodeLimits(pdf_timeout_s=1))
