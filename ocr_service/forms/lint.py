"""Mistakes in a template that the schema cannot see."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from ocr_service.domain.geometry import BoxMm
from ocr_service.forms.fields import (
    ChoiceField,
    CodeField,
    DigitsField,
    FieldSpec,
    Format,
    StickerField,
    TextField,
)
from ocr_service.forms.model import FormTemplate, PageSpec

_CELLS_BY_FORMAT = {Format.DATE: {8, 6}, Format.INSTITUTION_CODE: {10}}
_SHARED_AREA_ALLOWED = 0.1


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong or doubtful.

    Attributes:
        where: field key, page or anchor.
        message: what is wrong and what to do.
        fatal: the template cannot be used like this.
    """

    where: str
    message: str
    fatal: bool = True


def lint(template: FormTemplate) -> tuple[Finding, ...]:
    """Everything wrong with ``template``, fatal findings first; empty if it is fine."""
    findings = [*_pages(template), *_overlaps(template), *_entry(template)]
    for spec in template.fields:
        findings.extend(_field(spec, template.pages[spec.page - 1]))
    return tuple(sorted(findings, key=lambda f: not f.fatal))


def places_of(spec: FieldSpec) -> list[tuple[str, BoxMm]]:
    """Every place a field is written at, with a name for messages."""
    match spec:
        case TextField():
            return [(f"{spec.key}.segments[{i}]", s.box) for i, s in enumerate(spec.segments)]
        case DigitsField():
            return [(f"{spec.key}.cells[{i}]", c.box) for i, c in enumerate(spec.cells)]
        case ChoiceField():
            return [(f"{spec.key}.{option.value}", option.box) for option in spec.options]
        case _:
            return [(spec.key, spec.box)]


def _pages(template: FormTemplate) -> Iterator[Finding]:
    for number, page in enumerate(template.pages, start=1):
        paper = BoxMm(0, 0, page.width_mm, page.height_mm)
        for anchor in page.anchors:
            if not paper.contains(anchor.box):
                yield Finding(f"page {number}", f"anchor {anchor.id} lies outside the paper")
        if len({anchor.id for anchor in page.anchors}) < len(page.anchors):
            yield Finding(f"page {number}", "two anchors have the same id")


def _field(spec: FieldSpec, page: PageSpec) -> Iterator[Finding]:
    yield from _positions(spec, page)
    match spec:
        case DigitsField():
            yield from _digits(spec)
        case ChoiceField():
            yield from _unique([option.value for option in spec.options], spec.key, "options")
        case CodeField():
            yield from _code(spec)
        case StickerField():
            yield from _unique([part.role for part in spec.parts], spec.key, "parts")
        case _:
            return


def _entry(template: FormTemplate) -> Iterator[Finding]:
    for spec in template.fields:
        if spec.kind == "mask" and spec.entry is not None:
            yield Finding(spec.key, "a mask gives no value, so nobody keys it: remove entry")
    keyed = [key for key in template.record_keys if template.entry_of(key) > 1]
    if keyed and template.triage.straight_through:
        message = f"nothing passes straight through while people key {', '.join(keyed)}"
        yield Finding("triage", message, fatal=False)


def _positions(spec: FieldSpec, page: PageSpec) -> Iterator[Finding]:
    paper = BoxMm(0, 0, page.width_mm, page.height_mm)
    for where, box in places_of(spec):
        if not paper.contains(box):
            yield Finding(where, "lies outside the paper")
        for anchor in page.anchors:
            if box.overlaps(anchor.box):
                yield Finding(where, f"covers anchor {anchor.id}")


def _unique(names: Sequence[str], where: str, what: str) -> Iterator[Finding]:
    if len(set(names)) < len(names):
        yield Finding(where, f"two {what} have the same value")


def _digits(spec: DigitsField) -> Iterator[Finding]:
    allowed = _CELLS_BY_FORMAT.get(spec.format)
    if allowed and len(spec.cells) not in allowed:
        wanted = " or ".join(str(n) for n in sorted(allowed))
        yield Finding(spec.key, f"format {spec.format} needs {wanted} cells")
    if spec.format in {Format.NAME, Format.KANA, Format.ADDRESS, Format.PHONE}:
        yield Finding(spec.key, f"format {spec.format} does not go with cells of digits")
    if all(cell.printed for cell in spec.cells):
        yield Finding(spec.key, "every cell is pre-printed: there is nothing to read")


def _code(spec: CodeField) -> Iterator[Finding]:
    for part in spec.parts:
        if not part.start < part.stop <= spec.length:
            yield Finding(f"{spec.key}.{part.key}", f"start < stop <= {spec.length} does not hold")
    if spec.codabar_slice is not None:
        start, stop = spec.codabar_slice
        if not 0 <= start < stop <= spec.length:
            yield Finding(spec.key, f"codabar_slice is outside the {spec.length} characters")


def _overlaps(template: FormTemplate) -> Iterator[Finding]:
    fixed = [s for s in template.fields if not (isinstance(s, TextField) and s.after)]
    placed = [(s.page, where, box) for s in fixed for where, box in places_of(s)]
    for (page_a, where_a, a), (page_b, where_b, b) in combinations(placed, 2):
        if page_a == page_b and a.overlaps(b) and _shared(a, b) > _SHARED_AREA_ALLOWED:
            yield Finding(where_b, f"covers {where_a}", fatal=False)


def _shared(a: BoxMm, b: BoxMm) -> float:
    """Common area as a share of the smaller box, 0 to 1."""
    width = min(a.right, b.right) - max(a.x, b.x)
    height = min(a.bottom, b.bottom) - max(a.y, b.y)
    return width * height / min(a.w * a.h, b.w * b.h)


__all__ = ["Finding", "lint", "places_of"]
