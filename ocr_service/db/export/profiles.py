"""Layouts saved by people: versions that never change and can be withdrawn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from ocr_service.db import tables as t
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import Conflict


@dataclass(frozen=True, slots=True)
class StoredProfile:
    """A version of a layout.

    Attributes:
        id: its id.
        name: of the layout.
        version: of the layout.
        text: its TOML.
        sha256: hex digest of the text.
        created_by: user name.
        created_at: when.
        withdrawn_at: when it was taken back; None = in force unless there is a newer one.
    """

    id: int
    name: str
    version: str
    text: str
    sha256: str
    created_by: str
    created_at: datetime
    withdrawn_at: datetime | None


def insert(
    uow: UnitOfWork, *, name: str, version: str, text: str, sha256: str, created_by: str
) -> int:
    """Store a version; its id.

    Raises:
        Conflict: this version is there.
    """
    query = (
        sa.insert(t.export_profiles)
        .values(
            name=name,
            version=version,
            text=text,
            sha256=sha256,
            created_by=created_by,
            created_at=uow.now,
        )
        .returning(t.export_profiles.c.id)
    )
    try:
        return int(uow.connection.execute(query).scalar_one())
    except IntegrityError as error:
        raise Conflict(f"{name} has a version {version} already; give it a new one") from error


def versions(uow: UnitOfWork, name: str | None = None) -> list[StoredProfile]:
    """All versions of one layout, or of all, oldest first."""
    p = t.export_profiles.c
    query = sa.select(t.export_profiles).order_by(p.id)
    if name is not None:
        query = query.where(p.name == name)
    return [StoredProfile(**row) for row in uow.connection.execute(query).mappings()]


def withdraw(uow: UnitOfWork, profile: int) -> None:
    """Take a version back."""
    p = t.export_profiles
    uow.connection.execute(sa.update(p).where(p.c.id == profile).values(withdrawn_at=uow.now))


__all__ = ["StoredProfile", "insert", "versions", "withdraw"]
