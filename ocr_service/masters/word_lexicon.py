"""Words of free fields as a prior for reading them; see ``recognizers.text.reader.Lexicon``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from ocr_service.masters.municipalities import municipalities
from ocr_service.masters.words import Words, word_lists

_JOINERS: Final = re.compile(r"([、，,・/／\s]+|と(?=..))")
_LETTERS: Final = re.compile(r"[ぁ-ゖァ-ヶ㐀-龠々]")
_LONE_STROKES: Final = frozenset("一二三丨乙十")
_DISTRICT: Final = re.compile(r"^.+?郡(?=.+[町村]$)")
_SPACES: Final = re.compile(r"\s+")

_KNOWN_LETTER: Final = 1.0
_KNOWN_MOST: Final = 6.0
"""Natural logarithm of how much likelier a known word is, for each character, and at most."""

_LOOSE: Final = -1.5
"""The same for words parted by nothing but a space: people write 、 or ・, which is easily lost."""

_STROKES: Final = -5.0
"""The same for strokes that make no word: dust, a streak, the end of a neighbour's line."""

_HEAD: Final = 2.0
"""The same for the beginning of a place's name."""

_READ_TEXTS: Final = 4
_SUGGESTIONS: Final = 24


class WordLexicon:
    """A prior over one word, or several joined by 、 or ・."""

    def __init__(self, words: Iterable[str]) -> None:
        """Keep the words, the likelier first."""
        self._words = Words(words)

    def log_prior(self, text: str, *, before: str) -> float:  # noqa: ARG002  lines say words by themselves
        """A bonus for every known word, a malus for mere strokes."""
        if self._is_stray(text):
            return _STROKES
        parts = _parted(text)
        known = sum(_bonus(part) for part in parts[::2] if part in self._words)
        return known + _LOOSE * sum(joiner.isspace() for joiner in parts[1::2])

    def suggest(self, texts: Sequence[str], *, before: str) -> Sequence[str]:  # noqa: ARG002  as above
        """The texts with words put right that are near a known one; nothing for mere strokes."""
        suggested: dict[str, None] = {}
        for text in texts[:_READ_TEXTS]:
            if self._is_stray(text):
                suggested[""] = None
            for joined in dict.fromkeys((text, *(_SPACES.sub(j, text) for j in "・、"))):
                suggested[joined] = None
                suggested.update(dict.fromkeys(self._corrected(joined)))
        return tuple(suggested)[:_SUGGESTIONS]

    def _is_stray(self, text: str) -> bool:
        """Whether a text is no word: signs, Latin letters and kanji of a stroke or two."""
        if not text or text in self._words:
            return False
        return all(c in _LONE_STROKES for c in _LETTERS.findall(text))

    def _corrected(self, text: str) -> list[str]:
        parts = _parted(text)
        corrected: list[str] = []
        best = list(parts)
        for place in range(0, len(parts), 2):
            if parts[place] in self._words:
                continue
            near = [word for _, word in self._words.near(parts[place])]
            corrected += ["".join((*parts[:place], word, *parts[place + 1 :])) for word in near]
            best[place] = near[0] if near else parts[place]
        whole = "".join(best)
        return [whole, *corrected] if whole != text else corrected


def _bonus(word: str) -> float:
    return min(_KNOWN_MOST, _KNOWN_LETTER * (1 + len(word)))


def _parted(text: str) -> list[str]:
    """Words and, between them, what joins them."""
    return _JOINERS.split(text)


class PlaceLexicon:
    """A soft prior over names of clinics and halls: how they end, and common beginnings."""

    def __init__(self, ends: Iterable[str], heads: Iterable[str]) -> None:
        """Keep the word lists."""
        self._ends = sorted(ends, key=len, reverse=True)
        self._tails = Words(self._ends)
        self._heads = Words(heads)

    def log_prior(self, text: str, *, before: str) -> float:  # noqa: ARG002  lines stand by themselves
        """A bonus for a known ending, more for a long one, and one for a known beginning."""
        end = next((e for e in self._ends if text.endswith(e)), "")
        if not end:
            return 0.0
        bonus = min(4.0, 1.0 + 0.4 * len(end))
        return bonus + (_HEAD if text.removesuffix(end) in self._heads else 0.0)

    def suggest(self, texts: Sequence[str], *, before: str) -> Sequence[str]:  # noqa: ARG002  as above
        """The texts with their ending, and then their beginning, put right."""
        suggested: dict[str, None] = {}
        for text in texts[:_READ_TEXTS]:
            for head, end in self._ended(text):
                suggested[head + end] = None
                near = self._heads.near(head, most_edits=len(head) // 3)
                suggested.update(dict.fromkeys(word + end for _, word in near[:3]))
        return tuple(suggested)[:_SUGGESTIONS]

    def _ended(self, text: str) -> list[tuple[str, str]]:
        """(beginning, known ending) by how near the ending is to what stands there."""
        found: list[tuple[float, str, str]] = []
        for length in range(2, min(len(text), 13) + 1):
            tail = text[-length:]
            if tail in self._tails:
                found.append((-length, text[:-length], tail))
            for edits, end in self._tails.near(tail, most_edits=min(3, length // 3)):
                found.append((edits * 2.0 - len(end), text[:-length], end))
        return [(head, end) for _, head, end in sorted(found)[:6]]


def load_word_lexicons() -> dict[str, WordLexicon | PlaceLexicon]:
    """The shipped lexicons by the name that templates give them.

    Raises:
        FileNotFoundError: the postal code table is not installed.
    """
    lists = word_lists()
    ill = (*lists["diseases"], *lists["symptoms"])
    return {
        "illnesses": WordLexicon(ill),
        "symptoms": WordLexicon((*lists["symptoms"], *lists["diseases"])),
        "drugs": WordLexicon(lists["drugs"]),
        "allergens": WordLexicon((*lists["allergens"], *lists["drugs"])),
        "vaccines": WordLexicon(lists["vaccines"]),
        "places": PlaceLexicon(lists["place_ends"], (*lists["place_heads"], *_towns())),
    }


def _towns() -> list[str]:
    """Names of municipalities, with which those of public places begin."""
    return [_DISTRICT.sub("", place.city) for place in municipalities().values()]


__all__ = ["PlaceLexicon", "WordLexicon", "load_word_lexicons"]
