"""Print that a label leads to: the holder's name, wherever a municipality prints it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import cv2
import numpy as np
import pytest
from pydantic import ValidationError

from ocr_service.domain.arrays import Gray
from ocr_service.domain.field import FieldReading
from ocr_service.domain.geometry import BoxMm
from ocr_service.forms.fields import Charset, Format, Label, Segment, TextField
from ocr_service.recognizers.base import CropPart, FieldCrop, Recognizer
from ocr_service.recognizers.text.labelled import LabelledPrintReader
from ocr_service.recognizers.text.reader import PaddleLineReader
from tests.unit import printed_matter as draw

SIZE_MM = (64.0, 34.0)
SPEC = TextField(
    key="voucher_name",
    kind="text",
    label=Label(ja="接種券の氏名", en="Name on the voucher"),
    format=Format.NAME,
    charset=Charset.NAME,
    after=("氏名", "お名前"),
    segments=(Segment(box=BoxMm(0, 0, *SIZE_MM)),),
)


@cache
def reader() -> LabelledPrintReader:
    """The shipped network; loading it takes seconds."""
    return LabelledPrintReader(PaddleLineReader(Path(mkdtemp(prefix="ocr-weights-"))))


def read(gray: Gray) -> FieldReading:
    box = BoxMm(0, 0, gray.shape[1] / draw.PX, gray.shape[0] / draw.PX)
    part = CropPart("0", box, box, gray, np.zeros(gray.shape, np.bool_), None)
    return reader().read(FieldCrop(SPEC, box, np.zeros((4, 2)), (part,)))


def voucher(name: str, *, label: str = "氏名", at: float = 11.0, x: float = 3.0) -> Gray:
    """Lines as municipalities print them, in an order of their own."""
    sheet = draw.paper(*SIZE_MM)
    draw.put_text(sheet, "2回目接種　接種券", x, 2.0, 2.9)
    draw.put_text(sheet, "請求先　千葉県見本市", x, 6.5, 2.4)
    draw.put_text(sheet, label, x, at, 2.3)
    draw.put_text(sheet, name, x + 8.5, at - 0.3, 3.0)
    draw.put_text(sheet, "券番号　0001234567", x, 15.5 if at < 15 else 11.0, 2.6)
    return sheet


def turned(gray: Gray, degrees: float) -> Gray:
    height, width = gray.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    return cv2.warpAffine(gray, matrix, (width, height), flags=cv2.INTER_AREA, borderValue=255)


def test_it_is_a_recognizer() -> None:
    """It fits where readers are put."""
    assert isinstance(reader(), Recognizer)


@pytest.mark.parametrize(
    ("gray", "name"),
    [
        (voucher("田村　翠"), "田村　翠"),
        (voucher("御子柴　美咲", at=16.0), "御子柴　美咲"),
        (voucher("山下　康介様", label="お名前"), "山下　康介"),
        (turned(voucher("竹内　勝", x=14.0), 2.5), "竹内　勝"),
        (turned(voucher("島田　伸也"), -2.5), "島田　伸也"),
    ],
    ids=["one character", "lower down", "another label", "turned", "turned back"],
)
def test_the_name_is_found_by_its_label(gray: Gray, name: str) -> None:
    """Wherever the label stands, upright or a little askew."""
    assert read(draw.scanned(gray, seed=3)).text == name


def test_a_label_close_to_its_name_is_not_part_of_it() -> None:
    """氏名 and the name in one run of print."""
    sheet = draw.paper(*SIZE_MM)
    draw.put_text(sheet, "氏名：早苗　新井", 5.0, 12.0, 3.0)
    assert read(draw.scanned(sheet, seed=1)).text.endswith("早苗　新井")


@pytest.mark.parametrize(
    "gray",
    [
        draw.paper(*SIZE_MM),
        np.zeros((300, 500), np.uint8),
        np.random.default_rng(1).integers(0, 256, (300, 500)).astype(np.uint8),
        np.full((3, 3), 200, np.uint8),
        voucher("", label=""),
        voucher("", label="氏名"),
    ],
    ids=["empty", "black", "noise", "tiny", "no label", "nothing after it"],
)
def test_without_label_or_name_nothing_is_invented(gray: Gray) -> None:
    """A value that is not there is read as nothing."""
    assert read(gray).text == ""


def test_a_label_goes_with_one_area() -> None:
    """Two segments with one label make no sense."""
    segments = [{"box": [0, 0, 5, 5]}, {"box": [6, 0, 5, 5]}]
    with pytest.raises(ValidationError, match="one segment"):
        TextField.model_validate({**SPEC.model_dump(), "segments": segments})
    with pytest.raises(ValidationError, match="empty word"):
        TextField.model_validate({**SPEC.model_dump(), "after": [""]})
