"""The municipality that sent the voucher is mostly the one a person lives in."""

from __future__ import annotations

import math
import re
from typing import Final

from rapidfuzz.distance import Levenshtein

from ocr_service.domain.field import FieldValue, Value
from ocr_service.masters.municipalities import Municipality
from ocr_service.pipeline.corroborate_joint import chances, missing, reranked

_MOVED: Final = 0.03
"""Share of people who live elsewhere than where their voucher is from."""

_ELSEWHERE: Final = 1 / 1700
"""Chance of one other municipality for those."""

_EDIT: Final = -3.5
"""Natural logarithm of the chance that a character of an address is misread."""

_EDITS_OF: Final = 3
"""One character in so many may be misread for a place to be known still; two in any case."""

_DISTRICT: Final = re.compile(r"^.+?郡(?=.+[町村]$)")


def corroborate_address(address: FieldValue, home: Municipality, code_chance: float) -> FieldValue:
    """The address re-ranked by whether it lies in the municipality of the voucher.

    An address that names it but for a character or two is offered put right.

    Args:
        address: one string, no spaces.
        home: the municipality of the voucher's code.
        code_chance: chance that the code is right, 0 to 1.
    """
    read = {v: p for v, p in chances(address).items() if isinstance(v, str) and v}
    if not isinstance(address.value, str) or not read:
        return address
    lives_there = (1.0 - _MOVED) * code_chance
    elsewhere = max(1.0 - lives_there, _MOVED) * _ELSEWHERE
    doubt = 1.0 - max(read.values())
    offered = dict(read)
    for text, chance in read.items():
        edits, mended = _put_right(text, home)
        if mended not in read and edits > 0 and mended != text:
            mended_chance = chance * doubt * math.exp(_EDIT * edits)
            offered[mended] = max(offered.get(mended, 0.0), mended_chance)
    weights: dict[Value, float] = {
        text: chance * (lives_there if _put_right(text, home)[0] == 0 else elsewhere)
        for text, chance in offered.items()
    }
    # What no candidate says is as likely as before to lie anywhere.
    total = math.fsum(weights.values()) + missing(read) * math.sqrt(lives_there * elsewhere)
    if total <= 0.0:
        return address
    return reranked(address, {text: weight / total for text, weight in weights.items()})


def _put_right(text: str, home: Municipality) -> tuple[int, str]:
    """How many edits away ``text`` begins with the municipality, and the text with it put right."""
    best = (len(text), text)
    for head in _heads(home):
        most = max(2, len(head) // _EDITS_OF)
        for length in range(len(head) - 1, len(head) + 2):
            start = text[:length]
            edits = Levenshtein.distance(start, head, score_cutoff=most)
            if edits <= most and edits < best[0]:
                best = (edits, head + text[length:])
    return best


def _heads(home: Municipality) -> tuple[str, ...]:
    """How addresses there begin: with the prefecture or without, with the district or without."""
    short = _DISTRICT.sub("", home.city)
    heads = (home.prefecture + home.city, home.prefecture + short, home.city, short)
    return tuple(dict.fromkeys(heads))


__all__ = ["corroborate_address"]
