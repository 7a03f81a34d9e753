"""Characters that an encoding does not have: found, named, replaced by table, never dropped.

CP932 is Shift_JIS with the additions of NEC and IBM: ①, ㈱, 髙 and 﨑 are in it, 𠮷 is not.
Some signs have two code points each, of which Windows uses the other one: 〜 is written as ～ and
so on. What the code page calls 外字 maps to the private use area of Unicode; such characters mean
something only to the system that made them, so they are missing unless the profile says else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ocr_service.exporters.csv_cells import WINDOWS_TWINS
from ocr_service.exporters.profile_model import Characters, Encoding

# Python's cp932 lets single bytes through that no Windows program shows: 80, A0, FD to FF.
_ODD: Final = re.compile("[\ue000-\uf8ff\x80\xa0]")
_ODD_ALWAYS: Final = re.compile("[\uf8f0-\uf8f3\x80\xa0]")


@dataclass(frozen=True, slots=True)
class Fitted:
    """Text as the file can carry it.

    Attributes:
        text: may still hold characters of ``missing``.
        missing: characters that the encoding does not have and no table replaces.
        replaced: characters with what stands for them now.
    """

    text: str
    missing: tuple[str, ...] = ()
    replaced: tuple[tuple[str, str], ...] = ()


class CharacterFitter:
    """Fits text into one encoding under the rules of one profile."""

    def __init__(self, encoding: Encoding, rules: Characters) -> None:
        self._codec = "cp932" if encoding is Encoding.CP932 else "utf-8"
        self._rules = rules
        self._odd = _ODD_ALWAYS if rules.private_use else _ODD
        self._known: dict[str, bool] = {}

    @property
    def codec(self) -> str:
        """Name of the encoding without its byte order mark."""
        return self._codec

    def fit(self, text: str) -> Fitted:
        """The text as the file can carry it, with what it cannot."""
        if text.isascii():
            return Fitted(text)
        if self._codec == "cp932":
            text = text.translate(WINDOWS_TWINS)
        if self._carries(text):
            return Fitted(text)
        missing = [char for char in text if not self._has(char)]
        if self._rules.missing != "replace":
            return Fitted(text, tuple(dict.fromkeys(missing)))
        return self._replaced(text, missing)

    def _replaced(self, text: str, missing: list[str]) -> Fitted:
        table = self._rules.table
        done: dict[str, str] = {}
        left: list[str] = []
        for char in dict.fromkeys(missing):
            stand_in = table.get(char, self._rules.fallback)
            if stand_in is None or not self._carries(stand_in):
                left.append(char)
            else:
                done[char] = stand_in
        fitted = "".join(done.get(char, char) for char in text)
        return Fitted(fitted, tuple(left), tuple(done.items()))

    def _has(self, char: str) -> bool:
        if char not in self._known:
            self._known[char] = self._carries(char)
        return self._known[char]

    def _carries(self, text: str) -> bool:
        try:
            text.encode(self._codec)
        except UnicodeEncodeError:
            return False
        return self._codec != "cp932" or self._odd.search(text) is None


def name_character(char: str) -> str:
    """A character with its code point: 𠮷 (U+20BB7)."""
    shown = char if char.isprintable() else "?"
    return f"{shown} (U+{ord(char):04X})"


__all__ = ["CharacterFitter", "Fitted", "name_character"]
