"""Guesses cost time, right passwords do not, and weak ones are refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_service.domain.errors import InvalidRequest
from ocr_service.domain.passwords import (
    Weakness,
    WeakPassword,
    check_password,
    checked_name,
    normalised,
)
from ocr_service.domain.rights import CLERK, RIGHTS, Right, Role, rights_of
from ocr_service.domain.throttle import (
    FIRST_WAIT,
    FORGET_AFTER,
    LONGEST_WAIT,
    Guesses,
    counted,
    waits_until,
)
from tests.conftest import START

FRESH = Guesses(0, START, None)


def test_the_first_guesses_are_free_and_the_wait_then_doubles() -> None:
    """Four times nothing, then 15 s, 30 s, 60 s, and never above a quarter of an hour."""
    guesses, waits = FRESH, []
    for _ in range(15):
        guesses = counted(guesses, START, free=5)
        until = waits_until(guesses, START)
        waits.append(None if until is None else until - START)
    assert waits[:4] == [None] * 4
    assert waits[4:7] == [FIRST_WAIT, FIRST_WAIT * 2, FIRST_WAIT * 4]
    assert waits[-1] == LONGEST_WAIT


def test_old_guesses_are_forgotten() -> None:
    """An hour after the last one somebody starts anew."""
    old = Guesses(9, START, START + LONGEST_WAIT)
    again = counted(old, START + FORGET_AFTER, free=5)
    assert (again.failures, again.blocked_until) == (1, None)


@given(st.lists(st.integers(0, 7200), max_size=40), st.integers(1, 30))
def test_a_wait_ends_and_more_guesses_never_shorten_it(gaps: list[int], free: int) -> None:
    """Whatever the rhythm of the guesses."""
    guesses, now = FRESH, START
    for gap in gaps:
        now += timedelta(seconds=gap)
        before = waits_until(guesses, now)
        guesses = counted(guesses, now, free=free)
        after = waits_until(guesses, now)
        assert after is None or now < after <= now + LONGEST_WAIT
        assert before is None or gap >= FORGET_AFTER.seconds or (after is not None)


@pytest.mark.parametrize(
    ("password", "weakness"),
    [
        ("short", Weakness.SHORT),
        ("x" * 201, Weakness.LONG),
        ("aaaaaaaaaaaaaa", Weakness.EASY),
        ("password12345", Weakness.EASY),
        ("YamadaHanako1", Weakness.EASY),
        ("123456789012", Weakness.EASY),
    ],
)
def test_a_password_that_would_be_guessed_is_refused(password: str, weakness: Weakness) -> None:
    """And never quoted in the refusal."""
    with pytest.raises(WeakPassword) as refused:
        check_password(password, name="yamadahanako")
    assert refused.value.weakness is weakness
    assert password not in str(refused.value)


def test_what_an_input_method_makes_wide_is_the_same_password() -> None:
    """Full-width letters fold; several words are good enough without signs or capitals."""
    assert normalised("ｈａｒｕ　ｎａｔｓｕ") == "haru natsu"
    check_password("haru natsu aki fuyu", name="x")


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 61])
def test_names_are_short_and_can_be_seen(name: str) -> None:
    """A name with a line break could pass for another."""
    with pytest.raises(InvalidRequest):
        checked_name(name)


def test_roles_add_up_and_scopes_only_take_away() -> None:
    """A clerk has everything but administration; an empty scope opens nothing."""
    assert rights_of(CLERK) == frozenset(Right) - {Right.ADMIN}
    assert rights_of([Role.REVIEWER], frozenset({Right.EXPORT, Right.READ})) == {Right.READ}
    assert rights_of([Role.ADMIN], frozenset()) == frozenset()
    assert set(RIGHTS) == set(Role)
