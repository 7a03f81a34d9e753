"""What the pages say, in both languages; one module for each area of the product."""

from __future__ import annotations

from types import MappingProxyType

from ocr_service.web.pages.language import Language
from ocr_service.web.pages.words import (
    accounts,
    billing,
    chips,
    exports,
    general,
    groups,
    masters,
    quality,
    review,
    rules,
)

_AREAS = (general, review, accounts, quality, rules, masters, exports, billing, groups, chips)

WORDS = MappingProxyType({key: both for area in _AREAS for key, both in area.WORDS.items()})
"""Every word, as (Japanese, English)."""


def say(key: str, language: Language) -> str:
    """The words for ``key``.

    Raises:
        KeyError: there are none; a page asks for what nobody wrote.
    """
    japanese, english = WORDS[key]
    return japanese if language is Language.JA else english


__all__ = ["WORDS", "say"]
