"""One request or task is one transaction, committed at the edge."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from ocr_service.db import audit
from ocr_service.db.audit import AuditEntry
from ocr_service.db.engine import READ_ONLY
from ocr_service.domain.errors import ServiceUnavailable

Clock = Callable[[], datetime]


@dataclass(slots=True)
class UnitOfWork:
    """An open transaction with what is to happen at its end.

    Attributes:
        connection: for the query modules.
        now: the moment this unit counts as; one for all its rows.
    """

    connection: sa.Connection
    now: datetime
    _entries: list[AuditEntry] = field(default_factory=list)
    _after: list[Callable[[], None]] = field(default_factory=list)

    def log(self, entry: AuditEntry) -> None:
        """Add to the audit log when this unit commits.

        The chain serialises its writers, so its lock is taken as the last step, not here.
        """
        self._entries.append(entry)

    def after_commit(self, act: Callable[[], None]) -> None:
        """Do something once the rows are there, for example ring a worker. Lost on rollback."""
        self._after.append(act)

    def write_audit(self) -> None:
        """Chain the collected entries; the last statement of the transaction."""
        audit.append(self.connection, self._entries, at=self.now)
        self._entries.clear()

    def run_after_commit(self) -> None:
        """Do what was asked for after the commit."""
        waiting, self._after = self._after, []
        for act in waiting:
            act()


@dataclass(frozen=True, slots=True)
class Database:
    """Gives out units of work.

    Attributes:
        engine: from ``make_engine``.
        clock: aware UTC now.
    """

    engine: sa.Engine
    clock: Clock

    @contextmanager
    def writing(self) -> Iterator[UnitOfWork]:
        """A transaction that commits unless the block raises.

        Raises:
            ServiceUnavailable: the database cannot be reached, is locked or its disk is full.
        """
        with _translated():
            with self.engine.begin() as connection:
                unit = UnitOfWork(connection, self.clock())
                yield unit
                unit.write_audit()
            unit.run_after_commit()

    @contextmanager
    def reading(self) -> Iterator[UnitOfWork]:
        """A transaction that sees one state of the database and writes nothing.

        Raises:
            ServiceUnavailable: the database cannot be reached.
        """
        with _translated(), self.engine.execution_options(**{READ_ONLY: True}).connect() as found:
            yield UnitOfWork(found, self.clock())


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        raise ServiceUnavailable("the database does not answer; try again") from error


__all__ = ["Clock", "Database", "UnitOfWork"]
