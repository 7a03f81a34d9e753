"""Whether what the service stands on is there and whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa

from ocr_service.blobs import BlobStore
from ocr_service.db.audit import verify_audit_chain
from ocr_service.db.engine import make_engine
from ocr_service.db.jobs import jobs
from ocr_service.db.jobs.jobs import JobState
from ocr_service.db.migrate import is_current
from ocr_service.db.records import documents, records
from ocr_service.db.uow import Database, UnitOfWork
from ocr_service.domain.errors import ServiceUnavailable
from ocr_service.domain.lifecycle import DocumentState


class DatabaseAddress(Protocol):
    """Whatever knows where the database is, for example the settings."""

    @property
    def resolved_database_url(self) -> str:
        """SQLAlchemy URL."""
        ...


@dataclass(frozen=True, slots=True)
class Figures:
    """What monitoring asks for.

    Attributes:
        documents: per state.
        jobs: per state.
        oldest_waiting_s: age of the job that has waited longest, 0.0 = none waits.
        stages: for each stage of reading, how often it ran and its CPU seconds altogether.
    """

    documents: Mapping[DocumentState, int]
    jobs: Mapping[JobState, int]
    oldest_waiting_s: float
    stages: Mapping[str, tuple[int, float]]


def check_ready(db: Database, blobs: BlobStore) -> None:
    """Ask database and store for something.

    Raises:
        ServiceUnavailable: one of them does not answer, or the schema is old.
    """
    if not is_current(db.engine):
        raise ServiceUnavailable("the database has an old schema; start one api process first")
    blobs.check()


def figures(uow: UnitOfWork) -> Figures:
    """The present figures."""
    oldest = jobs.oldest_waiting(uow)
    return Figures(
        documents=documents.state_counts(uow),
        jobs=jobs.counts(uow),
        oldest_waiting_s=0.0 if oldest is None else (uow.now - oldest).total_seconds(),
        stages=records.mean_seconds(uow),
    )


def audit_problems(where: DatabaseAddress) -> list[str]:
    """What is wrong with the audit log: empty if it is whole, or if there is no database yet.

    Raises:
        ServiceUnavailable: the database does not answer.
    """
    url = sa.make_url(where.resolved_database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return []
    db = Database(make_engine(where.resolved_database_url), lambda: datetime.now(UTC))
    try:
        with db.reading() as uow:
            if not sa.inspect(uow.connection).has_table("audit"):
                return []
            broken = verify_audit_chain(uow.connection)
    finally:
        db.engine.dispose()
    if broken is None:
        return []
    return [f"row {broken} of the audit log was changed, or the one before it removed"]


__all__ = ["DatabaseAddress", "Figures", "audit_problems", "check_ready", "figures"]
