"""Synthetic influenza forms: exact truth, and rings as people draw them."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr_service.domain.dates import age_on, era_of
from ocr_service.domain.geometry import BoxMm
from ocr_service.forms.library import LoadedTemplate, load_library, shipped_folder
from samples.generator.influenza import invent_influenza_sheet
from samples.generator.paper import PX_PER_MM, Ink, Paper
from samples.generator.rings import RingHand, RingStyle, draw_ring, invent_ring_hand, strike_ring
from samples.generator.run import TRUTH_FILE
from samples.generator.sheet import Sheet
from samples.make import main

ROOT = Path(__file__).resolve().parents[2]
SEEDS = st.integers(min_value=0, max_value=2**31)
_WORD = BoxMm(20, 20, 8, 3.6)


@cache
def _loaded() -> LoadedTemplate:
    return load_library(shipped_folder()).get("influenza-elderly")


def _sheet(seed: int) -> Sheet:
    return invent_influenza_sheet(np.random.default_rng(seed))


@given(SEEDS)
@settings(max_examples=60, deadline=None)
def test_truth_has_every_record_key(seed: int) -> None:
    """The record is complete, the ringed era included."""
    assert set(_sheet(seed).values) == set(_loaded().template.record_keys)


@given(SEEDS)
@settings(max_examples=60, deadline=None)
def test_people_are_of_age_and_dates_agree(seed: int) -> None:
    """At least 65 on the day, with the era in force at birth."""
    values = _sheet(seed).values
    birth = date.fromisoformat(str(values["birth_date"]))
    found = era_of(birth)
    assert found is not None
    assert values["birth_era"] in {None, "ambiguous", found[0].name.lower()}
    if isinstance(values["vaccination_date"], str):
        age = age_on(birth, date.fromisoformat(values["vaccination_date"]))
        assert age >= 65
        assert values["age"] in {None, str(age)}


@given(SEEDS)
@settings(max_examples=60, deadline=None)
def test_cells_spell_the_dates(seed: int) -> None:
    """Year of the era, month and day, two cells each."""
    sheet = _sheet(seed)
    birth = date.fromisoformat(str(sheet.values["birth_date"]))
    found = era_of(birth)
    assert found is not None
    (cells,) = sheet.writing["birth_date"]
    assert [int(cells[i : i + 2]) for i in (0, 2, 4)] == [found[1], birth.month, birth.day]


@given(SEEDS)
@settings(max_examples=60, deadline=None)
def test_rings_say_what_the_truth_says(seed: int) -> None:
    """One ring for a value, none for null, two options marked where a person must decide."""
    sheet = _sheet(seed)
    for key in ("sex", "birth_era", "judgement", "consent", "q1", "q4", "q10"):
        marked = [mark.option for mark in sheet.marks if mark.key == key]
        value = sheet.values[key]
        if value == "ambiguous":
            assert len(set(marked)) == 2
        else:
            assert marked == ([] if value is None else [value])


def _hand(style: RingStyle, room_mm: float) -> RingHand:
    ink = Ink(1.0, 20, 0.0)
    return RingHand(style, ink, 0.4, (room_mm, room_mm), 2.2, 0.0, clockwise=True, tremor_mm=0.0)


def _inked(paper: Paper) -> BoxMm:
    rows, columns = np.nonzero(paper.gray < 200)
    x, y = columns.min() / PX_PER_MM, rows.min() / PX_PER_MM
    return BoxMm(x, y, columns.max() / PX_PER_MM - x, rows.max() / PX_PER_MM - y)


def _white() -> Paper:
    return Paper(np.full((520, 700), 255, np.uint8))


@pytest.mark.parametrize("style", list(RingStyle))
@pytest.mark.parametrize("seed", range(8))
def test_rings_go_round_their_word(style: RingStyle, seed: int) -> None:
    """However a ring ends, most of the word lies in it and it stays near the word."""
    paper = _white()
    draw_ring(paper, _WORD, (), _hand(style, 1.2), np.random.default_rng(seed))
    ring = _inked(paper)
    assert ring.overlaps(_WORD.grown(-0.8))
    assert ring.w > 0.8 * _WORD.w
    assert _WORD.grown(5.0).contains(ring)


@given(SEEDS)
@settings(max_examples=25, deadline=None)
def test_rings_stay_clear_of_words_beyond_the_next(seed: int) -> None:
    """A ring may reach the neighbour's edge, never its middle."""
    rng = np.random.default_rng(seed)
    paper, neighbour = _white(), BoxMm(36, 20, 8, 3.6)
    hand = invent_ring_hand(rng, Ink(1.0, 20, 0.0))
    draw_ring(paper, _WORD, (neighbour,), hand, rng)
    assert _inked(paper).right < neighbour.centre[0] + 1.5


@pytest.mark.parametrize("seed", range(6))
def test_striking_out_covers_the_word_and_little_more(seed: int) -> None:
    """The neighbour must not look struck out as well."""
    paper = _white()
    strike_ring(paper, _WORD, _hand(RingStyle.CLOSED, 1.0), np.random.default_rng(seed))
    line = _inked(paper)
    assert line.w > 0.6 * _WORD.w
    assert _WORD.grown(2.6).contains(line)


def test_command_makes_influenza_pages(tmp_path: Path) -> None:
    """``--template`` chooses the form; its truth names it."""
    wanted = ["--n", "1", "--seed", "4", "--template", "influenza-elderly", "--no-real-crops"]
    assert main([*wanted, "--difficulty", "easy", "--out", str(tmp_path)]) == 0
    truth = json.loads((tmp_path / TRUTH_FILE).read_text(encoding="utf-8"))
    assert (truth["template"], truth["version"]) == ("influenza-elderly", "2026-1")
    assert list(truth["fields"]) == list(_loaded().template.record_keys)


def test_committed_influenza_scans_have_their_truth() -> None:
    """Every page of the folder has one line with every record key, made without real hands."""
    folder = ROOT / "samples" / "scans-influenza"
    lines = (folder / TRUTH_FILE).read_text(encoding="utf-8").splitlines()
    truths = [json.loads(line) for line in lines]
    assert {t["file"] for t in truths} == {p.name for p in folder.glob("*.jpg")}
    for truth in truths:
        assert list(truth["fields"]) == list(_loaded().template.record_keys)
        assert truth["meta"]["digit_sender"] is None
