"""Words that people confirmed."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocr_service.domain.errors import ModelMissing
from ocr_service.masters.name_lexicon import NameLexicon
from ocr_service.pipeline.confirmed import ConfirmedLexicon, load_confirmed
from ocr_service.recognizers.text.reader import Lexicon


def test_confirmed_values_are_likelier_and_offered() -> None:
    """A clinic seen before is proposed where one character was misread."""
    lexicon: Lexicon = ConfirmedLexicon(["けやき通り医院", "白鳥医院"])
    assert lexicon.log_prior("白鳥医院", before="") > lexicon.log_prior("白烏医院", before="") == 0
    assert lexicon.suggest(["白烏医院"], before="") == ("白鳥医院",)
    assert lexicon.suggest(["白鳥医院"], before="") == ()
    assert lexicon.suggest([], before="") == ()


def test_words_stand_on_top_of_what_comes_with_the_service(tmp_path: Path) -> None:
    """A list in the data folder adds to the shipped lexicon of its name and leaves others alone."""
    names = NameLexicon(["青木"], ["鉄平"])
    (tmp_path / "doctors.tsv").write_text("國分　暖\t3\n", encoding="utf-8")
    found = load_confirmed(tmp_path, {"doctors": names, "name": names})
    assert found["name"] is names
    doctors = found["doctors"]
    assert doctors.log_prior("國分　暖", before="") > 0
    assert doctors.log_prior("青木　鉄平", before="") == names.log_prior("青木　鉄平", before="")
    assert load_confirmed(tmp_path / "none", {}) == {}


def test_a_broken_list_is_named(tmp_path: Path) -> None:
    """A damaged file stops the start with its name."""
    (tmp_path / "places.tsv").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(ModelMissing, match=r"places\.tsv"):
        load_confirmed(tmp_path, {})
