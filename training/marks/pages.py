"""Pages with many marks of known state, cut by the product's own pipeline.

The sample generator fills forms as people do: few corrections, few double marks. Here every choice
gets a chance state, so that a hundred pages hold hundreds of each.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing as mp
import pickle
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator

from ocr_service.domain.arrays import Gray
from ocr_service.domain.page import Page
from ocr_service.forms.fields import ChoiceField, FlagField, PresenceField
from ocr_service.forms.library import TemplateLibrary, load_library, shipped_folder
from ocr_service.forms.model import FormTemplate
from ocr_service.pipeline.crop import crop_field
from ocr_service.pipeline.identify import Identified, identify
from ocr_service.recognizers.base import FieldCrop
from samples.generator.digits import CROPS, open_crops
from samples.generator.faults import Difficulty, Faults, invent_faults, scan_page
from samples.generator.fonts import font_folders, open_fonts
from samples.generator.page import Tools, fill_page
from samples.generator.people import invent_sheet
from samples.generator.run import empty_form
from samples.generator.sheet import Mark, Sheet

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = "mhlw-covid19"
BLANK, MARKED, STRUCK = 0, 1, 2


@dataclass(frozen=True, slots=True)
class TruthfulCrop:
    """A field as the reader gets it, with what stands on the paper.

    Attributes:
        crop: cut by the pipeline.
        states: per part 0 blank, 1 marked, 2 struck out; for presence 0 or 1.
        faults: names of what the scanner did.
        page: number of the page.
    """

    crop: FieldCrop
    states: tuple[int, ...]
    faults: tuple[str, ...]
    page: int


def _single(options: int, rng: Generator) -> list[int]:
    states = [BLANK] * options
    order = rng.permutation(options)
    pick = rng.random()
    if pick < 0.15:  # noqa: PLR2004  # nothing marked
        return states
    states[order[0]] = MARKED
    if pick < 0.21:  # noqa: PLR2004  # two marks
        states[order[1 % options]] = MARKED
    elif pick < 0.32:  # noqa: PLR2004  # one of two struck out
        states[order[1 % options]] = STRUCK
    elif pick < 0.36:  # noqa: PLR2004  # a lone mark struck out
        states[order[0]] = STRUCK
    return states


def chance_marks(template: FormTemplate, rng: Generator) -> dict[str, tuple[int, ...]]:
    """A state for every option of every choice and flag."""
    drawn: dict[str, tuple[int, ...]] = {}
    for field in template.fields:
        if isinstance(field, FlagField):
            drawn[field.key] = (int(rng.random() < 0.5),)  # noqa: PLR2004  # even chance
        elif isinstance(field, ChoiceField) and field.multiple:
            states = rng.choice(3, len(field.options), p=(0.66, 0.28, 0.06))
            drawn[field.key] = tuple(int(s) for s in states)
        elif isinstance(field, ChoiceField):
            drawn[field.key] = tuple(_single(len(field.options), rng))
    return drawn


def _marked_sheet(
    template: FormTemplate, drawn: dict[str, tuple[int, ...]], rng: Generator
) -> Sheet:
    sheet = invent_sheet(rng)
    marks = []
    for key, states in drawn.items():
        field = template.field_of(key)
        values = [o.value for o in field.options] if isinstance(field, ChoiceField) else [""]
        marks += [
            Mark(key, value, struck=state == STRUCK)
            for value, state in zip(values, states, strict=True)
            if state != BLANK
        ]
    unsigned = rng.random(2) < 0.4  # noqa: PLR2004  # share of unsigned pages
    return replace(
        sheet,
        marks=tuple(marks),
        doctor="" if unsigned[0] else sheet.doctor,
        signer="" if unsigned[1] else sheet.signer,
    )


def cut_page(
    scan: Gray, library: TemplateLibrary, blank: Gray | None = None
) -> tuple[FieldCrop, ...]:
    """All choices, flags and presence fields of a scan; none where it matches no template."""
    page = Page(0, scan, 300.0, hashlib.sha256(scan.tobytes()).hexdigest())
    found = identify(page, library.loaded)
    if not isinstance(found, Identified):
        return ()
    wanted = (ChoiceField, FlagField, PresenceField)
    fields = [f for f in found.loaded.template.fields if isinstance(f, wanted)]
    return tuple(crop_field(found.registered, field, blank) for field in fields)


def jpeg(scan: Gray, faults: Faults) -> Gray:
    """A scan after it was stored."""
    _, data = cv2.imencode(".jpg", scan, [cv2.IMWRITE_JPEG_QUALITY, faults.jpeg])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)


@dataclass(frozen=True, slots=True)
class Task:
    """Which pages one process makes."""

    seed: int
    numbers: tuple[int, ...]
    difficulty: str
    split: str
    over: Path | None
    empty: bool
    with_blank: bool


def make_crops(task: Task) -> list[TruthfulCrop]:
    """Make, scan, register and cut the pages of a task."""
    cv2.setNumThreads(1)
    library = load_library(shipped_folder())
    loaded = library.get(TEMPLATE)
    folders = font_folders(None)
    crops = open_crops(ROOT.parent / CROPS, split=task.split)
    tools = Tools(open_fonts(folders, split=task.split), crops, folders)
    background = empty_form(loaded, task.over)
    blank = None
    if task.with_blank:
        found = identify(Page(0, background, 300.0, ""), library.loaded)
        blank = found.registered.gray if isinstance(found, Identified) else None
    made: list[TruthfulCrop] = []
    for number in task.numbers:
        rng = np.random.default_rng([task.seed, number])
        drawn = {} if task.empty else chance_marks(loaded.template, rng)
        sheet = _marked_sheet(loaded.template, drawn, rng)
        hard = task.difficulty == Difficulty.HARD
        faint = float(rng.uniform(0, 1)) if hard else 0.0
        page = background
        if not task.empty:
            page = fill_page(background, loaded.template, sheet, tools, rng, faint=faint).gray
        faults = invent_faults(rng, Difficulty(task.difficulty))
        scan = jpeg(scan_page(page, faults, rng).gray, faults)
        signed = {} if task.empty else {
            "doctor_signature": (int(bool(sheet.doctor)),),
            "consent_signature": (int(bool(sheet.signer)),),
        }  # fmt: skip
        for crop in cut_page(scan, library, blank):
            none = (BLANK,) * len(crop.parts)
            states = (drawn | signed).get(crop.spec.key, none)
            made.append(TruthfulCrop(crop, states, faults.names, number))
    return made


def load_crops(path: Path) -> list[TruthfulCrop]:
    """Crops that ``main`` wrote; only ever open files of your own making."""
    return list(pickle.loads(path.read_bytes()))  # noqa: S301  # our own scratch file


def main() -> None:
    """Command line: ``python -m training.marks.pages OUT.pickle --n N --split test``."""
    parser = argparse.ArgumentParser()
    parser.add_argument("target", type=Path)
    parser.add_argument("--n", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--difficulty", default="normal")
    parser.add_argument("--split", default="train")
    parser.add_argument("--over", type=Path)
    parser.add_argument("--empty", action="store_true", help="forms nobody filled in")
    parser.add_argument("--with-blank", action="store_true", help="give the blank original")
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()
    tasks = [
        Task(args.seed, tuple(range(i, args.n, args.jobs)), args.difficulty, args.split,
             args.over, args.empty, args.with_blank)
        for i in range(args.jobs)
    ]  # fmt: skip
    with mp.get_context("spawn").Pool(args.jobs) as pool:
        crops = [crop for made in pool.map(make_crops, tasks) for crop in made]
    args.target.write_bytes(pickle.dumps(crops))
    print(f"{len(crops)} fields from {len({c.page for c in crops})} of {args.n} pages")


if __name__ == "__main__":
    # Under its own name, so that what it pickles can be opened by others.
    from training.marks import pages

    pages.main()
