"""How the kanji of names are read, learned from the listed names: readings of unlisted ones.

A listed name says how it is read as a whole; which kana belong to which kanji comes out by
counting over all names (expectation maximisation over ways of laying the kana along the kanji).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

_LONGEST: Final = 5
"""Kana that one kanji of a name may take (承 = ウケタマ is as good as never seen)."""

_ROUNDS: Final = 4
_UNKNOWN_KANA: Final = 1 / 40
"""Chance of each kana for a kanji, or a reading of it, that no listed name has."""

_Counts = dict[str, dict[str, float]]


class KanjiReadings:
    """Chances of the readings of single kanji in names."""

    def __init__(self, names: Iterable[tuple[str, str]]) -> None:
        """Learn from names.

        Args:
            names: (written, reading in katakana) of surnames, or of given names.
        """
        ways = [list(_laid_out(written, reading)) for written, reading in names]
        self._chances: Mapping[str, Mapping[str, float]] = {}
        for _ in range(_ROUNDS):
            self._chances = _shares(self._counted(ways))

    def chance(self, written: str, reading: str) -> float:
        """Chance that a name written so is read so, 0 to 1; over all ways to part the kana."""
        reached: list[float] = [1.0] + [0.0] * len(reading)
        for kanji in written:
            above, reached = reached, [0.0] * (len(reading) + 1)
            for start, chance in enumerate(above):
                if chance <= 0.0:
                    continue
                for stop in range(start + 1, min(start + _LONGEST, len(reading)) + 1):
                    reached[stop] += chance * self._of(kanji, reading[start:stop])
        return min(1.0, reached[-1])

    def _of(self, kanji: str, kana: str) -> float:
        known = self._chances.get(kanji, {}).get(kana, 0.0)
        return known + float(_UNKNOWN_KANA ** len(kana)) * 0.5

    def _counted(self, ways: Iterable[list[tuple[tuple[str, str], ...]]]) -> _Counts:
        counts: _Counts = defaultdict(lambda: defaultdict(float))
        for layouts in ways:
            weights = [math.prod(self._weight(k, r) for k, r in layout) for layout in layouts]
            total = sum(weights)
            for layout, weight in zip(layouts, weights, strict=True):
                for kanji, kana in layout:
                    counts[kanji][kana] += weight / total
        return counts

    def _weight(self, kanji: str, kana: str) -> float:
        return self._chances.get(kanji, {}).get(kana, 1e-6) if self._chances else 1.0


def _laid_out(written: str, reading: str) -> Iterator[tuple[tuple[str, str], ...]]:
    """Every way of giving each character of ``written`` one to some kana of ``reading``."""
    if len(written) == 1:
        if 1 <= len(reading) <= _LONGEST:
            yield ((written, reading),)
        return
    for length in range(1, min(_LONGEST, len(reading) - len(written) + 1) + 1):
        for rest in _laid_out(written[1:], reading[length:]):
            yield ((written[0], reading[:length]), *rest)


def _shares(counts: _Counts) -> dict[str, dict[str, float]]:
    """Counts as chances, one name's worth of doubt kept for readings never seen."""
    return {
        kanji: {kana: count / (1.0 + sum(of_kanji.values())) for kana, count in of_kanji.items()}
        for kanji, of_kanji in counts.items()
    }


__all__ = ["KanjiReadings"]
