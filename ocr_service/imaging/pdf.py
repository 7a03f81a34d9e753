"""PDF pages: the scan itself where a page is nothing but one, else a drawing of the page."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

import pdf2image
import pikepdf
from pdf2image.exceptions import (
    PDFInfoNotInstalledError,
    PDFPageCountError,
    PDFPopplerTimeoutError,
    PDFSyntaxError,
)

from ocr_service.domain.arrays import Gray
from ocr_service.domain.errors import (
    DamagedFile,
    EncryptedPdf,
    ServiceUnavailable,
    TooManyPages,
)
from ocr_service.imaging.formats import DecodeLimits, check_pixels
from ocr_service.imaging.pdf_scan import extract_scan
from ocr_service.imaging.rasters import codec_errors, to_gray

_POINTS_PER_INCH = 72.0
_MAX_FORM_DEPTH = 4


@contextmanager
def _opened(data: bytes) -> Iterator[pikepdf.Pdf]:
    try:
        pdf = pikepdf.open(BytesIO(data))
    except pikepdf.PasswordError as error:
        raise EncryptedPdf("the PDF asks for a password: save it without one") from error
    except (pikepdf.PdfError, ValueError, RuntimeError) as error:
        raise DamagedFile("the PDF is damaged or cut off: send it again") from error
    with pdf, codec_errors("PDF"):
        try:
            yield pdf
        except (pikepdf.PdfError, pikepdf.PikepdfError) as error:
            raise DamagedFile("the PDF is damaged: print it to a new PDF or scan it") from error


def count_pdf_pages(data: bytes, limits: DecodeLimits) -> int:
    """Pages of a PDF.

    Raises:
        DamagedFile: not readable as PDF, or without pages.
        EncryptedPdf: needs a password.
        TooManyPages: more than ``limits.max_pages``.
    """
    with _opened(data) as pdf:
        count = len(pdf.pages)
    if count > limits.max_pages:
        raise TooManyPages(f"the PDF has {count} pages, the limit is {limits.max_pages}: split it")
    if count == 0:
        raise DamagedFile("the PDF has no pages")
    return count


def decode_pdf_page(data: bytes, index: int, limits: DecodeLimits) -> tuple[Gray, float]:
    """One page of a PDF as pixels.

    A page that is one picture and nothing else (invisible OCR text aside) gives the picture's own
    pixels; every other page is drawn by poppler in a child process at ``limits.pdf_dpi``.

    Returns:
        The pixels and their dots per inch.

    Raises:
        DamagedFile: broken, or drawing took longer than ``limits.pdf_timeout_s``.
        EncryptedPdf: needs a password.
        PageTooLarge: the page or a picture on it has too many pixels.
        ServiceUnavailable: poppler is not installed.
    """
    with _opened(data) as pdf:
        page = pdf.pages[index]
        _check_pictures(page.obj.get("/Resources"), limits, _MAX_FORM_DEPTH)
        scan = extract_scan(page, limits)
        if scan is not None:
            return scan
        left, bottom, right, top = (float(v) for v in page.cropbox)
    scale = limits.pdf_dpi / _POINTS_PER_INCH
    check_pixels(abs(right - left) * scale, abs(top - bottom) * scale, limits)
    return _draw(data, index, limits), float(limits.pdf_dpi)


def _check_pictures(resources: pikepdf.Object | None, limits: DecodeLimits, depth: int) -> None:
    """A small page may carry a picture that unpacks to gigabytes: look at the headers first."""
    if not isinstance(resources, pikepdf.Dictionary) or depth == 0:
        return
    pictures = resources.get("/XObject")
    if not isinstance(pictures, pikepdf.Dictionary):
        return
    for item in pictures.as_dict().values():
        if not isinstance(item, pikepdf.Stream):
            continue
        if item.get("/Subtype") == pikepdf.Name.Image:
            check_pixels(float(item.get("/Width", 0)), float(item.get("/Height", 0)), limits)
        else:
            _check_pictures(item.get("/Resources"), limits, depth - 1)


def _draw(data: bytes, index: int, limits: DecodeLimits) -> Gray:
    """Let poppler draw one page, in a process of its own that can be killed.

    pdf2image asks pdfinfo for the number of pages without a time limit, so it is asked here first
    with one: what answers once in time answers again.
    """
    number = index + 1
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(data)
        file.flush()
        try:
            pdf2image.pdfinfo_from_path(file.name, timeout=limits.pdf_timeout_s)
            (image,) = pdf2image.convert_from_path(
                file.name,
                dpi=limits.pdf_dpi,
                first_page=number,
                last_page=number,
                grayscale=True,
                use_cropbox=True,
                timeout=limits.pdf_timeout_s,
            )
        except PDFPopplerTimeoutError as error:
            raise DamagedFile(
                f"drawing the PDF page took more than {limits.pdf_timeout_s} s: scan it instead"
            ) from error
        except PDFInfoNotInstalledError as error:
            raise ServiceUnavailable(
                "poppler is not installed: install the package poppler-utils"
            ) from error
        except (PDFPageCountError, PDFSyntaxError, OSError, ValueError) as error:
            raise DamagedFile("the PDF page cannot be drawn: print it to a new PDF") from error
    with codec_errors("PDF"):
        return to_gray(image)


__all__ = ["count_pdf_pages", "decode_pdf_page"]
