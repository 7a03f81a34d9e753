"""From readings to values of record keys."""

from __future__ import annotations

from ocr_service.domain.field import Candidate, FieldReading, Flag, Status
from ocr_service.domain.geometry import BoxMm
from ocr_service.forms.fields import (
    ChoiceField,
    CodeField,
    FlagField,
    Label,
    Option,
    Segment,
    StickerField,
    StickerPart,
    TextField,
)
from ocr_service.forms.library import load_library, shipped_folder
from ocr_service.pipeline.interpret import interpret

BOX = BoxMm(1, 1, 10, 5)
LABEL = Label(ja="欄", en="field")


def _reading(*candidates: tuple[str, float], flags: frozenset[Flag] = frozenset()) -> FieldReading:
    return FieldReading("f", tuple(Candidate(t, p) for t, p in candidates), "test-1", flags)


def _choice(*, multiple: bool = False) -> ChoiceField:
    options = tuple(
        Option(value=v, label=LABEL, box=BoxMm(x, 1, 3, 3)) for v, x in [("yes", 1), ("no", 10)]
    )
    return ChoiceField(key="f", kind="choice", label=LABEL, multiple=multiple, options=options)


def _text() -> TextField:
    return TextField(key="f", kind="text", label=LABEL, segments=(Segment(box=BOX),))


def test_spellings_of_one_value_are_added_up() -> None:
    """Full and half width are one value with the sum of both chances."""
    (value,) = interpret(_text(), _reading(("Ａ1", 0.5), ("A1", 0.4)), box=BOX, accept_at=0.85)
    assert value.value == "A1"
    assert abs(value.probability - 0.9) < 1e-9
    assert value.status is Status.ACCEPTED


def test_two_marks_are_ambiguous_and_need_eyes() -> None:
    """Both boxes marked never becomes one of them."""
    reading = _reading(("yes no", 0.999), flags=frozenset({Flag.BOTH_MARKED}))
    (value,) = interpret(_choice(), reading, box=BOX, accept_at=0.5)
    assert value.value == "ambiguous"
    assert value.status is Status.REVIEW


def test_a_corrected_mark_is_ambiguous_even_if_one_is_left() -> None:
    """A struck-out mark leaves the decision to a person."""
    reading = _reading(("yes", 0.999), flags=frozenset({Flag.CORRECTED}))
    (value,) = interpret(_choice(), reading, box=BOX, accept_at=0.5)
    assert value.value == "ambiguous"


def test_several_options_are_sorted_and_none_is_null() -> None:
    """Multiple choices come sorted; nothing marked is an empty field."""
    both = interpret(_choice(multiple=True), _reading(("yes no", 0.9)), box=BOX, accept_at=0.5)
    none = interpret(_choice(multiple=True), _reading(("", 0.9)), box=BOX, accept_at=0.5)
    assert both[0].value == ("no", "yes")
    assert none[0].value is None


def test_a_code_is_cut_into_its_parts() -> None:
    """The voucher's 18 digits give four record keys."""
    template = load_library(shipped_folder()).get("mhlw-covid19").template
    spec = template.field_of("voucher_number")
    assert isinstance(spec, CodeField)
    values = interpret(spec, _reading(("211310161234567890", 0.99)), box=BOX, accept_at=0.9)
    assert {v.key: v.value for v in values} == {
        "voucher_kind": "2",
        "voucher_dose": "1",
        "voucher_municipality_code": "131016",
        "voucher_number": "1234567890",
    }


def test_no_voucher_gives_null_for_every_part() -> None:
    """An empty frame is four empty fields, all valid."""
    template = load_library(shipped_folder()).get("mhlw-covid19").template
    spec = template.field_of("voucher_number")
    values = interpret(spec, _reading(("", 0.99)), box=BOX, accept_at=0.9)
    assert [v.value for v in values] == [None] * 4
    assert all(v.status is Status.ACCEPTED for v in values)


def test_sticker_parts_share_what_both_candidates_agree_on() -> None:
    """The product is sure although two lots compete."""
    spec = StickerField(
        key="f",
        kind="sticker",
        label=LABEL,
        box=BOX,
        parts=(
            StickerPart(key="product", label=LABEL, role="product"),
            StickerPart(key="lot", label=LABEL, role="lot"),
        ),
    )
    reading = _reading(("コミナティ\tFA1234", 0.6), ("コミナティ\tFA1284", 0.39))
    product, lot = interpret(spec, reading, box=BOX, accept_at=0.95)
    assert (product.value, product.status) == ("コミナティ", Status.ACCEPTED)
    assert (lot.value, lot.status) == ("FA1234", Status.REVIEW)
    assert lot.alternatives[0].value == "FA1284"


def test_a_flag_is_true_or_false() -> None:
    """A mark is true; no mark is false, not null."""
    spec = FlagField(key="f", kind="flag", label=LABEL, box=BOX)
    assert interpret(spec, _reading(("1", 0.9)), box=BOX, accept_at=0.5)[0].value is True
    assert interpret(spec, _reading(("0", 0.9)), box=BOX, accept_at=0.5)[0].value is False
