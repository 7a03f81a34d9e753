"""Accuracy and speed on generated pages: ``make bench``, or ``scripts/bench.py --pages 200``.

Pages are synthetic, of invented people, made with senders and fonts that no reader was trained on.
They are drawn over the official blank form where its PDF is at hand, else over our own blank.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from ocr_service.cli.bench import draw_risk, score_with_progress
from ocr_service.cli.client import ServiceClient
from ocr_service.cli.embedded import embedded
from ocr_service.cli.engine import reader_from_settings
from ocr_service.evaluation.folder import FolderScore
from ocr_service.evaluation.mistakes import write_mistakes
from ocr_service.evaluation.placement import Placement, placement
from ocr_service.evaluation.speed import Throughput, peak_rss_mib
from ocr_service.evaluation.table import print_report
from ocr_service.evaluation.truth import TRUTH_FILE
from ocr_service.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
OFFICIAL_FORM = ROOT.parent / "shared" / "data" / "forms" / "mhlw-covid19-2021-05.pdf"
WORKERS = 2
LIMIT_S = 3600.0


def main() -> int:
    """Make pages, score them, time the whole path, write ``bench.json``."""
    options = _options()
    console = Console()
    options.out.mkdir(parents=True, exist_ok=True)
    pages = options.scans or _make_pages(options, options.out / f"pages-{options.difficulty}")
    reader = reader_from_settings(Settings(), threads=1)
    scored = score_with_progress(reader, pages)
    print_report(scored.report, console, splits=options.splits)
    draw_risk(reader, scored, options.out / "risk-coverage.png")
    placed = placement(scored.records, pages / TRUTH_FILE)
    console.print(
        f"Registration against truth: worst point of the worst page {placed.worst_mm:.2f} mm off, "
        f"{placed.shifted} of {len(placed.errors_mm)} pages shifted"
    )
    speed = None if options.no_speed else _throughput(pages)
    if speed is not None:
        console.print(
            f"Whole path: {speed.pages_per_minute:.0f} pages a minute, {speed.workers} workers, "
            f"largest worker {speed.worker_rss_mib:.0f} MiB"
        )
    _write(options, scored, placed, speed)
    console.print(f"Figures: {options.out / 'bench.json'}; beside it the wrong fields in")
    console.print("mistakes.jsonl and error against coverage in risk-coverage.png")
    if options.compare:
        _compare(pages, options)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=40)
    parser.add_argument("--seed", type=int, default=2001)
    parser.add_argument("--difficulty", choices=("easy", "normal", "hard"), default="normal")
    parser.add_argument("--fonts-dir", type=Path, help="further folder of handwriting fonts")
    parser.add_argument("--over", type=Path, help="PDF to fill; default: the official form")
    parser.add_argument("--scans", type=Path, help="score these scans instead of making pages")
    parser.add_argument("--out", type=Path, default=ROOT / "bench-out")
    parser.add_argument("--splits", action="store_true", help="also by font, difficulty and fault")
    parser.add_argument("--no-speed", action="store_true", help="accuracy only")
    parser.add_argument(
        "--compare",
        type=int,
        default=20,
        metavar="N",
        help="read the first N pages with plain PaddleOCR and Tesseract too; 0 = do not",
    )
    return parser.parse_args()


def _make_pages(options: argparse.Namespace, folder: Path) -> Path:
    command = [sys.executable, str(ROOT / "samples" / "make.py")]
    command += ["--n", str(options.pages), "--seed", str(options.seed), "--split", "test"]
    command += ["--difficulty", options.difficulty, "--out", str(folder)]
    over = options.over or (OFFICIAL_FORM if OFFICIAL_FORM.is_file() else None)
    if over is not None:
        command += ["--over", str(over)]
    if options.fonts_dir is not None:
        command += ["--fonts-dir", str(options.fonts_dir)]
    subprocess.run(command, check=True)
    return folder


def _compare(pages: Path, options: argparse.Namespace) -> None:
    """In a process of its own: its engines shall not weigh on the figures above."""
    command = [sys.executable, str(ROOT / "scripts" / "compare.py"), str(pages)]
    command += ["--pages", str(options.compare), "--out", str(options.out)]
    subprocess.run(command, check=True)


def _throughput(pages: Path) -> Throughput:
    """Upload every scan to a fresh service; the clock starts once its models are loaded."""
    scans = sorted(path for path in pages.iterdir() if path.name != TRUTH_FILE)
    with tempfile.TemporaryDirectory() as data:
        settings = Settings(data_dir=Path(data), port=0, workers=WORKERS)
        with embedded(settings) as service:
            client = ServiceClient(service.address, service.admin_token("bench"))
            warm, rest = scans[:WORKERS], scans[WORKERS:]
            _send_and_wait(client, warm)
            start = time.monotonic()
            count = _send_and_wait(client, rest)
            seconds = time.monotonic() - start
            rss_mib = peak_rss_mib(service.workers.pid or 0)
            client.close()
    return Throughput(count, seconds, WORKERS, rss_mib)


def _send_and_wait(client: ServiceClient, scans: list[Path]) -> int:
    batch = client.open_batch("bench")
    for path in scans:
        client.send(batch, path)
    return client.wait(batch, limit_s=LIMIT_S).total


def _write(
    options: argparse.Namespace, scored: FolderScore, placed: Placement, speed: Throughput | None
) -> None:
    figures = scored.report.to_json()
    figures["placement"] = {"worst_mm": round(placed.worst_mm, 3), "shifted": placed.shifted}
    figures["throughput"] = None if speed is None else speed.to_json()
    figures["run"] = {"difficulty": options.difficulty, "seed": options.seed}
    text = json.dumps(figures, ensure_ascii=False, indent=1)
    (options.out / "bench.json").write_text(text, encoding="utf-8")
    write_mistakes(scored, options.out / "mistakes.jsonl")


if __name__ == "__main__":
    sys.exit(main())
