"""What several networks say of one line, put together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from ocr_service.forms.fields import Charset
from ocr_service.recognizers.text.charsets import fold_character
from ocr_service.recognizers.text.context import settle
from ocr_service.recognizers.text.ctc import (
    Decoded,
    Lattice,
    align,
    beam_search,
    log_probabilities,
)
from ocr_service.recognizers.text.paddle import INPUT_HEIGHT_PX, STEP_PX

_BEAM: Final = 16
KEPT: Final = 12
"""Texts that a line keeps."""

_CLEAR: Final = math.log(0.9)
"""Where the networks asked so far are so sure of a text, no other is asked."""

_SETTLED: Final = frozenset({Charset.JAPANESE, Charset.NAME})
"""Charsets whose look-alikes need their neighbours to be told apart."""


class Evidence:
    """What the networks say of a line; a text's chance is a weighed mean of what they give it.

    A mean of chances, not of their logarithms: a character that one of them does not see at all
    must not rule a text out.
    """

    def __init__(self, charset: Charset, line_height_px: int) -> None:
        self._charset = charset
        self._line_height_px = line_height_px
        self._lattices: list[Lattice] = []
        self._weights: list[float] = []
        self._texts: dict[str, None] = {}
        self._weighed: tuple[Decoded, ...] = ()
        self._seen_best_by: dict[str, int] = {}

    def add(self, lattice: Lattice, *, weight: float = 1.0) -> None:
        """Hear another network, for ``weight`` of the whole; the first one's is all there is."""
        self._lattices.append(lattice)
        self._seen_best_by = {}
        self._weights = [each * (1.0 - weight) for each in self._weights] + [weight]
        beam = beam_search(lattice, width=_BEAM, top=KEPT)
        self._texts.update(dict.fromkeys(decoded.text for decoded in beam))
        if len(self._lattices) == 1:
            self._weighed = beam
        else:
            self._weighed = tuple(map(Decoded, self._texts, self._weigh(tuple(self._texts))))

    @property
    def is_clear(self) -> bool:
        """Whether the networks heard so far have no doubt."""
        return max(decoded.log_prob for decoded in self._weighed) > _CLEAR

    def decoded(self) -> tuple[Decoded, ...]:
        """The best texts of every network, weighed by all of them, look-alikes settled."""
        best: dict[str, float] = {}
        for decoded in self._weighed:
            text = settle(decoded.text) if self._charset in _SETTLED else decoded.text
            best[text] = float(np.logaddexp(best.get(text, -np.inf), decoded.log_prob))
        ranked = sorted(best.items(), key=lambda entry: -entry[1])
        return tuple(Decoded(text, log_prob) for text, log_prob in ranked[:KEPT])

    def log_probabilities(self, texts: Sequence[str]) -> list[float]:
        """Log probabilities of any texts on this line."""
        return self._weigh([self._folded(text) for text in texts])

    def is_seen(self, text: str) -> bool:
        """Whether every character of a text has some evidence, in whichever network."""
        seen = set().union(*(lattice.symbols for lattice in self._lattices))
        return seen.issuperset(self._folded(text))

    def centres(self, text: str) -> tuple[float, ...]:
        """Centres of a text's characters in pixels, by the network that sees it best."""
        scale = STEP_PX * self._line_height_px / INPUT_HEIGHT_PX
        folded = self._folded(text)
        if folded not in self._seen_best_by:
            self._weigh([folded])
        steps = align(self._lattices[self._seen_best_by[folded]], folded)
        return tuple((step + 0.5) * scale for step in steps)

    def _weigh(self, texts: Sequence[str]) -> list[float]:
        found = np.array([log_probabilities(lattice, texts) for lattice in self._lattices])
        self._seen_best_by |= zip(texts, map(int, found.argmax(axis=0)), strict=True)
        weights = np.log(np.array(self._weights))[:, None]
        return [float(each) for each in np.logaddexp.reduce(found + weights, axis=0)]

    def _folded(self, text: str) -> str:
        """``text`` in the symbols of the alphabet, one for one."""
        return "".join(fold_character(c, self._charset)[0] or c for c in text)


__all__ = ["KEPT", "Evidence"]
