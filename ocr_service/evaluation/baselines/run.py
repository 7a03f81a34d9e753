"""Reads the pages of a folder with every engine at hand."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ocr_service.domain.errors import InvalidRequest
from ocr_service.domain.field import Candidate
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.page import Page
from ocr_service.domain.record import Record
from ocr_service.evaluation.baselines.by_position import read_by_position
from ocr_service.evaluation.baselines.compare import Contender
from ocr_service.evaluation.baselines.page_text import PageLine, WholePageReader, laid, scaled
from ocr_service.evaluation.baselines.readings import field_values
from ocr_service.evaluation.baselines.tesseract import Tesseract
from ocr_service.evaluation.baselines.tesseract_crops import read_crops
from ocr_service.evaluation.truth import TruthPage
from ocr_service.forms.model import FormTemplate
from ocr_service.imaging.decode import decode_page
from ocr_service.pipeline.crop import crop_field
from ocr_service.pipeline.engine import Engine
from ocr_service.pipeline.identify import Unmatched, identify
from ocr_service.pipeline.reader import EngineReader

OURS: Final = "this pipeline"
PADDLE_SCALED: Final = "PaddleOCR, page scaled"
PADDLE_LAID: Final = "PaddleOCR, our registration"
TESSERACT: Final = "Tesseract, our crops"


@dataclass(frozen=True, slots=True)
class Engines:
    """Who takes part.

    Attributes:
        ours: this pipeline.
        paddle: plain PaddleOCR on whole pages.
        tesseract: the program, None where it is not installed.
    """

    ours: EngineReader
    paddle: WholePageReader
    tesseract: Tesseract | None


@dataclass(frozen=True, slots=True)
class _Answer:
    """One engine on one page."""

    engine: str
    record: Record
    cpu_s: float


def run_engines(
    engines: Engines,
    folder: Path,
    truth: Sequence[TruthPage],
    *,
    told: Callable[[int, int], None] = lambda _done, _total: None,
) -> tuple[Contender, ...]:
    """Read every page with every engine.

    PaddleOCR reads a page once; its lines are given to the fields twice: with the scan's edges
    taken for the paper's, as its user would do, and laid on the form by our registration, which
    shows what finding the page is worth. It is told which form a page is, as its user would know.

    Args:
        engines: who takes part.
        folder: where the scans lie.
        truth: the pages, each of a known template.
        told: called with (pages read, pages in all) after each page.

    Returns:
        Ours first; every one with a record for each page.

    Raises:
        InvalidRequest: a scan is missing, or a page is of no template.
        ServiceUnavailable: Tesseract failed.
    """
    answers: dict[str, list[_Answer]] = {}
    for number, page in enumerate(truth, start=1):
        path = folder / page.file
        if not path.is_file():
            raise InvalidRequest(f"the truth names {page.file}, which is not there")
        for answer in _read_page(engines, path.read_bytes(), page):
            answers.setdefault(answer.engine, []).append(answer)
        told(number, len(truth))
    return tuple(
        Contender(name, tuple(a.record for a in given), sum(a.cpu_s for a in given))
        for name, given in answers.items()
    )


def _read_page(engines: Engines, data: bytes, page: TruthPage) -> Iterator[_Answer]:
    if page.template is None:
        raise InvalidRequest(f"{page.file} is of no template; there is nothing to compare")
    engine = engines.ours.engine
    template = engine.library.get(f"{page.template}@{page.version}").template
    start = cpu_seconds()
    ours = engines.ours.read(data, page.page - 1, file=page.file, template=None)
    yield _Answer(OURS, ours.record, cpu_seconds() - start)

    start = cpu_seconds()
    scan = decode_page(data, page.page - 1, engine.limits)
    text = engines.paddle.read(scan.gray)
    paddle_s = cpu_seconds() - start
    by_edges = _by_position(template, scaled(text, template.pages[0]))
    yield _Answer(PADDLE_SCALED, _record(page, template, by_edges, engines.paddle.name), paddle_s)
    lies = ours.record.registration
    by_marks = {} if lies is None else _by_position(template, laid(text, lies.homography))
    yield _Answer(
        PADDLE_LAID,
        _record(page, template, by_marks, engines.paddle.name),
        paddle_s + ours.seconds.get("register", 0.0),
    )

    if engines.tesseract is not None:
        start = cpu_seconds()
        scan = decode_page(data, page.page - 1, engine.limits)
        crops = _by_crops(engine, scan, page, engines.tesseract)
        record = _record(page, template, crops, f"tesseract-{engines.tesseract.version}")
        yield _Answer(TESSERACT, record, cpu_seconds() - start)


def _by_position(template: FormTemplate, lines: Sequence[PageLine]) -> Mapping[str, Candidate]:
    return read_by_position(template, 1, lines)


def _by_crops(
    engine: Engine, scan: Page, page: TruthPage, tesseract: Tesseract
) -> Mapping[str, Candidate]:
    loaded = engine.library.only(f"{page.template}@{page.version}").loaded
    found = identify(scan, loaded)
    if isinstance(found, Unmatched):
        return {}
    registered = found.registered
    blank = engine.blank(found.loaded, registered.template_page)
    crops = [
        crop_field(registered, spec, blank)
        for spec in found.loaded.template.fields
        if spec.page == registered.template_page + 1 and spec.kind in _TEXTUAL
    ]
    return read_crops(crops, tesseract)


_TEXTUAL = frozenset({"text", "digits", "code", "sticker"})


def _record(
    page: TruthPage, template: FormTemplate, read: Mapping[str, Candidate], reader: str
) -> Record:
    return Record(
        file=page.file,
        page=page.page,
        template=template.key,
        version=template.version,
        state=DocumentState.NEEDS_REVIEW,
        registration=None,
        fields=field_values(template, read, reader),
        issues=(),
    )


def cpu_seconds() -> float:
    """CPU time of this process, all its threads, and the programs it has run."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


__all__ = [
    "OURS",
    "PADDLE_LAID",
    "PADDLE_SCALED",
    "TESSERACT",
    "Engines",
    "cpu_seconds",
    "run_engines",
]
