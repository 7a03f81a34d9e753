"""A page reader that reads nothing: for load tests, dry runs and tests of the service."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

from ocr_service.domain.errors import DamagedFile, TemplateUnknown
from ocr_service.domain.field import FieldValue, Source, Status
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.record import Failure, Record
from ocr_service.forms.library import LoadedTemplate, TemplateLibrary
from ocr_service.pipeline.result import ReadPage

_ONE_PAGE_MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"%PDF-")


@dataclass(frozen=True, slots=True)
class NullPageReader:
    """Counts pages by the file's first bytes and gives records in which every field is empty.

    Attributes:
        library: templates; the first one is taken where none is asked for.
        sleep_s: how long it pretends to work on a page.
        sleep: does the waiting.
    """

    library: TemplateLibrary
    sleep_s: float = 0.0
    sleep: Callable[[float], None] = time.sleep

    def count_pages(self, data: bytes) -> int:
        """Pages of a TIFF; 1 for a JPEG, PNG or PDF.

        Raises:
            DamagedFile: the bytes are none of these.
        """
        if data.startswith(_ONE_PAGE_MAGIC):
            return 1
        try:
            with Image.open(io.BytesIO(data)) as image:
                return int(getattr(image, "n_frames", 1))
        except (UnidentifiedImageError, OSError, SyntaxError) as error:
            raise DamagedFile("the file is cut off or broken; send it again") from error

    def read(self, data: bytes, page_index: int, *, file: str, template: str | None) -> ReadPage:
        """An empty record that needs eyes, with a JPEG's own bytes for a view."""
        self.sleep(self.sleep_s)
        view = data if data.startswith(b"\xff\xd8\xff") else b""
        record = self._record(file, page_index + 1, template)
        return ReadPage(record, view, 0.0, {"null": self.sleep_s})

    def _record(self, file: str, page: int, template: str | None) -> Record:
        try:
            loaded = self.library.get(template) if template else self.library.loaded[0]
        except (TemplateUnknown, IndexError):
            return _failed(file, page)
        form = loaded.template
        return Record(
            file=file,
            page=page,
            template=form.key,
            version=form.version,
            state=DocumentState.NEEDS_REVIEW,
            registration=None,
            fields=_empty_fields(loaded),
            issues=(),
        )


def _empty_fields(loaded: LoadedTemplate) -> tuple[FieldValue, ...]:
    form = loaded.template
    return tuple(
        FieldValue(
            key=key,
            value=None,
            raw="",
            probability=0.0,
            status=Status.REVIEW,
            alternatives=(),
            reader="null",
            source=Source.MACHINE,
            flags=frozenset(),
            box=field.box,
        )
        for field in form.fields
        for key in field.record_keys
    )


def _failed(file: str, page: int) -> Record:
    failure = Failure(TemplateUnknown.code, "No such template; choose another one.")
    return Record(file, page, None, None, DocumentState.FAILED, None, (), (), failure)


__all__ = ["NullPageReader"]
