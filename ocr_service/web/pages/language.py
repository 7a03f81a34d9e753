"""In which language a page speaks: Japanese unless the visitor chose English."""

from __future__ import annotations

from enum import StrEnum

LANGUAGE_COOKIE = "ocr_lang"


class Language(StrEnum):
    """Languages of the pages."""

    JA = "ja"
    EN = "en"

    @property
    def other(self) -> Language:
        """The one the switch offers."""
        return Language.EN if self is Language.JA else Language.JA


def chosen_language(query: str | None, cookie: str | None) -> Language:
    """The language asked for in the address, else the one chosen before, else Japanese."""
    for wish in (query, cookie):
        if wish in {Language.JA, Language.EN}:
            return Language(wish)
    return Language.JA


__all__ = ["LANGUAGE_COOKIE", "Language", "chosen_language"]
