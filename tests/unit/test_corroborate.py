"""Fields of one record bear each other out."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_service.domain.dates import age_on
from ocr_service.domain.field import (
    Alternative,
    CellReading,
    FieldValue,
    Flag,
    Source,
    Status,
    Value,
)
from ocr_service.domain.geometry import BoxMm
from ocr_service.forms.library import load_library, shipped_folder
from ocr_service.forms.model import FormTemplate
from ocr_service.masters.municipalities import Municipality
from ocr_service.pipeline.corroborate import corroborate, name_knowledge
from ocr_service.pipeline.corroborate_address import corroborate_address
from ocr_service.pipeline.corroborate_dates import corroborate_dates
from ocr_service.pipeline.corroborate_holder import corroborate_holder
from ocr_service.pipeline.corroborate_names import corroborate_name, misreading
from ocr_service.pipeline.corroborate_variants import corroborate_variants, plain

HOME: Final = Municipality("千葉県", "夷隅郡大多喜町")
CHANCES = st.floats(0.01, 0.9)


def value(key: str, best: Value, chance: float, *others: tuple[Value, float]) -> FieldValue:
    """A machine's value with alternatives."""
    return FieldValue(
        key=key,
        value=best,
        raw=str(best),
        probability=chance,
        status=Status.REVIEW,
        alternatives=tuple(Alternative(v, p) for v, p in others),
        reader="text-1",
        source=Source.MACHINE,
        flags=frozenset(),
        box=BoxMm(0, 0, 10, 10),
    )


def in_cells(found: FieldValue) -> FieldValue:
    """The value as a reader of cells gives it whose digits make no valid one."""
    cells = (CellReading(0, "1", 0.99, BoxMm(0, 0, 5, 5)),)
    return replace(found, cells=cells, flags=frozenset({Flag.INVALID}))


@pytest.fixture(scope="module")
def template() -> FormTemplate:
    """The ministry's form."""
    return load_library(shipped_folder()).get("mhlw-covid19").template


class TestNames:
    def test_kana_that_lost_letters_are_found_by_the_name(self) -> None:
        """The reading of a well-read name explains what is left of the kana."""
        name, kana = corroborate_name(
            value("name", "大西　節子", 0.95),
            value("name_kana", "オオニ　セコ", 0.16, ("オオニ　セフコ", 0.1)),
            name_knowledge(),
        )
        assert kana.value == "オオニシ　セツコ"
        assert name.value == "大西　節子"
        assert name.probability > 0.9

    def test_kana_decide_between_names(self) -> None:
        """Of two names that look alike the one that reads so wins."""
        name, kana = corroborate_name(
            value("name", "大田　優子", 0.5, ("太田　裕子", 0.4)),
            value("name_kana", "オオタ　ヒロコ", 0.9),
            name_knowledge(),
        )
        assert name.value == "太田　裕子"
        assert kana.value == "オオタ　ヒロコ"

    def test_a_clear_reading_on_no_list_stays(self) -> None:
        """Parents invent readings: what is written clearly is not turned into a usual one."""
        _, kana = corroborate_name(
            value("name", "林　月", 0.95),
            value("name_kana", "ハヤシ　ライト", 0.97),
            name_knowledge(),
        )
        assert kana.value == "ハヤシ　ライト"

    def test_a_name_read_without_its_first_kanji_does_not_change_a_clear_reading(self) -> None:
        """No reader knows 鰐: what is left is another name, and somebody has to look."""
        _, kana = corroborate_name(
            value("name", "淵　蘭", 0.97),
            value("name_kana", "ワニブチ　ラン", 0.82, ("ワブチ　ラン", 0.1)),
            name_knowledge(),
        )
        assert kana.value == "ワニブチ　ラン"
        assert Flag.DISAGREEMENT in kana.flags
        assert "フチ　ラン" in [other.value for other in kana.alternatives]

    def test_a_clear_name_on_no_list_stays(self) -> None:
        """A name nobody listed is kept although a listed one looks much like it."""
        name, kana = corroborate_name(
            value("name", "渥見　奏楽", 0.9, ("渥美　奏楽", 0.02)),
            value("name_kana", "アツミ　ソラ", 0.95),
            name_knowledge(),
        )
        assert (name.value, kana.value) == ("渥見　奏楽", "アツミ　ソラ")

    @pytest.mark.parametrize("empty", [None, ""])
    def test_without_one_of_them_nothing_changes(self, empty: Value) -> None:
        """An empty field says nothing about the other."""
        kana = value("name_kana", empty, 0.9)
        name = value("name", "林　月", 0.5)
        assert corroborate_name(name, kana, name_knowledge()) == (name, kana)

    def test_look_alikes_and_losses_are_cheaper_than_other_slips(self) -> None:
        """ベ for ヘ, a lost ツ, then any other kana."""
        assert misreading("ワタナベ", "ワタナベ") == 0
        assert misreading("ワタナベ", "ワタナヘ") > misreading("ワタナベ", "ワタナミ")
        assert misreading("セツコ", "セコ") > misreading("セツコ", "セマコ")

    @given(CHANCES, CHANCES)
    def test_probabilities_stay_below_one(self, of_name: float, of_kana: float) -> None:
        """Joint chances are shared out, not invented."""
        pair = corroborate_name(
            value("name", "木村　進", of_name, ("本村　進", 0.05)),
            value("name_kana", "キムラ　ススム", of_kana, ("モトムラ　ススム", 0.05)),
            name_knowledge(),
        )
        for each in pair:
            total = each.probability + sum(a.probability for a in each.alternatives)
            assert 0 <= each.probability <= total <= 1 + 1e-9


class TestDates:
    def test_age_settles_a_digit_of_the_birth_date(self) -> None:
        """1941 or 1947: the age says which."""
        found = corroborate_dates(
            value("birth_date", "1941-03-02", 0.6, ("1947-03-02", 0.38)),
            value("age", "74", 0.95),
            value("vaccination_date", "2021-07-14", 0.99),
            None,
        )
        assert found[0].value == "1947-03-02"
        assert found[0].probability > 0.95

    def test_a_day_that_there_is_not_stays_where_the_cells_say_it(self) -> None:
        """No other field can say that 2月30日 was not written; the age fits it as well."""
        birth = in_cells(value("birth_date", "19640230", 0.93, ("1964-01-30", 0.03)))
        age, shot = value("age", "57", 0.99), value("vaccination_date", "2021-07-14", 0.99)
        found = corroborate_dates(birth, age, shot, None)[0]
        assert (found.value, found.alternatives[0].value) == ("19640230", "1964-01-30")
        assert found.probability > 0.9
        assert Flag.INVALID in found.flags

    def test_an_age_that_rules_a_day_out_which_is_not_one_leaves_the_doubt(self) -> None:
        """The year is put right by the age, but the cells had said no day: somebody looks."""
        birth = in_cells(value("birth_date", "19410230", 0.6, ("1947-02-20", 0.3)))
        age, shot = value("age", "74", 0.99), value("vaccination_date", "2021-07-14", 0.99)
        found = corroborate_dates(birth, age, shot, None)[0]
        assert found.value == "1947-02-20"
        assert Flag.INVALID in found.flags

    def test_consent_and_vaccination_put_each_other_right(self) -> None:
        """Mostly they are of one day."""
        found = corroborate_dates(
            None,
            None,
            value("vaccination_date", "2021-07-14", 0.99),
            value("consent_date", "2021-02-14", 0.62, ("2021-07-14", 0.3)),
        )
        assert found[1].value == "2021-07-14"

    def test_clear_dates_that_differ_stay(self) -> None:
        """Signing early is allowed, and what is clearly written counts."""
        found = corroborate_dates(
            None,
            None,
            value("vaccination_date", "2021-07-14", 0.999, ("2021-07-11", 0.001)),
            value("consent_date", "2021-07-11", 0.999, ("2021-07-17", 0.001)),
        )
        assert [f.value for f in found] == ["2021-07-14", "2021-07-11"]

    @given(st.dates(dt.date(1920, 1, 1), dt.date(2015, 1, 1)), st.floats(0.3, 0.9))
    def test_agreement_never_lowers_a_chance(self, born: dt.date, chance: float) -> None:
        """Three fields that agree are each at least as sure as alone."""
        shot = dt.date(2021, 8, 1)
        values = [
            value("birth_date", born.isoformat(), chance, ("1999-09-09", 0.05)),
            value("age", str(age_on(born, shot)), chance, ("7", 0.05)),
            value("vaccination_date", shot.isoformat(), chance, ("2024-08-01", 0.05)),
        ]
        found = corroborate_dates(values[0], values[1], values[2], None)
        for before, after in zip(values, found, strict=True):
            assert after.value == before.value
            assert after.probability >= before.probability - 1e-9


class TestAddress:
    def test_the_vouchers_municipality_decides(self) -> None:
        """Of two towns the one the voucher is from is likelier."""
        found = corroborate_address(
            value(
                "address", "千葉県長生郡一宮町新地746", 0.45, ("千葉県夷隅郡大多喜町新地746", 0.4)
            ),
            HOME,
            0.999,
        )
        assert found.value == "千葉県夷隅郡大多喜町新地746"

    def test_a_slip_in_the_municipality_is_put_right(self) -> None:
        """大名喜町 is 大多喜町 where the voucher is from there."""
        read = value("address", "千葉県夷隅郡大名喜町猿稲3-26-4", 0.3)
        found = corroborate_address(read, HOME, 0.999)
        assert found.value == "千葉県夷隅郡大多喜町猿稲3-26-4"

    def test_people_who_moved_keep_their_address(self) -> None:
        """A clear address elsewhere stays."""
        read = value("address", "東京都大田区北糀谷1-2", 0.9, ("東京都太田区北糀谷1-2", 0.05))
        assert corroborate_address(read, HOME, 0.999).value == "東京都大田区北糀谷1-2"


class TestHolder:
    def test_the_printed_name_puts_a_slip_right(self) -> None:
        """田中 stands on the voucher, 由中 was read: it is 田中."""
        found, _ = corroborate_holder(
            value("name", "由中　翠", 0.6, ("田中　翠", 0.1)),
            value("voucher_name", "田中　翠", 0.99),
        )
        assert found.value == "田中　翠"
        assert found.probability > 0.99

    def test_a_name_that_was_not_offered_takes_part(self) -> None:
        """Two slips in running handwriting, neither offered as an alternative."""
        found, _ = corroborate_holder(
            value("name", "御孑紫　美咲", 0.3), value("voucher_name", "御子柴　美咲", 0.98)
        )
        assert found.value == "御子柴　美咲"

    def test_handwriting_puts_print_right(self) -> None:
        """A faint thermal print was read as 日中: what a person wrote tells it."""
        _, printed = corroborate_holder(
            value("name", "田中　翠", 0.99),
            value("voucher_name", "日中　翠", 0.5, ("田中　翠", 0.2)),
        )
        assert printed.value == "田中　翠"
        assert printed.probability > 0.9

    def test_both_are_surer_where_they_agree(self) -> None:
        """Two readings of one name bear each other out."""
        found = corroborate_holder(
            value("name", "田中　翠", 0.8), value("voucher_name", "田中　翠", 0.85)
        )
        assert [v.value for v in found] == ["田中　翠", "田中　翠"]
        assert all(v.probability > 0.99 for v in found)

    def test_a_clear_name_of_somebody_else_stays(self) -> None:
        """A parent wrote her own name: a rule says that they differ, nothing hides it."""
        found = corroborate_holder(
            value("name", "田中　恵子", 0.95), value("voucher_name", "田中　翔太", 0.99)
        )
        assert [v.value for v in found] == ["田中　恵子", "田中　翔太"]

    def test_agreement_makes_sure_and_parts_the_name_as_printed(self) -> None:
        """Print shows where the family name ends; handwriting often does not."""
        read = value("name", "林田　力", 0.7, ("林　田力", 0.2))
        found, _ = corroborate_holder(read, value("voucher_name", "林　田力", 0.97))
        assert found.value == "林　田力"

    @pytest.mark.parametrize("empty", [None, ""])
    def test_nothing_printed_or_written_changes_nothing(self, empty: Value) -> None:
        """No voucher, or no name by hand."""
        name, printed = value("name", "林　力", 0.7), value("voucher_name", "林　力", 0.9)
        no_voucher = value("voucher_name", empty, 0.9)
        assert corroborate_holder(name, no_voucher) == (name, no_voucher)
        blank = value("name", empty, 0.9)
        assert corroborate_holder(blank, printed) == (blank, printed)

    @given(CHANCES, CHANCES)
    def test_chances_stay_chances(self, by_hand: float, in_print: float) -> None:
        """Never above one, and agreement never lowers them."""
        name, printed = value("name", "林　力", by_hand), value("voucher_name", "林　力", in_print)
        for found, before in zip(
            corroborate_holder(name, printed), (by_hand, in_print), strict=True
        ):
            assert before - 1e-9 <= found.probability <= 1.0


class TestVariants:
    def test_shapes_that_cannot_be_told_apart_need_eyes(self) -> None:
        """山﨑 or 山崎: both are offered and a person decides."""
        found = corroborate_variants(value("name", "山崎　萌", 0.99))
        assert Flag.VARIANT_KANJI in found.flags
        assert "山﨑　萌" in [a.value for a in found.alternatives]
        assert found.probability < 0.99

    def test_shapes_that_can_be_told_apart_are_only_offered(self) -> None:
        """沢 and 澤 differ plainly."""
        found = corroborate_variants(value("name", "長沢　薫", 0.9))
        assert Flag.VARIANT_KANJI not in found.flags
        assert "長澤　薫" in [a.value for a in found.alternatives]

    def test_another_source_settles_the_shape_and_nothing_else(self) -> None:
        """A register's 髙橋 replaces 高橋; another person's name does not."""
        read = value("name", "高橋　榮治", 0.9)
        assert corroborate_variants(read, settled_by="髙橋　榮治").value == "髙橋　榮治"
        assert Flag.VARIANT_KANJI not in corroborate_variants(read, settled_by="髙橋　榮治").flags
        other = corroborate_variants(read, settled_by="髙橋　健")
        assert other.value == "高橋　榮治"
        assert Flag.VARIANT_KANJI in other.flags

    @given(st.text("崎﨑高髙辺邊邉斎斉齋齊沢澤山田", min_size=1, max_size=6))
    def test_alternatives_differ_in_nothing_but_shape(self, name: str) -> None:
        """Whatever is offered is the same name."""
        found = corroborate_variants(value("name", name, 0.9))
        assert {plain(str(a.value)) for a in found.alternatives} <= {plain(name)}


class TestRecord:
    def test_values_keep_their_order_and_others_are_left_alone(
        self, template: FormTemplate
    ) -> None:
        """Only what goes together changes."""
        values = [
            value("phone", "0312345678", 0.9),
            value("name_kana", "ワタナヘ　コスエ", 0.12),
            value("name", "渡辺　梢", 0.9),
            value("vaccination_date", "2021-07-14", 0.99),
            value("birth_date", "1941-03-02", 0.6, ("1947-03-02", 0.38)),
            value("age", "74", 0.95),
        ]
        found = corroborate(values, template)
        assert [v.key for v in found] == [v.key for v in values]
        assert found[0] is values[0]
        assert found[1].value == "ワタナベ　コズエ"
        assert found[4].value == "1947-03-02"
        assert Flag.VARIANT_KANJI in found[2].flags
        assert found[2].status is Status.REVIEW

    def test_a_register_settles_names_by_key(self, template: FormTemplate) -> None:
        """It is told by record key."""
        values = [value("name", "渡辺　梢", 0.9)]
        found = corroborate(values, template, settled_by={"name": "渡邉　梢"})
        assert found[0].value == "渡邉　梢"

    def test_a_record_without_partners_is_unchanged(self, template: FormTemplate) -> None:
        """Nothing to go by, nothing changed."""
        values = [value("address", "千葉県大多喜町1", 0.5), value("age", "40", 0.9)]
        assert corroborate(values, template) == values
