"""From boxes to the reading of a choice: what people do seldom needs better evidence."""

from __future__ import annotations

import pytest

from ocr_service.domain.field import Flag
from ocr_service.recognizers.marks.decision import (
    BoxReading,
    decide_flag,
    decide_multiple,
    decide_single,
)

BLANK, MARKED, STRUCK = (0.998, 0.001, 0.001), (0.001, 0.998, 0.001), (0.001, 0.001, 0.998)


def boxes(
    yes: tuple[float, float, float], no: tuple[float, float, float]
) -> tuple[BoxReading, BoxReading]:
    """Two boxes of one question."""
    return BoxReading("yes", yes), BoxReading("no", no)


@pytest.mark.parametrize(
    ("yes", "no", "text"),
    [
        (MARKED, (0.36, 0.63, 0.01), "yes"),  # a smudge beside a clear tick
        (BLANK, (0.01, 0.4, 0.59), "no"),  # a tick with a long tail
    ],
)
def test_one_clean_mark_is_taken_where_it_is_nearly_as_likely(
    yes: tuple[float, float, float], no: tuple[float, float, float], text: str
) -> None:
    """The value is the usual one, with its own small chance, and a person looks."""
    found = decide_single(boxes(yes, no))
    assert found.candidates[0].text == text
    assert found.candidates[0].probability < 0.5
    assert Flag.REJECTED in found.flags
    assert not found.flags & {Flag.BOTH_MARKED, Flag.CORRECTED}


@pytest.mark.parametrize(
    ("yes", "no", "text", "flags"),
    [
        (BLANK, BLANK, "", set()),
        (MARKED, MARKED, "yes no", {Flag.BOTH_MARKED}),
        (MARKED, STRUCK, "yes no", {Flag.CORRECTED}),
        (BLANK, MARKED, "no", set()),
        (BLANK, (0.55, 0.44, 0.01), "", set()),
    ],
)
def test_what_is_plain_stays_as_it_is(
    yes: tuple[float, float, float],
    no: tuple[float, float, float],
    text: str,
    flags: set[Flag],
) -> None:
    """Clear evidence of an unusual answer, or of the usual one, is left alone."""
    found = decide_single(boxes(yes, no))
    assert found.candidates[0].text == text
    assert found.flags == flags


def test_several_boxes_may_say_anything() -> None:
    """Where any number may be marked, none is as usual as one."""
    found = decide_multiple(boxes(BLANK, (0.55, 0.44, 0.01)))
    assert found.candidates[0].text == ""
    assert not found.flags


@pytest.mark.parametrize(("marked", "flagged"), [(0.77, True), (0.94, True), (0.99, False)])
def test_a_lone_box_that_is_hardly_marked_needs_eyes(marked: float, flagged: bool) -> None:  # noqa: FBT001  a parameter
    """A speck on its rule looked like a mark; of a question, one box is marked anyway."""
    found = decide_flag(BoxReading("f", (1 - marked, marked, 0.0)))
    assert found.candidates[0].text == "1"
    assert (Flag.REJECTED in found.flags) == flagged


def test_an_empty_lone_box_is_empty() -> None:
    """Nothing there needs no eyes for being alone."""
    assert decide_flag(BoxReading("f", (0.9, 0.1, 0.0))).flags == frozenset()
