"""From bytes to pages, and every way bytes can be wrong."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ocr_service.domain.errors import (
    DamagedFile,
    EmptyFile,
    InputError,
    PageTooLarge,
    UnsupportedFormat,
)
from ocr_service.imaging.decode import DecodeLimits, FileFormat, count_pages, decode_page, sniff
from tests.unit.decode_files import (
    LIMITS,
    close_to,
    jpeg_of,
    pdf_of,
    picture_of,
    png_of_size,
    saved,
)


def test_formats_are_told_by_their_bytes() -> None:
    """Names and MIME types play no part."""
    image = Image.fromarray(picture_of())
    assert sniff(jpeg_of()) is FileFormat.JPEG
    assert sniff(saved(image, "PNG")) is FileFormat.PNG
    assert sniff(saved(image, "TIFF")) is FileFormat.TIFF
    assert sniff(b"\n" + pdf_of(jpeg_of(), (160, 240))) is FileFormat.PDF


def test_no_bytes_and_foreign_bytes_are_named() -> None:
    """An empty file and a GIF say what they are."""
    with pytest.raises(EmptyFile):
        sniff(b"")
    with pytest.raises(UnsupportedFormat):
        sniff(saved(Image.fromarray(picture_of()), "GIF"))


def test_page_carries_dpi_and_digest() -> None:
    """A page knows the resolution its file tells and the file it came from."""
    data = jpeg_of(dpi=(300, 300))
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
    gray = np.where(picture_of() < 128, 0, 255).astype(np.uint8)
    if mode == "I;16":
        image = Image.fromarray(gray.astype(np.uint16) * 257)
    else:
        image = Image.fromarray(gray).convert(mode)
    page = decode_page(saved(image, kind), 0, LIMITS)
    assert np.abs(page.gray.astype(int) - gray).max() <= 2


def test_transparent_parts_are_paper() -> None:
    """What lets the desk show through is white, not black."""
    image = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    assert decode_page(saved(image, "PNG"), 0, LIMITS).gray.min() == 255


def test_exif_turn_is_honoured_and_dpi_with_it() -> None:
    """A camera held sideways gives an upright page."""
    exif = Image.Exif()
    exif[0x0112] = 6
    page = decode_page(jpeg_of(exif=exif), 0, LIMITS)
    assert close_to(page.gray, np.ascontiguousarray(np.rot90(picture_of(), -1)))


@pytest.mark.parametrize("compression", ["group4", "group3", "tiff_lzw", "tiff_adobe_deflate"])
def test_tiff_pages_are_counted_and_read(compression: str) -> None:
    """Each page of a fax file comes back in its place, with square pixels."""
    first = Image.fromarray(picture_of()).point(lambda v: 255 if v > 128 else 0).convert("1")
    second = first.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    data = saved(
        first, "TIFF", save_all=True, append_images=[second], compression=compression, dpi=(204, 98)
    )
    assert count_pages(data, LIMITS) == 2
    one, two = (decode_page(data, i, LIMITS) for i in range(2))
    assert one.gray.shape == (round(240 * 204 / 98), 160)
    assert close_to(one.gray, np.ascontiguousarray(two.gray[::-1]))
    with pytest.raises(DamagedFile):
        decode_page(data, 2, LIMITS)


@pytest.mark.parametrize("white", [0, 1])
def test_tiff_says_itself_which_value_is_white(white: int) -> None:
    """Fax files count white as 0, scanners as 1; both come out black on white."""
    ink = picture_of() < 128
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
    data = jpeg_of(rng.integers(0, 256, (400, 300)).astype(np.uint8))
    with pytest.raises(DamagedFile):
        decode_page(data[: int(len(data) * share)], 0, LIMITS)


def test_jpeg_with_an_early_end_marker_is_damaged() -> None:
    """A cut-off file that somebody closed neatly is still cut off."""
    data = jpeg_of(np.full((400, 300), 128, np.uint8))
    scan = data.index(b"\xff\xda")
    with pytest.raises(DamagedFile):
        decode_page(data[: scan + 20] + b"\xff\xd9", 0, LIMITS)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_other_cut_off_files_are_damaged(kind: str) -> None:
    """PNG and TIFF that end early are told as well."""
    noise = np.random.default_rng(2).integers(0, 256, (300, 300)).astype(np.uint8)
    data = saved(Image.fromarray(noise), kind)
    with pytest.raises(DamagedFile):
        decode_page(data[: len(data) * 2 // 3], 0, LIMITS)


def test_bomb_is_refused_by_its_header() -> None:
    """30,000 x 30,000 pixels in a kilobyte are never unpacked."""
    with pytest.raises(PageTooLarge):
        decode_page(png_of_size(30_000, 30_000), 0, LIMITS)
    with pytest.raises(PageTooLarge):
        decode_page(pdf_of(jpeg_of(), (30_000, 30_000)), 0, LIMITS)


def test_a_strip_without_end_is_refused_by_its_header() -> None:
    """Few pixels, but more along one side than any reader takes; a page just as long is read."""
    for size in ((40, 70_000), (70_000, 40)):
        with pytest.raises(PageTooLarge, match="longer"):
            decode_page(png_of_size(*size), 0, LIMITS)
    data = saved(Image.new("1", (30_000, 16), 1), "PNG")
    assert decode_page(data, 0, LIMITS).gray.shape == (16, 30_000)


def test_page_below_our_limit_but_above_pillows_is_read() -> None:
    """Pillow's own pixel limit and its warnings do not leak."""
    data = saved(Image.new("1", (9_600, 9_600), 1), "PNG")
    assert decode_page(data, 0, LIMITS).gray.shape == (9_600, 9_600)


def _samples() -> list[bytes]:
    noise = np.random.default_rng(3).integers(0, 256, (64, 48)).astype(np.uint8)
    image = Image.fromarray(noise)
    return [
        jpeg_of(noise),
        saved(image.convert("RGB"), "JPEG", progressive=True),
        saved(image, "PNG"),
        saved(image.convert("P"), "PNG"),
        saved(image, "TIFF", compression="tiff_lzw"),
        saved(image.convert("1"), "TIFF", compression="group4"),
        pdf_of(jpeg_of(noise), (48, 64)),
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
