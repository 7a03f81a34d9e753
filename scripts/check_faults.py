"""Measures the content check on planted faults: ``python scripts/check_faults.py [--scans N]``.

Without ``--scans`` the rules see the true values; with it every page is drawn, scanned and read
first, and what counts is whether the fault is found from the scan. A fault is found if the rule
that its kind names is among the findings. Faultless pages must have none.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from ocr_service.domain.field import FieldValue, Source, Status  # noqa: E402 -- needs ROOT
from ocr_service.domain.geometry import BoxMm  # noqa: E402 -- needs ROOT
from ocr_service.forms.library import LoadedTemplate, load_library, shipped_folder  # noqa: E402
from ocr_service.masters.municipalities import municipalities  # noqa: E402 -- needs ROOT
from ocr_service.pipeline.assemble import ReaderOptions, build_reader  # noqa: E402 -- needs ROOT
from ocr_service.validators.facts import Facts  # noqa: E402 -- needs ROOT
from ocr_service.validators.places import Place, Places  # noqa: E402 -- needs ROOT
from ocr_service.validators.run import RuleContext, run_rules  # noqa: E402 -- needs ROOT
from samples.generator.faultless import faultless  # noqa: E402 -- needs ROOT
from samples.generator.faults import Difficulty  # noqa: E402 -- needs ROOT
from samples.generator.fonts import font_folders, open_fonts  # noqa: E402 -- needs ROOT
from samples.generator.page import Tools  # noqa: E402 -- needs ROOT
from samples.generator.plant import KINDS, plant  # noqa: E402 -- needs ROOT
from samples.generator.run import FAULTLESS, Order, empty_form, make_page  # noqa: E402 -- needs ROOT
from samples.generator.sheet import Sheet  # noqa: E402 -- needs ROOT

FORM = "mhlw-covid19"
TODAY = dt.date(2026, 11, 26)


def _values(sheet: Sheet) -> dict[str, FieldValue]:
    return {
        key: FieldValue(
            key=key,
            value=tuple(sorted(value)) if isinstance(value, tuple) else value,
            raw="",
            probability=1.0,
            status=Status.ACCEPTED,
            alternatives=(),
            reader="truth",
            source=Source.MACHINE,
            flags=frozenset(),
            box=BoxMm(0, 0, 1, 1),
        )
        for key, value in sheet.values.items()
    }


def from_truth(loaded: LoadedTemplate, kind: str, number: int, seed: int) -> Iterator[set[str]]:
    """Rules that find something on each of ``number`` records of a kind, by true values."""
    places = Places(Place(c, m.prefecture, m.city) for c, m in municipalities().items())
    context = RuleContext(loaded.template, TODAY, Facts(places=places))
    for index in range(number):
        rng = np.random.default_rng([seed, *kind.encode(), index])
        sheet = faultless(rng) if kind == FAULTLESS else plant(rng, kind)
        issues = run_rules(loaded.template.rules, _values(sheet), context)
        yield {issue.rule for issue in issues}


class FromScans:
    """Draws pages, reads them, and tells the rules that find something."""

    def __init__(self, loaded: LoadedTemplate, folder: Path, *, split: str | None) -> None:
        self._loaded, self._folder = loaded, folder
        folders = font_folders(None)
        self._tools = Tools(open_fonts(folders, only=(), split=split), None, folders)
        self._background = empty_form(loaded)
        options = ReaderOptions((), folder / "blanks", folder / "cache")
        self._reader = build_reader(options)

    def find(self, kind: str, number: int, seed: int) -> Iterator[set[str]]:
        """Rules that find something on each of ``number`` pages of a kind."""
        for index in range(number):
            path = self._folder / "page.jpg"
            own = sum(kind.encode()) * 1000 + seed
            order = Order(number, own, Difficulty.NORMAL, self._folder, plant=kind)
            make_page(order, index, self._loaded, self._tools, self._background, path)
            page = self._reader.read(path.read_bytes(), 0, file=path.name, template=FORM)
            yield {issue.rule for issue in page.record.issues}


def _rows(
    found: dict[str, list[set[str]]],
) -> Iterator[tuple[str, str, int, int]]:
    for kind, pages in found.items():
        rule = KINDS[kind].rule
        yield kind, rule, sum(rule in rules for rules in pages), len(pages)


def _report(found: dict[str, list[set[str]]], clean: Sequence[set[str]]) -> None:
    rows = list(_rows(found))
    print("| kind | rule | found | of |\n|---|---|---|---|")
    for kind, rule, hits, number in rows:
        print(f"| {kind} | `{rule}` | {hits} | {number} |")
    hits, number = sum(row[2] for row in rows), sum(row[3] for row in rows)
    print(f"\nfound {hits} of {number} ({hits / max(1, number):.1%}) in {len(rows)} kinds")
    alarmed = [rules for rules in clean if rules]
    print(f"faultless pages with a finding: {len(alarmed)} of {len(clean)}")
    alarms = Counter(rule for rules in clean for rule in rules)
    for rule, times in alarms.most_common():
        print(f"  {rule}: {times}")


def main(arguments: list[str] | None = None) -> int:
    """Plant, look and count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--truth", type=int, default=20, help="records of each kind, true values")
    parser.add_argument("--scans", type=int, default=0, help="pages of each kind, read from scans")
    parser.add_argument("--clean", type=int, default=None, help="faultless ones; default 10 times")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--split", choices=["train", "calibration", "test"], default="test")
    parser.add_argument("--kinds", nargs="+", choices=list(KINDS), default=list(KINDS))
    options = parser.parse_args(arguments)
    loaded = load_library(shipped_folder()).get(FORM)
    number = options.scans or options.truth
    clean_number = number * 10 if options.clean is None else options.clean
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        if options.scans:
            scans = FromScans(loaded, Path(folder), split=options.split)
            found = {kind: list(scans.find(kind, number, options.seed)) for kind in options.kinds}
            clean = list(scans.find(FAULTLESS, clean_number, options.seed))
        else:
            found = {k: list(from_truth(loaded, k, number, options.seed)) for k in options.kinds}
            clean = list(from_truth(loaded, FAULTLESS, clean_number, options.seed))
    _report(found, clean)
    print(f"{time.perf_counter() - start:.0f} s")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
