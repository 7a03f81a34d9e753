"""Pages with many ringed words of known state, cut by the product's own pipeline.

Every word field of a page is ringed by a hand of its own, so that a hundred pages hold over a
thousand ways to draw a ring; scans by fax and in few dots are commoner than in life.
"""

# ruff: noqa: PLR2004 - the numbers are shares of chance, each used once
from __future__ import annotations

import argparse
import multiprocessing as mp
import pickle
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator

from ocr_service.domain.arrays import Gray
from ocr_service.domain.page import Page
from ocr_service.forms.fields import ChoiceField, MarkKind
from ocr_service.forms.library import LoadedTemplate, load_library, shipped_folder
from ocr_service.pipeline.crop import crop_field
from ocr_service.pipeline.identify import Identified, identify
from samples.generator.digits import CROPS, open_crops
from samples.generator.faults import Difficulty, Faults, invent_faults, scan_page
from samples.generator.fonts import font_folders, open_fonts
from samples.generator.handwriting import invent_hand
from samples.generator.page import Tools, fill_page
from samples.generator.paper import Paper
from samples.generator.rings import draw_ring, invent_ring_hand, strike_ring
from samples.generator.run import INVENTORS, empty_form
from training.marks.pages import BLANK, MARKED, ROOT, STRUCK, TruthfulCrop, jpeg

TEMPLATE = "influenza-elderly"


@dataclass(frozen=True, slots=True)
class Task:
    """Which pages one process makes; ``worn`` = mostly pencil, mostly faxed."""

    seed: int
    numbers: tuple[int, ...]
    difficulty: str
    split: str
    empty: bool
    worn: bool


def chance_states(options: int, rng: Generator) -> tuple[int, ...]:
    """States of a field's words: mostly one ring, often none, two, or one struck out."""
    states = [BLANK] * options
    first, second = (int(n) for n in rng.permutation(options)[:2])
    pick = rng.random()
    if pick < 0.14:
        return tuple(states)
    states[first] = MARKED
    if pick < 0.25:
        states[second] = MARKED
    elif pick < 0.38:
        states[second] = STRUCK
    elif pick < 0.42:
        states[first] = STRUCK
    return tuple(states)


def _ring(
    paper: Paper,
    field: ChoiceField,
    states: tuple[int, ...],
    tools: Tools,
    rng: Generator,
    *,
    worn: bool,
) -> None:
    faint = float(rng.uniform(0.2, 1)) if rng.random() < (0.6 if worn else 0.2) else 0.0
    hand = invent_ring_hand(rng, invent_hand(rng, tools.book, faint=faint).ink)
    for option, state in zip(field.options, states, strict=True):
        if state == BLANK:
            continue
        others = [o.box for o in field.options if o is not option]
        draw_ring(paper, option.box, others, hand, rng)
        if state == STRUCK:
            strike_ring(paper, option.box, hand, rng)


def _faults(task: Task, rng: Generator) -> Faults:
    faults = invent_faults(rng, Difficulty(task.difficulty))
    if rng.random() < (0.6 if task.worn else 0.2):
        faults = replace(faults, fax=True)
    if rng.random() < 0.15:
        faults = replace(faults, dpi=200)
    return faults


def _fields(loaded: LoadedTemplate) -> list[ChoiceField]:
    fields = loaded.template.fields
    return [f for f in fields if isinstance(f, ChoiceField) and f.mark is MarkKind.CIRCLE_WORD]


def _page(
    loaded: LoadedTemplate, background: Gray, tools: Tools, task: Task, number: int
) -> list[TruthfulCrop]:
    """One page; none where the scan matches no template."""
    rng = np.random.default_rng([task.seed, number])
    fields = _fields(loaded)
    states = {f.key: (BLANK,) * len(f.options) for f in fields}
    page = background
    if not task.empty:
        sheet = replace(INVENTORS[TEMPLATE](rng), marks=())
        page = fill_page(background, loaded.template, sheet, tools, rng, faint=0.0).gray
        paper = Paper(page)
        for field in fields:
            states[field.key] = chance_states(len(field.options), rng)
            _ring(paper, field, states[field.key], tools, rng, worn=task.worn)
        page = paper.gray
    faults = _faults(task, rng)
    scan = jpeg(scan_page(page, faults, rng).gray, faults)
    found = identify(Page(0, scan, float(faults.dpi), ""), (loaded,))
    if not isinstance(found, Identified):
        return []
    return [
        TruthfulCrop(crop_field(found.registered, f, None), states[f.key], faults.names, number)
        for f in fields
    ]


def make_crops(task: Task) -> list[TruthfulCrop]:
    """Make, scan, register and cut the pages of a task."""
    cv2.setNumThreads(1)
    loaded = load_library(shipped_folder()).get(TEMPLATE)
    folders = font_folders(None)
    crops = open_crops(ROOT.parent / CROPS, split=task.split)
    tools = Tools(open_fonts(folders, split=task.split), crops, folders)
    background = empty_form(loaded)
    made: list[TruthfulCrop] = []
    for number in task.numbers:
        made += _page(loaded, background, tools, task, number)
    return made


def main() -> None:
    """Command line: ``python -m training.marks.word_pages OUT.pickle --n N --seed S``."""
    parser = argparse.ArgumentParser()
    parser.add_argument("target", type=Path)
    parser.add_argument("--n", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--difficulty", default="normal")
    parser.add_argument("--split", default="train")
    parser.add_argument("--empty", action="store_true", help="forms nobody filled in")
    parser.add_argument("--worn", action="store_true", help="mostly pencil, mostly faxed")
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()
    tasks = [
        Task(args.seed, tuple(range(i, args.n, args.jobs)), args.difficulty, args.split,
             args.empty, args.worn)
        for i in range(args.jobs)
    ]  # fmt: skip
    with mp.get_context("spawn").Pool(args.jobs) as pool:
        crops = [crop for made in pool.map(make_crops, tasks) for crop in made]
    args.target.write_bytes(pickle.dumps(crops))
    print(f"{len(crops)} fields from {len({c.page for c in crops})} of {args.n} pages")


if __name__ == "__main__":
    # Under its own name, so that what it pickles can be opened by others.
    from training.marks import word_pages

    word_pages.main()
