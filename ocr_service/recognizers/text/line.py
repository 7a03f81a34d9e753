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
from ocr_service.recognizers.text.ctc import Decoded, fold
from ocr_service.recognizers.text.evidence import Evidence
from ocr_service.recognizers.text.own import CHARSETS as OWN_CHARSETS
from ocr_service.recognizers.text.own import OwnNetwork
from ocr_service.recognizers.text.paddle import load_models
from ocr_service.recognizers.text.weights import PP_OCR_V6_SMALL, RecognitionModel

_SECOND = 0.2
"""Weight of the second base network's word beside all that were asked before it."""

_OWN = 0.5
"""Weight of our own network beside the first: it knows hands, the other more of the world."""

_STRUCK = 0.5
_OWN_OF_STRUCK = 0.95
"""From this chance on a run of characters counts as struck out; what the line says then is our own
network's word nearly alone, as the others take the struck shapes for characters."""


@dataclass(frozen=True, slots=True)
class LineHypotheses:
    """What a line may say.

    Attributes:
        decoded: best first, at least one; log probabilities before any normalising, so that
            ``exp`` of their sum tells how much of the reader's belief the charset let through.
        log_probabilities: log probabilities of any other texts on this line.
        is_seen: whether every character of a text has some evidence on this line.
        centres: centres of a text's characters, in pixels from the line's left edge.
        is_struck: something is struck out on the line; the texts are of what is left.
    """

    decoded: tuple[Decoded, ...]
    log_probabilities: Callable[[Sequence[str]], list[float]]
    is_seen: Callable[[str], bool]
    centres: Callable[[str], tuple[float, ...]]
    is_struck: bool = False


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

    A second network is asked only where those before it are in doubt. Our own one shares the
    first one's layers and always has its say, on the charsets it was trained for.
    """

    def __init__(
        self,
        cache: Path,
        *,
        threads: int = 1,
        models: Sequence[RecognitionModel] = (PP_OCR_V6_SMALL,),
        own: bool = False,
    ) -> None:
        """Load the networks.

        Args:
            cache: a folder this process may write to.
            threads: processor cores a network may use at once.
            models: the network that reads, and perhaps one to ask where it is in doubt.
            own: whether our own network has its say; the first of ``models`` must give features.

        Raises:
            ModelMissing: the weights are absent or not the recorded ones.
        """
        self._models = load_models(models, cache, threads=threads)
        self._own = OwnNetwork(threads=threads) if own else None

    def first(self) -> PaddleLineReader:
        """The same with the first network alone; nothing is loaded again."""
        alone = copy.copy(self)
        alone._models = self._models[:1]  # noqa: SLF001  its own kind
        alone._own = None  # noqa: SLF001  as above
        return alone

    @property
    def name(self) -> str:
        """The networks' names joined by ``+``, in the order they are asked."""
        first, *others = (model.name for model in self._models)
        return "+".join((first, *([self._own.name] if self._own else []), *others))

    def read_line(self, line: Gray, charset: Charset) -> tuple[Candidate, ...]:
        """Candidates for one line, best first, at most six; see ``LineReader``."""
        decoded = self.decode(line, charset).decoded
        return tuple(
            Candidate(text.strip(), probability)
            for text, probability in normalised(decoded)[: 1 + MAX_ALTERNATIVES]
        )

    def decode(self, line: Gray, charset: Charset) -> LineHypotheses:
        """What ``line`` may say within ``charset``; see ``LineDecoder``."""
        evidence = Evidence(charset, line.shape[0])
        first, *others = self._models
        chances, features = first.outputs(line)
        evidence.add(fold(chances, first.alphabet(charset)))
        is_struck = False
        if self._own is not None and features is not None and charset in OWN_CHARSETS:
            own = self._own.read(features)
            is_struck = own.struck >= _STRUCK
            own_weight = _OWN_OF_STRUCK if is_struck else _OWN
            evidence.add(fold(own.chances, self._own.alphabet(charset)), weight=own_weight)
        for model in others:
            if is_struck or evidence.is_clear:
                break
            evidence.add(fold(model.probabilities(line), model.alphabet(charset)), weight=_SECOND)
        return LineHypotheses(
            evidence.decoded(),
            evidence.log_probabilities,
            evidence.is_seen,
            evidence.centres,
            is_struck,
        )


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
