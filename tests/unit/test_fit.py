"""Fitting maps, and keeping outcomes in a file."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr_service.domain.errors import InvalidRequest
from ocr_service.domain.statistics import calibration_error
from ocr_service.evaluation.fit import LEAST_OUTCOMES, Outcome, fit, fit_maps, fold_of
from ocr_service.evaluation.fit_beta import IDENTITY, fit_beta
from ocr_service.evaluation.fit_file import (
    calibration_text,
    held_out_errors,
    merged_text,
    provenance,
)
from ocr_service.evaluation.fit_outcomes import (
    PageOutcomes,
    all_outcomes,
    append_outcomes,
    load_outcomes,
)
from ocr_service.pipeline.calibrate import parse_calibration

GROUP = "text.name.filled@text-1"
samples = st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=200)


def simulated(count: int, seed: int, *, group: str = GROUP) -> list[Outcome]:
    """A reader that is too sure of itself: right in s to the power of 3 of the cases."""
    rng = np.random.default_rng(seed)
    scores = rng.beta(6, 1, count)
    return [
        Outcome(group, float(s), bool(rng.random() < s**3), f"p{i // 10}")
        for i, s in enumerate(scores)
    ]


@settings(max_examples=60, deadline=None)
@given(samples)
def test_maps_rise_whatever_was_seen(seen: list[tuple[float, bool]]) -> None:
    """A higher score never means a smaller chance, even where the data say so."""
    fitted = fit_beta([s for s, _ in seen], [r for _, r in seen])
    found = [fitted(s) for s in (0.0, 0.001, 0.1, 0.5, 0.9, 0.999, 1.0)]
    assert found == sorted(found)
    assert found[0] < found[-1]


def test_nothing_seen_changes_nothing() -> None:
    """Without outcomes the prior stays."""
    assert fit_beta([], []) == IDENTITY


def test_an_overconfident_reader_is_brought_down() -> None:
    """Scores near 0.99 that are right in 80 of 100 cases become chances near 0.8."""
    rng = np.random.default_rng(5)
    scores = [0.99] * 2000 + [0.5] * 2000
    rights = [bool(rng.random() < (0.8 if s > 0.9 else 0.3)) for s in scores]
    fitted = fit_beta(scores, rights)
    assert abs(fitted(0.99) - 0.8) < 0.03
    assert abs(fitted(0.5) - 0.3) < 0.03


def test_no_errors_is_not_certainty() -> None:
    """A hundred right fields promise about 99 %, not 100 %, however sure the reader says it is."""
    chance = fit_beta([0.999999] * 100, [True] * 100)(0.999999)
    assert 0.98 < chance < 0.9999


def test_more_right_values_make_surer() -> None:
    """Errorless experience adds up."""
    found = [fit_beta([0.99] * n, [True] * n)(0.99) for n in (50, 500, 5000, 50000)]
    assert found == sorted(found)
    assert found[-1] > 0.9995


def test_held_out_chances_are_calibrated() -> None:
    """On pages that no map had seen, claims and truth lie within two in a hundred."""
    fitted = fit(simulated(4000, 1))
    claims = [(chance, o.right) for o, chance in fitted.held_out]
    raw = [(o.score, o.right) for o, _ in fitted.held_out]
    assert calibration_error(claims) < 0.02 < calibration_error(raw)
    assert len(claims) == 4000


def test_a_small_group_leans_on_the_wider_one() -> None:
    """A few outcomes of a form like all others do not overturn what is known of the family."""
    wide = simulated(4000, 2)
    few = simulated(LEAST_OUTCOMES, 3, group="text.kana.filled@text-1")
    maps = fit_maps([*wide, *few])
    assert abs(maps["text.kana.filled"](0.9) - 0.9**3) < 0.12
    lone = fit_maps([*wide, few[0]])
    assert "text.kana.filled" not in lone


def test_the_same_outcomes_give_the_same_bytes() -> None:
    """Whatever order pages were read in, the file is the same, and it loads."""
    outcomes = simulated(500, 4)
    texts = [
        calibration_text(fit(shuffled), readers=["text-1", "none"], fitted_on={"pages": 50})
        for shuffled in (outcomes, outcomes[::-1])
    ]
    assert texts[0] == texts[1]
    parsed = parse_calibration(texts[0])
    assert parsed.readers == {"text"}
    assert "text.name.filled" in parsed.maps


def test_one_family_is_fitted_anew_and_all_others_stay() -> None:
    """Groups of the family that are no more are gone; nothing else in the file moves."""
    base = calibration_text(
        fit([*simulated(500, 4), *simulated(300, 5, group="choice-many.old.one@m-1")]),
        readers=["text-1"],
        fitted_on={"pages": 50},
    )
    new = fit(simulated(300, 6, group="choice-many.checkbox.one@m-1"))
    merged = merged_text(base, new, family="choice-many", fitted_on={"pages": 30})
    before, after = json.loads(base), json.loads(merged)
    for part in ("groups", "thresholds"):
        kept = {n: v for n, v in before[part].items() if not n.startswith("choice-many")}
        found = {n: v for n, v in after[part].items() if not n.startswith("choice-many")}
        assert kept == found
        assert "choice-many.old.one" not in after[part]
        assert "choice-many.checkbox.one" in after[part]
    assert after["fitted_apart"] == {"choice-many": {"pages": 30}}
    assert (after["fitted_on"], after["readers"]) == ({"pages": 50}, ["text"])


def test_pages_stay_in_their_fold() -> None:
    """The fold of a page follows from its name alone."""
    assert [fold_of(f"p{i}") for i in range(8)] == [fold_of(f"p{i}") for i in range(8)]
    assert len({fold_of(f"p{i}") for i in range(50)}) == 5


def _page(name: str, stamp: str = "s", *, right: bool = True) -> PageOutcomes:
    made = {"template": "t", "difficulty": "hard", "seed": "7", "font": "f"}
    return PageOutcomes(name, stamp, ("text-1",), made, (Outcome(GROUP, 0.5, right, name),))


def test_outcomes_survive_a_process_that_died_while_writing(tmp_path: Path) -> None:
    """A half line is forgotten, a page read twice counts once, and writing goes on behind."""
    path = tmp_path / "outcomes.jsonl"
    assert load_outcomes(path) == {}
    append_outcomes(path, _page("b", right=False))
    append_outcomes(path, _page("a"))
    append_outcomes(path, _page("b"))
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:30])
    assert load_outcomes(path) == {"a": _page("a"), "b": _page("b")}
    append_outcomes(path, _page("c"))
    found = load_outcomes(path)
    assert [o.page for o in all_outcomes(found.values())] == ["a", "b", "c"]
    assert provenance(list(found.values()))["pages"] == 3


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    """A whole line that is no page of outcomes stops the fit."""
    path = tmp_path / "outcomes.jsonl"
    path.write_text('{"page": 1}\n', encoding="utf-8")
    with pytest.raises(InvalidRequest, match="line 1"):
        load_outcomes(path)


def test_errors_are_told_by_family() -> None:
    """One figure for each kind of field."""
    outcomes = [Outcome(GROUP, 0.5, right=True), Outcome("digits.date.filled@d", 0.5, right=True)]
    assert held_out_errors([(o, 0.75) for o in outcomes]) == {"digits": 0.25, "text": 0.25}
