"""From candidates of lines and segments to candidates of the field."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import Final

from ocr_service.domain.field import Candidate
from ocr_service.forms.fields import Format, Segment, TextField

DATE_JOINER: Final = "-"

_KEPT = 12
_UNLIKELY = 0.02
_YEAR_DIGITS = 4
_PHONE = re.compile(r"0(?![5789]0)\d{9}|0[5-9]0\d{8}")
"""Ten digits, or eleven of a mobile or internet telephone; 050, 070, 080 and 090 have eleven."""
_TOP_OF = MappingProxyType({1: 12, 2: 31})
"""Greatest number in the second and third segment of a date: months, days."""


def joined_lines(lines: Sequence[Sequence[Candidate]]) -> tuple[Candidate, ...]:
    """Candidates of a segment from those of its lines, top to bottom; nothing stands between."""
    return _combined([list(line) for line in lines], "")


def plausible_segment(
    form: Format, segment: Segment, candidates: Sequence[Candidate]
) -> tuple[Candidate, ...]:
    """Candidates of a part of a date, those that no such part can be made unlikely."""
    if form is not Format.DATE or segment.digits is None:
        return tuple(candidates)
    digits = segment.digits
    return _favouring(candidates, lambda text: _fits_digits(text, digits))


def _fits_digits(text: str, digits: int) -> bool:
    """Years are written in full or as one or two digits, never as three."""
    if digits == _YEAR_DIGITS and len(text) > 2:  # noqa: PLR2004  short years
        return len(text) == digits and text[:2] in ("19", "20")
    return len(text) <= digits


def _favouring(
    candidates: Sequence[Candidate], is_likely: Callable[[str], bool]
) -> tuple[Candidate, ...]:
    """Candidates weighed by whether they are likely, their sum kept."""
    weights = [c.probability * (1.0 if is_likely(c.text) else _UNLIKELY) for c in candidates]
    scale = sum(c.probability for c in candidates) / max(sum(weights), 1e-12)
    weighed = [
        Candidate(c.text, min(1.0, weight * scale))
        for c, weight in zip(candidates, weights, strict=True)
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
    if spec.format is Format.PHONE:
        return _favouring(_combined(prefixed, ""), _is_phone)
    return _combined(prefixed, spec.joiner)


def _is_phone(text: str) -> bool:
    """Ten digits, or eleven of a mobile or internet telephone; nothing written is fine too."""
    return text == "" or _PHONE.fullmatch(text) is not None


def _dated(position: int, candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """A part of a date with numbers no calendar has made unlikely."""
    top = _TOP_OF.get(position)
    if top is None:
        return tuple(candidates)
    return _favouring(candidates, lambda text: _is_within(text, top))


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
