"""Batches: what was put through the scanner together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from ocr_service.db import tables as t
from ocr_service.db.ids import BatchId
from ocr_service.db.rows import one_row
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.pairing import PairBy


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """How the pages of a batch were scanned.

    Attributes:
        announced: sheets that the operator counted; None = not counted.
        duplex: pages 1 and 2, 3 and 4, … of each file are the two sides of one sheet.
        skip_blanks: whether blank pages are put away; None = in duplex batches and in files of
            several pages.
        pair_by: what ties the sides of a form with several together.
    """

    announced: int | None = None
    duplex: bool = False
    skip_blanks: bool | None = None
    pair_by: PairBy = PairBy.CODE

    def puts_blanks_away(self, pages: int | None) -> bool:
        """Whether a blank page of a file with so many pages is put away."""
        if self.skip_blanks is not None:
            return self.skip_blanks
        return self.duplex or (pages or 1) > 1


DEFAULT_OPTIONS = BatchOptions()
"""One side of each sheet, not counted."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch.

    Attributes:
        id: its id.
        name: for people.
        template: ``KEY[@VERSION]`` every page is read against, None = find it.
        created_by: user name.
        created_at: when.
        options: how its pages were scanned.
    """

    id: BatchId
    name: str
    template: str | None
    created_by: str
    created_at: datetime
    options: BatchOptions = DEFAULT_OPTIONS


def insert(
    uow: UnitOfWork,
    *,
    name: str,
    template: str | None,
    created_by: str,
    options: BatchOptions = DEFAULT_OPTIONS,
) -> BatchId:
    """A new batch."""
    added = uow.connection.execute(
        sa.insert(t.batches)
        .values(
            name=name,
            template=template,
            created_by=created_by,
            created_at=uow.now,
            announced=options.announced,
            duplex=options.duplex,
            skip_blanks=options.skip_blanks,
            pair_by=options.pair_by,
        )
        .returning(t.batches.c.id)
    )
    return BatchId(added.scalar_one())


def get(uow: UnitOfWork, batch: BatchId) -> Batch:
    """One batch.

    Raises:
        NotFound: there is none.
    """
    return _batch(one_row(uow, t.batches, batch, what="batch"))


def page(uow: UnitOfWork, *, before: int | None, limit: int) -> list[Batch]:
    """Newest first, with an id below ``before``."""
    query = sa.select(t.batches).order_by(t.batches.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(t.batches.c.id < before)
    return [_batch(row) for row in uow.connection.execute(query).mappings()]


def counts(
    uow: UnitOfWork, batches: list[BatchId]
) -> Mapping[BatchId, Mapping[DocumentState, int]]:
    """Documents per state, for each batch; states without documents are 0."""
    d = t.documents.c
    query = (
        sa.select(d.batch_id, d.state, sa.func.count())
        .where(d.batch_id.in_(batches))
        .group_by(d.batch_id, d.state)
    )
    found = {batch: dict.fromkeys(DocumentState, 0) for batch in batches}
    for batch, state, number in uow.connection.execute(query):
        found[BatchId(batch)][DocumentState(state)] = number
    return found


def templates(uow: UnitOfWork, batch: BatchId) -> list[tuple[str, str]]:
    """Key and version of every template that documents of the batch were read as."""
    d = t.documents.c
    query = (
        sa.select(d.template, d.template_version)
        .where(d.batch_id == batch, d.template.is_not(None))
        .distinct()
    )
    return [(key, version) for key, version in uow.connection.execute(query)]


def _batch(row: sa.RowMapping) -> Batch:
    return Batch(
        BatchId(row["id"]),
        row["name"],
        row["template"],
        row["created_by"],
        row["created_at"],
        BatchOptions(row["announced"], row["duplex"], row["skip_blanks"], PairBy(row["pair_by"])),
    )


__all__ = [
    "DEFAULT_OPTIONS",
    "Batch",
    "BatchOptions",
    "counts",
    "get",
    "insert",
    "page",
    "templates",
]
