"""The links at the top of every page."""

from __future__ import annotations

from dataclasses import dataclass

from ocr_service.db.accounts import Role, User

EVERYBODY = frozenset(Role)


@dataclass(frozen=True, slots=True)
class Entry:
    """One link.

    Attributes:
        word: key of its words.
        href: where it goes.
        roles: who sees it; the page behind it checks for itself.
    """

    word: str
    href: str
    roles: frozenset[Role] = EVERYBODY


ENTRIES: tuple[Entry, ...] = (Entry("batches", "/"),)
"""In the order of the day's work."""


def entries_for(user: User | None) -> tuple[Entry, ...]:
    """What this user may follow; nothing for strangers."""
    if user is None:
        return ()
    return tuple(entry for entry in ENTRIES if user.role in entry.roles)


__all__ = ["ENTRIES", "EVERYBODY", "Entry", "entries_for"]
