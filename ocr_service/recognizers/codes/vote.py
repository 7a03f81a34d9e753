"""One code told by several prints: which text is right, and how sure is that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ocr_service.domain.field import MAX_ALTERNATIVES, Candidate

QR_TRUST = 0.995
"""A QR corrects its own errors; what remains is a wrong print or the wrong code on the page."""
CODABAR_TRUST = 0.99
"""NW-7 has no check digit; only its length was tested."""
MOST = 0.9995
"""Two prints agree: as sure as a reading can claim to be."""

_CHECK_FAILS = 0.05
_UNLISTED = 0.1
_LEAST = 1e-6
_LINE_HAS_A_SAY = 0.5


@dataclass(frozen=True, slots=True)
class Sources:
    """What each print of one code says.

    Attributes:
        length: characters of the whole code.
        qr: the whole code, None where none was read.
        codabar: characters ``span`` of the code, None where none was read.
        span: (start, stop) of what the bars repeat.
        line: texts of the digit line, best first; empty where none was read.
    """

    length: int
    qr: str | None
    codabar: str | None
    span: tuple[int, int]
    line: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Vote:
    """The outcome.

    Attributes:
        candidates: best first, at most six; empty where no print gave a whole code.
        disagree: two prints contradict each other.
    """

    candidates: tuple[Candidate, ...]
    disagree: bool


def vote(sources: Sources, passes_check: Callable[[str], bool]) -> Vote:
    """Weigh every text that some print supports against "it is none of these".

    Each print tells the truth with its own trust, independently of the others. A text that
    breaks the check digit inside the code counts a twentieth.

    Args:
        sources: what was read.
        passes_check: whether a whole code keeps its inner check digits.
    """
    weights = {
        text: _support(text, sources) * (1.0 if passes_check(text) else _CHECK_FAILS)
        for text in _hypotheses(sources)
    }
    if not weights:
        return Vote((), disagree=False)
    total = sum(weights.values()) + _support(None, sources)
    ranked = sorted(weights, key=lambda text: -weights[text])[: 1 + MAX_ALTERNATIVES]
    candidates = tuple(Candidate(text, min(MOST, weights[text] / total)) for text in ranked)
    return Vote(candidates, disagree=_disagree(sources))


def _hypotheses(sources: Sources) -> list[str]:
    texts = [sources.qr] if sources.qr else []
    texts += [candidate.text for candidate in sources.line]
    if sources.codabar:
        start, stop = sources.span
        texts += [text[:start] + sources.codabar + text[stop:] for text in texts]
        if stop - start == sources.length:
            texts.append(sources.codabar)
    return list(dict.fromkeys(texts))


def _support(text: str | None, sources: Sources) -> float:
    """How well the prints fit if ``text`` is the code; None: if it is some other text."""
    support = 1.0
    if sources.qr:
        support *= QR_TRUST if text == sources.qr else 1.0 - QR_TRUST
    if sources.codabar:
        start, stop = sources.span
        same = text is not None and text[start:stop] == sources.codabar
        support *= CODABAR_TRUST if same else 1.0 - CODABAR_TRUST
    if sources.line:
        listed = {candidate.text: candidate.probability for candidate in sources.line}
        rest = max(_LEAST, 1.0 - sum(listed.values()))
        fallback = rest if text is None else rest * _UNLISTED
        support *= listed.get(text or "", fallback)
    return support


def _disagree(sources: Sources) -> bool:
    whole = [sources.qr] if sources.qr else []
    if sources.line and sources.line[0].probability >= _LINE_HAS_A_SAY:
        whole.append(sources.line[0].text)
    if len(set(whole)) > 1:
        return True
    start, stop = sources.span
    return sources.codabar is not None and any(t[start:stop] != sources.codabar for t in whole)


__all__ = ["CODABAR_TRUST", "MOST", "QR_TRUST", "Sources", "Vote", "vote"]
