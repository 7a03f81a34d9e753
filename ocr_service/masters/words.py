"""Lists of words that people write into free fields: diseases, drugs, places, buildings."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

_FILE: Final = Path(__file__).with_name("data") / "words.txt"
_VOICING: Final = frozenset("\u3099\u309a")
_SMALL: Final = str.maketrans(
    "ァィゥェォッャュョヮぁぃぅぇぉっゃゅょゎヶ", "アイウエオツヤユヨワあいうえおつやゆよわケ"
)
_NEAREST: Final = 4


@lru_cache(maxsize=1)
def word_lists() -> Mapping[str, tuple[str, ...]]:
    """The shipped lists by section; loaded once."""
    lists: dict[str, dict[str, None]] = {}
    section: dict[str, None] = {}
    for line in _FILE.read_text("utf-8").splitlines():
        if line.startswith("["):
            section = lists.setdefault(line.strip("[]"), {})
        elif not line.startswith("#"):
            section.update(dict.fromkeys(line.split()))
    return MappingProxyType({name: tuple(words) for name, words in lists.items()})


def skeleton(text: str) -> str:
    """``text`` without what is lost first in small writing: voicing marks and smallness of kana."""
    parts = unicodedata.normalize("NFD", text)
    return "".join(c for c in parts if c not in _VOICING).translate(_SMALL)


class Words:
    """Known words, found by what they look like."""

    def __init__(self, words: Iterable[str]) -> None:
        """Index the words, the likelier first."""
        self._known = dict.fromkeys(words)
        self._skeletons: dict[str, list[str]] = {}
        for word in self._known:
            self._skeletons.setdefault(skeleton(word), []).append(word)
        self._keys = list(self._skeletons)

    def __contains__(self, text: object) -> bool:
        return text in self._known

    def near(self, text: str, *, most_edits: int | None = None) -> list[tuple[int, str]]:
        """(edits, word) of known words like ``text``, the nearest first; edits of skeletons.

        Args:
            text: as read.
            most_edits: None for as many as the length of ``text`` lets pass: none up to two
                characters, then one for every two more up to three.
        """
        allowed = min(3, max(0, (len(text) - 1) // 2)) if most_edits is None else most_edits
        hits = process.extract(
            skeleton(text),
            self._keys,
            scorer=Levenshtein.distance,
            score_cutoff=allowed,
            limit=_NEAREST,
        )
        return [
            (int(edits), word)
            for key, edits, _ in hits
            for word in self._skeletons[key]
            if word != text
        ]


__all__ = ["Words", "skeleton", "word_lists"]
