"""One request or task is one transaction, committed at the edge."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from ocr_service.db import audit
from ocr_service.db.audit import AuditEntry
from ocr_service.db.engine import READ_ONLY, RELAXED
from ocr_service.domain.errors import ServiceUnavailable

Clock = Callable[[], datetime]


@dataclass(slots=True)
class UnitOfWork:
    """A transaction with what is to happen at its end.

    It opens at the first query, not before: a web request waits for the database only in the
    thread that does its work, so that requests waiting for SQLite's one writer cannot take all
    the threads that the writer needs to go on.

    Attributes:
        engine: where to connect.
        now: the moment this unit counts as; one for all its rows.
    """

    engine: sa.Engine
    now: datetime
    _connection: sa.Connection | None = None
    _entries: list[AuditEntry] = field(default_factory=list)
    _after: list[Callable[[], None]] = field(default_factory=list)

    @property
    def connection(self) -> sa.Connection:
        """The open transaction, for the query modules."""
        if self._connection is None:
            self._connection = self.engine.connect()
        return self._connection

    def log(self, entry: AuditEntry) -> None:
        """Add to the audit log when this unit commits.

        The chain serialises its writers, so its lock is taken as the last step, not here.
        """
        self._entries.append(entry)

    def after_commit(self, act: Callable[[], None]) -> None:
        """Do something once the rows are there, for example ring a worker. Lost on rollback."""
        self._after.append(act)

    def commit(self) -> None:
        """Chain the audit entries, commit, then do what was asked for."""
        if self._entries:
            audit.append(self.connection, self._entries, at=self.now)
        if self._connection is not None:
            self._connection.commit()
        for act in self._after:
            act()

    def close(self) -> None:
        """Give the connection back; what is not committed is rolled back."""
        if self._connection is not None:
            self._connection.close()


@dataclass(frozen=True, slots=True)
class Database:
    """Gives out units of work.

    Attributes:
        engine: from ``make_engine``.
        clock: aware UTC now.
    """

    engine: sa.Engine
    clock: Clock
    _relaxed: sa.Engine = field(init=False, repr=False, compare=False)
    _read_only: sa.Engine = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # The same pool; made once, for each unit would take as long to make one as a statement.
        for name, option in (("_relaxed", RELAXED), ("_read_only", READ_ONLY)):
            object.__setattr__(self, name, self.engine.execution_options(**{option: True}))

    @contextmanager
    def writing(self, *, relaxed: bool = False) -> Iterator[UnitOfWork]:
        """A transaction that commits unless the block raises.

        Args:
            relaxed: whether a power failure may undo it after it was committed.

        Raises:
            ServiceUnavailable: the database cannot be reached, is locked or its disk is full.
        """
        unit = UnitOfWork(self._relaxed if relaxed else self.engine, self.clock())
        with _translated(), closing(unit):
            yield unit
            unit.commit()

    @contextmanager
    def reading(self) -> Iterator[UnitOfWork]:
        """For queries alone; keeps no writer waiting.

        On SQLite all see one state of the database, on PostgreSQL each the newest.

        Raises:
            ServiceUnavailable: the database cannot be reached.
        """
        unit = UnitOfWork(self._read_only, self.clock())
        with _translated(), closing(unit):
            yield unit
            # Nothing was written; but at a rollback psycopg forgets all prepared statements.
            unit.commit()

    @contextmanager
    def trying(self) -> Iterator[UnitOfWork]:
        """A transaction that may write and is always rolled back: to see what would follow.

        Raises:
            ServiceUnavailable: the database cannot be reached, or is locked.
        """
        unit = UnitOfWork(self.engine, self.clock())
        with _translated(), closing(unit):
            yield unit


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        raise ServiceUnavailable("the database does not answer; try again") from error


__all__ = ["Clock", "Database", "UnitOfWork"]
