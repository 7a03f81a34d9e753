"""Training lines as the base network sees them, put together into batches of like length."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Sample:
    """One line: (384, T) float16 features, classes of its text (1 = first character), facts."""

    features: np.ndarray
    target: np.ndarray
    text: str
    kind: str
    hand: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Lines side by side.

    Attributes:
        features: (N, 384, T) float32, zeros behind a line's end.
        mask: (N, T), true where a line has steps.
        steps: (N,) lengths.
        targets: all targets one after the other.
        lengths: (N,) their lengths.
    """

    features: Tensor
    mask: Tensor
    steps: Tensor
    targets: Tensor
    lengths: Tensor


def load_characters(folder: Path) -> tuple[list[str], list[str]]:
    """The base's characters, without the blank, and ours."""
    listed = json.loads((folder / "characters.json").read_text(encoding="utf-8"))
    return listed["base"], listed["ours"]


def load(folders: Sequence[Path], ours: Sequence[str]) -> list[Sample]:
    """Every line of the folders that our characters can say."""
    index = {character: place for place, character in enumerate(ours, start=1)}
    samples: list[Sample] = []
    for path in sorted(p for folder in folders for p in folder.glob("part-????.npz")):
        with np.load(path) as part:
            facts = json.loads(str(part["facts"]))
            pieces = np.split(part["features"], np.cumsum(part["steps"])[:-1], axis=1)
        for fact, piece in zip(facts, pieces, strict=True):
            if all(c in index for c in fact["text"]):
                target = np.array([index[c] for c in fact["text"]])
                samples.append(Sample(np.ascontiguousarray(piece), target, **fact))
    return samples


def batches(
    samples: Sequence[Sample], size: int, rng: np.random.Generator | None
) -> Iterator[list[Sample]]:
    """Batches of lines of like length, shuffled where ``rng`` is given."""
    jitter = rng.uniform(0.9, 1.1, len(samples)) if rng else np.ones(len(samples))
    order = np.argsort([s.features.shape[1] * j for s, j in zip(samples, jitter, strict=True)])
    groups = [order[i : i + size] for i in range(0, len(order), size)]
    if rng is not None:
        rng.shuffle(groups)
    for group in groups:
        yield [samples[i] for i in group]


def collate(lines: Sequence[Sample]) -> Batch:
    """Lines as one batch."""
    steps = torch.tensor([line.features.shape[1] for line in lines])
    features = torch.zeros(len(lines), lines[0].features.shape[0], int(steps.max()))
    for row, line in enumerate(lines):
        features[row, :, : line.features.shape[1]] = torch.from_numpy(
            line.features.astype(np.float32)
        )
    mask = torch.arange(int(steps.max()))[None] < steps[:, None]
    targets = torch.from_numpy(np.concatenate([line.target for line in lines])).long()
    lengths = torch.tensor([len(line.target) for line in lines])
    return Batch(features, mask, steps, targets, lengths)


__all__ = ["Batch", "Sample", "batches", "collate", "load", "load_characters"]
