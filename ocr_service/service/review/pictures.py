"""The page and its fields as pictures for people, cut from the stored view."""

from __future__ import annotations

import io

from PIL import Image

from ocr_service.blobs import BlobStore
from ocr_service.db.ids import DocumentId
from ocr_service.db.records import documents, readings
from ocr_service.db.records.documents import Document
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import NotFound
from ocr_service.domain.geometry import BoxMm

CROP_MARGIN_MM = 2.0
"""Shown round a field, so that writing beside the box is seen."""

_STEP = 17  # between two of sixteen greys
_PNG_EFFORT = 1  # a quick PNG; the browser is on the same network


def page_png(blobs: BlobStore, document: Document) -> bytes:
    """The whole page.

    Raises:
        NotFound: there is no picture: not read yet, or its bytes could not be decoded.
    """
    return _encode(_view(blobs, document))


def crop_png(blobs: BlobStore, document: Document, box: BoxMm) -> bytes:
    """One place of the page with a margin round it.

    Raises:
        NotFound: there is no picture, or the page lies on no template.
    """
    scale = document.view_px_per_mm
    if scale <= 0:
        raise NotFound(f"document {document.id} lies on no template, so it has no fields")
    view = _view(blobs, document)
    left, top, right, bottom = box.grown(CROP_MARGIN_MM).to_px(scale)
    area = (max(left, 0), max(top, 0), min(right, view.width), min(bottom, view.height))
    if area[0] >= area[2] or area[1] >= area[3]:
        raise NotFound("this field lies outside the page")
    return _encode_small(view.crop(area))


def field_box(uow: UnitOfWork, document: DocumentId, key: str) -> tuple[Document, BoxMm]:
    """A document and where one of its fields stands.

    Raises:
        NotFound: no such document or field.
    """
    found = documents.get(uow, document)
    for value in readings.current(uow, found):
        if value.key == key:
            return found, value.box
    raise NotFound(f"document {document} has no field {key}")


def _view(blobs: BlobStore, document: Document) -> Image.Image:
    if document.view_sha256 is None:
        raise NotFound(f"document {document.id} has no picture yet")
    return Image.open(io.BytesIO(blobs.get(document.view_sha256)))


def _encode(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=_PNG_EFFORT)
    return out.getvalue()


def _encode_small(image: Image.Image) -> bytes:
    """Sixteen greys are enough for writing, and a third of the bytes."""
    greys = image.convert("L").point([(value + _STEP // 2) // _STEP for value in range(256)])
    small = Image.frombytes("P", greys.size, greys.tobytes())
    small.putpalette([shade * _STEP for shade in range(16) for _ in range(3)])
    out = io.BytesIO()
    small.save(out, "PNG", bits=4, compress_level=9)
    return out.getvalue()


__all__ = ["CROP_MARGIN_MM", "crop_png", "field_box", "page_png"]
