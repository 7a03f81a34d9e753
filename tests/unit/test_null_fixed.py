"""The reader that reads nothing and the one that knows its answers."""

from __future__ import annotations

import numpy as np

from ocr_service.domain.geometry import BoxMm
from ocr_service.forms.fields import Label, Segment, TextField
from ocr_service.recognizers.base import FieldCrop, Recognizer
from ocr_service.recognizers.fixed import FixedRecognizer
from ocr_service.recognizers.null import NullRecognizer

BOX = BoxMm(10, 10, 40, 8)


def crop(key: str) -> FieldCrop:
    """A text field without parts: neither reader looks at pixels."""
    spec = TextField(
        key=key, kind="text", label=Label(ja="欄", en="Field"), segments=(Segment(box=BOX),)
    )
    return FieldCrop(spec=spec, box=BOX, quad=np.zeros((4, 2)), parts=())


def test_both_are_recognizers() -> None:
    """They can stand wherever a reader is asked for."""
    assert isinstance(NullRecognizer(), Recognizer)
    assert isinstance(FixedRecognizer({}), Recognizer)


def test_null_reads_nothing_and_trusts_nothing() -> None:
    """An empty text of probability 0 is never accepted without eyes."""
    reading = NullRecognizer().read(crop("place"))
    assert (reading.key, reading.text, reading.probability) == ("place", "", 0.0)
    assert reading.reader == "null"


def test_fixed_gives_its_answer_by_key() -> None:
    """Known fields get their answer, others are empty."""
    reader = FixedRecognizer({"place": "中央会館"}, probability=0.9)
    assert reader.read(crop("place")).text == "中央会館"
    assert reader.read(crop("place")).probability == 0.9
    assert reader.read(crop("address")).text == ""
    assert reader.name == "fixed"
