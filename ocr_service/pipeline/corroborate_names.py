"""A name and its reading tell each other: joint chances of what both fields may say.

The kana line is written small and read badly; the name above it is not. A pair of candidates
weighs ``chance of the name × chance of the kana × chance that such a name is read so``. Readings
that the kana field did not offer take part too, by how easily they are misread as what it did
offer.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

from ocr_service.domain.field import FieldValue, Flag, Value
from ocr_service.masters.names import NameTable
from ocr_service.pipeline.corroborate_joint import chances, missing, reranked

_SPACE: Final = "\u3000"

_OTHER_KANA: Final = 1e-4
"""How likely a kana line is that says none of the readings considered, next to 1 for one read."""

_SAME_READING: Final = 0.04
"""Share of the names the reader missed that read like the one it found: 靏田 beside 鶴田."""

_LEAST: Final = 1e-3

_FAR: Final = -6.0
"""Of ``misreading``: about two edits that are no look-alikes."""

_CLEAR: Final = 0.5

_LISTED_KANA: Final = 1e-2
_OTHER_PART: Final = 1e-3
"""Chance of a part of a reading, listed or not, under a name that nobody considered."""

_PARTS_OF: Final = 3
"""As many readings lend their parts to names of which one part is listed."""

_TWINS: Final = (
    "カガ キギ クグ ケゲ コゴ サザ シジ スズ セゼ ソゾ タダ チヂ ツヅ テデ トド ハバパ ヒビピ "
    "フブプ ヘベペ ホボポ ヤャ ユュ ヨョ ツッ ワクフウヌタ シツンソノ コユヨロニエ アマヤ "
    "ナメサチ ケクタ スヌフ テラヲ ルレハ リソンイ ミシ ムマ ヒセ モキテ ネオホ ラフウ カヤセ "
    "ロコ トイ ノフ ニコ"
)
_SHIFT: Final = {"twin": -1.8, "other": -4.5, "lost": -3.2, "added": -3.6, "rule": -0.7}
"""Natural logarithms of the chances that a reader takes one kana for a look-alike or for any
other, loses one, or sees one too many; a stretch of a printed rule is easily seen as ー."""


def _twins() -> frozenset[tuple[str, str]]:
    pairs = ((a, b) for group in _TWINS.split() for a in group for b in group if a != b)
    return frozenset(pairs)


_TWIN_PAIRS: Final = _twins()


@dataclass(frozen=True, slots=True)
class NameKnowledge:
    """Surnames and given names with their readings."""

    families: NameTable
    given: NameTable

    def readings(self, name: str, read: Sequence[str]) -> tuple[str, ...]:
        """Readings that a name may have: of each part the listed ones, or else those read.

        Args:
            name: parted by U+3000.
            read: readings the kana field offers, parted likewise.
        """
        family, _, given = name.partition(_SPACE)
        parts = [reading.partition(_SPACE) for reading in read]
        families = self.families.readings(family) or [f for f, _, g in parts if g]
        given_ones = self.given.readings(given) or [g for _, _, g in parts if g]
        return tuple(f + _SPACE + g for f, g in product(families, given_ones))

    def chance(self, name: str, kana: str) -> float:
        """Chance that somebody of this name writes this reading, 0 to 1."""
        family, _, given = name.partition(_SPACE)
        family_kana, _, given_kana = kana.partition(_SPACE)
        return self.families.reading_chance(family, family_kana) * self.given.reading_chance(
            given, given_kana
        )

    def plausible(self, kana: str) -> float:
        """Chance of a reading under an unknown name."""
        family, _, given = kana.partition(_SPACE)
        of_family = _LISTED_KANA if self.families.is_reading(family) else _OTHER_PART
        of_given = _LISTED_KANA if self.given.is_reading(given) else _OTHER_PART
        return of_family * of_given


def corroborate_name(
    name: FieldValue, kana: FieldValue, knowledge: NameKnowledge
) -> tuple[FieldValue, FieldValue]:
    """Both values with candidates re-ranked by how well they go together.

    Args:
        name: a name in the canonical form, family U+3000 given.
        kana: its reading in the same form.
        knowledge: which names are read how.

    Returns:
        The two values; unchanged where either is empty.
    """
    names, readings = _texts(name), _texts(kana)
    if not name.value or not kana.value or not names or not readings:
        return name, kana
    seen = _with_readings(names, readings, knowledge)
    joint = {
        (n, k): p * seen[k] * knowledge.chance(n, k)
        for n, p in names.items()
        for k in seen
        if p > 0
    }
    # Either field may say something that nobody considered; the other is then as likely as before.
    other_kana = _OTHER_KANA * missing(readings)
    of_name: dict[Value, float] = {n: p * other_kana for n, p in names.items()}
    of_kana: dict[Value, float] = {
        k: p * missing(names) * knowledge.plausible(k) for k, p in readings.items()
    }
    total = math.fsum((*joint.values(), *of_name.values(), *of_kana.values()))
    total += missing(names) * other_kana
    for (n, k), weight in joint.items():
        of_name[n] += weight
        of_kana[k] = of_kana.get(k, 0.0) + weight
    if total <= 0.0:
        return name, kana
    total_of_names = total * _homophones(names, max(of_name, key=lambda n: of_name[n]))
    return (
        reranked(name, {n: weight / total_of_names for n, weight in of_name.items()}),
        _unless_far(reranked(kana, {k: weight / total for k, weight in of_kana.items()}), kana),
    )


def _unless_far(told: FieldValue, read: FieldValue) -> FieldValue:
    """What the name told, with ``DISAGREEMENT`` where it is hardly a misreading of what was read.

    A name with a kanji that no reader knows is read without it, and then tells the reading of
    another name: 鰐淵 read as 淵 turned a clear ワニブチ into フチ. What was read clearly stays.
    """
    both = isinstance(told.value, str) and isinstance(read.value, str)
    if not both or misreading(str(told.value), str(read.value)) >= _FAR:
        return told
    differ = {Flag.DISAGREEMENT}
    if read.probability < _CLEAR:
        return replace(told, flags=told.flags | differ)
    offered = chances(read)
    offered.setdefault(told.value, missing(offered))
    return reranked(replace(read, flags=read.flags | differ), offered)


def _homophones(names: Mapping[str, float], best: Value) -> float:
    """By how much what the kana say of a name counts for names that look and read alike."""
    chance = names.get(best, 0.0) if isinstance(best, str) else 0.0
    return 1.0 + _SAME_READING * missing(names) / max(chance, _LEAST)


def _with_readings(
    names: Mapping[str, float], readings: Mapping[str, float], knowledge: NameKnowledge
) -> dict[str, float]:
    """Chances of the kana line given each reading: as read, or as misread.

    The surer the reader is of what it read, the less a misreading explains.
    """
    doubt = 1.0 - max(readings.values(), default=0.0)
    best = sorted(readings, key=lambda r: -readings[r])[:_PARTS_OF]
    wanted = dict.fromkeys(r for n in names for r in knowledge.readings(n, best))
    seen = dict(readings)
    for reading in wanted:
        misread = max(
            (p * doubt * math.exp(misreading(reading, read)) for read, p in readings.items()),
            default=0.0,
        )
        seen[reading] = max(seen.get(reading, 0.0), misread)
    return seen


def misreading(truth: str, read: str) -> float:
    """Natural logarithm of the chance that ``truth`` is read as ``read``, by edits; 0 if equal.

    The space between the parts counts for nothing: it is set by lengths.
    """
    truth, read = truth.replace(_SPACE, ""), read.replace(_SPACE, "")
    added = [_SHIFT["rule" if got == "ー" else "added"] for got in read]
    above = [math.fsum(added[:column]) for column in range(len(read) + 1)]
    for wanted in truth:
        row = [above[0] + _SHIFT["lost"]]
        for column, got in enumerate(read, start=1):
            row.append(
                max(
                    above[column - 1] + _taken_for(wanted, got),
                    above[column] + _SHIFT["lost"],
                    row[column - 1] + added[column - 1],
                )
            )
        above = row
    return above[-1]


def _taken_for(wanted: str, got: str) -> float:
    if wanted == got:
        return 0.0
    return _SHIFT["twin"] if (wanted, got) in _TWIN_PAIRS else _SHIFT["other"]


def _texts(value: FieldValue) -> dict[str, float]:
    return {v: p for v, p in chances(value).items() if isinstance(v, str) and v}


__all__ = ["NameKnowledge", "corroborate_name", "misreading"]
