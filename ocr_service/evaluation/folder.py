"""Reads a folder of scans with known content and scores what was read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ocr_service.domain.errors import InvalidRequest
from ocr_service.domain.record import Record
from ocr_service.evaluation.report import Report
from ocr_service.evaluation.score import score
from ocr_service.evaluation.truth import TRUTH_FILE, TruthPage, load_truth
from ocr_service.pipeline.reader import EngineReader


@dataclass(frozen=True, slots=True)
class FolderScore:
    """What a folder's pages came to.

    Attributes:
        records: as read, in the order of the truth.
        truth: what the pages say.
        report: the comparison.
    """

    records: tuple[Record, ...]
    truth: tuple[TruthPage, ...]
    report: Report


def score_folder(
    reader: EngineReader, folder: Path, *, told: Callable[[int, int], None] | None = None
) -> FolderScore:
    """Read every page that ``folder/truth.jsonl`` names and score it.

    Args:
        reader: the readers to judge.
        folder: scans and truth.
        told: called with (pages read, pages in all) after each page.

    Raises:
        InvalidRequest: there is no truth, or a scan it names is missing.
    """
    truth = load_truth(folder / TRUTH_FILE)
    records: list[Record] = []
    seconds: list[Mapping[str, float]] = []
    for number, page in enumerate(truth, start=1):
        path = folder / page.file
        if not path.is_file():
            raise InvalidRequest(f"{TRUTH_FILE} names {page.file}, which is not there")
        read = reader.read(path.read_bytes(), page.page - 1, file=page.file, template=None)
        records.append(read.record)
        seconds.append(read.seconds)
        if told is not None:
            told(number, len(truth))
    report = score(records, truth, reader.engine.library, seconds)
    return FolderScore(tuple(records), truth, report)


__all__ = ["FolderScore", "score_folder"]
