"""Outcomes of the questions with several boxes, read without any text."""

from __future__ import annotations

import numpy as np

from ocr_service.domain.page import Page
from ocr_service.evaluation.fit_choices import choice_outcomes
from ocr_service.evaluation.truth import TruthPage
from ocr_service.forms.library import TemplateLibrary
from ocr_service.recognizers.fixed import FixedRecognizer
from tests.unit.imaging_paper import drawn_form, scanned, shipped

MANY = ("q4_groups", "q5_diseases", "q5_drugs")


def test_only_questions_with_several_boxes_are_scored(library: TemplateLibrary) -> None:
    """Their values are whole lists in any order; pages of another form give nothing."""
    scan = scanned(drawn_form(shipped().template), np.random.default_rng(1), turn_deg=0.0)
    page = Page(index=0, gray=scan.gray, dpi=0.0, sha256="0" * 64)
    # All single choices are answered, so that the page is not taken for a faded one.
    fields_read = [f for f in shipped().template.fields if f.kind == "choice"]
    answers = {f.key: f.options[0].value for f in fields_read if f.key not in MANY}
    reader = FixedRecognizer({**answers, "q4_groups": "age65 underlying"}, probability=0.9)
    fields = {"q4_groups": ("underlying", "age65"), "q5_diseases": ("heart",), "q5_drugs": None}
    truth = TruthPage("a.jpg", 1, "mhlw-covid19", "2021-05", fields, {})
    found = choice_outcomes(page, truth, library, reader, name="a")
    assert [(o.group, o.right, o.score) for o in found] == [
        ("choice-many.checkbox.one@fixed", True, 0.9),
        ("choice-many.checkbox.none@fixed", False, 0.9),
        ("choice-many.checkbox.none@fixed", True, 0.9),
    ]
    other = TruthPage("a.jpg", 1, "influenza-elderly", "2026-1", fields, {})
    assert choice_outcomes(page, other, library, reader, name="a") == ()
