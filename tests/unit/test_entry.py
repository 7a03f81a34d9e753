"""The keying of one field by several people: every way to its end, and none beside them."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from pydantic import ValidationError

from ocr_service.domain.entry import (
    TRANSITIONS,
    WAITING,
    EntryEvent,
    EntryState,
    Keyed,
    agreed,
    event_of,
    step,
)
from ocr_service.domain.errors import IllegalTransition
from ocr_service.forms.library import load_library, shipped_folder
from ocr_service.forms.lint import lint

VALUES = st.sampled_from(["髙橋", "高橋", "1950-04-01", None, True, ("age65",)])
KEYED = st.one_of(st.builds(Keyed, VALUES), st.just(Keyed(None, illegible=True)))


class Keying(RuleBasedStateMachine):
    """People key one field until it is settled; a plain count of votes says what must come out."""

    def __init__(self) -> None:
        super().__init__()
        self.people = 2
        self.state = EntryState.EMPTY
        self.keyed: list[Keyed] = []
        self.decision: Keyed | None = None

    @initialize(people=st.sampled_from([2, 3]))
    def start(self, people: int) -> None:
        self.people = people

    @precondition(lambda self: self.state in WAITING)
    @rule(keyed=KEYED)
    def key(self, keyed: Keyed) -> None:
        self.state = step(self.people, self.state, event_of(self.keyed, keyed))
        self.keyed.append(keyed)

    @precondition(lambda self: self.state is EntryState.DEADLOCKED)
    @rule(keyed=KEYED)
    def decide(self, keyed: Keyed) -> None:
        self.state = step(self.people, self.state, EntryEvent.DECIDED)
        self.decision = keyed

    @precondition(lambda self: self.state is EntryState.SETTLED)
    @rule(event=st.sampled_from(EntryEvent))
    def nothing_comes_after(self, event: EntryEvent) -> None:
        with pytest.raises(IllegalTransition):
            step(self.people, self.state, event)

    @precondition(lambda self: self.state in WAITING)
    @rule()
    def nobody_decides_early(self) -> None:
        with pytest.raises(IllegalTransition):
            step(self.people, self.state, EntryEvent.DECIDED)

    @invariant()
    def votes_say_the_same(self) -> None:
        """Settled exactly when enough people keyed it and two are alike, or it was decided."""
        alike = any(a.agrees(b) for a, b in combinations(self.keyed, 2))
        enough = len(self.keyed) >= self.people
        settled = (alike and enough) or self.decision is not None
        assert (self.state is EntryState.SETTLED) == settled
        assert (self.state is EntryState.DEADLOCKED) == (
            len(self.keyed) == 3 and not alike and not settled
        )
        assert len(self.keyed) <= 3
        assert (agreed(self.keyed) is not None) == alike


TestKeying = Keying.TestCase
TestKeying.settings = settings(max_examples=60, stateful_step_count=6, deadline=None)


@given(st.sampled_from([2, 3]))
def test_every_state_but_the_last_leads_on(people: int) -> None:
    """Nobody is stuck: from each state that can be reached there is a way to the end."""
    reached, todo = {EntryState.EMPTY}, [EntryState.EMPTY]
    while todo:
        state = todo.pop()
        following = {to for (at, _), to in TRANSITIONS[people].items() if at is state}
        assert following or state is EntryState.SETTLED
        todo += following - reached
        reached |= following
    assert EntryState.SETTLED in reached


def test_letters_that_look_alike_are_not_the_same() -> None:
    """Variants of kanji count as a difference, and so do those chosen by a variation selector."""
    for one, other in (("髙橋", "高橋"), ("山﨑", "山崎"), ("葛\U000e0100", "葛")):
        assert event_of([Keyed(one)], Keyed(other)) is EntryEvent.OTHER


def test_illegible_agrees_with_nobody() -> None:
    """Two who cannot read a field do not settle it, and it is not the same as empty."""
    cannot = Keyed(None, illegible=True)
    assert event_of([cannot], cannot) is EntryEvent.OTHER
    assert event_of([Keyed(None)], cannot) is EntryEvent.OTHER
    assert agreed([cannot, cannot, Keyed(None)]) is None


def test_templates_say_how_many_people_key_a_field() -> None:
    """A field's own number outranks the form's; both are between one and three."""
    form = load_library(shipped_folder()).get("mhlw-covid19").template
    assert {form.entry_of(key) for key in form.record_keys} == {1}
    name = form.field_of("name").model_copy(update={"entry": 3})
    fields = tuple(name if field.key == "name" else field for field in form.fields)
    triage = form.triage.model_copy(update={"entry": 2, "straight_through": True})
    keyed = form.model_copy(update={"fields": fields, "triage": triage})
    assert (keyed.entry_of("name"), keyed.entry_of("voucher_number")) == (3, 2)
    assert any("straight through" in finding.message for finding in lint(keyed))
    with pytest.raises(ValidationError):
        type(name).model_validate({**name.model_dump(), "entry": 4})
