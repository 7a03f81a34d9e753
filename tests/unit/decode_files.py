"""Files of scans in many formats, for tests of decoding."""

from __future__ import annotations

import io
import struct
import zlib

import cv2
import numpy as np
import pikepdf
from PIL import Image

from ocr_service.domain.arrays import Gray
from ocr_service.imaging.decode import DecodeLimits

LIMITS = DecodeLimits()


def picture_of(height: int = 240, width: int = 160) -> Gray:
    """A picture without symmetry: every turn and mirror image of it differs."""
    picture = np.full((height, width), 235, np.uint8)
    picture[height // 10 : height // 3, width // 10 : width // 4] = 20
    picture[height // 2 : height * 2 // 3, width // 10 : width * 4 // 5] = 110
    return picture


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def jpeg_of(picture: Gray | None = None, **options: object) -> bytes:
    image = Image.fromarray(picture_of() if picture is None else picture)
    return saved(image, "JPEG", quality=95, **options)


def close_to(a: Gray, b: Gray) -> bool:
    small = (24, 24)
    one = cv2.resize(a, small, interpolation=cv2.INTER_AREA).astype(int)
    two = cv2.resize(b, small, interpolation=cv2.INTER_AREA).astype(int)
    return a.shape == b.shape and float(np.abs(one - two).mean()) < 4


def pdf_of(
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


def png_of_size(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    data = zlib.compress(bytes(1000), 9)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )
