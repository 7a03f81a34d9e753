"""What follows the town in an address: numbers, their counters, buildings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from ocr_service.masters.words import Words, word_lists

_BLOCK: Final = re.compile(r"(?<=[0-9])[TJ丁了寸]?[目日月自貝且](?=[0-9])")
_BLOCK_LOST: Final = re.compile(r"(?<=[0-9])[TJ丁](?=[0-9])")
_SEVEN: Final = re.compile(r"[ワクフ](?=[ー-][0-9])|(?<=[一-龠])T(?=[T0-9])|(?<=7)T(?=[0-9])")
_DASH: Final = re.compile(r"(?<=[0-9])[ー一](?=[0-9])")
_HYPHENATED: Final = re.compile(r"(?<=[0-9])-(?=[0-9])")
_REWRITTEN: Final = (
    (_BLOCK, "丁目"),
    (_BLOCK_LOST, "丁目"),
    (_SEVEN, "7"),
    (_DASH, "-"),
)

_ODD: Final = re.compile(
    r"[A-Za-z][目日]|(?<![0-9])[ー-][0-9]|[ァ-ヶ][ー][0-9]|[/「」()%&+~]|[0-9][日月自貝](?=[0-9])|"
    r"(?<=[一-龠])[A-Za-z](?=[一-龠])|(?<=[一-龠])[TIJlio](?=[0-9])"
)
_DIGIT: Final = re.compile("[0-9]")
_ODD_MALUS: Final = -4.0
_NEVER: Final = re.compile(r"[0-9一二三四五六七八九十]丁[日月自貝且]")
_NEVER_MALUS: Final = -10.0
_BLOCK_BONUS: Final = 1.5
_BUILDING_BONUS: Final = 2.5
_BUILDING_LETTER: Final = 0.8
"""Natural logarithms of how much likelier a text is by what its end looks like."""

_LEAST: Final = 3
"""Shorter words are found everywhere."""

_LONGEST: Final = 8
_KEPT: Final = 6


class AddressTail:
    """A prior over ends of addresses."""

    def __init__(self, buildings: Sequence[str]) -> None:
        """Keep words that buildings are called by."""
        self._buildings = [word for word in buildings if len(word) >= _LEAST]
        self._words = Words(self._buildings)
        longest_first = sorted(map(re.escape, self._buildings), key=len, reverse=True)
        self._named = re.compile("|".join(longest_first) or "(?!)")

    def log_prior(self, tail: str) -> float:
        """Bonus for blocks and buildings, malus for what no address has."""
        prior = _ODD_MALUS * len(_ODD.findall(tail))
        prior += _NEVER_MALUS if _NEVER.search(tail) else 0.0
        prior += _BLOCK_BONUS if re.search("[0-9]丁目", tail) else 0.0
        letters = sum(map(len, self._named.findall(tail)))
        return prior + (_BUILDING_BONUS + _BUILDING_LETTER * (letters - _LEAST) if letters else 0.0)

    def corrected(self, tail: str) -> list[str]:
        """``tail`` with counters, and then a building, put right; without ``tail`` itself."""
        found = [tail]
        for pattern, right in _REWRITTEN:
            found += [pattern.sub(right, text) for text in found if pattern.search(text)]
        found += self._with_building(found[-1])
        return list(dict.fromkeys(text for text in found if text != tail))

    def _with_building(self, text: str) -> list[str]:
        found: list[tuple[int, int, str]] = []
        numbers = re.search("[0-9]", text)
        for start in range(numbers.start() if numbers else 0, len(text)):
            for length in range(_LEAST - 1, _LONGEST + 1):
                piece = text[start : start + length]
                if len(piece) < length or piece in self._words or _DIGIT.search(piece):
                    continue
                near = self._words.near(piece, most_edits=max(1, length // 3))
                found += [
                    (edits, -len(word), text[:start] + word + text[start + length :])
                    for edits, word in near[:2]
                    if edits * 2 < len(word)
                ]
        return [whole for _, _, whole in sorted(found)[:_KEPT]]


def load_address_tail() -> AddressTail:
    """The shipped words of buildings."""
    return AddressTail(word_lists()["building_ends"])


__all__ = ["AddressTail", "load_address_tail"]
