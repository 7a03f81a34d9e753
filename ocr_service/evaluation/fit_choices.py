"""Reads the choices of a page alone: without the text networks it takes a third of a second."""

from __future__ import annotations

from ocr_service.domain.field import FieldValue
from ocr_service.domain.page import Page
from ocr_service.evaluation.fit import Outcome
from ocr_service.evaluation.judge import plain
from ocr_service.evaluation.truth import TruthPage
from ocr_service.forms.fields import ChoiceField
from ocr_service.forms.library import TemplateLibrary
from ocr_service.pipeline.calibration_groups import MANY, group_of
from ocr_service.pipeline.crop import crop_field
from ocr_service.pipeline.faded import mark_faded
from ocr_service.pipeline.identify import Identified, identify
from ocr_service.pipeline.interpret import interpret
from ocr_service.recognizers.base import Recognizer


def choice_outcomes(
    page: Page, truth: TruthPage, library: TemplateLibrary, reader: Recognizer, *, name: str
) -> tuple[Outcome, ...]:
    """Raw scores of a page's questions with several boxes against the truth.

    All choices are read, for a page that lost its writing is known by the required ones.

    Args:
        page: a decoded scan.
        truth: what it says.
        library: the templates to tell apart.
        reader: of choices.
        name: of the page.

    Returns:
        One outcome a question; none where the page was not laid on the template of the truth.
    """
    found = identify(page, library.loaded)
    if not isinstance(found, Identified):
        return ()
    template = found.loaded.template
    if (template.key, template.version) != (truth.template, truth.version):
        return ()
    values: list[FieldValue] = []
    specs: dict[str, ChoiceField] = {}
    for spec in template.fields:
        if isinstance(spec, ChoiceField) and spec.page == found.registered.template_page + 1:
            specs[spec.key] = spec
            crop = crop_field(found.registered, spec, None)
            values += interpret(spec, reader.read(crop), box=crop.box, accept_at=1.0)
    known = [(group_of(specs[v.key], v, template), v) for v in mark_faded(values, template)]
    return tuple(
        Outcome(
            group=group,
            score=round(value.probability, 9),
            right=plain(value.value) == plain(truth.fields[value.key]),
            page=name,
        )
        for group, value in known
        if group.partition(".")[0] == MANY and value.key in truth.fields
    )


__all__ = ["choice_outcomes"]
