"""Templates for the tests of single parts; many tests have fixtures of their own of these names."""

from __future__ import annotations

import pytest

from ocr_service.forms.library import TemplateLibrary, load_library, shipped_folder
from ocr_service.forms.model import FormTemplate


@pytest.fixture(scope="module")
def library() -> TemplateLibrary:
    """The shipped templates."""
    return load_library(shipped_folder())


@pytest.fixture(scope="module")
def form(library: TemplateLibrary) -> FormTemplate:
    """The ministry's form."""
    return library.get("mhlw-covid19@2021-05").template
