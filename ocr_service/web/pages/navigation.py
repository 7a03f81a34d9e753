"""The links at the top of every page."""

from __future__ import annotations

from dataclasses import dataclass

from ocr_service.db.accounts.accounts import Right, User


@dataclass(frozen=True, slots=True)
class Entry:
    """One link.

    Attributes:
        word: key of its words.
        href: where it goes.
        seldom: whether it lies under "more": not part of every day's work.
        right: what one needs to see it, None = nothing; the page behind it checks for itself.
    """

    word: str
    href: str
    right: Right | None = None
    seldom: bool = False


@dataclass(frozen=True, slots=True)
class Menu:
    """What one user sees at the top of one page.

    Attributes:
        often: links for every day.
        seldom: links under "more".
        here: the one that the page belongs to.
    """

    often: tuple[Entry, ...] = ()
    seldom: tuple[Entry, ...] = ()
    here: Entry | None = None


ENTRIES: tuple[Entry, ...] = (
    Entry("batches", "/"),
    Entry("queue", "/queue", Right.READ),
    Entry("review", "/review", Right.REVIEW),
    Entry("group", "/review/group", Right.REVIEW),
    Entry("chips", "/chips", Right.REVIEW),
    Entry("exports", "/exports", Right.EXPORT),
    Entry("attention", "/attention", Right.READ, seldom=True),
    Entry("findings", "/reports/findings", Right.READ, seldom=True),
    Entry("masters", "/masters", Right.ADMIN, seldom=True),
    Entry("claims", "/claims", Right.EXPORT),
    Entry("reconciliation", "/reconciliation", Right.EXPORT, seldom=True),
    Entry("dashboard", "/dashboard", Right.READ, seldom=True),
    Entry("quality.report", "/quality", Right.READ, seldom=True),
    Entry("quality.sample", "/quality/sample", Right.REVIEW, seldom=True),
    Entry("users", "/admin/users", Right.ADMIN, seldom=True),
    Entry("audit", "/admin/audit", Right.ADMIN, seldom=True),
)
"""In the order of the day's work."""


def menu_for(user: User | None, path: str) -> Menu:
    """What this user may follow; nothing for strangers.

    Args:
        user: who is logged in.
        path: the page's; it belongs to the entry whose address is its longest beginning.
    """
    if user is None:
        return Menu()
    seen = [entry for entry in ENTRIES if entry.right is None or user.may(entry.right)]
    around = [entry for entry in seen if f"{path}/".startswith(f"{entry.href.rstrip('/')}/")]
    return Menu(
        often=tuple(entry for entry in seen if not entry.seldom),
        seldom=tuple(entry for entry in seen if entry.seldom),
        here=max(around, key=lambda entry: len(entry.href), default=None),
    )


__all__ = ["ENTRIES", "Entry", "Menu", "menu_for"]
