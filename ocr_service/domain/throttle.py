"""How long somebody who guessed wrong must wait before the next guess counts at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=15)
FORGET_AFTER = timedelta(hours=1)
"""So long after the last wrong guess nothing is held against anybody."""

FREE_FOR_ACCOUNT = 5
FREE_FOR_ADDRESS = 30
"""A whole office may sit behind one address, so it is given more."""

_DOUBLINGS = 12


@dataclass(frozen=True, slots=True)
class Guesses:
    """What is known of one account or one address.

    Attributes:
        failures: wrong guesses that are not forgotten.
        last_at: when the last one was.
        blocked_until: None = the next guess is heard at once.
    """

    failures: int
    last_at: datetime
    blocked_until: datetime | None


def waits_until(guesses: Guesses, now: datetime) -> datetime | None:
    """When the next guess will be heard; None = now."""
    if guesses.blocked_until is None or guesses.blocked_until <= now:
        return None
    return guesses.blocked_until


def counted(guesses: Guesses, now: datetime, *, free: int) -> Guesses:
    """One more wrong guess: ``free`` of them cost nothing, then the wait doubles each time.

    Args:
        guesses: what was known.
        now: the moment of the guess.
        free: how many wrong guesses a person may make with his own password.
    """
    kept = guesses.failures if now - guesses.last_at < FORGET_AFTER else 0
    failures = kept + 1
    if failures < free:
        return Guesses(failures, now, None)
    wait = min(FIRST_WAIT * 2 ** min(failures - free, _DOUBLINGS), LONGEST_WAIT)
    return Guesses(failures, now, now + wait)


__all__ = [
    "FIRST_WAIT",
    "FORGET_AFTER",
    "FREE_FOR_ACCOUNT",
    "FREE_FOR_ADDRESS",
    "LONGEST_WAIT",
    "Guesses",
    "counted",
    "waits_until",
]
