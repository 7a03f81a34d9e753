"""Shapes of one kanji that a reader cannot tell apart: the family register decides, not the eye."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from types import MappingProxyType
from typing import Final

from ocr_service.domain.field import MAX_ALTERNATIVES, Alternative, FieldValue, Flag
from ocr_service.masters.kanji_variants import DISTINCT, INDISTINCT, plain_kanji

_SHARE: Final = MappingProxyType({"indistinct": 0.12, "distinct": 0.01})
"""Of readings of one shape, the share that is another."""

_PLACES: Final = 3
"""Kanji of a name whose shapes are put together to other names."""


def corroborate_variants(name: FieldValue, *, settled_by: str | None = None) -> FieldValue:
    """A name with the other shapes of its kanji as alternatives.

    Args:
        name: a value of format name.
        settled_by: the name as another source has it (a register, a list of those invited). If it
            differs in nothing but shapes, it decides.

    Returns:
        The name with ``Flag.VARIANT_KANJI`` where nothing decides between shapes that a reader
        takes for each other.
    """
    if not isinstance(name.value, str) or not name.value:
        return name
    if settled_by is not None and plain(settled_by) == plain(name.value):
        return replace(name, value=settled_by, flags=name.flags - {Flag.VARIANT_KANJI})
    others = _others(name.value)
    is_open = any(c in INDISTINCT for c in name.value)
    if not others:
        return name
    offered = {a.value: a.probability for a in name.alternatives}
    for text, share in others.items():
        offered[text] = max(offered.get(text, 0.0), name.probability * share)
    given_up = sum(share for text, share in others.items()) if is_open else 0.0
    ranked = sorted(offered.items(), key=lambda entry: -entry[1])[:MAX_ALTERNATIVES]
    return replace(
        name,
        probability=name.probability * max(0.5, 1.0 - given_up),
        alternatives=tuple(Alternative(value, p) for value, p in ranked),
        flags=name.flags | {Flag.VARIANT_KANJI} if is_open else name.flags,
    )


def plain(text: str) -> str:
    """``text`` with one shape of every kanji: equal for names that differ in nothing else."""
    return plain_kanji(text)


def _others(text: str) -> dict[str, float]:
    """Texts with another shape in one or more places, and their share of the chance."""
    open_places = [i for i, c in enumerate(text) if c in INDISTINCT or c in DISTINCT][:_PLACES]
    choices = [_shapes(c) if i in open_places else {c: 1.0} for i, c in enumerate(text)]
    found: dict[str, float] = {}
    for way in product(*(choice.items() for choice in choices)):
        share = 1.0
        for _, part in way:
            share *= part
        found["".join(c for c, _ in way)] = share
    del found[text]
    return dict(sorted(found.items(), key=lambda entry: -entry[1])[:MAX_ALTERNATIVES])


def _shapes(kanji: str) -> dict[str, float]:
    doubtful, clear = INDISTINCT.get(kanji, ""), DISTINCT.get(kanji, "")
    share = _SHARE["indistinct"] / max(1, len(doubtful))
    return {kanji: 1.0} | dict.fromkeys(clear, _SHARE["distinct"]) | dict.fromkeys(doubtful, share)


__all__ = ["corroborate_variants", "plain"]
