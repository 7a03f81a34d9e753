"""Makes filled forms with exact truth: ``python samples/make.py --n 20 --seed 1 --out DIR``."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import cv2

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from ocr_service.forms.library import load_library, shipped_folder  # noqa: E402 -- needs ROOT
from samples.generator.digits import CROPS, open_crops  # noqa: E402 -- needs ROOT
from samples.generator.faults import Difficulty  # noqa: E402 -- needs ROOT
from samples.generator.fonts import PRINTED, font_folders, open_fonts  # noqa: E402 -- needs ROOT
from samples.generator.page import Tools  # noqa: E402 -- needs ROOT
from samples.generator.plant import KINDS  # noqa: E402 -- needs ROOT
from samples.generator.run import (  # noqa: E402 -- needs ROOT
    FAULTLESS,
    INVENTORS,
    TRUTH_FILE,
    Order,
    make_pages,
)


def _names(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(",") if part)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=10, help="number of pages")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--difficulty", choices=[d.value for d in Difficulty], default="normal")
    parser.add_argument("--out", type=Path, required=True, help="folder for scans and truth.jsonl")
    parser.add_argument("--over", type=Path, help="PDF to fill instead of the drawn blank")
    parser.add_argument("--template", default="mhlw-covid19", help="KEY or KEY@VERSION")
    parser.add_argument("--fonts", type=_names, default=(), help="names of handwriting fonts")
    parser.add_argument("--fonts-dir", type=Path, help="further folder to look for fonts in")
    parser.add_argument("--senders", type=_names, default=(), help="senders of real crops")
    parser.add_argument(
        "--split", choices=["train", "calibration", "test"], help="senders and fonts of one side"
    )
    parser.add_argument("--no-real-crops", action="store_true", help="draw everything from fonts")
    parser.add_argument("--format", choices=["jpg", "png", "tif"], default="jpg")
    parser.add_argument(
        "--plant", choices=sorted((FAULTLESS, *KINDS)), help="one fault for every page, or none"
    )
    parser.add_argument(
        "--crossed",
        type=float,
        default=0.0,
        help="share of lines of text with something struck out",
    )
    parser.add_argument("--quality", type=int, help="JPEG quality for every page")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Make the pages and say where they lie."""
    options = _parser().parse_args(arguments)
    loaded = load_library(shipped_folder()).get(options.template)
    if loaded.template.key not in INVENTORS:
        print(f"pages can be made of {', '.join(INVENTORS)}", file=sys.stderr)
        return 2
    if options.plant is not None and loaded.template.key != "mhlw-covid19":
        print("faults are planted into mhlw-covid19 only", file=sys.stderr)
        return 2
    cv2.setNumThreads(1)  # pages are small: threads cost more than they give
    folders = font_folders(options.fonts_dir)
    crops = None
    if not options.no_real_crops:
        crops = open_crops(ROOT.parent / CROPS, split=options.split, senders=options.senders)
    book = open_fonts(folders, only=options.fonts, split=options.split)
    if book.hands[0].name == PRINTED:
        print("no handwriting font found: pages are set in print", file=sys.stderr)
    tools = Tools(book, crops, folders)
    order = Order(
        count=options.n,
        seed=options.seed,
        difficulty=Difficulty(options.difficulty),
        out=options.out,
        suffix=options.format,
        over=options.over,
        quality=options.quality,
        plant=options.plant,
        crossed=options.crossed,
    )
    start = time.perf_counter()
    made = sum(1 for _ in make_pages(order, loaded, tools))
    each = (time.perf_counter() - start) / max(1, made)
    print(f"{made} pages and {TRUTH_FILE} in {options.out} ({each:.2f} s a page)")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
