"""Reading one line of text: what text fields, OCR lines and stickers share."""

from __future__ import annotations

from typing import Protocol

from ocr_service.domain.arrays import Gray
from ocr_service.domain.field import Candidate
from ocr_service.forms.fields import Charset


class LineReader(Protocol):
    """Reads a horizontal line of print or handwriting. Total: any crop gives candidates."""

    @property
    def name(self) -> str:
        """Name and version, for example ``pp-ocrv6-small``."""
        ...

    def read_line(self, line: Gray, charset: Charset) -> tuple[Candidate, ...]:
        """Candidates for one line, best first, at most six; ("", p) for nothing written.

        Args:
            line: the line with little margin, any size of at least 4 x 4 pixels.
            charset: characters the line may hold; the decoder allows nothing else.
        """
        ...


__all__ = ["LineReader"]
