"""Draws training pictures in several processes and keeps them as one array file."""

from __future__ import annotations

import argparse
import multiprocessing as mp
from pathlib import Path
from typing import TypeAlias

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ocr_service.domain.geometry import BoxMm
from ocr_service.recognizers.base import CropPart
from ocr_service.recognizers.marks.features import box_patch, word_patches
from training.marks.draw import Source, State, Window, draw_window
from training.marks.scan import CANVAS_PX_PER_MM
from training.marks.shared_data import load_source
from training.marks.words import WORD_PAINTERS, word_sheet

_Drawn: TypeAlias = tuple[NDArray[np.uint8], list[int], list[str]]

SHARES = (0.46, 0.38, 0.16)
"""How often blank, marked and struck boxes are drawn."""


def part_of(window: Window) -> CropPart:
    """The window as the reader gets it, without a blank original."""
    x, y, w, h = (v / CANVAS_PX_PER_MM for v in window.box_px)
    high, wide = window.gray.shape
    frame = BoxMm(0, 0, wide / CANVAS_PX_PER_MM, high / CANVAS_PX_PER_MM)
    ink = np.zeros(window.gray.shape, np.bool_)
    return CropPart("mark", BoxMm(x, y, w, h), frame, window.gray, ink, None)


def _word_window(state: State, source: Source, rng: Generator) -> Window:
    return draw_window(
        state, source, rng, painters=WORD_PAINTERS, sheet_of=lambda _, rng: word_sheet(rng)
    )


def _word_picture(part: CropPart) -> NDArray[np.float32]:
    return word_patches([part])[0]


def _draw(count: int, source: Source, rng: Generator, *, words: bool) -> _Drawn:
    pictures, states, styles = [], [], []
    draw, picture_of = (_word_window, _word_picture) if words else (draw_window, box_patch)
    for _ in range(count):
        state = State(int(rng.choice(3, p=SHARES)))
        window = draw(state, source, rng)
        pictures.append(np.round(picture_of(part_of(window)) * 255).astype(np.uint8))
        states.append(int(state))
        styles.append(window.style)
    return np.stack(pictures), states, styles


def _work(task: tuple[int, int, str, bool, bool]) -> _Drawn:
    count, seed, shared, held_out, words = task
    cv2.setNumThreads(1)
    source = load_source(Path(shared), held_out=held_out)
    return _draw(count, source, np.random.default_rng(seed), words=words)


def build(arguments: argparse.Namespace, jobs: int = 2) -> None:
    """Draw the pictures and write ``x`` (uint8), ``y`` and ``style`` to the target."""
    tasks = [
        (
            arguments.count // jobs,
            arguments.seed * 1000 + i,
            str(arguments.shared),
            arguments.held_out,
            arguments.words,
        )
        for i in range(jobs)
    ]
    with mp.get_context("spawn").Pool(jobs) as pool:
        parts = pool.map(_work, tasks)
    np.savez(
        arguments.target,
        x=np.concatenate([p[0] for p in parts]),
        y=np.array([s for p in parts for s in p[1]], np.int64),
        style=np.array([s for p in parts for s in p[2]]),
    )


def main() -> None:
    """Command line: ``python -m training.marks.dataset OUT.npz --count N --seed S``."""
    root = Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser()
    parser.add_argument("target", type=Path)
    parser.add_argument("--count", type=int, default=30000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--held-out", action="store_true")
    parser.add_argument("--shared", type=Path, default=root.parent / "shared")
    parser.add_argument("--words", action="store_true", help="circled words, not boxes")
    build(parser.parse_args())


if __name__ == "__main__":
    main()
