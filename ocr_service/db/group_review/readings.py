"""Single machine readings, as a stroke of the group review names them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from ocr_service.db import tables as t
from ocr_service.db.group_review.groups import superseded
from ocr_service.db.ids import DocumentId
from ocr_service.db.records.readings import field_of_row
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import NotFound
from ocr_service.domain.field import FieldValue, Source
from ocr_service.domain.geometry import BoxMm


@dataclass(frozen=True, slots=True)
class SeenReading:
    """A reading that somebody looked at.

    Attributes:
        id: its id.
        document: whose.
        template: template key it was read under.
        version: the template's version.
        field: what was read.
        is_open: it is a machine's, of the document's present template, and nobody answered since.
    """

    id: int
    document: DocumentId
    template: str
    version: str
    field: FieldValue
    is_open: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Where a crop is cut from.

    Attributes:
        reading: id of the reading.
        cell: place among its cells, None for the whole field.
        template: template key.
        version: its version.
        key: record key.
        box: where it stands, in millimetres.
        view_sha256: the page for people, None where there is none.
        view_px_per_mm: its scale.
    """

    reading: int
    cell: int | None
    template: str
    version: str
    key: str
    box: BoxMm
    view_sha256: str | None
    view_px_per_mm: float


def documents_of(uow: UnitOfWork, readings: Iterable[int]) -> dict[int, DocumentId]:
    """The document of each reading; unknown ids are left out."""
    r = t.readings.c
    query = sa.select(r.id, r.document_id).where(r.id.in_(list(readings)))
    return {row.id: DocumentId(row.document_id) for row in uow.connection.execute(query)}


def get(uow: UnitOfWork, reading: int) -> SeenReading:
    """One reading.

    Raises:
        NotFound: there is none.
    """
    r, d = t.readings.c, t.documents.c
    is_open = sa.and_(
        r.source == Source.MACHINE,
        r.template == d.template,
        r.template_version == d.template_version,
        ~superseded(t.readings),
    )
    query = (
        sa.select(t.readings, is_open.label("is_open"))
        .join(t.documents, d.id == r.document_id)
        .where(r.id == reading)
    )
    row = uow.connection.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFound(f"no reading {reading}")
    return SeenReading(
        id=row["id"],
        document=DocumentId(row["document_id"]),
        template=row["template"],
        version=row["template_version"],
        field=field_of_row(row),
        is_open=bool(row["is_open"]),
    )


def places(uow: UnitOfWork, wanted: list[tuple[int, int | None]]) -> list[Place]:
    """Where crops are cut from, in the order asked for; unknown ones are left out."""
    r, d, c = t.readings.c, t.documents.c, t.reading_cells.c
    ids = sorted({reading for reading, _ in wanted})
    columns = (r.id, r.key, r.template, r.template_version, d.view_sha256, d.view_px_per_mm)
    fields = sa.select(*columns, r.box_mm).join(t.documents, d.id == r.document_id)
    cells = (
        sa.select(*columns, c.cell, c.x, c.y, c.w, c.h)
        .join(t.documents, d.id == r.document_id)
        .join(t.reading_cells, c.reading_id == r.id)
    )
    found: dict[tuple[int, int | None], Place] = {}
    for row in uow.connection.execute(fields.where(r.id.in_(ids))).mappings():
        found[row["id"], None] = _place(row, None, BoxMm(*row["box_mm"]))
    if any(cell is not None for _, cell in wanted):
        for row in uow.connection.execute(cells.where(r.id.in_(ids))).mappings():
            box = BoxMm(row["x"], row["y"], row["w"], row["h"])
            found[row["id"], row["cell"]] = _place(row, row["cell"], box)
    return [found[one] for one in wanted if one in found]


def _place(row: sa.RowMapping, cell: int | None, box: BoxMm) -> Place:
    return Place(
        reading=row["id"],
        cell=cell,
        template=row["template"],
        version=row["template_version"],
        key=row["key"],
        box=box,
        view_sha256=row["view_sha256"],
        view_px_per_mm=row["view_px_per_mm"],
    )


__all__ = ["Place", "SeenReading", "documents_of", "get", "places"]
