"""Which names people have, as a prior for reading them; see ``recognizers.text.Lexicon``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from rapidfuzz.distance import Levenshtein

from ocr_service.masters.names import GIVEN_NAMES, SURNAMES, listed

_SPACE: Final = "\u3000"
_FAMILY_BONUS: Final = 2.0
_GIVEN_BONUS: Final = 1.5
"""Natural logarithms of how much likelier a name is that is on the list."""

_READ_TEXTS: Final = 3
_SUGGESTIONS: Final = 24


class NameLexicon:
    """A prior over names, or over their readings in katakana."""

    def __init__(self, families: Iterable[str], given: Iterable[str]) -> None:
        """Index surnames and given names, the commonest first."""
        self._families: Mapping[str, None] = dict.fromkeys(families)
        self._given: Mapping[str, None] = dict.fromkeys(given)

    def log_prior(self, text: str, *, before: str) -> float:  # noqa: ARG002  one line holds a name
        """Bonus for a listed surname and for a listed given name, parted by U+3000."""
        family, _, given = text.partition(_SPACE)
        prior = _FAMILY_BONUS if family in self._families else 0.0
        return prior + (_GIVEN_BONUS if given in self._given else 0.0)

    def suggest(self, texts: Sequence[str], *, before: str) -> Sequence[str]:  # noqa: ARG002  as above
        """Names like ``texts`` whose surname or given name is listed and one character off."""
        suggested: dict[str, None] = {}
        for text in texts[:_READ_TEXTS]:
            suggested.update(dict.fromkeys(self._corrected(text)))
        return tuple(suggested)[:_SUGGESTIONS]

    def _corrected(self, text: str) -> list[str]:
        corrected = []
        for cut in range(1, len(text)):
            family, given = text[:cut], text[cut:]
            if family in self._families:
                corrected += [family + name for name in _near(given, self._given)]
            if given in self._given:
                corrected += [name + given for name in _near(family, self._families)]
        return corrected


def _near(part: str, names: Iterable[str]) -> list[str]:
    if len(part) < 2:  # noqa: PLR2004  every one-character name is one character off
        return []
    return [n for n in names if Levenshtein.distance(part, n, score_cutoff=1) == 1]


def load_name_lexicon() -> NameLexicon:
    """Names as they are written."""
    return NameLexicon((w for w, _ in listed(SURNAMES)), (w for w, _ in listed(GIVEN_NAMES)))


def load_kana_lexicon() -> NameLexicon:
    """Their readings in katakana."""
    return NameLexicon((r for _, r in listed(SURNAMES)), (r for _, r in listed(GIVEN_NAMES)))


__all__ = ["NameLexicon", "load_kana_lexicon", "load_name_lexicon"]
