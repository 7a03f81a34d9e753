"""From the bytes of a file to its pages."""

from __future__ import annotations

import hashlib

from ocr_service.domain.errors import DamagedFile
from ocr_service.domain.page import Page
from ocr_service.imaging.formats import DecodeLimits, FileFormat, sniff
from ocr_service.imaging.pdf import count_pdf_pages, decode_pdf_page
from ocr_service.imaging.rasters import count_frames, decode_raster

_SMALLEST_SIDE_PX = 16


def count_pages(data: bytes, limits: DecodeLimits) -> int:
    """Pages in a file, 1 for JPEG and PNG.

    Raises:
        InputError: one of its named kinds; see ``domain.errors``.
    """
    file_format = sniff(data)
    if file_format is FileFormat.PDF:
        return count_pdf_pages(data, limits)
    if file_format is FileFormat.TIFF:
        return count_frames(data, limits)
    return 1


def decode_page(
    data: bytes, index: int, limits: DecodeLimits, *, sha256: str | None = None
) -> Page:
    """One page of a file, upright as its EXIF tag or PDF rotation says.

    Args:
        data: the whole file.
        index: 0-based page.
        limits: bounds on pages, pixels and time.
        sha256: hex digest of ``data`` if the caller has it; else it is computed.

    Raises:
        InputError: one of its named kinds; see ``domain.errors``.
        ServiceUnavailable: the page needs poppler and poppler is not installed.
    """
    file_format = sniff(data)
    pages = count_pages(data, limits)
    if not 0 <= index < pages:
        raise DamagedFile(f"the file has {pages} pages, page {index + 1} was asked for")
    if file_format is FileFormat.PDF:
        gray, dpi = decode_pdf_page(data, index, limits)
    else:
        gray, dpi = decode_raster(data, file_format, index, limits)
    if min(gray.shape) < _SMALLEST_SIDE_PX:
        raise DamagedFile("the page is only a few pixels wide: scan it again")
    digest = hashlib.sha256(data).hexdigest() if sha256 is None else sha256
    return Page(index=index, gray=gray, dpi=dpi, sha256=digest)


__all__ = ["DecodeLimits", "FileFormat", "count_pages", "decode_page", "sniff"]
