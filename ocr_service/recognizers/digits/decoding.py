"""From what each cell may hold to what the whole field most likely says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocr_service.domain.field import MAX_ALTERNATIVES, Candidate
from ocr_service.forms.fields import Format
from ocr_service.recognizers.digits.classes import CLASSES, EMPTY
from ocr_service.recognizers.digits.formats import (
    EMPTY_CELL,
    UNREADABLE_CELL,
    is_valid,
    weight,
)

SYMBOLS = "0123456789" + EMPTY_CELL + UNREADABLE_CELL
"""The character of each class of the network."""

_BEAM = 512
# A cell's class below this is noise of the softmax, not an opinion.
_FLOOR = 1e-6
# Rows this much less likely than the best cannot win by being plausible.
_RANGE = 3e-6


@dataclass(frozen=True, slots=True)
class Decoded:
    """A field, decoded.

    Attributes:
        candidates: best first, at most 1 + ``MAX_ALTERNATIVES``; probabilities sum to at most 1.
        raw: the likeliest character of each cell, whatever the field's format.
        valid: ``raw`` makes a value of the format (nothing written counts as one).
    """

    candidates: tuple[Candidate, ...]
    raw: str
    valid: bool


def decode(cells: NDArray[np.float32], printed: Sequence[str | None], form: Format) -> Decoded:
    """Weigh rows of cells against what the field may hold.

    Args:
        cells: (N, CLASSES) probabilities of the cells to be read, in order.
        printed: what the form prints in each cell of the field, None where a person writes;
            has N Nones.
        form: the field's format.
    """
    if not cells.shape[0]:
        return Decoded((Candidate("".join(c or "" for c in printed), 1.0),), "", valid=True)
    rows, chances = _beam(cells)
    texts = [_text(row, printed) for row in rows]
    weighed = chances * np.array([weight(text, form) if text else 1.0 for text in texts])
    weighed /= weighed.sum()
    best = np.argsort(-weighed, kind="stable")[: 1 + MAX_ALTERNATIVES]
    raw = _text(cells.argmax(axis=1), printed)
    return Decoded(
        candidates=tuple(Candidate(texts[i], float(weighed[i])) for i in best),
        raw=raw,
        valid=raw == "" or is_valid(raw, form),
    )


def _beam(cells: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Likeliest rows, best first, and their chances with the cells taken as independent."""
    rows = np.zeros((1, 0), np.int64)
    chances = np.ones(1)
    for cell in np.maximum(cells.astype(np.float64), _FLOOR):
        joint = (chances[:, None] * cell).ravel()
        # the row of empty cells is kept: a field may be blank whatever its cells look like
        blank = (len(rows) - 1) * CLASSES + EMPTY
        order = np.argsort(-joint, kind="stable")[:_BEAM]
        order = order[joint[order] >= _RANGE * joint[order[0]]]
        order = np.append(order[order != blank], blank)
        rows = np.column_stack([rows[order // CLASSES], order % CLASSES])
        chances = joint[order]
    return rows, chances


def _text(row: NDArray[np.int64], printed: Sequence[str | None]) -> str:
    if (row == EMPTY).all():
        return ""
    written = iter(row)
    return "".join(c if c is not None else SYMBOLS[next(written)] for c in printed)


__all__ = ["SYMBOLS", "Decoded", "decode"]
