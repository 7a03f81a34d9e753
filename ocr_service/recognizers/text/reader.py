"""Reads text fields: lines of handwriting or print, in one or several stretches of paper."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Protocol

import numpy as np
from rapidfuzz.distance import Levenshtein

from ocr_service.domain.field import MAX_ALTERNATIVES, Candidate, FieldReading, Flag
from ocr_service.forms.fields import Format, Segment, TextField
from ocr_service.recognizers.base import FieldCrop
from ocr_service.recognizers.text.ctc import Decoded
from ocr_service.recognizers.text.fields import (
    joined_lines,
    joined_segments,
    plausible_segment,
)
from ocr_service.recognizers.text.ink import SegmentInk, WrittenLine, segment_ink
from ocr_service.recognizers.text.kana import kana_log_prior, words_log_prior
from ocr_service.recognizers.text.line import (
    LineDecoder,
    LineHypotheses,
    PaddleLineReader,
    normalised,
)
from ocr_service.recognizers.text.lookalikes import VARIANTS
from ocr_service.recognizers.text.names import part_name

VERSION: Final = "4"

_NAMES: Final = frozenset({Format.NAME, Format.KANA})
_SPACELESS: Final = frozenset({Format.ADDRESS, Format.PHONE, Format.DATE, Format.DIGITS})
_PUNCTUATION: Final = dict.fromkeys(map(ord, "、。.,:;'・~%&+"))
"""Never part of an address or a number; a speck, or the end of a stroke, where it is read."""

_SURE_BLANK = 0.999
_DOUBTFUL_BLANK = 0.8
_SOME_INK_MM2 = 0.15
"""A blank segment with more than this little ink is not surely blank."""

_FOREIGN_INK_MM2 = 1.5
_MISREAD = -3.5
"""Natural logarithm of the chance that a character of an address is misread, lost or added."""

_MOST_MISREAD = 2
_LIKELIEST = 3
"""So many of the likeliest texts are asked whether they are a known address misread."""

_VARIANT_SHARE = 0.02


class Lexicon(Protocol):
    """What is known about the values of a field: a prior, never a rule."""

    def log_prior(self, text: str, *, before: str) -> float:
        """Natural logarithm of how much more, or less, likely ``text`` is than its shape says.

        Args:
            text: one line.
            before: the field's text above it.
        """
        ...

    def suggest(self, texts: Sequence[str], *, before: str) -> Sequence[str]:
        """Known texts near those read, to be weighed against them on the paper's evidence.

        Args:
            texts: one line as read, most probable first, without spaces.
            before: the field's text above it.
        """
        ...


@dataclass(frozen=True, slots=True)
class LineReading:
    """What one line, or one stretch of several, says.

    Attributes:
        candidates: best first, at least one.
        is_struck: something is struck out there; the candidates are of what is left.
    """

    candidates: tuple[Candidate, ...]
    is_struck: bool = False

    @property
    def best(self) -> str:
        """The likeliest text."""
        return self.candidates[0].text


class TextReader:
    """Recognizer of kind ``text``."""

    def __init__(
        self, lines: LineDecoder, *, lexicons: Mapping[str, Lexicon] = MappingProxyType({})
    ) -> None:
        """Keep the line reader; nothing is loaded here.

        Args:
            lines: reads single lines.
            lexicons: by the name a field's ``lexicon`` gives, or else by its format's.
        """
        self._lines = lines
        self._lexicons = dict(lexicons)

    @property
    def name(self) -> str:
        """The line reader's name."""
        return f"text-{VERSION}/{self._lines.name}"

    def read(self, crop: FieldCrop) -> FieldReading:
        """Read one field; a crop of another kind gives an empty reading of no probability."""
        spec = crop.spec
        if not isinstance(spec, TextField):
            return FieldReading(spec.key, (Candidate("", 0.0),), self.name)
        inks = [segment_ink(part, lines=spec.lines) for part in crop.parts]
        readings: list[LineReading] = []
        before = ""
        for segment, ink in zip(spec.segments, inks, strict=False):
            readings.append(self._read_segment(spec, segment, ink, before))
            before += readings[-1].best
        candidates = joined_segments(spec, [reading.candidates for reading in readings])
        candidates = candidates[: 1 + MAX_ALTERNATIVES]
        flags = _flags(inks, candidates)
        if any(reading.is_struck for reading in readings):
            flags |= {Flag.CORRECTED}
        return FieldReading(spec.key, tuple(candidates), self.name, flags)

    def _read_segment(
        self, spec: TextField, segment: Segment, ink: SegmentInk, before: str
    ) -> LineReading:
        """Candidates of one segment, best first."""
        if not ink.lines:
            is_clean = ink.ink_mm2 + ink.left_over_mm2 <= _SOME_INK_MM2
            return LineReading((Candidate("", _SURE_BLANK if is_clean else _DOUBTFUL_BLANK),))
        lines: list[LineReading] = []
        for line in ink.lines:
            lines.append(self.read_line(spec, line, before=before))
            before += lines[-1].best
        joined = joined_lines([line.candidates for line in lines])
        candidates = plausible_segment(spec.format, segment, joined)
        return LineReading(candidates, any(line.is_struck for line in lines))

    def read_line(self, spec: TextField, line: WrittenLine, *, before: str = "") -> LineReading:
        """Candidates of one line as the field wants them, best first, at least one.

        Args:
            spec: says what may stand there.
            line: the line alone.
            before: the field's text above it.
        """
        hypotheses = self._lines.decode(line.gray, spec.charset)
        belief = math.exp(
            min(0.0, float(np.logaddexp.reduce([d.log_prob for d in hypotheses.decoded])))
        )
        weighed = _Weighing(spec, line, hypotheses, self._lexicon(spec), before).all()
        candidates = tuple(
            Candidate(text, probability) for text, probability in normalised(weighed, belief=belief)
        )
        return LineReading(candidates, hypotheses.is_struck)

    def _lexicon(self, spec: TextField) -> Lexicon | None:
        return self._lexicons.get(spec.lexicon or spec.format.value)


@dataclass(frozen=True, slots=True)
class _Weighing:
    """Turns a line's hypotheses into texts as the field wants them, weighed by what is known."""

    spec: TextField
    line: WrittenLine
    hypotheses: LineHypotheses
    lexicon: Lexicon | None
    before: str

    def all(self) -> list[Decoded]:
        """At least one text; equal ones added up."""
        found = list(self.hypotheses.decoded)
        found += self._suggested(found)
        weights: dict[str, float] = {}
        for decoded in found:
            for shaped in self._shaped(decoded):
                weight = shaped.log_prob + self._log_prior(shaped.text)
                before = weights.get(shaped.text, -math.inf)
                weights[shaped.text] = float(np.logaddexp(before, weight))
        return [Decoded(text, weight) for text, weight in weights.items()]

    def _suggested(self, found: Sequence[Decoded]) -> list[Decoded]:
        if self.lexicon is None:
            return []
        known = list(dict.fromkeys(_closed(decoded.text) for decoded in found))
        suggested = dict.fromkeys(self.lexicon.suggest(known, before=self.before))
        fresh = [t for t in suggested if t not in known]
        seen = [t for t in fresh if self.hypotheses.is_seen(t)]
        weighed = dict(zip(seen, self.hypotheses.log_probabilities(seen), strict=True))
        if self.spec.format is Format.ADDRESS:
            for text in fresh:
                weighed[text] = max(weighed.get(text, -math.inf), _misread(text, found))
        return [Decoded(text, weight) for text, weight in weighed.items() if weight > -math.inf]

    def _shaped(self, decoded: Decoded) -> tuple[Decoded, ...]:
        if self.spec.format in _NAMES:
            centres = self.hypotheses.centres(decoded.text)
            is_kana = self.spec.format is Format.KANA
            return part_name(decoded, centres, self.line.ink, kana=is_kana)
        text = decoded.text.strip()
        if self.spec.format in _SPACELESS:
            text = _closed(text.translate(_PUNCTUATION))
        return (Decoded(text, decoded.log_prob),)

    def _log_prior(self, text: str) -> float:
        natural = kana_log_prior if self.spec.format is Format.KANA else words_log_prior
        prior = natural(text)
        return prior + (self.lexicon.log_prior(text, before=self.before) if self.lexicon else 0.0)


def _misread(truth: str, found: Sequence[Decoded]) -> float:
    """Log probability that ``truth`` was read as one of the texts, a character or two misread.

    A network that misreads a character rules the right one out, and with it every text that has
    it; that it misreads one now and then is known all the same.
    """
    weights = [
        decoded.log_prob + _MISREAD * edits
        for decoded in found[:_LIKELIEST]
        if (edits := Levenshtein.distance(truth, _closed(decoded.text))) <= _MOST_MISREAD
    ]
    return max(weights, default=-math.inf)


def _closed(text: str) -> str:
    return "".join(text.split())


def _flags(inks: Sequence[SegmentInk], candidates: Sequence[Candidate]) -> frozenset[Flag]:
    flags = set()
    if any(ink.lines for ink in inks) and not candidates[0].text:
        flags.add(Flag.REJECTED)
    if sum(ink.left_over_mm2 for ink in inks) > _FOREIGN_INK_MM2:
        flags.add(Flag.OUTSIDE)
    if is_variant_open(candidates):
        flags.add(Flag.VARIANT_KANJI)
    return frozenset(flags)


def is_variant_open(candidates: Sequence[Candidate]) -> bool:
    """Whether another candidate differs from the best in nothing but the shape of a kanji."""
    plain = candidates[0].text.translate(VARIANTS)
    return any(
        other.text.translate(VARIANTS) == plain
        for other in candidates[1:]
        if other.probability > _VARIANT_SHARE
    )


__all__ = ["Lexicon", "LineDecoder", "PaddleLineReader", "TextReader", "is_variant_open"]
