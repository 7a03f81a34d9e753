"""Decoding what a line reader gives at each step, under what the field may hold.

A reader of the CTC kind gives, for each of T steps along the line, a probability for each
character and for the *blank* (no character here). A text's probability is the sum over all ways of
laying it along the steps, repeats merged. All functions here work on a :class:`Lattice`: the
reader's output folded onto an alphabet and cut down to the few characters that occur at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ocr_service.recognizers.text.charsets import Alphabet

_SEEN = 1e-4
"""Outputs that never reach this probability on a line are left out of its lattice."""

_FLOOR = 1e-9
"""Probability of what the reader rules out: a text it cannot see stays comparable, not infinite."""


@dataclass(frozen=True, slots=True)
class Lattice:
    """Character probabilities along one line.

    Attributes:
        symbols: the characters that occur.
        probs: (T, 1 + len(symbols)) float64, 0 to 1; column 0 is the blank. Rows sum to at most 1:
            what is missing lay on characters the field does not allow.
    """

    symbols: tuple[str, ...]
    probs: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text with the natural logarithm of its probability."""

    text: str
    log_prob: float


def fold(matrix: NDArray[np.float32], alphabet: Alphabet) -> Lattice:
    """Lay an alphabet over a reader's output.

    Args:
        matrix: (T, C) probabilities as the reader gives them, column 0 the blank.
        alphabet: made for the same C outputs.
    """
    steps, outputs = np.nonzero(matrix > _SEEN)
    columns = alphabet.target[outputs]
    kept = columns >= 0
    steps, outputs, columns = steps[kept], outputs[kept], columns[kept]
    present = np.unique(columns[columns > 0])
    place = np.zeros(len(alphabet.symbols) + 1, dtype=np.int64)
    place[present] = np.arange(1, len(present) + 1)
    probs = np.zeros((len(matrix), len(present) + 1))
    np.add.at(probs, (steps, place[columns]), matrix[steps, outputs] * alphabet.weight[outputs])
    return Lattice(tuple(alphabet.symbols[column - 1] for column in present), probs)


def greedy(lattice: Lattice) -> Decoded:
    """The text along the best path, with the probability of that path alone."""
    best = lattice.probs.argmax(axis=1)
    starts = np.r_[True, best[1:] != best[:-1]] & (best > 0)
    text = "".join(lattice.symbols[column - 1] for column in best[starts])
    return Decoded(text, float(np.log(np.maximum(lattice.probs.max(axis=1), _FLOOR)).sum()))


def beam_search(
    lattice: Lattice, *, width: int = 12, per_step: int = 6, top: int = 6
) -> tuple[Decoded, ...]:
    """The most probable texts, best first; at least one, which may be "".

    Args:
        lattice: the line.
        width: texts kept at each step.
        per_step: characters tried at each step.
        top: texts returned.
    """
    beam: dict[tuple[int, ...], tuple[float, float]] = {(): (1.0, 0.0)}
    log_scale = 0.0
    for row in lattice.probs:
        beam = _extend(beam, row, _tried(row, per_step))
        kept = sorted(beam.items(), key=_total, reverse=True)[:width]
        scale = max(_total(kept[0]), 1e-300)
        beam = {text: (blank / scale, last / scale) for text, (blank, last) in kept}
        log_scale += float(np.log(scale))
    found = sorted(beam.items(), key=_total, reverse=True)[:top]
    return tuple(
        Decoded(
            "".join(lattice.symbols[column - 1] for column in columns),
            log_scale + float(np.log(max(sum(mass), 1e-300))),
        )
        for columns, mass in found
    )


def _total(entry: tuple[tuple[int, ...], tuple[float, float]]) -> float:
    return entry[1][0] + entry[1][1]


def _tried(row: NDArray[np.float64], per_step: int) -> list[tuple[int, float]]:
    """The characters worth trying at one step, with their probabilities."""
    columns = np.flatnonzero(row[1:] > _SEEN) + 1
    if len(columns) > per_step:
        columns = columns[np.argsort(row[columns])[-per_step:]]
    return [(int(column), float(row[column])) for column in columns]


def _extend(
    beam: dict[tuple[int, ...], tuple[float, float]],
    row: NDArray[np.float64],
    tried: list[tuple[int, float]],
) -> dict[tuple[int, ...], tuple[float, float]]:
    """One step further: each text stays, repeats its last character, or grows by one."""
    blank_prob = max(float(row[0]), _FLOOR)
    grown: dict[tuple[int, ...], list[float]] = {}
    for text, (blank, last) in beam.items():
        total = blank + last
        stay = grown.setdefault(text, [0.0, 0.0])
        stay[0] += total * blank_prob
        if text:
            stay[1] += last * float(row[text[-1]])
        for column, prob in tried:
            # after its own last character a text grows only over a blank
            source = blank if text and text[-1] == column else total
            if source > 0.0:
                grown.setdefault((*text, column), [0.0, 0.0])[1] += source * prob
    return {text: (mass[0], mass[1]) for text, mass in grown.items()}


def log_probability(lattice: Lattice, text: str) -> float:
    """Natural logarithm of the probability that the line says ``text``, over all its paths."""
    emissions, may_skip = _laid_out(lattice, text)
    # Two states of no probability before the first spare a look at the edge.
    alpha = np.full(emissions.shape[1] + 2, -np.inf)
    alpha[2:4] = emissions[0, :2]
    for row in emissions[1:]:
        skipped = np.where(may_skip, alpha[:-2], -np.inf)
        alpha[2:] = row + np.logaddexp(np.logaddexp(alpha[2:], alpha[1:-1]), skipped)
    return float(np.logaddexp.reduce(alpha[-2:]))


def log_probabilities(lattice: Lattice, texts: Sequence[str]) -> list[float]:
    """:func:`log_probability` of several texts, worked out side by side."""
    if len(texts) < 2:  # noqa: PLR2004  nothing to lay side by side
        return [log_probability(lattice, text) for text in texts]
    column = {symbol: index for index, symbol in enumerate(lattice.symbols, start=1)}
    longest = max(map(len, texts))
    index = np.zeros((len(texts), 2 * longest + 1), dtype=np.int64)
    may_skip = np.zeros(index.shape, dtype=np.bool_)
    unseen = len(lattice.symbols) + 1
    for row, text in enumerate(texts):
        index[row, 1 : 2 * len(text) : 2] = [column.get(c, unseen) for c in text]
        may_skip[row, 3 : 2 * len(text) : 2] = [a != b for a, b in pairwise(text)]
    steps = len(lattice.probs)
    logs = np.full((steps, unseen + 1), np.log(_FLOOR))
    logs[:, :unseen] = np.log(np.maximum(lattice.probs, _FLOOR))
    # Two states of no probability before the first spare a look at the edge.
    alpha = np.full((len(texts), index.shape[1] + 2), -np.inf)
    alpha[:, 2:4] = logs[0][index[:, :2]]
    for row_logs in logs[1:]:
        skipped = np.where(may_skip, alpha[:, :-2], -np.inf)
        alpha[:, 2:] = row_logs[index] + np.logaddexp(
            np.logaddexp(alpha[:, 2:], alpha[:, 1:-1]), skipped
        )
    ends = [2 * len(text) + 2 for text in texts]
    return [
        float(np.logaddexp(alpha[row, end], alpha[row, end - 1] if text else -np.inf))
        for row, (end, text) in enumerate(zip(ends, texts, strict=True))
    ]


def align(lattice: Lattice, text: str) -> tuple[float, ...]:
    """At which step each character of ``text`` stands: the middle of its stretch on the best path.

    Returns:
        One step for each character, ascending, 0 to T.
    """
    emissions, may_skip = _laid_out(lattice, text)
    states = emissions.shape[1]
    score = np.full(states + 2, -np.inf)
    score[2:4] = emissions[0, :2]
    moves = np.zeros(emissions.shape, dtype=np.int8)
    choices, moves_row = np.empty((3, states)), np.empty(states, dtype=np.intp)
    for step, row in enumerate(emissions[1:], start=1):
        choices[0], choices[1] = score[2:], score[1:-1]
        choices[2] = np.where(may_skip, score[:-2], -np.inf)
        choices.argmax(axis=0, out=moves_row)
        moves[step] = moves_row
        score[2:] = row + choices.max(axis=0)
    state = states - (1 if score[-1] >= score[-2:].max() else 2)
    visited: list[list[int]] = [[] for _ in text]
    for step in range(len(emissions) - 1, -1, -1):
        if state % 2:
            visited[state // 2].append(step)
        state -= int(moves[step, state])
    return tuple(float(np.mean(steps)) if steps else 0.0 for steps in visited)


def _laid_out(lattice: Lattice, text: str) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Log emissions (T, 2 L + 1) of blank, character, blank, ...; which may skip a blank."""
    column = {symbol: index for index, symbol in enumerate(lattice.symbols, start=1)}
    states = [0]
    for character in text:
        states += [column.get(character, -1), 0]
    index = np.array(states)
    probs = np.where(index >= 0, lattice.probs[:, np.maximum(index, 0)], 0.0)
    may_skip = np.zeros(len(index), dtype=np.bool_)
    may_skip[3::2] = [a != b for a, b in pairwise(text)]
    return np.log(np.maximum(probs, _FLOOR)), may_skip


__all__ = [
    "Decoded",
    "Lattice",
    "align",
    "beam_search",
    "fold",
    "greedy",
    "log_probabilities",
    "log_probability",
]
