"""What people keyed for chips; append-only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from ocr_service.db import tables as t
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.entry import Keyed
from ocr_service.domain.errors import Conflict


@dataclass(frozen=True, slots=True)
class Entry:
    """What one person keyed.

    Attributes:
        chip: id of the chip.
        turn: 1 for the first person.
        actor: user name.
        keyed: what it is.
        decision: an approver said so, with all entries before his eyes.
        created_at: when.
    """

    chip: int
    turn: int
    actor: str
    keyed: Keyed
    decision: bool
    created_at: datetime


class KeyedBefore(Conflict):
    """This person keyed this field already, or somebody else was quicker."""


def append(
    uow: UnitOfWork, chip: int, *, turn: int, actor: str, keyed: Keyed, decision: bool = False
) -> None:
    """Keep what a person keyed.

    Raises:
        KeyedBefore: the database has an entry of this person, or of this turn.
    """
    value = list(keyed.value) if isinstance(keyed.value, tuple) else keyed.value
    insert = sa.insert(t.entries).values(
        chip_id=chip,
        turn=turn,
        actor=actor,
        value=value,
        illegible=keyed.illegible,
        decision=decision,
        created_at=uow.now,
    )
    try:
        with uow.connection.begin_nested():
            uow.connection.execute(insert)
    except IntegrityError as error:
        raise KeyedBefore(
            "you keyed this field before, or somebody was quicker; take the next one"
        ) from error


def of_chips(uow: UnitOfWork, chips: Sequence[int]) -> dict[int, list[Entry]]:
    """What was keyed for each chip, in order of turns."""
    e = t.entries.c
    query = sa.select(t.entries).where(e.chip_id.in_(chips)).order_by(e.chip_id, e.turn)
    found: dict[int, list[Entry]] = {chip: [] for chip in chips}
    for row in uow.connection.execute(query).mappings():
        value = tuple(row["value"]) if isinstance(row["value"], list) else row["value"]
        found[row["chip_id"]].append(
            Entry(
                chip=row["chip_id"],
                turn=row["turn"],
                actor=row["actor"],
                keyed=Keyed(value, row["illegible"]),
                decision=row["decision"],
                created_at=row["created_at"],
            )
        )
    return found


__all__ = ["Entry", "KeyedBefore", "append", "of_chips"]
