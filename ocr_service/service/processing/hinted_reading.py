"""Reads a page as a person says that it lies. Only workers import it."""

from __future__ import annotations

from dataclasses import replace

from ocr_service.domain.errors import InputError
from ocr_service.domain.placement import PageHint
from ocr_service.pipeline.result import PageReader, ReadPage
from ocr_service.pipeline.straighten import straighten


def read_hinted(
    reader: PageReader,
    data: bytes,
    page_index: int,
    *,
    file: str,
    template: str | None,
    hint: PageHint | None,
) -> ReadPage:
    """Read one page of a file, laid straight first where a person said how.

    The registration leads from the pixels of the scan as it came, whatever was done to it between,
    and a page that fits no template is still shown as it came, so that its corners can be moved.

    Args:
        reader: reads pages.
        data: the file's bytes.
        page_index: 0-based page.
        file: the file's name.
        template: ``KEY[@VERSION]``, or None to find the template.
        hint: how the scan lies; None = as it came.

    Raises:
        TemplateUnknown: ``template`` names none.
    """
    if hint is None:
        return reader.read(data, page_index, file=file, template=template)
    try:
        straight = straighten(data, page_index, hint)
    except InputError:
        # The reader tells by itself what is wrong with these bytes.
        return reader.read(data, page_index, file=file, template=template)
    page = reader.read(straight.png, 0, file=file, template=template)
    record = replace(page.record, page=page_index + 1)
    found = record.registration
    if found is None:
        return replace(page, record=record, view_jpeg=straight.scan_jpeg)
    whole = found.homography @ straight.homography
    placed = replace(found, homography=whole / whole[2, 2])
    return replace(page, record=replace(record, registration=placed))


__all__ = ["read_hinted"]
