"""Which names people have, as a prior for reading them; see ``recognizers.text.reader.Lexicon``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from ocr_service.masters.names import given_names, surnames

_SPACE: Final = "\u3000"
_FAMILY_BONUS: Final = MappingProxyType({1: 4.5, 2: 3.5, 3: 2.5})
_GIVEN_BONUS: Final = MappingProxyType({1: 3.0, 2: 2.3, 3: 1.6})
"""Natural logarithms of how much likelier a name is that is on the list, by class."""

_MIDDLE: Final = 2
_READ_TEXTS: Final = 4
_NEAREST: Final = 8
_SUGGESTIONS: Final = 40


class NameLexicon:
    """A prior over names, or over their readings in katakana."""

    def __init__(
        self,
        families: Mapping[str, int] | Iterable[str],
        given: Mapping[str, int] | Iterable[str],
    ) -> None:
        """Index the parts.

        Args:
            families: class of frequency, 1 to 3, by surname; or surnames of the middle class.
            given: the same by given name.
        """
        self._families = _Parts(families)
        self._given = _Parts(given)

    def log_prior(self, text: str, *, before: str) -> float:  # noqa: ARG002  one line holds a name
        """Bonus for a listed surname and for a listed given name, parted by U+3000."""
        family, _, given = text.partition(_SPACE)
        prior = _FAMILY_BONUS.get(self._families.rank(family), 0.0)
        return prior + _GIVEN_BONUS.get(self._given.rank(given), 0.0)

    def suggest(self, texts: Sequence[str], *, before: str) -> Sequence[str]:  # noqa: ARG002  as above
        """Names like ``texts``: one part is listed, the other is listed and one character off."""
        suggested: dict[str, None] = {}
        for text in texts[:_READ_TEXTS]:
            suggested.update(dict.fromkeys(self._corrected(text)))
        return tuple(suggested)[:_SUGGESTIONS]

    def _corrected(self, text: str) -> list[str]:
        corrected = []
        for cut in range(1, len(text)):
            family, given = text[:cut], text[cut:]
            if self._families.rank(family):
                corrected += [family + name for name in self._given.near(given)]
            if self._given.rank(given):
                corrected += [name + given for name in self._families.near(family)]
        return corrected


class _Parts:
    """Listed parts by length, so that near ones are found fast."""

    def __init__(self, ranks: Mapping[str, int] | Iterable[str]) -> None:
        ranked = ranks if isinstance(ranks, Mapping) else dict.fromkeys(ranks, _MIDDLE)
        self._ranks = dict(ranked)
        self._by_length: dict[int, list[str]] = {}
        for part in sorted(self._ranks, key=self.rank):
            self._by_length.setdefault(len(part), []).append(part)

    def rank(self, part: str) -> int:
        """Class of frequency, 0 where it is not listed."""
        return self._ranks.get(part, 0)

    def near(self, part: str) -> list[str]:
        """Listed parts one character off, the commonest first."""
        if len(part) < 2:  # noqa: PLR2004  every one-character name is one character off
            return []
        found: list[str] = []
        for length in (len(part), len(part) + 1, len(part) - 1):
            names = self._by_length.get(length, [])
            hits = process.extract(
                part, names, scorer=Levenshtein.distance, score_cutoff=1, limit=_NEAREST
            )
            found += [name for name, distance, _ in hits if distance == 1]
        return sorted(found, key=self.rank)[:_NEAREST]


def load_name_lexicon() -> NameLexicon:
    """Names as they are written."""
    return NameLexicon(surnames().ranks, given_names().ranks)


def load_kana_lexicon() -> NameLexicon:
    """Their readings in katakana."""
    return NameLexicon(surnames().reading_ranks, given_names().reading_ranks)


__all__ = ["NameLexicon", "load_kana_lexicon", "load_name_lexicon"]
