"""The words of the pages."""

from __future__ import annotations

from collections import Counter

from ocr_service.web.pages import words


def test_no_area_takes_another_area_s_words() -> None:
    """Two areas with one key would show each other's words."""
    keys = Counter(key for area in words._AREAS for key in area.WORDS)
    assert [key for key, times in keys.items() if times > 1] == []
