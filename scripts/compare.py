"""This pipeline, plain PaddleOCR and Tesseract on the same pages: ``scripts/compare.py SCANS``.

SCANS is a folder with ``truth.jsonl``, as ``samples/make.py`` writes it. Slow: plain PaddleOCR
alone takes about ten CPU seconds a page. Figures go to ``compare.json``. See
``docs/reference/benchmark-set.md`` for what the columns mean.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from ocr_service.cli.engine import reader_from_settings
from ocr_service.evaluation.baselines.compare import Contender, compare
from ocr_service.evaluation.baselines.paddle_page import PaddlePageReader
from ocr_service.evaluation.baselines.run import Engines, run_engines
from ocr_service.evaluation.baselines.table import print_comparison
from ocr_service.evaluation.baselines.tesseract import find_tesseract
from ocr_service.evaluation.truth import TRUTH_FILE, TruthPage, load_truth
from ocr_service.settings import Settings

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    """Read, score, print, write ``compare.json``."""
    options = _options()
    # One line must hold five columns, also where the output goes to a file.
    console = Console(width=None if sys.stdout.isatty() else 140)
    known = (page for page in load_truth(options.scans / TRUTH_FILE) if page.template is not None)
    truth = tuple(known)[: options.pages]
    settings = Settings()
    engines = Engines(
        ours=reader_from_settings(settings, threads=1),
        paddle=PaddlePageReader(settings.data_dir.resolve() / "cache", threads=1),
        tesseract=find_tesseract(),
    )
    contenders = _run(engines, options.scans, truth)
    comparison = compare(contenders, truth, engines.ours.engine.library)
    print_comparison(comparison, console)
    if engines.tesseract is None:
        console.print("Tesseract: not installed (apt-get install tesseract-ocr tesseract-ocr-jpn)")
    figures = comparison.to_json()
    figures["tesseract"] = None if engines.tesseract is None else engines.tesseract.version
    options.out.mkdir(parents=True, exist_ok=True)
    target = options.out / "compare.json"
    target.write_text(json.dumps(figures, ensure_ascii=False, indent=1), encoding="utf-8")
    console.print(f"Figures: {target}")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scans", type=Path, help="folder of scans and truth.jsonl")
    parser.add_argument("--pages", type=int, default=20, help="only the first so many")
    parser.add_argument("--out", type=Path, default=ROOT / "bench-out")
    return parser.parse_args()


def _run(engines: Engines, folder: Path, truth: tuple[TruthPage, ...]) -> tuple[Contender, ...]:
    with Progress(transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("reading", total=len(truth))
        return run_engines(
            engines, folder, truth, told=lambda done, _: bar.update(task, completed=done)
        )


if __name__ == "__main__":
    sys.exit(main())
