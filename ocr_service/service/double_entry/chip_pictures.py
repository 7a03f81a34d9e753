"""The one place of a page that somebody who keys a chip may see."""

from __future__ import annotations

from ocr_service.blobs import BlobStore
from ocr_service.db.double_entry.chips import Chip
from ocr_service.db.group_review.readings import Place
from ocr_service.db.records import documents
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.geometry import BoxMm, bounding_box
from ocr_service.forms.fields import DigitsField
from ocr_service.forms.library import TemplateLibrary
from ocr_service.service.group_review.crops import area_of, single

LARGEST_PX = (1120, 380)


def chip_webp(uow: UnitOfWork, blobs: BlobStore, chip: Chip, *, library: TemplateLibrary) -> bytes:
    """The field as WebP, with its era where that stands elsewhere.

    Raises:
        NotFound: the page has no picture.
    """
    seen = documents.get(uow, chip.document)
    form = library.get(f"{chip.template}@{chip.version}").template
    spec = form.field_of(chip.key)
    area: BoxMm = area_of(spec.box, spec, None)
    if isinstance(spec, DigitsField) and spec.era_field is not None:
        era = form.field_of(spec.era_field)
        area = bounding_box([area, area_of(era.box, era, None)])
    place = Place(
        reading=0,
        cell=None,
        template=chip.template,
        version=chip.version,
        key=chip.key,
        box=spec.box,
        view_sha256=seen.view_sha256,
        view_px_per_mm=seen.view_px_per_mm,
    )
    return single(blobs, place, area, LARGEST_PX)


__all__ = ["chip_webp"]
