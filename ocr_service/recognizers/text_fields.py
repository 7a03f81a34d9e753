"""From candidates of lines and segments to candidates of the field."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import Final

from ocr_service.domain.field import Candidate
from ocr_service.forms.fields import Format, Segment, TextField

DATE_JOINER: Final = "-"

_KEPT = 12
_UNLIKELY = 0.02
_TOP_OF = MappingProxyType({1: 12, 2: 31})
"""Greatest number in the second and third segment of a date: months, days."""


def joined_lines(lines: Sequence[Sequence[Candidate]]) -> tuple[Candidate, ...]:
    """Candidates of a segment from those of its lines, top to bottom; nothing stands between."""
    return _combined([list(line) for line in lines], "")


def plausible_segment(
    form: Format, segment: Segment, candidates: Sequence[Candidate]
) -> tuple[Candidate, ...]:
    """Candidates with those made unlikely that are longer than the segment holds."""
    if form is not Format.DATE or segment.digits is None:
        return tuple(candidates)
    weighed = [
        Candidate(c.text, c.probability * (1.0 if len(c.text) <= segment.digits else _UNLIKELY))
        for c in candidates
    ]
    return tuple(sorted(weighed, key=lambda c: -c.probability))


def joined_segments(
    spec: TextField, segments: Sequence[Sequence[Candidate]]
) -> tuple[Candidate, ...]:
    """Candidates of a field from those of its segments, best first, at least one.

    Dates are joined by hyphens, whatever is missing, so that each part keeps its place; phone
    numbers by nothing; everything else as the template says, leaving empty segments out.
    """
    if spec.format is Format.DATE:
        parts = [_dated(position, part) for position, part in enumerate(segments)]
        joined = _combined(parts, DATE_JOINER, keep_empty=True)
        return tuple(
            Candidate("" if c.text.strip(DATE_JOINER) == "" else c.text, c.probability)
            for c in joined
        )
    prefixed = [
        [Candidate(segment.prefix + c.text if c.text else "", c.probability) for c in candidates]
        for segment, candidates in zip(spec.segments, segments, strict=False)
    ]
    return _combined(prefixed, "" if spec.format is Format.PHONE else spec.joiner)


def _dated(position: int, candidates: Sequence[Candidate]) -> list[Candidate]:
    """A part of a date with numbers no calendar has made unlikely."""
    top = _TOP_OF.get(position)
    if top is None:
        return list(candidates)
    return [
        Candidate(c.text, c.probability * (1.0 if _is_within(c.text, top) else _UNLIKELY))
        for c in candidates
    ]


def _is_within(text: str, top: int) -> bool:
    return text == "" or (text.isascii() and text.isdigit() and 1 <= int(text) <= top)


def _combined(
    parts: Sequence[Sequence[Candidate]], joiner: str, *, keep_empty: bool = False
) -> tuple[Candidate, ...]:
    """The most probable ways to take one candidate of each part."""
    ways: list[tuple[tuple[str, ...], float]] = [((), 1.0)]
    for part in parts:
        grown = [
            ((*texts, candidate.text), probability * candidate.probability)
            for texts, probability in ways
            for candidate in part
        ]
        ways = sorted(grown, key=lambda way: -way[1])[:_KEPT]
    summed: dict[str, float] = {}
    for texts, probability in ways:
        text = joiner.join(t for t in texts if t or keep_empty)
        summed[text] = summed.get(text, 0.0) + probability
    ranked = sorted(summed.items(), key=lambda entry: -entry[1])
    return tuple(Candidate(text, min(1.0, probability)) for text, probability in ranked)


__all__ = ["DATE_JOINER", "joined_lines", "joined_segments", "plausible_segment"]
