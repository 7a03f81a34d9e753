"""How often a field is keyed by people who do not see one another, and when it is settled.

Two people key it; where they differ a third does; two alike settle it; three different ones go to
an approver. Fields that three people key are settled by the third, and then by the majority.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from ocr_service.domain.errors import IllegalTransition
from ocr_service.domain.field import Value

ORDINARY = 1
"""People who key a field that is not keyed twice: whoever reviews it, if anybody has to."""

MOST = 3
"""More than three people never key a field; then an approver decides."""


class EntryState(StrEnum):
    """Where the keying of one field stands."""

    EMPTY = "empty"  # nobody has keyed it
    ONE = "one"  # one person has
    PAIR = "pair"  # two have, alike; a third is asked for
    SPLIT = "split"  # two have, differently
    DEADLOCKED = "deadlocked"  # three have, all differently: an approver decides
    SETTLED = "settled"


class EntryEvent(StrEnum):
    """What somebody keyed, seen against what was keyed before."""

    FIRST = "first"  # nothing was
    SAME = "same"  # the same as somebody
    OTHER = "other"  # something else than everybody
    DECIDED = "decided"  # an approver said so with all before his eyes


@dataclass(frozen=True, slots=True)
class Keyed:
    """What one person keyed.

    Attributes:
        value: the field's canonical value; None = nothing is written there.
        illegible: something is written and this person cannot read it; ``value`` is None then.
    """

    value: Value
    illegible: bool = False

    def agrees(self, other: Keyed) -> bool:
        """Whether both are the same value, letter by letter: 髙 is not 高.

        Who cannot read a field agrees with nobody, not even with others who cannot.
        """
        return not (self.illegible or other.illegible) and self.value == other.value


_S, _E = EntryState, EntryEvent

_ALWAYS = {
    (_S.EMPTY, _E.FIRST): _S.ONE,
    (_S.ONE, _E.OTHER): _S.SPLIT,
    (_S.SPLIT, _E.SAME): _S.SETTLED,
    (_S.SPLIT, _E.OTHER): _S.DEADLOCKED,
    (_S.DEADLOCKED, _E.DECIDED): _S.SETTLED,
}

TRANSITIONS: MappingProxyType[int, MappingProxyType[tuple[EntryState, EntryEvent], EntryState]] = (
    MappingProxyType(
        {
            2: MappingProxyType({**_ALWAYS, (_S.ONE, _E.SAME): _S.SETTLED}),
            3: MappingProxyType(
                {
                    **_ALWAYS,
                    (_S.ONE, _E.SAME): _S.PAIR,
                    (_S.PAIR, _E.SAME): _S.SETTLED,
                    (_S.PAIR, _E.OTHER): _S.SETTLED,
                }
            ),
        }
    )
)
"""The only ways between states, by the number of people who key the field."""

WAITING = frozenset({_S.EMPTY, _S.ONE, _S.PAIR, _S.SPLIT})
"""States in which another person is to key the field."""


def event_of(earlier: Sequence[Keyed], new: Keyed) -> EntryEvent:
    """What ``new`` is against what was keyed before."""
    if not earlier:
        return EntryEvent.FIRST
    return EntryEvent.SAME if any(new.agrees(one) for one in earlier) else EntryEvent.OTHER


def step(people: int, state: EntryState, event: EntryEvent) -> EntryState:
    """The state that follows.

    Args:
        people: how many key the field, 2 or 3.
        state: where it stands.
        event: what somebody keyed.

    Raises:
        IllegalTransition: the table has no such way.
    """
    following = TRANSITIONS[people].get((state, event))
    if following is None:
        raise IllegalTransition(f"a field whose keying is {state} takes no entry that is {event}")
    return following


def agreed(entries: Sequence[Keyed]) -> Keyed | None:
    """What two people keyed alike, None where no two did."""
    for place, one in enumerate(entries):
        if any(one.agrees(other) for other in entries[place + 1 :]):
            return one
    return None


__all__ = [
    "MOST",
    "ORDINARY",
    "TRANSITIONS",
    "WAITING",
    "EntryEvent",
    "EntryState",
    "Keyed",
    "agreed",
    "event_of",
    "step",
]
