"""Which file formats the service reads, and how much of one it is willing to unpack."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ocr_service.domain.errors import EmptyFile, PageTooLarge, UnsupportedFormat

_PDF_HEADER_WITHIN_BYTES = 1024  # readers accept junk before the header up to here


class FileFormat(StrEnum):
    """Formats told by their first bytes; names and MIME types from outside are not believed."""

    JPEG = "jpeg"
    PNG = "png"
    TIFF = "tiff"
    PDF = "pdf"


@dataclass(frozen=True, slots=True)
class DecodeLimits:
    """Bounds that keep a hostile file from taking the machine down.

    Attributes:
        max_pages: pages in one file, at least 1.
        max_pixels: pixels on one page, checked from the header before anything is unpacked.
        max_side_px: pixels along one side; OpenCV warps and bar code readers take no longer ones.
        pdf_timeout_s: seconds the PDF renderer may take for one page.
        pdf_dpi: resolution at which PDF pages that are not plain scans are drawn.
    """

    max_pages: int = 500
    max_pixels: int = 120_000_000
    max_side_px: int = 30_000
    pdf_timeout_s: int = 30
    pdf_dpi: int = 300


def sniff(data: bytes) -> FileFormat:
    """The format of a file by its first bytes.

    Raises:
        EmptyFile: no bytes at all.
        UnsupportedFormat: none of the formats read.
    """
    if not data:
        raise EmptyFile("the file is empty: scan or send it again")
    if data.startswith(b"\xff\xd8\xff"):
        return FileFormat.JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return FileFormat.PNG
    if data[:4] in {b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"}:
        return FileFormat.TIFF
    if b"%PDF-" in data[:_PDF_HEADER_WITHIN_BYTES]:
        return FileFormat.PDF
    raise UnsupportedFormat("the file is neither JPEG, PNG, TIFF nor PDF: scan to one of these")


def check_pixels(width: float, height: float, limits: DecodeLimits) -> None:
    """Refuse a page with too many pixels, also where they are few in the other direction.

    Raises:
        PageTooLarge: ``width`` x ``height`` is beyond ``limits.max_pixels``, or one of them beyond
            ``limits.max_side_px``.
    """
    if max(width, height) > limits.max_side_px:
        raise PageTooLarge(
            f"a page of {width:.0f} x {height:.0f} pixels is longer than the limit of "
            f"{limits.max_side_px} pixels: scan at 300 dpi"
        )
    if width * height > limits.max_pixels:
        raise PageTooLarge(
            f"a page of {width:.0f} x {height:.0f} pixels is beyond the limit of "
            f"{limits.max_pixels / 1e6:.0f} megapixels: scan at 300 dpi"
        )


__all__ = ["DecodeLimits", "FileFormat", "check_pixels", "sniff"]
