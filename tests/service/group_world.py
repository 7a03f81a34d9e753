"""Readings for tests of the group review and of double entry."""

from __future__ import annotations

from dataclasses import replace

from ocr_service.db.ids import DocumentId
from ocr_service.domain.field import CellReading, FieldValue, Flag, Status, Value
from ocr_service.domain.geometry import BoxMm
from ocr_service.forms.library import TemplateLibrary, load_library, shipped_folder
from tests.service.fakes import KEY, FakeReader, Office, jpeg, value_of

LIBRARY: TemplateLibrary = load_library(shipped_folder())
FORM = LIBRARY.get(KEY).template


def digits(key: str, text: str, value: Value, *, weak: int | None = None) -> FieldValue:
    """A digits field with its cells; the one at ``weak`` is the least sure."""
    cells = tuple(
        CellReading(place, char, 0.4 if place == weak else 0.99, BoxMm(20 + 6 * place, 20, 5, 7))
        for place, char in enumerate(text)
    )
    return replace(value_of(key, value), raw=text, cells=cells, flags=frozenset())


def choice(key: str, value: Value, probability: float = 0.9) -> FieldValue:
    """A question."""
    return replace(value_of(key, value), probability=probability, flags=frozenset())


def accepted(field: FieldValue) -> FieldValue:
    """The same, sure enough to need no eyes."""
    return replace(field, status=Status.ACCEPTED, probability=0.9999)


def read_pages(office: Office, *pages: tuple[FieldValue, ...]) -> list[DocumentId]:
    """One document for each page, in one batch, read."""
    batch = office.open_batch()
    found: list[DocumentId] = []
    for number, fields in enumerate(pages):
        office.reader = FakeReader(fields=fields, issues=())
        receipt = office.send(batch, jpeg(100 * batch + number), name=f"{number}.jpg")
        office.work_off()
        found += receipt.documents
    return found


__all__ = ["FORM", "LIBRARY", "Flag", "accepted", "choice", "digits", "read_pages"]
