"""What the service knows of names, words and places."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_service.masters.address_tail import load_address_tail
from ocr_service.masters.municipalities import (
    Municipality,
    index_municipalities,
    municipality_of,
)
from ocr_service.masters.name_lexicon import load_kana_lexicon, load_name_lexicon
from ocr_service.masters.name_readings import KanjiReadings
from ocr_service.masters.names import (
    NamePart,
    NameTable,
    common_surnames,
    given_names,
    parse_names,
    surnames,
)
from ocr_service.masters.word_lexicon import PlaceLexicon, WordLexicon, load_word_lexicons
from ocr_service.masters.words import Words, skeleton, word_lists

KANA = st.text(st.characters(min_codepoint=ord("ア"), max_codepoint=ord("ヶ")), max_size=8)


class TestNames:
    def test_lists_hold_what_their_documentation_promises(self) -> None:
        """Enough names of all generations, each with a reading in katakana."""
        assert len(surnames()) >= 1200
        assert len(given_names()) >= 1500
        for table in (surnames(), given_names()):
            for written in table.ranks:
                assert table.readings(written)
                assert all("ァ" <= c <= "ヶ" or c == "ー" for c in "".join(table.readings(written)))

    def test_an_entry_may_read_several_ways_or_stand_in_kana(self) -> None:
        """The usual reading comes first; a name in kana reads as it stands."""
        parts = parse_names(
            "# head\n[2]\n河野コウノ,カワノ 佐々木ササキ\n[3]\nさくら 一ノ瀬イチノセ"
        )
        assert parts[0] == NamePart("河野", ("コウノ", "カワノ"), 2)
        assert parts[1].written == "佐々木"
        assert parts[2] == NamePart("さくら", ("サクラ",), 3)
        assert parts[3] == NamePart("一ノ瀬", ("イチノセ",), 3)
        with pytest.raises(ValueError, match="list of names"):
            parse_names("佐藤,サトウ,")

    def test_equal_writings_are_put_together(self) -> None:
        """All readings stay, the commonest class counts."""
        table = NameTable([NamePart("東", ("ヒガシ",), 3), NamePart("東", ("アズマ",), 1)])
        assert table.readings("東") == ("ヒガシ", "アズマ")
        assert table.ranks["東"] == 1
        assert table.written_as("アズマ") == ["東"]

    def test_of_rare_names_only_the_reading_is_known(self) -> None:
        """It tells the kana beside such a name, and is no reason to read one."""
        table = NameTable([NamePart("東", ("ヒガシ",), 1), NamePart("不入斗", ("イリヤマズ",), 4)])
        assert table.readings("不入斗") == ("イリヤマズ",)
        assert table.reading_chance("不入斗", "イリヤマズ") > 0.9
        assert "不入斗" not in table.ranks
        assert table.written_as("イリヤマズ") == ()
        assert not table.is_reading("イリヤマズ")

    def test_shipped_rare_names_have_one_reading_and_are_not_listed_twice(self) -> None:
        """A dictionary's second reading is often nobody's."""
        common, every = common_surnames(), surnames()
        assert len(every) - len(common) >= 7000
        assert every.ranks == common.ranks
        assert len(every.readings("伊集院")) == 0
        assert every.readings("鳩山") == ("ハトヤマ",)

    def test_usual_readings_are_likelier_than_rare_than_invented_ones(self) -> None:
        """河野 is コウノ, sometimes カワノ, never サトウ."""
        table = surnames()
        usual, rare, wrong = (
            table.reading_chance("河野", r) for r in ("コウノ", "カワノ", "サトウ")
        )
        assert usual > rare > 100 * wrong > 0

    def test_unlisted_names_are_read_by_their_kanji(self) -> None:
        """The kanji of listed names tell how an unlisted one may be read."""
        assert given_names().readings("彌太郎") == ()
        right = given_names().reading_chance("彌太郎", "ヤタロウ")
        assert right > 10 * given_names().reading_chance("彌太郎", "ケンイチ")

    @given(KANA, KANA)
    def test_chances_stay_chances(self, written: str, reading: str) -> None:
        """Whatever is asked, the answer lies between 0 and 1."""
        assert 0.0 <= given_names().reading_chance(written, reading) <= 1.0

    def test_kana_are_shared_out_by_counting(self) -> None:
        """From 山田, 山本 and 本田 follows what each kanji reads, so also 本山."""
        names = [("山田", "ヤマダ"), ("山本", "ヤマモト"), ("本田", "モトダ"), ("田本", "ダモト")]
        learned = KanjiReadings(names)
        assert learned.chance("本山", "モトヤマ") > 100 * learned.chance("本山", "モトダヤ")

    def test_lexicons_offer_the_near_and_reward_the_listed(self) -> None:
        """A slip in one part is put right where the other is listed."""
        assert "渡辺梢" in load_name_lexicon().suggest(["度辺梢"], before="")
        assert "ワタナベコズエ" in load_kana_lexicon().suggest(["ワタナベコスエ"], before="")
        assert load_name_lexicon().log_prior("渡辺　梢", before="") > 2
        assert load_name_lexicon().log_prior("度辺　楢", before="") == 0


class TestWords:
    def test_lists_are_there(self) -> None:
        """Every section is well filled."""
        lists = word_lists()
        assert len(lists["diseases"]) + len(lists["symptoms"]) >= 300
        assert len(lists["drugs"]) >= 200
        assert len(lists["vaccines"]) >= 60
        assert len(lists["allergens"]) >= 100

    def test_voicing_marks_and_small_kana_do_not_part_words(self) -> None:
        """They are the first to go in small writing."""
        assert skeleton("バイアスピリン") == skeleton("ハイアスヒリン")
        assert (0, "チラーヂン") in Words(["チラーヂン"]).near("チラーチン")

    def test_short_words_are_not_stretched(self) -> None:
        """One or two characters say too little to be taken for others."""
        assert Words(["熱", "咳", "かに"]).near("塾") == []

    def test_each_of_several_words_is_put_right(self) -> None:
        """Joiners stay where they are."""
        lexicon = load_word_lexicons()["vaccines"]
        assert "四種混合、日本脳炎" in lexicon.suggest(["四種昆合、日本脳次"], before="")

    def test_known_words_weigh_more_than_unknown_and_strokes_less(self) -> None:
        """Unknown words are nothing bad; a stray stroke is."""
        lexicon = WordLexicon(["高血圧"])
        assert lexicon.log_prior("高血圧", before="") > lexicon.log_prior("高白区", before="") == 0
        assert lexicon.log_prior("1", before="") < 0
        assert "" in lexicon.suggest(["1"], before="")

    def test_places_are_known_by_their_endings(self) -> None:
        """Clinics end alike; what they are called is free."""
        lexicon = PlaceLexicon(["クリニック", "内科クリニック"], ["みなと"])
        assert "みなと内科クリニック" in lexicon.suggest(["みなと内科クリニッソ7"], before="")
        known, free, none = (
            lexicon.log_prior(text, before="")
            for text in ("みなとクリニック", "謎クリニック", "謎クリニッソ")
        )
        assert known > free > none == 0


class TestAddresses:
    def test_blocks_and_buildings_are_put_right(self) -> None:
        """T目 is 丁目; buildings have common names."""
        tail = load_address_tail()
        assert "8丁目15-12" in tail.corrected("8T目15-12")
        assert "5-5-4ハイツ406" in tail.corrected("5-5-4/イツ406")
        assert tail.log_prior("8丁目15") > tail.log_prior("8T目15")

    def test_a_city_has_the_round_number_below_its_wards(self) -> None:
        """Vouchers carry the city's code, the postal table those of the wards."""
        found = index_municipalities(
            [("14101", "神奈川県", "横浜市鶴見区"), ("13101", "東京都", "千代田区")]
        )
        assert found["14100"] == Municipality("神奈川県", "横浜市")
        assert found["13101"] == Municipality("東京都", "千代田区")
        assert "13100" not in found

    def test_shipped_municipalities_are_found_by_either_code(self) -> None:
        """With or without the check digit."""
        assert municipality_of("124419") == Municipality("千葉県", "夷隅郡大多喜町")
        assert municipality_of("12441") == municipality_of("124419")
        assert municipality_of("999999") is None
