"""Values that people of one installation confirmed, as a prior for reading them again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from rapidfuzz.distance import Levenshtein

from ocr_service.domain.errors import ModelMissing
from ocr_service.recognizers.text.reader import Lexicon

_BONUS = 3.0
"""Natural logarithm of how much likelier a text is that was confirmed before."""

_READ_TEXTS = 3
_SUGGESTIONS = 12


class ConfirmedLexicon:
    """Prefers confirmed values and offers those near what was read; see ``recognizers.text``."""

    def __init__(self, values: Sequence[str], beneath: Lexicon | None = None) -> None:
        """Keep the values, the commonest first.

        Args:
            values: as people confirmed them.
            beneath: what is known of such fields besides.
        """
        self._values = tuple(dict.fromkeys(values))
        self._known = frozenset(map(_closed, self._values))
        self._beneath = beneath

    def log_prior(self, text: str, *, before: str) -> float:
        """A bonus for a confirmed value, on top of what is known besides."""
        prior = 0.0 if self._beneath is None else self._beneath.log_prior(text, before=before)
        return prior + (_BONUS if _closed(text) in self._known else 0.0)

    def suggest(self, texts: Sequence[str], *, before: str) -> Sequence[str]:
        """Confirmed values that differ in up to a third of their characters."""
        found: dict[str, None] = {}
        for text in texts[:_READ_TEXTS]:
            closed = _closed(text)
            near = (v for v in self._known if _is_near(closed, v))
            found.update(dict.fromkeys(sorted(near)))
        others = [] if self._beneath is None else self._beneath.suggest(texts, before=before)
        return (*tuple(found)[:_SUGGESTIONS], *others)


def load_confirmed(folder: Path, beneath: Mapping[str, Lexicon]) -> dict[str, Lexicon]:
    """The lexicons of ``folder/*.tsv`` by name, on top of those of the same name.

    Args:
        folder: one value and its number of documents to a line, parted by a tab; need not exist.
        beneath: lexicons that come with the service.

    Raises:
        ModelMissing: a file cannot be read as such a table.
    """
    found = dict(beneath)
    for path in sorted(folder.glob("*.tsv")):
        try:
            lines = path.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise ModelMissing(f"word list {path.name} cannot be read; remove it") from error
        values = [line.partition("\t")[0] for line in lines if line.strip()]
        found[path.stem] = ConfirmedLexicon(values, beneath.get(path.stem))
    return found


def _closed(text: str) -> str:
    return "".join(text.split())


def _is_near(text: str, value: str) -> bool:
    allowed = max(1, len(value) // 3)
    return text != value and Levenshtein.distance(text, value, score_cutoff=allowed) <= allowed


__all__ = ["ConfirmedLexicon", "load_confirmed"]
