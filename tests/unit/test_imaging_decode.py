"""From bytes to pages, and every way bytes can be wrong."""

from __future__ import annotations

import io
import os
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ocr_service.domain.arrays import Gray
from ocr_service.domain.errors import (
    DamagedFile,
    EmptyFile,
    EncryptedPdf,
    InputError,
    PageTooLarge,
    ServiceUnavailable,
    TooManyPages,
    UnsupportedFormat,
)
from ocr_service.imaging.decode import DecodeLimits, FileFormat, count_pages, decode_page, sniff
from ocr_service.imaging.pdf import decode_pdf_page

LIMITS = DecodeLimits()


def _picture(height: int = 240, width: int = 160) -> Gray:
    """A picture without symmetry: every turn and mirror image of it differs."""
    picture = np.full((height, width), 235, np.uint8)
    picture[height // 10 : height // 3, width // 10 : width // 4] = 20
    picture[height // 2 : height * 2 // 3, width // 10 : width * 4 // 5] = 110
    return picture


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def _jpeg(picture: Gray | None = None, **options: object) -> bytes:
    image = Image.fromarray(_picture() if picture is None else picture)
    return _saved(image, "JPEG", quality=95, **options)


def _close(a: Gray, b: Gray) -> bool:
    small = (24, 24)
    one = cv2.resize(a, small, interpolation=cv2.INTER_AREA).astype(int)
    two = cv2.resize(b, small, interpolation=cv2.INTER_AREA).astype(int)
    return a.shape == b.shape and float(np.abs(one - two).mean()) < 4


def _pdf(
    jpeg: bytes,
    size: tuple[int, int],
    *,
    content: str = "q 200 0 0 300 0 0 cm /I Do Q",
    rotate: int = 0,
    pages: int = 1,
    **save: object,
) -> bytes:
    pdf = pikepdf.new()
    image = pikepdf.Stream(pdf, jpeg)
    image.stream_dict = pikepdf.Dictionary(
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=size[0],
        Height=size[1],
        ColorSpace=pikepdf.Name.DeviceGray,
        BitsPerComponent=8,
        Filter=pikepdf.Name.DCTDecode,
    )
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
    )
    for _ in range(pages):
        page = pdf.add_blank_page(page_size=(200, 300))
        page.obj.Resources = pikepdf.Dictionary(
            XObject=pikepdf.Dictionary(I=image), Font=pikepdf.Dictionary(F=font)
        )
        page.obj.Contents = pikepdf.Stream(pdf, content.encode())
        page.obj.Rotate = rotate
    out = io.BytesIO()
    pdf.save(out, **save)  # type: ignore[arg-type]  # keyword options of one test each
    return out.getvalue()


def _png_of_size(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    data = zlib.compress(bytes(1000), 9)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


def test_formats_are_told_by_their_bytes() -> None:
    """Names and MIME types play no part."""
    image = Image.fromarray(_picture())
    assert sniff(_jpeg()) is FileFormat.JPEG
    assert sniff(_saved(image, "PNG")) is FileFormat.PNG
    assert sniff(_saved(image, "TIFF")) is FileFormat.TIFF
    assert sniff(b"\n" + _pdf(_jpeg(), (160, 240))) is FileFormat.PDF


def test_no_bytes_and_foreign_bytes_are_named() -> None:
    """An empty file and a GIF say what they are."""
    with pytest.raises(EmptyFile):
        sniff(b"")
    with pytest.raises(UnsupportedFormat):
        sniff(_saved(Image.fromarray(_picture()), "GIF"))


def test_page_carries_dpi_and_digest() -> None:
    """A page knows the resolution its file tells and the file it came from."""
    data = _jpeg(dpi=(300, 300))
    page = decode_page(data, 0, LIMITS)
    assert page.dpi == pytest.approx(300, abs=1)
    assert len(page.sha256) == 64
    assert decode_page(data, 0, LIMITS, sha256="abc").sha256 == "abc"


MODES = {
    "PNG": ("1", "L", "P", "LA", "RGB", "RGBA", "I;16"),
    "TIFF": ("1", "L", "RGB", "RGBA", "CMYK", "I;16"),
}


@pytest.mark.parametrize(("kind", "mode"), [(k, m) for k, modes in MODES.items() for m in modes])
def test_every_pixel_mode_becomes_gray_on_white(kind: str, mode: str) -> None:
    """Deep, coloured, indexed and transparent pictures look as they should."""
    gray = np.where(_picture() < 128, 0, 255).astype(np.uint8)
    if mode == "I;16":
        image = Image.fromarray(gray.astype(np.uint16) * 257)
    else:
        image = Image.fromarray(gray).convert(mode)
    page = decode_page(_saved(image, kind), 0, LIMITS)
    assert np.abs(page.gray.astype(int) - gray).max() <= 2


def test_transparent_parts_are_paper() -> None:
    """What lets the desk show through is white, not black."""
    image = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    assert decode_page(_saved(image, "PNG"), 0, LIMITS).gray.min() == 255


def test_exif_turn_is_honoured_and_dpi_with_it() -> None:
    """A camera held sideways gives an upright page."""
    exif = Image.Exif()
    exif[0x0112] = 6
    page = decode_page(_jpeg(exif=exif), 0, LIMITS)
    assert _close(page.gray, np.ascontiguousarray(np.rot90(_picture(), -1)))


@pytest.mark.parametrize("compression", ["group4", "group3", "tiff_lzw", "tiff_adobe_deflate"])
def test_tiff_pages_are_counted_and_read(compression: str) -> None:
    """Each page of a fax file comes back in its place, with square pixels."""
    first = Image.fromarray(_picture()).point(lambda v: 255 if v > 128 else 0).convert("1")
    second = first.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    data = _saved(
        first, "TIFF", save_all=True, append_images=[second], compression=compression, dpi=(204, 98)
    )
    assert count_pages(data, LIMITS) == 2
    one, two = (decode_page(data, i, LIMITS) for i in range(2))
    assert one.gray.shape == (round(240 * 204 / 98), 160)
    assert _close(one.gray, np.ascontiguousarray(two.gray[::-1]))
    with pytest.raises(DamagedFile):
        decode_page(data, 2, LIMITS)


@pytest.mark.parametrize("white", [0, 1])
def test_tiff_says_itself_which_value_is_white(white: int) -> None:
    """Fax files count white as 0, scanners as 1; both come out black on white."""
    ink = _picture() < 128
    stored = ~ink if white else ink
    packed = np.packbits(stored, axis=1).tobytes()
    tags = [
        (256, 3, 160), (257, 3, 240), (258, 3, 1), (259, 3, 1), (262, 3, white),
        (273, 4, 200), (277, 3, 1), (278, 3, 240), (279, 4, len(packed)),
    ]  # fmt: skip
    table = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    head = b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", len(tags)) + table + bytes(4)
    page = decode_page(head.ljust(200, b"\0") + packed, 0, LIMITS)
    assert np.array_equal(page.gray, np.where(ink, 0, 255))


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.98])
def test_cut_off_jpeg_is_damaged_not_half_grey(share: float) -> None:
    """A transfer that broke off is told, wherever it broke off."""
    rng = np.random.default_rng(1)
    data = _jpeg(rng.integers(0, 256, (400, 300)).astype(np.uint8))
    with pytest.raises(DamagedFile):
        decode_page(data[: int(len(data) * share)], 0, LIMITS)


def test_jpeg_with_an_early_end_marker_is_damaged() -> None:
    """A cut-off file that somebody closed neatly is still cut off."""
    data = _jpeg(np.full((400, 300), 128, np.uint8))
    scan = data.index(b"\xff\xda")
    with pytest.raises(DamagedFile):
        decode_page(data[: scan + 20] + b"\xff\xd9", 0, LIMITS)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_other_cut_off_files_are_damaged(kind: str) -> None:
    """PNG and TIFF that end early are told as well."""
    noise = np.random.default_rng(2).integers(0, 256, (300, 300)).astype(np.uint8)
    data = _saved(Image.fromarray(noise), kind)
    with pytest.raises(DamagedFile):
        decode_page(data[: len(data) * 2 // 3], 0, LIMITS)


def test_bomb_is_refused_by_its_header() -> None:
    """30,000 x 30,000 pixels in a kilobyte are never unpacked."""
    with pytest.raises(PageTooLarge):
        decode_page(_png_of_size(30_000, 30_000), 0, LIMITS)
    with pytest.raises(PageTooLarge):
        decode_page(_pdf(_jpeg(), (30_000, 30_000)), 0, LIMITS)


def test_a_strip_without_end_is_refused_by_its_header() -> None:
    """Few pixels, but more along one side than any reader takes; a page just as long is read."""
    for size in ((40, 70_000), (70_000, 40)):
        with pytest.raises(PageTooLarge, match="longer"):
            decode_page(_png_of_size(*size), 0, LIMITS)
    data = _saved(Image.new("1", (30_000, 16), 1), "PNG")
    assert decode_page(data, 0, LIMITS).gray.shape == (16, 30_000)


def test_page_below_our_limit_but_above_pillows_is_read() -> None:
    """Pillow's own pixel limit and its warnings do not leak."""
    data = _saved(Image.new("1", (9_600, 9_600), 1), "PNG")
    assert decode_page(data, 0, LIMITS).gray.shape == (9_600, 9_600)


def test_scan_is_taken_out_of_a_pdf_as_it_is() -> None:
    """No second rendering: the JPEG's own pixels come back, with the dpi they have on paper."""
    page = decode_page(_pdf(_jpeg(), (160, 240)), 0, LIMITS)
    assert np.array_equal(page.gray, decode_page(_jpeg(), 0, LIMITS).gray)
    assert page.dpi == pytest.approx(160 / 200 * 72)


def test_invisible_text_over_a_scan_does_not_count() -> None:
    """Copiers put recognised text under the scan; the scan is still the page."""
    content = "q 200 0 0 300 0 0 cm /I Do Q BT 3 Tr /F 12 Tf 20 20 Td (abc) Tj ET"
    assert decode_page(_pdf(_jpeg(), (160, 240), content=content), 0, LIMITS).gray.shape == (
        240,
        160,
    )


def test_visible_text_over_a_scan_is_drawn() -> None:
    """A stamp put on electronically must not be lost."""
    content = "q 200 0 0 300 0 0 cm /I Do Q BT /F 40 Tf 20 20 Td (STAMP) Tj ET"
    page = decode_page(_pdf(_jpeg(), (160, 240), content=content), 0, LIMITS)
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
    picture = _picture(160, 240) if sideways else _picture()
    data = _pdf(_jpeg(picture), picture.shape[::-1], content=content, rotate=rotate)
    scan = decode_page(data, 0, LIMITS)
    stamped = _pdf(
        _jpeg(picture), picture.shape[::-1], content=content + " 0 0 0.1 0.1 re f", rotate=rotate
    )
    drawn = decode_page(stamped, 0, DecodeLimits(pdf_dpi=round(scan.dpi)))
    assert abs(drawn.gray.shape[0] - scan.gray.shape[0]) <= 2
    assert _close(scan.gray, cv2.resize(drawn.gray, scan.gray.shape[::-1]))


def test_flate_and_fax_scans_are_taken_out() -> None:
    """One-bit scans in a PDF come back black on white."""
    gray = np.where(_picture() < 128, 0, 255).astype(np.uint8)
    data = _saved(Image.fromarray(gray).convert("1"), "PDF", resolution=72.0)
    page = decode_page(data, 0, LIMITS)
    assert _close(page.gray, gray)
    flate = pikepdf.open(io.BytesIO(_pdf(_jpeg(gray), (160, 240))))
    flate.pages[0].obj.Resources.XObject.I.write(gray.tobytes())
    out = io.BytesIO()
    flate.save(out)
    page = decode_page(out.getvalue(), 0, LIMITS)
    assert np.array_equal(page.gray, gray)


def test_password_is_asked_for() -> None:
    """An encrypted PDF is told apart from a damaged one."""
    locked = _pdf(_jpeg(), (160, 240), encryption=pikepdf.Encryption(owner="o", user="u"))
    with pytest.raises(EncryptedPdf):
        count_pages(locked, LIMITS)
    free = _pdf(_jpeg(), (160, 240), encryption=pikepdf.Encryption(owner="o", user=""))
    assert decode_page(free, 0, LIMITS).gray.shape == (240, 160)


def test_three_thousand_pages_are_too_many() -> None:
    """The limit holds for PDF and TIFF."""
    with pytest.raises(TooManyPages):
        count_pages(_pdf(_jpeg(), (160, 240), pages=3000), LIMITS)
    tiny = Image.new("1", (16, 16), 1)
    data = _saved(tiny, "TIFF", save_all=True, append_images=[tiny] * 20)
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
    data = _pdf(_jpeg(), (160, 240), content="0 0 50 50 re f")
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
    data = _pdf(_jpeg(), (160, 240), content="0 0 50 50 re f")
    with pytest.raises(DamagedFile, match="1 s"):
        decode_pdf_page(data, 0, DecodeLimits(pdf_timeout_s=1))


def _samples() -> list[bytes]:
    noise = np.random.default_rng(3).integers(0, 256, (64, 48)).astype(np.uint8)
    image = Image.fromarray(noise)
    return [
        _jpeg(noise),
        _saved(image.convert("RGB"), "JPEG", progressive=True),
        _saved(image, "PNG"),
        _saved(image.convert("P"), "PNG"),
        _saved(image, "TIFF", compression="tiff_lzw"),
        _saved(image.convert("1"), "TIFF", compression="group4"),
        _pdf(_jpeg(noise), (48, 64)),
    ]


@settings(max_examples=250, deadline=None)
@given(
    st.sampled_from(_samples()),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=6),
    st.floats(0.2, 1.0),
)
def test_mutated_bytes_give_a_page_or_a_named_error(
    data: bytes, changes: list[tuple[float, int]], share: float
) -> None:
    """Nothing but InputError ever comes out of a broken file."""
    broken = bytearray(data)
    for place, value in changes:
        broken[min(int(place * len(broken)), len(broken) - 1)] = value
    limits = DecodeLimits(max_pixels=4_000_000, pdf_dpi=72, pdf_timeout_s=10)
    cut = bytes(broken[: max(1, int(share * len(broken)))]) if share < 0.6 else bytes(broken)
    try:
        page = decode_page(cut, 0, limits)
    except InputError:
        return
    assert page.gray.dtype == np.uint8
    assert page.gray.size <= limits.max_pixels
