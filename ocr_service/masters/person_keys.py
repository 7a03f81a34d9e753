"""Names as they are compared: folded, so that one person written in two ways is found."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

import jaconv

from ocr_service.masters.kanji_variants import plain_kanji

_HYPHENS: Final = str.maketrans(dict.fromkeys("-‐−–—－", "ー"))
_SMALL: Final = str.maketrans("ァィゥェォッャュョヮ", "アイウエオツヤユヨワ")


def kana_key(text: str) -> str:
    """Kana as kept: full-width katakana, hyphens as long vowel marks, no spaces."""
    wide: str = jaconv.hira2kata(jaconv.h2z(unicodedata.normalize("NFKC", text)))
    return re.sub(r"[\s・]", "", wide.translate(_HYPHENS))


def kana_sound(text: str) -> str:
    """Kana as it is compared: small kana as large ones, which old systems do not tell apart."""
    return kana_key(text).translate(_SMALL)


def name_key(text: str) -> str:
    """A name as it is compared: width and variant kanji folded, no spaces, selectors or case."""
    wide = unicodedata.normalize("NFKC", text)
    bare = re.sub(r"[\s・\ufe00-\ufe0f\U000e0100-\U000e01ef]", "", wide)
    return plain_kanji(bare).casefold()


def person_key(name: str, birth_date: str) -> tuple[str, ...]:
    """What a person is looked up by without a voucher; () where name or birth is missing."""
    folded = name_key(name)
    return (folded, birth_date) if folded and birth_date else ()


__all__ = ["kana_key", "kana_sound", "name_key", "person_key"]
