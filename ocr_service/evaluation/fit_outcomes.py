"""Outcomes of generated pages, kept in a file so that a fit can be repeated without reading."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from ocr_service.domain.errors import InvalidRequest
from ocr_service.domain.record import Record
from ocr_service.evaluation.fit import Outcome
from ocr_service.evaluation.judge import plain
from ocr_service.evaluation.truth import TruthPage
from ocr_service.forms.model import FormTemplate
from ocr_service.pipeline.calibration_groups import group_of


@dataclass(frozen=True, slots=True)
class PageOutcomes:
    """What one page gave.

    Attributes:
        page: name of the page, the same in every run.
        stamp: digest of the readers that read it.
        readers: their names.
        made: how the page was made: template, difficulty, font, sender.
        outcomes: one for each value with known truth; none where the page was not recognised.
    """

    page: str
    stamp: str
    readers: tuple[str, ...]
    made: Mapping[str, str]
    outcomes: tuple[Outcome, ...]


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    page: str
    stamp: str
    readers: tuple[str, ...]
    made: dict[str, str]
    outcomes: tuple[tuple[str, float, bool], ...]


def outcomes_of(
    record: Record, truth: TruthPage, template: FormTemplate, *, page: str
) -> tuple[Outcome, ...]:
    """Every value of a record of raw scores against the truth; empty for another template.

    Args:
        record: read with an engine that leaves raw scores as they are.
        truth: what the page says.
        template: the template the truth names.
        page: name of the page.
    """
    if (record.template, record.version) != (truth.template, truth.version):
        return ()
    specs = {key: spec for spec in template.fields for key in spec.record_keys}
    return tuple(
        Outcome(
            group=group_of(specs[value.key], value, template),
            score=round(value.probability, 9),
            right=plain(value.value) == plain(truth.fields[value.key]),
            page=page,
        )
        for value in record.fields
        if value.key in truth.fields
    )


def append_outcomes(path: Path, found: PageOutcomes) -> None:
    """Add a page to the file; a line is written whole or, if the process dies, not counted."""
    line = {
        "page": found.page,
        "stamp": found.stamp,
        "readers": list(found.readers),
        "made": dict(found.made),
        "outcomes": [[o.group, o.score, o.right] for o in found.outcomes],
    }
    with path.open("a", encoding="utf-8", newline="\n") as lines:
        lines.write(json.dumps(line, ensure_ascii=False) + "\n")


def load_outcomes(path: Path) -> dict[str, PageOutcomes]:
    """Pages in the file by name; of two lines for a page the later counts.

    Raises:
        InvalidRequest: a whole line is not what it should be.
    """
    if not path.is_file():
        return {}
    text = path.read_text("utf-8")
    whole = text[: text.rfind("\n") + 1]  # what follows was being written when a process died
    if whole != text:
        path.write_text(whole, encoding="utf-8", newline="\n")
    return {found.page: found for found in _parsed(whole, path.name)}


def all_outcomes(pages: Iterable[PageOutcomes]) -> list[Outcome]:
    """The outcomes of all pages, in the order of their names."""
    ordered = sorted(pages, key=lambda page: page.page)
    return [outcome for page in ordered for outcome in page.outcomes]


def _parsed(text: str, name: str) -> Iterator[PageOutcomes]:
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            parsed = _Line.model_validate_json(line)
        except ValidationError as error:
            raise InvalidRequest(f"{name}, line {number}: not a page of outcomes") from error
        outcomes = tuple(Outcome(g, s, r, parsed.page) for g, s, r in parsed.outcomes)
        yield PageOutcomes(parsed.page, parsed.stamp, parsed.readers, parsed.made, outcomes)


__all__ = ["PageOutcomes", "all_outcomes", "append_outcomes", "load_outcomes", "outcomes_of"]
