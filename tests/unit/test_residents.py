"""The list of residents decides only what two independent fields vouch for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_service.domain.field import Alternative, FieldValue, Flag, Source, Status
from ocr_service.domain.geometry import BoxMm
from ocr_service.forms.library import load_library, shipped_folder
from ocr_service.masters.resident_settling import chosen, contradicts, settled
from ocr_service.masters.residents import Resident, address_key, compared

FORM = load_library(shipped_folder()).get("mhlw-covid19").template
LISTED = {
    "voucher_number": "0000000011",
    "name": "渡邉　花子",
    "name_kana": "ワタナベ　ハナコ",
    "birth_date": "1950-04-01",
    "address": "東京都千代田区架空町1丁目2番3号",
}
READ = {**LISTED, "address": "千代田区架空町1-2-3"}


def field(key: str, value: str, *, probability: float = 0.6) -> FieldValue:
    return FieldValue(
        key=key,
        value=value,
        raw=value,
        probability=probability,
        status=Status.REVIEW,
        alternatives=(Alternative("別", 0.1),),
        reader="r-1",
        source=Source.MACHINE,
        flags=frozenset(),
        box=BoxMm(0, 0, 1, 1),
    )


def candidate(read: dict[str, str], listed: dict[str, str] | None = None):  # type: ignore[no-untyped-def]
    return compared("h", Resident("131016", listed or LISTED), read)


def after(read: dict[str, str]) -> dict[str, FieldValue]:
    """What the list decides of these readings."""
    found = chosen([candidate(read)])
    fields = [field(key, value) for key, value in read.items() if value]
    return {f.key: f for f in settled(fields, FORM, found)} if found else {}


def test_voucher_and_birth_settle_the_name() -> None:
    """A misread kanji becomes the listed one, and what was read stays on offer."""
    name = after({**READ, "name": "渡辺　花予"})["name"]
    assert (name.value, name.status, name.reader) == ("渡邉　花子", Status.ACCEPTED, "r-1+resident")
    assert name.alternatives[0].value == "渡辺　花予"


def test_one_witness_is_not_enough() -> None:
    """The voucher alone decides nothing; neither does a birthday with an address."""
    assert after({"voucher_number": LISTED["voucher_number"], "name": "渡辺　花予"}) == {}
    family = {"birth_date": LISTED["birth_date"], "address": READ["address"], "name": "渡邉　月子"}
    assert after(family) == {}


def test_no_field_is_its_own_witness() -> None:
    """Two fields that agree lift a third, not each other."""
    read = {"voucher_number": LISTED["voucher_number"], "birth_date": LISTED["birth_date"]}
    assert after(read) == {}


@pytest.mark.parametrize(
    "wrong",
    [{"birth_date": "1987-11-23"}, {"name": "高橋　一郎", "name_kana": "タカハシ　イチロウ"}],
)
def test_another_persons_voucher_settles_nothing(wrong: dict[str, str]) -> None:
    """What contradicts the list is for people to look at."""
    read = {**READ, **wrong}
    assert contradicts(candidate(read))
    assert after(read) == {}


def test_two_residents_as_likely_decide_nothing() -> None:
    """Nobody is picked by chance."""
    assert chosen([candidate(READ), candidate(READ)]) is None


def test_address_as_written_is_kept() -> None:
    """The list says that it is right, not how it is written."""
    assert after(READ)["address"].value == "千代田区架空町1-2-3"
    assert address_key("東京都千代田区架空町１丁目２番地の３") == "千代田区架空町1-2-3"


def test_variant_kanji_are_settled_by_the_list() -> None:
    """The shape that the register has, without a person looking."""
    open_name = replace(field("name", "渡辺　花子"), flags=frozenset({Flag.VARIANT_KANJI}))
    found = chosen([candidate(READ)])
    assert found is not None
    (name,) = settled([open_name], FORM, found)
    assert (name.value, name.status, name.flags) == ("渡邉　花子", Status.ACCEPTED, frozenset())


def test_human_answers_and_open_corrections_stay() -> None:
    """A person's word is never overwritten, nor is a crossed-out field passed without eyes."""
    found = chosen([candidate(READ)])
    assert found is not None
    human = replace(field("name", "渡部　花子"), source=Source.HUMAN)
    assert settled([human], FORM, found) == ()
    crossed = replace(field("name", "渡辺　花子"), flags=frozenset({Flag.CORRECTED}))
    (name,) = settled([crossed], FORM, found)
    assert name.status is Status.REVIEW


_KEYS = st.sampled_from(["voucher_number", "birth_date", "name_kana", "name"])


@given(key=_KEYS, place=st.integers(0, 30), put=st.sampled_from("0123456789アイ花山"))
def test_one_edit_never_beats_an_exact_match(key: str, place: int, put: str) -> None:
    """Whoever differs in one character is further away than whoever does not."""
    text = LISTED[key]
    at = place % len(text)
    edited = {**LISTED, key: text[:at] + put + text[at + 1 :]}
    exact, near = candidate(READ), candidate(READ, edited)
    assert exact.distance == 0
    assert near.distance >= exact.distance
    if near.fields != exact.fields and not all(f.agrees for f in near.fields):
        assert near.distance > exact.distance


@given(st.dictionaries(st.sampled_from(sorted(LISTED)), st.text(max_size=20)))
def test_any_reading_has_a_distance(read: dict[str, str]) -> None:
    """From 0 to 1, and comparing never fails."""
    assert 0.0 <= candidate(read).distance <= 1.0
