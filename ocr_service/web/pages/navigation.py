"""The links at the top of every page."""

from __future__ import annotations

from dataclasses import dataclass

from ocr_service.db.accounts import Right, User


@dataclass(frozen=True, slots=True)
class Entry:
    """One link.

    Attributes:
        word: key of its words.
        href: where it goes.
        right: what one needs to see it, None = nothing; the page behind it checks for itself.
    """

    word: str
    href: str
    right: Right | None = None


ENTRIES: tuple[Entry, ...] = (
    Entry("batches", "/"),
    Entry("group", "/review/group", Right.REVIEW),
)
"""In the order of the day's work."""


def entries_for(user: User | None) -> tuple[Entry, ...]:
    """What this user may follow; nothing for strangers."""
    if user is None:
        return ()
    return tuple(entry for entry in ENTRIES if entry.right is None or user.may(entry.right))


__all__ = ["ENTRIES", "Entry", "entries_for"]
