"""The shipped lexicons, by the name a field's ``lexicon`` gives or else by its format."""

from __future__ import annotations

from collections.abc import Mapping

from ocr_service.forms.fields import Format
from ocr_service.masters.address_lexicon import load_address_lexicon
from ocr_service.masters.name_lexicon import load_kana_lexicon, load_name_lexicon
from ocr_service.masters.word_lexicon import load_word_lexicons
from ocr_service.recognizers.text.reader import Lexicon


def shipped_lexicons() -> Mapping[str, Lexicon]:
    """Everything the service knows about values of text fields; takes about a second.

    Raises:
        FileNotFoundError: the postal code table is not installed.
    """
    names = load_name_lexicon()
    return {
        Format.NAME.value: names,
        "doctors": names,
        Format.KANA.value: load_kana_lexicon(),
        Format.ADDRESS.value: load_address_lexicon(),
        **load_word_lexicons(),
    }


__all__ = ["shipped_lexicons"]
