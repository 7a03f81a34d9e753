"""Passwords: Argon2id, slow on purpose, and never more than a few at a time."""

from __future__ import annotations

import threading
from functools import cache

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

# RFC 9106, section 4, second recommended option: 3 passes, 4 lanes, 64 MiB, 16 bytes of salt, 32
# of tag. OWASP's smallest (2 passes, 1 lane, 19 MiB) is weaker in each.
HASHER = PasswordHasher(
    time_cost=3, memory_cost=65536, parallelism=4, hash_len=32, salt_len=16, type=Type.ID
)

# Each takes 64 MiB: a flood of guesses must not take the memory of the whole machine.
_SLOTS = threading.BoundedSemaphore(2)


def hash_password(password: str) -> str:
    """A new salted hash in the PHC string format."""
    with _SLOTS:
        return HASHER.hash(password)


def is_right(hashed: str | None, password: str) -> bool:
    """Whether this is the password; a user without one takes as long as one with.

    Args:
        hashed: as kept; None = there is no such user, or he has no password.
        password: after ``normalised``.
    """
    with _SLOTS:
        try:
            HASHER.verify(hashed or _nobodys(), password)
        except (VerificationError, InvalidHashError):
            return False
    return hashed is not None


def is_dated(hashed: str) -> bool:
    """Whether it was made with other parameters than today's; it is renewed at the next login."""
    return HASHER.check_needs_rehash(hashed)


@cache
def _nobodys() -> str:
    return HASHER.hash("nobody's password")


__all__ = ["HASHER", "hash_password", "is_dated", "is_right"]
