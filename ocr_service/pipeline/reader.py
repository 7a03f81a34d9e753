"""The real page reader: an engine behind the ``PageReader`` protocol."""

from __future__ import annotations

from dataclasses import dataclass

from ocr_service.imaging.decode import count_pages
from ocr_service.pipeline.engine import Engine
from ocr_service.pipeline.result import ReadPage
from ocr_service.pipeline.run import Source, read_page


@dataclass(frozen=True, slots=True)
class EngineReader:
    """Reads pages with one engine."""

    engine: Engine

    def count_pages(self, data: bytes) -> int:
        """Pages in a file.

        Raises:
            InputError: not a file of pages, encrypted, too many pages, too large.
        """
        return count_pages(data, self.engine.limits)

    def read(self, data: bytes, page_index: int, *, file: str, template: str | None) -> ReadPage:
        """Read one page of a file.

        Raises:
            TemplateUnknown: ``template`` names none.
        """
        return read_page(data, Source(file, page_index), engine=self.engine, template=template)


__all__ = ["EngineReader"]
