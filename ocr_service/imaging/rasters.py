"""JPEG, PNG and TIFF to gray pixels."""

from __future__ import annotations

import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, ImageOps
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile

from ocr_service.domain.arrays import Gray
from ocr_service.domain.errors import DamagedFile, TooManyPages
from ocr_service.imaging.formats import DecodeLimits, FileFormat, check_pixels

# What Pillow's codecs raise on bad bytes, collected by mutating files; kept narrow on purpose.
_CODEC_ERRORS = (
    OSError,
    EOFError,
    SyntaxError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    OverflowError,
    ZeroDivisionError,
    AssertionError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
)
_OPENERS: dict[FileFormat, type[ImageFile.ImageFile]] = {
    # The plug-in classes are called directly: Image.open would try every format Pillow knows
    # and apply Pillow's own, process-wide pixel limit.
    FileFormat.JPEG: JpegImageFile,
    FileFormat.PNG: PngImageFile,
    FileFormat.TIFF: TiffImageFile,
}
_PLAUSIBLE_DPI = (50.0, 2400.0)
_SQUARE_ENOUGH = 1.1
_TIFF_BITS_PER_SAMPLE = 258
_PLAIN_16_BIT = 16
_CONSTANT_ROWS = 16
_DECODER_GREY = (100, 156)


@contextmanager
def codec_errors(what: str) -> Iterator[None]:
    """Turn a codec's complaints about bad bytes into ``DamagedFile``; silence its warnings.

    Raises:
        DamagedFile: the codec could not read the bytes.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except _CODEC_ERRORS as error:
            raise DamagedFile(
                f"the {what} file is damaged or cut off: scan or send it again"
            ) from error


def count_frames(data: bytes, limits: DecodeLimits) -> int:
    """Pages of a TIFF file.

    Raises:
        DamagedFile: the directory of pages cannot be read.
        TooManyPages: more than ``limits.max_pages``.
    """
    with codec_errors("TIFF"), TiffImageFile(BytesIO(data)) as image:
        for index in range(limits.max_pages + 1):
            try:
                image.seek(index)
            except EOFError:
                return index
    raise TooManyPages(f"the file has more than {limits.max_pages} pages: split it")


def decode_raster(
    data: bytes, file_format: FileFormat, index: int, limits: DecodeLimits
) -> tuple[Gray, float]:
    """One page of a JPEG, PNG or TIFF file, upright by its EXIF tag.

    Args:
        data: the whole file.
        file_format: as sniffed; not PDF.
        index: 0-based page; 0 unless TIFF.
        limits: pixel limit, checked before the pixels are unpacked.

    Returns:
        The pixels (transparent parts are paper) and the dots per inch, 0.0 where the file tells
        none. Fax scans with oblong pixels are stretched to square ones.

    Raises:
        DamagedFile: broken or cut off.
        PageTooLarge: too many pixels.
    """
    with codec_errors(file_format.value.upper()), _OPENERS[file_format](BytesIO(data)) as image:
        if index:
            image.seek(index)
        check_pixels(*image.size, limits)
        dpi_x, dpi_y = _resolution(image)
        bits = _bits_per_sample(image)
        if image.mode in {"RGB", "YCbCr"}:
            image.draft("L", image.size)  # JPEG only: decodes the luminance alone
        image.load()
        turned = ImageOps.exif_transpose(image)
        if turned.size != image.size:
            dpi_x, dpi_y = dpi_y, dpi_x
        gray = to_gray(turned, bits)
    if file_format is FileFormat.JPEG:
        _refuse_half_picture(gray)
    return squared(gray, dpi_x, dpi_y)


def to_gray(image: Image.Image, bits: int = _PLAIN_16_BIT) -> Gray:
    """Any Pillow image as gray on white paper.

    Args:
        image: loaded image of any mode.
        bits: significant bits of a 16-bit sample (12-bit scanners exist).
    """
    if image.mode.startswith("I") or image.mode == "F":
        return _deep_to_gray(np.asarray(image), bits)
    if image.mode in {"LA", "La", "PA", "RGBA", "RGBa"} or "transparency" in image.info:
        layered = image.convert("RGBA")
        paper = Image.new("RGBA", layered.size, (255, 255, 255, 255))
        image = Image.alpha_composite(paper, layered)
    if image.mode not in {"1", "L", "RGB", "RGBA"}:
        image = image.convert("RGB")
    return np.array(image.convert("L"), dtype=np.uint8)


def squared(gray: Gray, dpi_x: float, dpi_y: float) -> tuple[Gray, float]:
    """The page with square pixels, and its dots per inch.

    Fax machines scan with half the resolution down the page; the coarser direction is stretched.
    """
    if not dpi_x or not dpi_y or max(dpi_x, dpi_y) < _SQUARE_ENOUGH * min(dpi_x, dpi_y):
        return gray, max(dpi_x, dpi_y) if dpi_x and dpi_y else 0.0
    dpi = max(dpi_x, dpi_y)
    size = (round(gray.shape[1] * dpi / dpi_x), round(gray.shape[0] * dpi / dpi_y))
    return cv2.resize(gray, size, interpolation=cv2.INTER_LINEAR), dpi


def _deep_to_gray(samples: NDArray[np.generic], bits: int) -> Gray:
    values = samples.astype(np.float64)
    top = float(values.max(initial=0.0))
    if not np.isfinite(top):
        raise ValueError("samples are not finite numbers")
    if np.issubdtype(samples.dtype, np.floating):
        full = 1.0 if top <= 1.0 else (255.0 if top <= 255.0 else 65535.0)  # noqa: PLR2004 -- ranges
    else:
        full = float((1 << bits) - 1)
    return np.clip(values * (255.0 / full), 0, 255).astype(np.uint8)


def _bits_per_sample(image: ImageFile.ImageFile) -> int:
    if not isinstance(image, TiffImageFile):
        return _PLAIN_16_BIT
    told = image.tag_v2.get(_TIFF_BITS_PER_SAMPLE, _PLAIN_16_BIT)
    bits = int(told[0] if isinstance(told, tuple) else told)
    return min(max(bits, 8), 32)


def _resolution(image: ImageFile.ImageFile) -> tuple[float, float]:
    told = image.info.get("dpi")
    if not isinstance(told, tuple) or len(told) != 2:  # noqa: PLR2004 -- across and down
        return 0.0, 0.0
    x, y = float(told[0]), float(told[1])
    low, high = _PLAUSIBLE_DPI
    return (x, y) if low <= x <= high and low <= y <= high else (0.0, 0.0)


def _refuse_half_picture(gray: Gray) -> None:
    """The JPEG library paints what is missing after an early end marker in one even grey."""
    tail = gray[-_CONSTANT_ROWS:]
    value = int(tail[0, 0])
    low, high = _DECODER_GREY
    if low <= value <= high and bool((tail == value).all()):
        raise DamagedFile("the JPEG file ends before the picture does: scan or send it again")


__all__ = ["codec_errors", "count_frames", "decode_raster", "squared", "to_gray"]
