"""The words of the pages."""

from __future__ import annotations

from collections import Counter

import pytest

from ocr_service.validators.run import RULES
from ocr_service.web.pages import words
from ocr_service.web.pages.language import Language
from ocr_service.web.pages.rule_words import rule_words


def test_no_area_takes_another_area_s_words() -> None:
    """Two areas with one key would show each other's words."""
    keys = Counter(key for area in words._AREAS for key in area.WORDS)
    assert [key for key, times in keys.items() if times > 1] == []


@pytest.mark.parametrize("language", list(Language))
def test_every_rule_has_a_name_that_is_no_code(language: Language) -> None:
    """Those of templates, and those that intake and a missing rule give."""
    codes = [*RULES, "document.looks_alike", "document.same_record", "rule.unknown"]
    names = {code: rule_words(code, language) for code in codes}
    assert all(name and name != code for code, name in names.items())
    assert len(set(names.values())) == len(names)


def test_a_rule_of_another_package_keeps_its_code() -> None:
    """Nobody knows a name for it."""
    assert rule_words("own.no_sunday", Language.JA) == "own.no_sunday"
