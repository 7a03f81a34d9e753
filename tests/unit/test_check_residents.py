"""The measurement of what a list of residents decides counts what it says it counts."""

from __future__ import annotations

from dataclasses import replace

from ocr_service.domain.field import FieldValue, Source, Status
from ocr_service.domain.geometry import BoxMm
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.record import Record
from ocr_service.forms.library import load_library, shipped_folder
from scripts.check_residents import LISTS, ReadPage, count, decided, residents_of

FORM = load_library(shipped_folder()).get("mhlw-covid19").template
TRUTH = {
    "voucher_municipality_code": "131016",
    "voucher_number": "0123456789",
    "name": "見本　花子",
    "name_kana": "ミホン　ハナコ",
    "birth_date": "1980-02-29",
    "address": "千代田区架空町1-2-3",
}
OTHER = {
    **TRUTH,
    "voucher_number": "9876543210",
    "name": "試験　太郎",
    "name_kana": "シケン　タロウ",
    "birth_date": "1950-04-01",
    "address": "千代田区試験町9-8-7",
}


def value(key: str, text: str, status: Status) -> FieldValue:
    """What was read."""
    return FieldValue(
        key=key,
        value=text,
        raw=text,
        probability=0.9,
        status=status,
        alternatives=(),
        reader="test",
        source=Source.MACHINE,
        flags=frozenset(),
        box=BoxMm(0, 0, 1, 1),
    )


def test_a_misread_name_is_lifted_by_its_own_person_alone() -> None:
    """Neither by somebody near nor by whoever has the voucher."""
    read = {**TRUTH, "name": "見木　花子"}
    fields = [
        value(key, text, Status.REVIEW if key == "name" else Status.ACCEPTED)
        for key, text in read.items()
    ]
    record = Record(
        file="a.png",
        page=1,
        template="mhlw-covid19",
        version="2021-05",
        state=DocumentState.NEEDS_REVIEW,
        registration=None,
        fields=tuple(fields),
        issues=(),
    )
    page = ReadPage(TRUTH, record)
    lifted = {}
    for wanted in LISTS:
        answers = decided(record, residents_of(page, [OTHER], wanted), FORM)
        lifted[wanted] = count(page, {answer.key: answer for answer in answers})
    assert (lifted["listed"]["lifted"], lifted["listed"]["lifted wrongly"]) == (1, 0)
    assert (lifted["listed"]["right before"], lifted["listed"]["right"]) == (4, 5)
    assert [lifted[name]["lifted"] for name in ("missing", "borrowed")] == [0, 0]
    wrong = replace(page, truth={**TRUTH, "name": "別　人"})
    answers = decided(record, residents_of(page, [OTHER], "listed"), FORM)
    assert count(wrong, {answer.key: answer for answer in answers})["lifted wrongly"] == 1
