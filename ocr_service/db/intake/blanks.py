"""Registered blank originals: which empty form belongs to which template."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from ocr_service.db import tables as t
from ocr_service.db.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Blank:
    """A blank original: a file in the blob store."""

    id: int
    template: str
    template_version: str
    sha256: str
    name: str


def insert(uow: UnitOfWork, blank: Blank, *, created_by: str) -> int:
    """Remember a blank; ``blank.id`` is ignored. The newest of a template counts."""
    added = uow.connection.execute(
        sa.insert(t.blanks)
        .values(
            template=blank.template,
            template_version=blank.template_version,
            sha256=blank.sha256,
            name=blank.name,
            created_by=created_by,
            created_at=uow.now,
        )
        .returning(t.blanks.c.id)
    )
    return int(added.scalar_one())


def newest(uow: UnitOfWork) -> list[Blank]:
    """The newest blank of each template and version."""
    b = t.blanks.c
    latest = sa.select(sa.func.max(b.id)).group_by(b.template, b.template_version)
    query = sa.select(t.blanks).where(b.id.in_(latest)).order_by(b.id)
    return [
        Blank(row["id"], row["template"], row["template_version"], row["sha256"], row["name"])
        for row in uow.connection.execute(query).mappings()
    ]


__all__ = ["Blank", "insert", "newest"]
