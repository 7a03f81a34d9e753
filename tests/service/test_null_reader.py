"""The reader that reads nothing counts pages and tells broken files."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from ocr_service.domain.errors import DamagedFile
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.forms.library import TemplateLibrary, load_library, shipped_folder
from ocr_service.pipeline.null_reader import NullPageReader
from tests.service.fakes import KEY, jpeg


def _tiff(pages: int) -> bytes:
    out = io.BytesIO()
    images = [Image.new("L", (20, 20), 255 - number) for number in range(pages)]
    images[0].save(out, "TIFF", save_all=True, append_images=images[1:])
    return out.getvalue()


def test_pages_are_counted_by_format() -> None:
    """One for a picture, all frames of a TIFF."""
    reader = NullPageReader(TemplateLibrary(()))
    assert reader.count_pages(jpeg()) == 1
    assert reader.count_pages(_tiff(3)) == 3
    with pytest.raises(DamagedFile):
        reader.count_pages(b"neither one nor the other")


def test_a_page_is_a_record_of_empty_fields_or_a_failure() -> None:
    """After the time it is told to take; an unknown template is a failed record."""
    library = load_library(shipped_folder())
    slept: list[float] = []
    reader = NullPageReader(library, 0.25, slept.append)
    page = reader.read(jpeg(), 0, file="a.jpg", template=KEY)
    assert [f.key for f in page.record.fields] == list(library.get(KEY).template.record_keys)
    assert page.record.state is DocumentState.NEEDS_REVIEW
    assert page.view_jpeg == jpeg()
    assert slept == [0.25]
    failed = reader.read(jpeg(), 0, file="a.jpg", template="gone").record
    assert failed.failure is not None
    assert failed.failure.code == "template.unknown"
