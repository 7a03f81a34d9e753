"""States of a document and what needs eyes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_service.domain.errors import IllegalTransition
from ocr_service.domain.field import FieldValue, Flag, Source, Status
from ocr_service.domain.geometry import BoxMm
from ocr_service.domain.lifecycle import TRANSITIONS, DocumentState, move
from ocr_service.domain.record import Issue, Severity
from ocr_service.domain.triage import STOPPING_FLAGS, field_status, record_state

states = st.sampled_from(DocumentState)


def _value(status: Status) -> FieldValue:
    return FieldValue(
        "k", "v", "v", 1.0, status, (), "t", Source.MACHINE, frozenset(), BoxMm(0, 0, 1, 1)
    )


@given(states, states)
def test_only_the_tables_ways_are_open(current: DocumentState, target: DocumentState) -> None:
    """Every other step is refused."""
    if target in TRANSITIONS[current]:
        assert move(current, target) is target
    else:
        with pytest.raises(IllegalTransition):
            move(current, target)


def test_every_state_has_its_row_and_discarded_is_final() -> None:
    """The table is complete; what is thrown away stays away."""
    assert set(TRANSITIONS) == set(DocumentState)
    assert TRANSITIONS[DocumentState.DISCARDED] == frozenset()


def test_nothing_leaves_exported_but_by_reopening() -> None:
    """An exported document changes only through review."""
    assert TRANSITIONS[DocumentState.EXPORTED] == {DocumentState.NEEDS_REVIEW}


@given(st.floats(0, 1), st.floats(0, 1), st.frozensets(st.sampled_from(Flag)))
def test_a_stopping_flag_always_needs_eyes(p: float, at: float, flags: frozenset[Flag]) -> None:
    """However sure the reader is."""
    accepted = field_status(p, flags, at) is Status.ACCEPTED
    assert accepted == (p >= at and not flags & STOPPING_FLAGS)


def test_straight_through_needs_leave_and_no_doubt() -> None:
    """Only a faultless record of a template that allows it passes without eyes."""
    sure, unsure = _value(Status.ACCEPTED), _value(Status.REVIEW)
    warning = Issue("r", Severity.WARNING, ("k",), "日", "en")
    note = Issue("r", Severity.INFO, ("k",), "日", "en")
    review = DocumentState.NEEDS_REVIEW
    assert record_state([sure], [], straight_through=False) is review
    assert record_state([unsure], [], straight_through=True) is review
    assert record_state([sure], [warning], straight_through=True) is review
    assert record_state([sure], [note], straight_through=True) is DocumentState.APPROVED
