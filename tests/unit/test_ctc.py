"""CTC decoding: folding onto alphabets, beam search, forward scores and alignment."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from ocr_service.forms.fields import Charset
from ocr_service.recognizers.text.charsets import IGNORED, SPACE, build_alphabet, fold_character
from ocr_service.recognizers.text.ctc import (
    Lattice,
    align,
    beam_search,
    fold,
    greedy,
    log_probabilities,
    log_probability,
)

SYMBOLS = ("a", "b")


def probabilities(steps: int = 4) -> st.SearchStrategy[NDArray[np.float64]]:
    """Rows of blank, a, b that sum to 1."""
    raw = hnp.arrays(np.float64, (steps, 3), elements=st.floats(0.01, 1.0))
    return raw.map(lambda rows: rows / rows.sum(axis=1, keepdims=True))


def collapsed(path: tuple[int, ...]) -> str:
    """The text of a path: repeats merged, blanks dropped."""
    merged = [key for key, _ in itertools.groupby(path)]
    return "".join(SYMBOLS[column - 1] for column in merged if column)


def by_enumeration(probs: NDArray[np.float64]) -> dict[str, float]:
    """Every text's probability, summed over every path."""
    texts: dict[str, float] = {}
    for path in itertools.product(range(3), repeat=len(probs)):
        weight = math.prod(float(row[column]) for row, column in zip(probs, path, strict=True))
        text = collapsed(path)
        texts[text] = texts.get(text, 0.0) + weight
    return texts


@given(probabilities())
def test_forward_score_is_the_sum_over_all_paths(probs: NDArray[np.float64]) -> None:
    """The dynamic programme agrees with writing out every path."""
    lattice = Lattice(SYMBOLS, probs)
    for text, probability in by_enumeration(probs).items():
        assert math.exp(log_probability(lattice, text)) == pytest.approx(probability, rel=1e-6)


@given(probabilities(), st.lists(st.text(alphabet="abc", max_size=4), max_size=5))
def test_texts_side_by_side_score_as_they_do_alone(
    probs: NDArray[np.float64], texts: list[str]
) -> None:
    """Shorter, longer, empty and unseen ones together."""
    lattice = Lattice(SYMBOLS, probs)
    expected = [log_probability(lattice, text) for text in texts]
    assert log_probabilities(lattice, texts) == pytest.approx(expected, abs=1e-9)


@given(probabilities())
def test_wide_beam_finds_the_most_probable_texts_in_order(probs: NDArray[np.float64]) -> None:
    """With room for every text the search is exact."""
    found = beam_search(Lattice(SYMBOLS, probs), width=64, per_step=3, top=5)
    expected = sorted(by_enumeration(probs).values(), reverse=True)[:5]
    assert [math.exp(d.log_prob) for d in found] == pytest.approx(expected, rel=1e-6)


@given(probabilities(steps=7))
def test_narrow_beam_never_claims_more_than_the_text_has(probs: NDArray[np.float64]) -> None:
    """Pruning loses probability, it never invents any."""
    lattice = Lattice(SYMBOLS, probs)
    for decoded in beam_search(lattice, width=2, per_step=1, top=2):
        assert decoded.log_prob <= log_probability(lattice, decoded.text) + 1e-9


@given(probabilities(steps=9), st.text(alphabet="ab", min_size=1, max_size=4))
def test_alignment_keeps_the_order_of_the_text(probs: NDArray[np.float64], text: str) -> None:
    """Each character gets a step of its own, later ones later."""
    steps = align(Lattice(SYMBOLS, probs), text)
    assert len(steps) == len(text)
    assert all(0 <= step < len(probs) for step in steps)
    assert all(a < b for a, b in itertools.pairwise(steps))


def test_alignment_finds_where_the_characters_stand() -> None:
    """A sharp line tells the middle of each character's stretch."""
    probs = np.full((6, 3), 0.01)
    for step, column in enumerate([0, 1, 1, 0, 2, 0]):
        probs[step, column] = 0.98
    assert align(Lattice(SYMBOLS, probs), "ab") == (1.5, 4.0)


def test_repeated_character_needs_a_blank_between() -> None:
    """Two steps of a without a blank are one a."""
    probs = np.array([[0.0, 1.0, 0.0], [0.0, 1.0, 0.0]])
    assert beam_search(Lattice(SYMBOLS, probs))[0].text == "a"
    assert greedy(Lattice(SYMBOLS, probs)).text == "a"


def test_no_evidence_at_all_reads_as_nothing() -> None:
    """A line of blanks is the empty text, and so is a line of nothing allowed."""
    blank = Lattice((), np.ones((5, 1)))
    assert beam_search(blank)[0].text == ""
    assert beam_search(Lattice((), np.zeros((5, 1))))[0].text == ""


def test_look_alikes_pool_their_evidence() -> None:
    """A stroke half 口 half ロ is surely ロ where only katakana may stand."""
    characters = ("口", "ロ", "国")
    alphabet = build_alphabet(characters, Charset.KATAKANA)
    matrix = np.array([[0.05, 0.4, 0.35, 0.2]], dtype=np.float32)
    lattice = fold(matrix, alphabet)
    assert lattice.symbols == ("ロ",)
    assert lattice.probs[0] == pytest.approx([0.05, 0.75])


@pytest.mark.parametrize(
    ("character", "charset", "symbol"),
    [
        ("５", Charset.DIGITS, "5"),
        ("O", Charset.DIGITS, "0"),
        ("-", Charset.DIGITS, IGNORED),
        ("国", Charset.DIGITS, None),
        ("ひ", Charset.KATAKANA, "ヒ"),
        ("ｱ", Charset.KATAKANA, "ア"),
        ("力", Charset.KATAKANA, "カ"),
        ("一", Charset.KATAKANA, "ー"),
        ("\u3000", Charset.KATAKANA, SPACE),
        ("国", Charset.KATAKANA, None),
        ("泽", Charset.NAME, "沢"),
        ("A", Charset.NAME, None),
        ("々", Charset.NAME, "々"),
        ("Ａ", Charset.JAPANESE, "A"),
        ("é", Charset.JAPANESE, None),
        ("ａ", Charset.ALNUM, "A"),
        ("ー", Charset.ALNUM, "-"),
        ("é", Charset.ANY, "é"),
    ],
)
def test_folding_says_what_counts_for_what(
    character: str, charset: Charset, symbol: str | None
) -> None:
    """Width, look-alikes and the other syllabary count; what cannot be written does not."""
    assert fold_character(character, charset)[0] == symbol


@given(st.characters(), st.sampled_from([c for c in Charset if c is not Charset.ANY]))
def test_folding_is_stable(character: str, charset: Charset) -> None:
    """What a character counts for counts for itself."""
    symbol, weight = fold_character(character, charset)
    assert 0.0 <= weight <= 1.0
    if symbol:
        assert fold_character(symbol, charset)[0] == symbol
