"""From the states of single boxes to the reading of a whole field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from ocr_service.domain.field import MAX_ALTERNATIVES, Candidate, Flag

_BEAM = 48
_MOST = 1 + MAX_ALTERNATIVES
_USUAL = 3.0
"""A choice has one clean mark far oftener than two or a struck-out one: such a reading must be this
many times as likely as the best with one clean mark."""

_CLEAR_ALONE = 0.95


class State(IntEnum):
    """What one box says; the order is that of the network's outputs."""

    BLANK = 0
    MARKED = 1
    STRUCK = 2


@dataclass(frozen=True, slots=True)
class BoxReading:
    """What was seen in one box.

    Attributes:
        key: the option's value.
        chances: of blank, marked and struck out; they add up to 1.
        faint: the mark, if any, is hardly darker than the paper.
        outside: the mark, if any, lies outside the printed box.
        readable: the window shows paper and print at all.
    """

    key: str
    chances: tuple[float, float, float]
    faint: bool = False
    outside: bool = False
    readable: bool = True

    @property
    def state(self) -> State:
        """The likeliest state."""
        return State(max(range(3), key=self.chances.__getitem__))


@dataclass(frozen=True, slots=True)
class FieldDecision:
    """Candidates of a whole field with the reasons for care."""

    candidates: tuple[Candidate, ...]
    flags: frozenset[Flag]


_Configuration = tuple[float, tuple[State, ...]]


def _likeliest(boxes: Sequence[BoxReading]) -> list[_Configuration]:
    """Configurations of all boxes, best first; the boxes are taken as independent."""
    beam: list[_Configuration] = [(1.0, ())]
    for box in boxes:
        grown = [(p * box.chances[s], (*states, s)) for p, states in beam for s in State]
        beam = sorted(grown, key=lambda c: -c[0])[:_BEAM]
    return beam


def _flags(boxes: Sequence[BoxReading], states: Sequence[State]) -> frozenset[Flag]:
    flags: set[Flag] = set()
    for box, state in zip(boxes, states, strict=True):
        if not box.readable:
            flags.add(Flag.UNREADABLE)
        if state is State.STRUCK:
            flags.add(Flag.CORRECTED)
        if state is not State.BLANK:
            flags |= {Flag.FAINT} if box.faint else set()
            flags |= {Flag.OUTSIDE} if box.outside else set()
    return frozenset(flags)


def _ranked(weights: dict[str, float], best: str) -> tuple[Candidate, ...]:
    others = sorted((t for t in weights if t != best), key=lambda t: -weights[t])
    texts = [best, *others[: _MOST - 1]]
    return tuple(Candidate(text, min(1.0, weights[text])) for text in texts)


def _shown(boxes: Sequence[BoxReading], states: tuple[State, ...]) -> str:
    """Every option with a mark, struck out or not, in template order."""
    return " ".join(b.key for b, s in zip(boxes, states, strict=True) if s is not State.BLANK)


def _suggested(
    boxes: Sequence[BoxReading], states: tuple[State, ...], weights: dict[str, float]
) -> dict[str, float]:
    """The weights with the clean option of a corrected choice foremost among the alternatives.

    It is what the person most likely meant. It changes places with the alternative that had more,
    so that the chances still add up to what they did.
    """
    clean = [b.key for b, s in zip(boxes, states, strict=True) if s is State.MARKED]
    if State.STRUCK not in states or len(clean) != 1:
        return weights
    best = _shown(boxes, states)
    first = max((t for t in weights if t != best), key=weights.__getitem__, default=clean[0])
    own = weights.get(clean[0], 0.0)
    others = {text: chance for text, chance in weights.items() if text != clean[0]}
    if first != clean[0]:
        others[first] = own
    # It stands first, so that of equal alternatives it stays the first.
    return {clean[0]: weights.get(first, own), **others}


def _usual(beam: Sequence[_Configuration]) -> tuple[State, ...]:
    """The likeliest configuration, or one with one clean mark that is nearly as likely.

    Nothing stays nothing: an answer that nobody gave is worse than one that is missed.
    """
    most, best = beam[0]
    if State.MARKED not in best and State.STRUCK not in best:
        return best
    for chance, states in beam:
        if chance * _USUAL < most:
            break
        if states.count(State.MARKED) == 1 and State.STRUCK not in states:
            return states
    return best


def decide_single(boxes: Sequence[BoxReading]) -> FieldDecision:
    """One option may be marked.

    Where two or a struck-out one is hardly likelier than one clean mark, the clean one is
    taken, for that is what people do. It carries ``REJECTED``: chances of clear marks say nothing
    of it, so a person looks.

    The text names every option with a mark, struck out or not: which of them counts is for a
    person to say; the clean one is then the first alternative. A lone struck-out option has the
    text of a lone clean one; the flag ``CORRECTED`` tells them apart, so where it is absent such
    configurations are no candidate.
    """
    beam = _likeliest(boxes)
    best = _usual(beam)
    flags = _flags(boxes, best)
    if best != beam[0][1]:
        flags |= {Flag.REJECTED}
    weights: dict[str, float] = {}
    for chance, states in beam:
        lone = states.count(State.BLANK) == len(states) - 1
        if lone and State.STRUCK in states and Flag.CORRECTED not in flags:
            continue
        text = _shown(boxes, states)
        weights[text] = weights.get(text, 0.0) + chance
    if best.count(State.MARKED) > 1:
        flags |= {Flag.BOTH_MARKED}
    weights = _suggested(boxes, best, weights)
    return FieldDecision(_ranked(weights, _shown(boxes, best)), flags)


def decide_multiple(boxes: Sequence[BoxReading]) -> FieldDecision:
    """Any number of options may be marked; one that is struck out does not count."""
    beam = _likeliest(boxes)
    weights: dict[str, float] = {}
    for chance, states in beam:
        text = " ".join(b.key for b, s in zip(boxes, states, strict=True) if s is State.MARKED)
        weights[text] = weights.get(text, 0.0) + chance
    best = max(weights, key=weights.__getitem__)
    return FieldDecision(_ranked(weights, best), _flags(boxes, [box.state for box in boxes]))


def decide_flag(box: BoxReading) -> FieldDecision:
    """One box that is marked ("1") or not ("0"); one that is struck out does not count.

    Of a question one box or another is marked; such a box alone mostly is not, and what looks
    like a mark without being a clear one is often a speck: it carries ``REJECTED``.
    """
    marked = box.chances[State.MARKED]
    texts = sorted((("1", marked), ("0", 1 - marked)), key=lambda c: -c[1])
    flags = _flags([box], [box.state])
    if box.state is State.MARKED and marked < _CLEAR_ALONE:
        flags |= {Flag.REJECTED}
    return FieldDecision(tuple(Candidate(t, p) for t, p in texts), flags)


__all__ = [
    "BoxReading",
    "FieldDecision",
    "State",
    "decide_flag",
    "decide_multiple",
    "decide_single",
]
