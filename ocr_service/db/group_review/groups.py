"""Machine readings that nobody has answered yet, by what they say: for review in groups."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ocr_service.db import tables as t
from ocr_service.db.double_entry.chips import chipped
from ocr_service.db.ids import BatchId, DocumentId
from ocr_service.db.records.readings import in_force
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.field import Source, Status, Value
from ocr_service.domain.geometry import BoxMm
from ocr_service.domain.lifecycle import DocumentState


@dataclass(frozen=True, slots=True)
class GroupFilter:
    """Which readings count.

    Attributes:
        reviewer: who asks; documents that others hold are left out.
        batch: only of this batch; None = of all.
        template: only of this template key; None = of all.
        doubtful_only: leave out what was accepted without eyes.
    """

    reviewer: str
    batch: BatchId | None = None
    template: str | None = None
    doubtful_only: bool = True


@dataclass(frozen=True, slots=True)
class Tally:
    """How many readings of a field, or of cells of a field, say the same.

    Attributes:
        template: template key.
        version: its version.
        key: record key.
        value: what is read; of a cell its character.
        count: how many.
        lowest: smallest probability among them.
        sample: id of one of the readings.
    """

    template: str
    version: str
    key: str
    value: Value
    count: int
    lowest: float
    sample: int


@dataclass(frozen=True, slots=True)
class Alike:
    """What the readings of one screen have in common.

    Attributes:
        template: template key.
        version: its version.
        keys: record keys.
        cells: single cells of the fields, not the fields.
        like: id of a reading that has the value; None = whatever the value is.
        text: what the cells say; None for fields.
    """

    template: str
    version: str
    keys: tuple[str, ...]
    cells: bool = False
    like: int | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class GroupItem:
    """One crop of a screen.

    Attributes:
        reading: id of the machine's reading.
        cell: place among the field's cells; None = the whole field.
        document: whose it is.
        key: record key.
        value: what is read; of a cell its character.
        probability: chance that it is right.
        status: whether the field needs eyes.
        box: where it stands.
    """

    reading: int
    cell: int | None
    document: DocumentId
    key: str
    value: Value
    probability: float
    status: Status
    box: BoxMm


def tally_fields(
    uow: UnitOfWork, wanted: GroupFilter, *, single: Collection[str] = ()
) -> list[Tally]:
    """Fields that are read alike.

    Args:
        uow: open unit of work.
        wanted: which readings count.
        single: keys of which values that occur once are told too; of others two or more.
    """
    r = t.readings.c
    said = _as_text(r.value)
    count = sa.func.count()
    query = (
        _open(uow, wanted, r.template, r.template_version, r.key, said.label("said"))
        .add_columns(
            count.label("number"),
            sa.func.min(r.probability).label("lowest"),
            sa.func.max(r.id).label("sample"),
        )
        .group_by(r.template, r.template_version, r.key, said)
        .having(sa.or_(count > 1, r.key.in_(list(single))))
    )
    return [_tally(row, _value(json.loads(row.said))) for row in uow.connection.execute(query)]


def count_fields(uow: UnitOfWork, wanted: GroupFilter) -> dict[tuple[str, str, str], int]:
    """Number of readings by template, version and key, whatever they say."""
    r = t.readings.c
    columns = (r.template, r.template_version, r.key)
    query = _open(uow, wanted, *columns).add_columns(sa.func.count()).group_by(*columns)
    return {
        (template, version, key): number
        for template, version, key, number in uow.connection.execute(query)
    }


def tally_cells(uow: UnitOfWork, wanted: GroupFilter) -> list[Tally]:
    """Single cells that are read alike and that nobody has checked, by field."""
    r, c = t.readings.c, t.reading_cells.c
    columns = (r.template, r.template_version, r.key, c.text)
    query = (
        _open_cells(uow, wanted, *columns)
        .add_columns(
            sa.func.count().label("number"),
            sa.func.min(c.probability).label("lowest"),
            sa.func.max(r.id).label("sample"),
        )
        .group_by(*columns)
    )
    return [_tally(row, row.text) for row in uow.connection.execute(query)]


def items(
    uow: UnitOfWork, wanted: GroupFilter, alike: Alike, *, limit: int, offset: int = 0
) -> list[GroupItem]:
    """The crops of a screen, the least probable first; of several values, value by value."""
    query = _cell_items(uow, wanted, alike) if alike.cells else _field_items(uow, wanted, alike)
    rows = uow.connection.execute(query.limit(limit).offset(offset)).mappings()
    return [_cell_item(row) if alike.cells else _field_item(row) for row in rows]


def count(uow: UnitOfWork, wanted: GroupFilter, alike: Alike) -> int:
    """How many crops a group has."""
    query = _cell_items(uow, wanted, alike) if alike.cells else _field_items(uow, wanted, alike)
    inner = query.order_by(None).with_only_columns(t.readings.c.id, maintain_column_froms=True)
    return uow.connection.execute(
        sa.select(sa.func.count()).select_from(inner.subquery())
    ).scalar_one()


def _field_items(uow: UnitOfWork, wanted: GroupFilter, alike: Alike) -> sa.Select[Any]:
    r = t.readings.c
    query = _matching(
        _open(uow, wanted, r.id, r.document_id, r.key, r.value, r.probability, r.status, r.box_mm),
        alike,
    )
    if alike.like is None:
        return query.order_by(r.key, _as_text(r.value), r.probability, r.id)
    sample = t.readings.alias("sample")
    said = sa.select(_as_text(sample.c.value)).where(sample.c.id == alike.like).scalar_subquery()
    return query.where(_as_text(r.value) == said).order_by(r.probability, r.id)


def _cell_items(uow: UnitOfWork, wanted: GroupFilter, alike: Alike) -> sa.Select[Any]:
    r, c = t.readings.c, t.reading_cells.c
    columns = (r.id, r.document_id, r.key, r.status, c.cell, c.text, c.probability)
    query = _matching(_open_cells(uow, wanted, *columns, c.x, c.y, c.w, c.h), alike)
    return query.where(c.text == alike.text).order_by(c.probability, r.id, c.cell)


def _matching(query: sa.Select[Any], alike: Alike) -> sa.Select[Any]:
    r = t.readings.c
    return query.where(
        r.template == alike.template,
        r.template_version == alike.version,
        r.key.in_(alike.keys),
    )


def _open(
    uow: UnitOfWork, wanted: GroupFilter, *columns: Any, source: sa.FromClause = t.readings
) -> sa.Select[Any]:
    """Machine readings in force of documents under review that nobody else holds."""
    r, d = t.readings.c, t.documents.c
    query = (
        sa.select(*columns)
        .select_from(source.join(t.documents, d.id == r.document_id))
        .where(
            d.state == DocumentState.NEEDS_REVIEW,
            sa.or_(
                d.claimed_until.is_(None),
                d.claimed_by == wanted.reviewer,
                d.claimed_until <= uow.now,
            ),
            r.template == d.template,
            r.template_version == d.template_version,
            r.source == Source.MACHINE,
            ~superseded(t.readings),
            # what several people key blind is not to be seen beforehand
            ~chipped(),
        )
    )
    if wanted.batch is not None:
        query = query.where(d.batch_id == wanted.batch)
    if wanted.template is not None:
        query = query.where(d.template == wanted.template)
    if wanted.doubtful_only:
        query = query.where(r.status == Status.REVIEW)
    return query


def _open_cells(uow: UnitOfWork, wanted: GroupFilter, *columns: Any) -> sa.Select[Any]:
    r, c, k = t.readings.c, t.reading_cells.c, t.cell_checks.c
    checked = sa.select(k.id).where(k.reading_id == c.reading_id, k.cell == c.cell, k.live).exists()
    source = t.readings.join(t.reading_cells, c.reading_id == r.id)
    return _open(uow, wanted, *columns, source=source).where(~checked)


def superseded(reading: sa.FromClause) -> sa.ColumnElement[bool]:
    """Whether another answer for the same field and template outranks a machine's."""
    later = t.readings.alias("later")
    return (
        sa.select(later.c.id)
        .where(
            later.c.document_id == reading.c.document_id,
            later.c.key == reading.c.key,
            later.c.template == reading.c.template,
            later.c.template_version == reading.c.template_version,
            sa.or_(later.c.id > reading.c.id, later.c.source == Source.HUMAN),
            in_force(later),
        )
        .exists()
    )


def _value(stored: str | bool | list[str] | None) -> Value:  # noqa: FBT001 - a value, no switch
    return tuple(stored) if isinstance(stored, list) else stored


def _as_text(column: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
    """JSON as it is stored, to be compared: both databases keep the text they were given."""
    return sa.cast(column, sa.Text)


def _tally(row: Any, value: Value) -> Tally:
    return Tally(
        template=row.template,
        version=row.template_version,
        key=row.key,
        value=value,
        count=row.number,
        lowest=row.lowest,
        sample=row.sample,
    )


def _field_item(row: sa.RowMapping) -> GroupItem:
    return GroupItem(
        reading=row["id"],
        cell=None,
        document=DocumentId(row["document_id"]),
        key=row["key"],
        value=_value(row["value"]),
        probability=row["probability"],
        status=Status(row["status"]),
        box=BoxMm(*row["box_mm"]),
    )


def _cell_item(row: sa.RowMapping) -> GroupItem:
    return GroupItem(
        reading=row["id"],
        cell=row["cell"],
        document=DocumentId(row["document_id"]),
        key=row["key"],
        value=row["text"],
        probability=row["probability"],
        status=Status(row["status"]),
        box=BoxMm(row["x"], row["y"], row["w"], row["h"]),
    )


__all__ = [
    "Alike",
    "GroupFilter",
    "GroupItem",
    "Tally",
    "count",
    "count_fields",
    "items",
    "superseded",
    "tally_cells",
    "tally_fields",
]
