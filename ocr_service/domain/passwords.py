"""Which passwords are good enough, and how what was typed becomes the password that is meant."""

from __future__ import annotations

import unicodedata
from enum import StrEnum

from ocr_service.domain.errors import InvalidRequest

MIN_LENGTH = 12
"""IPA asks for at least 10 characters (情報漏えい対策のしおり). NIST SP 800-63B-4 asks for 15 where
the password is the only factor and guesses are cheap; here they are throttled and the net is
closed. An installation may ask for more."""

MAX_LENGTH = 200
MAX_NAME = 60
_MIN_DIFFERENT = 5

_COMMON = frozenset(
    {
        "password", "passw0rd", "pass", "admin", "administrator", "qwerty", "qwertyuiop", "asdfgh",
        "asdfghjkl", "zxcvbn", "letmein", "welcome", "iloveyou", "abc", "abcd", "sakura", "nippon",
        "japan", "tokyo", "vaccine", "ocr", "ocrservice", "test", "user", "login",
    }
)  # fmt: skip


class Weakness(StrEnum):
    """Why a password is refused."""

    SHORT = "short"
    LONG = "long"
    EASY = "easy"


class WeakPassword(InvalidRequest):
    """The password would be guessed soon.

    Attributes:
        weakness: why.
    """

    code = "password.weak"

    def __init__(self, weakness: Weakness, detail: str) -> None:
        super().__init__(detail)
        self.weakness = weakness


def normalised(typed: str) -> str:
    """NFKC (NIST SP 800-63B-4, 3.1.1.2): full-width letters of an IME are the letters they show."""
    return unicodedata.normalize("NFKC", typed)


def check_password(password: str, *, name: str, min_length: int = MIN_LENGTH) -> None:
    """Refuse what would be guessed soon. There is no rule about kinds of characters.

    Args:
        password: after ``normalised``.
        name: of the user; a password made of it is none.
        min_length: smallest number of characters.

    Raises:
        WeakPassword: it is too short, too long or too easy; the message never holds it.
    """
    if len(password) < min_length:
        raise WeakPassword(Weakness.SHORT, f"a password has at least {min_length} characters")
    if len(password) > MAX_LENGTH:
        raise WeakPassword(Weakness.LONG, f"a password has at most {MAX_LENGTH} characters")
    core = password.casefold().strip("0123456789!?.-_ ")
    easy = core in _COMMON or core == normalised(name).casefold() or not core
    if easy or len(set(password)) < _MIN_DIFFERENT:
        raise WeakPassword(Weakness.EASY, "too easy to guess; take several words")


def checked_name(typed: str) -> str:
    """A user's name as it is kept: NFKC, no blanks round it.

    Raises:
        InvalidRequest: it is empty, too long or holds what cannot be seen.
    """
    name = normalised(typed).strip()
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise InvalidRequest(f"a name has 1 to {MAX_NAME} printable characters")
    return name


__all__ = [
    "MAX_LENGTH",
    "MAX_NAME",
    "MIN_LENGTH",
    "WeakPassword",
    "Weakness",
    "check_password",
    "checked_name",
    "normalised",
]
