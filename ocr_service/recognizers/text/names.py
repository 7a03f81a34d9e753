"""Where a written name parts into family and given name."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ocr_service.domain.arrays import Mask
from ocr_service.recognizers.text.context import settle_word
from ocr_service.recognizers.text.ctc import Decoded

NAME_SPACE: Final = "\u3000"

_FAMILY_KANJI: Final = MappingProxyType({1: 0.06, 2: 0.86, 3: 0.07, 4: 0.008, 5: 0.002})
_GIVEN_KANJI: Final = MappingProxyType({1: 0.2, 2: 0.68, 3: 0.11, 4: 0.008, 5: 0.002})
_FAMILY_KANA: Final = MappingProxyType({2: 0.1, 3: 0.36, 4: 0.44, 5: 0.08, 6: 0.015, 7: 0.005})
_GIVEN_KANA: Final = MappingProxyType({2: 0.22, 3: 0.52, 4: 0.17, 5: 0.06, 6: 0.025, 7: 0.005})
_OTHER_LENGTH: Final = 0.001

_GAP_WEIGHT = 12.0
"""Log odds for each character width by which a gap is wider than another."""

_SEEN_SPACE = 2.0
"""Log odds where the reader itself saw a space."""


def part_name(
    decoded: Decoded, centres: Sequence[float], ink: Mask, *, kana: bool
) -> tuple[Decoded, ...]:
    """The ways a name parts into family and given name, each with its share of the probability.

    Args:
        decoded: the name as read, perhaps with spaces.
        centres: the x of every character of its text, spaces included, in pixels of ``ink``.
        ink: ink of the line.
        kana: the name's reading, not the name itself; readings are longer.

    Returns:
        Texts with one U+3000; the text alone where it is a single character.
    """
    letters = [(c, x) for c, x in zip(decoded.text, centres, strict=True) if not c.isspace()]
    text = "".join(c for c, _ in letters)
    if len(text) < 2:  # noqa: PLR2004  nothing to part
        return (Decoded(text, decoded.log_prob),)
    gaps = _gaps([x for _, x in letters], ink)
    seen = _spaces_seen(decoded.text)
    family, given = (_FAMILY_KANA, _GIVEN_KANA) if kana else (_FAMILY_KANJI, _GIVEN_KANJI)
    logits = [
        _GAP_WEIGHT * gaps[cut - 1]
        + float(np.log(family.get(cut, _OTHER_LENGTH) * given.get(len(text) - cut, _OTHER_LENGTH)))
        + (_SEEN_SPACE if cut in seen else 0.0)
        for cut in range(1, len(text))
    ]
    total = float(np.logaddexp.reduce(logits))
    ways = [
        Decoded(
            settle_word(text[:cut]) + NAME_SPACE + settle_word(text[cut:]),
            decoded.log_prob + logits[cut - 1] - total,
        )
        for cut in range(1, len(text))
    ]
    return tuple(sorted(ways, key=lambda way: -way.log_prob)[:3])


def _gaps(centres: Sequence[float], ink: Mask) -> list[float]:
    """Widest stretch without ink between neighbours' centres, in character widths."""
    empty: NDArray[np.bool_] = np.asarray(~ink.any(axis=0))
    pitch = max(1.0, float(np.median(np.diff(centres))))
    return [
        _longest_run(empty[round(left) : max(round(left) + 1, round(right))]) / pitch
        for left, right in pairwise(centres)
    ]


def _longest_run(flags: NDArray[np.bool_]) -> int:
    longest = run = 0
    for flag in flags:
        run = run + 1 if flag else 0
        longest = max(longest, run)
    return longest


def _spaces_seen(text: str) -> set[int]:
    """After how many letters the reader saw a space."""
    seen, letters = set(), 0
    for character in text:
        if character.isspace():
            seen.add(letters)
        else:
            letters += 1
    return seen


__all__ = ["NAME_SPACE", "part_name"]
