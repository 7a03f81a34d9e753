"""Reads one line: network, alphabet, decoder and context, with one or several networks."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from ocr_service.domain.arrays import Gray
from ocr_service.domain.field import MAX_ALTERNATIVES, Candidate
from ocr_service.forms.fields import Charset
from ocr_service.recognizers.text.charsets import fold_character
from ocr_service.recognizers.text.context import settle
from ocr_service.recognizers.text.ctc import (
    Decoded,
    Lattice,
    align,
    beam_search,
    fold,
    log_probabilities,
)
from ocr_service.recognizers.text.paddle import INPUT_HEIGHT_PX, STEP_PX, load_models
from ocr_service.recognizers.text.weights import PP_OCR_V6_SMALL, RecognitionModel

_BEAM = 16
_KEPT = 12
_CLEAR = math.log(0.9)
"""A first network that is so sure of a text needs no second."""

_SECOND = 0.2
"""Weight of the second network's word."""

_SETTLED = frozenset({Charset.JAPANESE, Charset.NAME})
"""Charsets whose look-alikes need their neighbours to be told apart."""


@dataclass(frozen=True, slots=True)
class LineHypotheses:
    """What a line may say.

    Attributes:
        decoded: best first, at least one; log probabilities before any normalising, so that
            ``exp`` of their sum tells how much of the reader's belief the charset let through.
        log_probabilities: log probabilities of any other texts on this line.
        is_seen: whether every character of a text has some evidence on this line.
        centres: centres of a text's characters, in pixels from the line's left edge.
    """

    decoded: tuple[Decoded, ...]
    log_probabilities: Callable[[Sequence[str]], list[float]]
    is_seen: Callable[[str], bool]
    centres: Callable[[str], tuple[float, ...]]


class LineDecoder(Protocol):
    """Reads a line and keeps its evidence open for priors and positions."""

    @property
    def name(self) -> str:
        """Name and version."""
        ...

    def decode(self, line: Gray, charset: Charset) -> LineHypotheses:
        """What ``line`` may say within ``charset``."""
        ...


class PaddleLineReader:
    """PaddleOCR line recognition under a charset: both a ``LineReader`` and a ``LineDecoder``.

    With two networks the second is asked only where the first is in doubt.
    """

    def __init__(
        self,
        cache: Path,
        *,
        threads: int = 1,
        models: Sequence[RecognitionModel] = (PP_OCR_V6_SMALL,),
    ) -> None:
        """Load the networks.

        Args:
            cache: a folder this process may write to.
            threads: processor cores a network may use at once.
            models: the network that reads, and perhaps one to ask where it is in doubt.

        Raises:
            ModelMissing: the weights are absent or not the recorded ones.
        """
        self._models = load_models(models, cache, threads=threads)

    def first(self) -> PaddleLineReader:
        """The same without its second network; nothing is loaded again."""
        alone = copy.copy(self)
        alone._models = self._models[:1]  # noqa: SLF001  its own kind
        return alone

    @property
    def name(self) -> str:
        """The networks' names joined by ``+``."""
        return "+".join(model.name for model in self._models)

    def read_line(self, line: Gray, charset: Charset) -> tuple[Candidate, ...]:
        """Candidates for one line, best first, at most six; see ``LineReader``."""
        decoded = self.decode(line, charset).decoded
        return tuple(
            Candidate(text.strip(), probability)
            for text, probability in normalised(decoded)[: 1 + MAX_ALTERNATIVES]
        )

    def decode(self, line: Gray, charset: Charset) -> LineHypotheses:
        """What ``line`` may say within ``charset``; see ``LineDecoder``."""
        evidence = _Evidence(charset, line.shape[0])
        for model in self._models:
            evidence.add(fold(model.probabilities(line), model.alphabet(charset)))
            if evidence.is_clear:
                break
        return LineHypotheses(
            evidence.decoded(), evidence.log_probabilities, evidence.is_seen, evidence.centres
        )


class _Evidence:
    """What one network, or two, say of a line; a text's chance is the mean of what they give it.

    A mean of chances, not of their logarithms: a character that one of them does not see at all
    must not rule a text out.
    """

    def __init__(self, charset: Charset, line_height_px: int) -> None:
        self._charset = charset
        self._line_height_px = line_height_px
        self._lattices: list[Lattice] = []
        self._beams: list[tuple[Decoded, ...]] = []

    def add(self, lattice: Lattice) -> None:
        self._lattices.append(lattice)
        self._beams.append(beam_search(lattice, width=_BEAM, top=_KEPT))

    @property
    def is_clear(self) -> bool:
        """Whether the first network has no doubt."""
        return self._beams[0][0].log_prob > _CLEAR

    def decoded(self) -> tuple[Decoded, ...]:
        """The best texts of every network, weighed by all of them, look-alikes settled."""
        weighed = self._beams[0]
        if len(self._beams) > 1:
            texts = list(dict.fromkeys(d.text for beam in self._beams for d in beam))
            weighed = tuple(map(Decoded, texts, self._weigh(texts)))
        best: dict[str, float] = {}
        for decoded in weighed:
            text = settle(decoded.text) if self._charset in _SETTLED else decoded.text
            best[text] = float(np.logaddexp(best.get(text, -np.inf), decoded.log_prob))
        ranked = sorted(best.items(), key=lambda entry: -entry[1])
        return tuple(Decoded(text, log_prob) for text, log_prob in ranked[:_KEPT])

    def log_probabilities(self, texts: Sequence[str]) -> list[float]:
        return self._weigh([self._folded(text) for text in texts])

    def is_seen(self, text: str) -> bool:
        seen = set().union(*(lattice.symbols for lattice in self._lattices))
        return seen.issuperset(self._folded(text))

    def centres(self, text: str) -> tuple[float, ...]:
        scale = STEP_PX * self._line_height_px / INPUT_HEIGHT_PX
        steps = align(self._lattices[0], self._folded(text))
        return tuple((step + 0.5) * scale for step in steps)

    def _weigh(self, texts: Sequence[str]) -> list[float]:
        found = [log_probabilities(lattice, texts) for lattice in self._lattices]
        if len(found) == 1:
            return found[0]
        first, second = np.array(found)
        mixed = np.logaddexp(math.log1p(-_SECOND) + first, math.log(_SECOND) + second)
        return [float(each) for each in mixed]

    def _folded(self, text: str) -> str:
        """``text`` in the symbols of the alphabet, one for one."""
        return "".join(fold_character(c, self._charset)[0] or c for c in text)


def normalised(
    decoded: Sequence[Decoded], *, belief: float | None = None
) -> list[tuple[str, float]]:
    """Texts with probabilities, best first.

    Among themselves the texts compete by their weights. Their sum is the square root of the
    reader's belief in anything the field allows: halfway between trusting the constraint fully
    (1.0) and not at all. Calibration makes probabilities of the result.

    Args:
        decoded: at least one, in any order.
        belief: probability the reader gave to allowed texts, 0 to 1; None to take it from
            ``decoded``.
    """
    logs = np.array([d.log_prob for d in decoded])
    total = float(np.logaddexp.reduce(logs))
    allowed = math.exp(min(0.0, total)) if belief is None else min(1.0, belief)
    shares = np.exp(logs - total) * math.sqrt(allowed)
    order = np.argsort(-shares, kind="stable")
    return [(decoded[i].text, float(shares[i])) for i in order]


__all__ = ["LineDecoder", "LineHypotheses", "PaddleLineReader", "normalised"]
