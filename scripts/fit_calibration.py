"""Fits the shipped calibration: ``python scripts/fit_calibration.py --pages 400``.

Makes pages of senders kept for calibration (``samples/make.py --split calibration``), reads them
with raw scores, compares with the truth and writes ``ocr_service/pipeline/calibration.json``.
Every page read is kept in ``OUT/outcomes.jsonl``: a run that was stopped goes on where it was, and
``--refit`` fits again without reading. Pages read by other readers are read again.

``--choices`` reads no text and fits the questions with several boxes alone, all other groups stay
as they are in the file.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from ocr_service.evaluation.fit import fit  # noqa: E402 -- needs ROOT
from ocr_service.evaluation.fit_choices import choice_outcomes  # noqa: E402 -- needs ROOT
from ocr_service.evaluation.fit_file import (  # noqa: E402 -- needs ROOT
    calibration_text,
    merged_text,
    provenance,
)
from ocr_service.evaluation.fit_outcomes import (  # noqa: E402 -- needs ROOT
    PageOutcomes,
    all_outcomes,
    append_outcomes,
    load_outcomes,
    outcomes_of,
)
from ocr_service.evaluation.fit_table import print_fit  # noqa: E402 -- needs ROOT
from ocr_service.evaluation.truth import TRUTH_FILE, TruthPage, load_truth  # noqa: E402 -- as above
from ocr_service.forms.library import (  # noqa: E402 -- needs ROOT
    TemplateLibrary,
    load_library,
    shipped_folder,
)
from ocr_service.imaging.decode import DecodeLimits, decode_page  # noqa: E402 -- needs ROOT
from ocr_service.pipeline.assemble import ReaderOptions, build_reader  # noqa: E402 -- as above
from ocr_service.pipeline.calibrate import DEFAULT_FILE, UNCALIBRATED  # noqa: E402 -- as above
from ocr_service.pipeline.calibration_groups import MANY  # noqa: E402 -- needs ROOT
from ocr_service.pipeline.reader import EngineReader  # noqa: E402 -- needs ROOT
from ocr_service.recognizers.marks.reader import MarkReader  # noqa: E402 -- needs ROOT

OFFICIAL_FORM = ROOT.parent / "shared" / "data" / "forms" / "mhlw-covid19-2021-05.pdf"
OUT = ROOT / "bench-out" / "calibration"
CHUNK = 20
"""Pages made at once; a chunk follows from its seed alone."""

_SHARES = (
    # template, difficulty, share of all pages, first seed
    ("mhlw-covid19", "normal", 0.6, 51_000),
    ("mhlw-covid19", "hard", 0.2, 52_000),
    ("influenza-elderly", "normal", 0.15, 53_000),
    ("influenza-elderly", "hard", 0.05, 54_000),
)
_WITH_MANY = "mhlw-covid19"
"""The only form with questions of several boxes."""

_MADE = ("difficulty", "font", "digit_sender", "seed")
_READING = ("imaging", "recognizers", "masters", "forms", "pipeline")
_NOT_READING = frozenset({"calibration.json", "calibrate.py", "calibration_groups.py"})


@dataclass(frozen=True, slots=True)
class Chunk:
    """Pages that are made and read together.

    Attributes:
        folder: where they lie.
        template: form, None for a folder that was given.
        difficulty: how badly they are scanned.
        seed: what they follow from.
        count: how many.
    """

    folder: Path
    template: str | None = None
    difficulty: str = ""
    seed: int = 0
    count: int = 0


@dataclass(frozen=True, slots=True)
class Work:
    """One page to read; ``choices`` for its questions of several boxes alone."""

    folder: Path
    page: TruthPage
    name: str
    choices: bool = False


def main() -> int:
    """Make, read, fit, write, report."""
    options = _options()
    options.out.mkdir(parents=True, exist_ok=True)
    console = Console()
    kept = load_outcomes(_outcomes_file(options))
    if not options.refit:
        kept = _read_all(options, kept)
    if not kept:
        console.print("no outcomes to fit on", style="red")
        return 1
    pages = list(kept.values())
    fitted = fit(all_outcomes(pages))
    names = sorted({name for page in pages for name in page.readers})
    text = calibration_text(fitted, readers=names, fitted_on=provenance(pages))
    if options.choices:
        base = options.target.read_text("utf-8")
        text = merged_text(base, fitted, family=MANY, fitted_on=provenance(pages))
    if options.fail_below and len(pages) < options.fail_below:
        console.print(f"only {len(pages)} pages; {options.target} is left as it is", style="red")
        return 1
    beside = options.target.with_suffix(".part")
    beside.write_text(text, encoding="utf-8", newline="\n")
    beside.replace(options.target)
    print_fit(fitted, console)
    console.print(f"{len(pages)} pages; written: {options.target}")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=400, help="pages to make, all sets together")
    parser.add_argument("--scans", type=Path, nargs="*", default=[], help="read these folders too")
    parser.add_argument("--fonts-dir", type=Path, help="further folder of handwriting fonts")
    parser.add_argument("--over", type=Path, help="PDF to fill; default: the official form")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--target", type=Path, default=DEFAULT_FILE, help="file to write")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--choices", action="store_true", help="questions of several boxes alone")
    parser.add_argument("--refit", action="store_true", help="fit what was read, read nothing")
    parser.add_argument("--stale", action="store_true", help="keep pages read by other readers")
    parser.add_argument("--fail-below", type=int, default=0, help="least pages to write a file for")
    return parser.parse_args()


def _outcomes_file(options: argparse.Namespace) -> Path:
    """Pages of which only the choices were read are kept apart from whole ones."""
    return Path(options.out / ("choices.jsonl" if options.choices else "outcomes.jsonl"))


def _chunks(options: argparse.Namespace) -> Iterator[Chunk]:
    for template, difficulty, share, seed in _SHARES:
        if options.choices and template != _WITH_MANY:
            continue
        wanted = round(options.pages * share)
        for number in range(0, wanted, CHUNK):
            made = seed + number // CHUNK
            folder = options.out / "pages" / f"{template}-{difficulty}-{made}"
            yield Chunk(folder, template, difficulty, made, min(CHUNK, wanted - number))
    for folder in options.scans:
        yield Chunk(folder)


def _read_all(
    options: argparse.Namespace, kept: dict[str, PageOutcomes]
) -> dict[str, PageOutcomes]:
    """Everything not yet read by the present readers; the outcomes of the pages wanted."""
    stamp = reading_stamp()
    path = _outcomes_file(options)
    usable = {n: p for n, p in kept.items() if options.stale or p.stamp == stamp}
    # Models run in one thread each: the processes share the machine.
    environment = {"OMP_NUM_THREADS": "1", "OMP_THREAD_LIMIT": "1"}
    os.environ.update(environment)
    with ProcessPoolExecutor(options.jobs) as pool, Progress(console=Console(stderr=True)) as bar:
        chunks = list(_chunks(options))
        making = bar.add_task("making pages", total=len(chunks))
        for made in as_completed([pool.submit(_make, chunk, options) for chunk in chunks]):
            made.result()
            bar.advance(making)
        works = [work for chunk in chunks for work in _works(chunk, choices=options.choices)]
        left = [work for work in works if work.name not in usable]
        reading = bar.add_task("reading", total=len(works), completed=len(works) - len(left))
        for done in as_completed([pool.submit(_read, work, stamp) for work in left]):
            found = done.result()
            append_outcomes(path, found)
            usable[found.page] = found
            bar.advance(reading)
            if not bar.console.is_terminal and len(usable) % CHUNK == 0:
                bar.console.print(f"{len(usable)} pages read; {len(works)} wanted")
    wanted = {work.name for work in works}
    return {name: page for name, page in usable.items() if name in wanted}


def _make(chunk: Chunk, options: argparse.Namespace) -> None:
    """Make a chunk's pages unless they are there, whole."""
    if chunk.template is None or len(_works(chunk)) >= chunk.count:
        return
    command = [sys.executable, str(ROOT / "samples" / "make.py"), "--split", "calibration"]
    command += ["--n", str(chunk.count), "--seed", str(chunk.seed), "--out", str(chunk.folder)]
    command += ["--template", chunk.template, "--difficulty", chunk.difficulty]
    over = options.over or (OFFICIAL_FORM if OFFICIAL_FORM.is_file() else None)
    if over is not None and chunk.template == "mhlw-covid19":
        command += ["--over", str(over)]
    if options.fonts_dir is not None:
        command += ["--fonts-dir", str(options.fonts_dir)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _works(chunk: Chunk, *, choices: bool = False) -> list[Work]:
    if not (chunk.folder / TRUTH_FILE).is_file():
        return []
    pages = load_truth(chunk.folder / TRUTH_FILE)
    return [Work(chunk.folder, p, f"{chunk.folder.name}/{p.file}#{p.page}", choices) for p in pages]


_READER: list[EngineReader] = []
"""The process's own engine, made with its first page."""


def _reader() -> EngineReader:
    if not _READER:
        folder = OUT
        options = ReaderOptions((), folder / "blanks", folder / "cache", threads=1)
        engine = build_reader(options).engine
        _READER.append(EngineReader(replace(engine, calibration=UNCALIBRATED)))
    return _READER[0]


def _made(truth: TruthPage) -> dict[str, str]:
    named = {name: truth.meta.get(name, ())[:1] for name in _MADE}
    made = {name: value for name, values in named.items() for value in values}
    return {"template": str(truth.template), **made}


@cache
def _choice_readers() -> tuple[TemplateLibrary, MarkReader]:
    return load_library(shipped_folder()), MarkReader()


def _read_choices(work: Work, stamp: str) -> PageOutcomes:
    """Read one page's questions of several boxes with raw scores; no network for text is loaded."""
    page = decode_page(
        (work.folder / work.page.file).read_bytes(), work.page.page - 1, DecodeLimits()
    )
    library, reader = _choice_readers()
    found = choice_outcomes(page, work.page, library, reader, name=work.name)
    return PageOutcomes(work.name, stamp, (reader.name,), _made(work.page), found)


def _read(work: Work, stamp: str) -> PageOutcomes:
    """Read one page with raw scores."""
    if work.choices:
        return _read_choices(work, stamp)
    reader, truth = _reader(), work.page
    data = (work.folder / truth.file).read_bytes()
    record = reader.read(data, truth.page - 1, file=truth.file, template=None).record
    template = reader.engine.library.get(f"{truth.template}@{truth.version}").template
    return PageOutcomes(
        page=work.name,
        stamp=stamp,
        readers=tuple(sorted({value.reader for value in record.fields})),
        made=_made(truth),
        outcomes=outcomes_of(record, truth, template, page=work.name),
    )


def reading_stamp() -> str:
    """Digest of everything that a raw score follows from: code, weights, templates."""
    digest = hashlib.sha256()
    folders = [ROOT / "ocr_service" / name for name in _READING] + [ROOT / "form_templates"]
    for path in sorted(path for folder in folders for path in folder.rglob("*") if path.is_file()):
        if path.suffix != ".pyc" and path.name not in _NOT_READING:
            digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


if __name__ == "__main__":
    sys.exit(main())
