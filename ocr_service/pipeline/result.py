"""What reading one page gives, and the protocol by which the service asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from ocr_service.domain.pairing import Side
from ocr_service.domain.record import Record
from ocr_service.pipeline.sheets import Separator


@dataclass(frozen=True, slots=True)
class ReadPage:
    """One page, read.

    Attributes:
        record: values, issues, state; a page that could not be read is a record too, with
            ``failure`` set and no fields.
        view_jpeg: the page for people: registered onto the template, or as scanned where no
            template fits; b"" where the bytes could not be decoded at all.
        view_px_per_mm: scale of ``view_jpeg``; 0.0 where it shows the scan as it is.
        seconds: CPU seconds by stage: decode, register, crop, then one entry a reader, rules.
        separator: what the page says of those after it, if it is a separator sheet.
        side: which page of its form it is; None where no template fits, or the form has one page.
    """

    record: Record
    view_jpeg: bytes
    view_px_per_mm: float
    seconds: Mapping[str, float]
    separator: Separator | None = None
    side: Side | None = None


class PageReader(Protocol):
    """Reads pages of files. Bad input is a record with ``failure``, never an exception."""

    def count_pages(self, data: bytes) -> int:
        """Pages in a file.

        Raises:
            InputError: not a file of pages, encrypted, too many pages, too large.
        """
        ...

    def read(self, data: bytes, page_index: int, *, file: str, template: str | None) -> ReadPage:
        """Read one page (0-based) of a file against ``KEY[@VERSION]``, or find the template."""
        ...


__all__ = ["PageReader", "ReadPage"]
