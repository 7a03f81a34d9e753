"""Several engines on the same pages, scored by the same rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from types import MappingProxyType
from typing import Any, Final

from ocr_service.domain.field import FieldValue, Value
from ocr_service.domain.record import Record
from ocr_service.evaluation.judge import Judged, judge_page
from ocr_service.evaluation.truth import TruthPage
from ocr_service.forms.fields import Format, TextField
from ocr_service.forms.library import TemplateLibrary
from ocr_service.forms.model import FormTemplate
from ocr_service.pipeline.values import IDEOGRAPHIC_SPACE

GROUPS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "digits": "boxed digits",
        "code": "codes",
        "text: kana": "kana",
        "text: name": "names",
        "text: address": "addresses",
        "text: number": "numbers in lines",
        "text: free": "free text",
        "choice": "marks",
        "flag": "marks",
        "presence": "signatures",
        "sticker": "stickers",
    }
)
"""Row of the tables by the kind a field is scored under; others are not compared.

Print that a label leads to is one: no other engine here is told to look for labels.
"""

_SPACED = frozenset({Format.NAME, Format.KANA})


@dataclass(frozen=True, slots=True)
class Contender:
    """One engine's answers.

    Attributes:
        name: column of the tables.
        records: one a page of truth, in the same order; a field it cannot answer is not there.
        cpu_s: CPU seconds for all pages, models loaded.
    """

    name: str
    records: tuple[Record, ...]
    cpu_s: float


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """One engine on one group of fields.

    Attributes:
        filled: fields with something on the paper.
        right: of these, exactly the truth.
        blank: fields with nothing on the paper.
        invented: of these, given a value.
        unseen: wrong values of both that nothing flags.
        answered: fields the engine had any answer for.
    """

    filled: int
    right: int
    blank: int
    invented: int
    unseen: int
    answered: int

    @property
    def exact(self) -> float:
        """Share of the filled fields that is right."""
        return self.right / self.filled if self.filled else 0.0

    @property
    def unseen_share(self) -> float:
        """Share of all fields that is wrong and not flagged."""
        fields = self.filled + self.blank
        return self.unseen / fields if fields else 0.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """The engines side by side.

    Attributes:
        pages: pages of truth.
        groups: rows, in order.
        figures: by engine, then by group.
        cpu_s: CPU seconds a page by engine.
    """

    pages: int
    groups: tuple[str, ...]
    figures: Mapping[str, Mapping[str, GroupFigures]]
    cpu_s: Mapping[str, float]

    def to_json(self) -> dict[str, Any]:
        """All figures; shares are rounded to 5 places."""
        return {
            "pages": self.pages,
            "engines": {
                name: {
                    "cpu_seconds_per_page": round(self.cpu_s[name], 3),
                    "groups": {
                        group: asdict(f)
                        | {"exact": round(f.exact, 5), "unseen_share": round(f.unseen_share, 5)}
                        for group, f in groups.items()
                    },
                }
                for name, groups in self.figures.items()
            },
        }


def compare(
    contenders: Sequence[Contender], truth: Sequence[TruthPage], library: TemplateLibrary
) -> Comparison:
    """Score all engines on all pages.

    A page that an engine could not read at all counts with every field. Names are compared without
    the space between family and given name, which not every engine reports.

    Raises:
        TemplateUnknown: the truth names a template the library lacks.
        ValueError: an engine has not one record for every page.
    """
    known = [page for page in truth if page.template is not None]
    figures = {c.name: _by_group(_judged(c, truth, library)) for c in contenders}
    seen = {group for groups in figures.values() for group in groups}
    return Comparison(
        pages=len(known),
        groups=tuple(group for group in dict.fromkeys(GROUPS.values()) if group in seen),
        figures=figures,
        cpu_s={c.name: c.cpu_s / max(1, len(truth)) for c in contenders},
    )


def _judged(
    contender: Contender, truth: Sequence[TruthPage], library: TemplateLibrary
) -> Iterator[tuple[Judged, bool]]:
    """Every field, and whether the engine had an answer."""
    for record, page in zip(contender.records, truth, strict=True):
        if page.template is None:
            continue
        template = library.get(f"{page.template}@{page.version}").template
        spaced = _spaced_keys(template)
        closed = replace(record, fields=tuple(_closed_field(f, spaced) for f in record.fields))
        fields = {k: _closed(v) if k in spaced else v for k, v in page.fields.items()}
        answered = {value.key for value in record.fields}
        for judged in judge_page(closed, replace(page, fields=fields), template):
            if judged.kind in GROUPS:
                yield judged, judged.key in answered


def _spaced_keys(template: FormTemplate) -> frozenset[str]:
    return frozenset(
        spec.key
        for spec in template.fields
        if isinstance(spec, TextField) and spec.format in _SPACED
    )


def _closed_field(field: FieldValue, spaced: frozenset[str]) -> FieldValue:
    return replace(field, value=_closed(field.value)) if field.key in spaced else field


def _closed(value: Value) -> Value:
    return value.replace(IDEOGRAPHIC_SPACE, "") if isinstance(value, str) else value


def _by_group(fields: Iterable[tuple[Judged, bool]]) -> dict[str, GroupFigures]:
    groups: dict[str, list[tuple[Judged, bool]]] = {}
    for judged, answered in fields:
        groups.setdefault(GROUPS[judged.kind], []).append((judged, answered))
    return {group: _figures(members) for group, members in groups.items()}


def _figures(members: Sequence[tuple[Judged, bool]]) -> GroupFigures:
    filled = [judged for judged, _ in members if judged.filled]
    blank = [judged for judged, _ in members if not judged.filled]
    return GroupFigures(
        filled=len(filled),
        right=sum(judged.right for judged in filled),
        blank=len(blank),
        invented=sum(not judged.right for judged in blank),
        unseen=sum(judged.accepted and not judged.right for judged, _ in members),
        answered=sum(answered for _, answered in members),
    )


__all__ = ["GROUPS", "Comparison", "Contender", "GroupFigures", "compare"]
