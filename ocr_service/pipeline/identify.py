"""Finds which template page a scan is, and lays it on that page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ocr_service.domain.errors import BlankPage, PageUnmatched
from ocr_service.domain.geometry import BoxMm
from ocr_service.domain.page import Page, RegisteredPage, Registration
from ocr_service.forms.fields import ChoiceField, DigitsField, FlagField, MarkKind
from ocr_service.forms.library import LoadedTemplate
from ocr_service.forms.model import FormTemplate
from ocr_service.imaging.ink import is_blank
from ocr_service.imaging.register import Layout, PageRegistrar, is_match
from ocr_service.imaging.warp import warp

_NEAREST_SHOWN = 3
_NEAREST_MIN_STRUCTURE = 0.1
_FRAMED = frozenset({MarkKind.CHECKBOX, MarkKind.FILL})


@dataclass(frozen=True, slots=True)
class Identified:
    """A scan that is a page of a known form.

    Attributes:
        loaded: the template.
        registered: the scan on the template page's canvas; says which page.
    """

    loaded: LoadedTemplate
    registered: RegisteredPage


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A scan that fits no template well enough to be cut into fields.

    Attributes:
        code: ``page.unmatched`` or ``page.blank``.
        message: what the operator can do.
        nearest: template keys that came closest, best first.
    """

    code: str
    message: str
    nearest: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Try:
    loaded: LoadedTemplate
    page_index: int
    frames: int
    registration: Registration

    @property
    def rank(self) -> tuple[float, float, str]:
        """More frames in place first, fewer missing next, then the newer version."""
        structure = self.registration.structure
        missing = self.frames * (1.0 - structure)
        return self.frames * structure - missing, structure, self.loaded.template.version


def printed_frames(template: FormTemplate, page_number: int) -> tuple[BoxMm, ...]:
    """Boxes that a template page prints: digit cells, boxes to mark, landmarks.

    Args:
        template: the form.
        page_number: 1-based, as fields name their page.

    Returns:
        Insides of the rules in millimetres.
    """
    frames: list[BoxMm] = []
    for field in template.fields:
        if field.page != page_number:
            continue
        if isinstance(field, DigitsField):
            frames += [cell.box for cell in field.cells]
        elif isinstance(field, ChoiceField) and field.mark in _FRAMED:
            frames += [option.box for option in field.options]
        elif isinstance(field, FlagField) and field.mark in _FRAMED:
            frames.append(field.box)
    return (*frames, *template.pages[page_number - 1].landmarks)


def identify(page: Page, templates: Sequence[LoadedTemplate]) -> Identified | Unmatched:
    """Lay a scan on the template page it is.

    Args:
        page: the scan.
        templates: the templates it may be; one, if the caller knows which.

    Returns:
        ``Identified``, or ``Unmatched`` for a blank page, another form or something else.
    """
    if is_blank(page.gray):
        return Unmatched(
            BlankPage.code, "the page is blank: discard it, or scan the other side of the sheet"
        )
    tries = _tries(page, templates)
    matches = [t for t in tries if is_match(t.registration)]
    if not matches:
        near = sorted(tries, key=lambda t: -t.registration.structure)
        near = [t for t in near if t.registration.structure >= _NEAREST_MIN_STRUCTURE]
        keys = tuple(dict.fromkeys(t.loaded.template.key for t in near))
        return Unmatched(
            PageUnmatched.code,
            "the page fits no template: choose the template by hand, or scan the whole page again",
            keys[:_NEAREST_SHOWN],
        )
    best = max(matches, key=lambda t: t.rank)
    spec = best.loaded.template.pages[best.page_index]
    gray = warp(page.gray, best.registration.homography, spec)
    return Identified(best.loaded, RegisteredPage(best.page_index, gray, best.registration))


def _tries(page: Page, templates: Sequence[LoadedTemplate]) -> list[_Try]:
    pages = [
        (loaded, index, Layout(spec, printed_frames(loaded.template, index + 1)))
        for loaded in templates
        for index, spec in enumerate(loaded.template.pages)
    ]
    registrar = PageRegistrar(page.gray, page.dpi)
    found = registrar.register_all([layout for _, _, layout in pages])
    return [
        _Try(loaded, index, len(layout.frames), registration)
        for (loaded, index, layout), registration in zip(pages, found, strict=True)
        if registration is not None
    ]


__all__ = ["Identified", "Unmatched", "identify", "printed_frames"]
