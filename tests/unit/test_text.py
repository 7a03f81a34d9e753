"""The text reader: ink, lines, names, dates, priors, and the shipped network on printed lines."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ocr_service.domain.arrays import Gray
from ocr_service.domain.field import Candidate, Flag
from ocr_service.domain.geometry import BoxMm
from ocr_service.forms.fields import Charset, FlagField, Format, Segment
from ocr_service.masters.address_lexicon import AddressLexicon, load_address_lexicon
from ocr_service.masters.name_lexicon import NameLexicon, load_kana_lexicon, load_name_lexicon
from ocr_service.recognizers.base import FieldCrop
from ocr_service.recognizers.text.context import settle, settle_word
from ocr_service.recognizers.text.ctc import Decoded
from ocr_service.recognizers.text.fields import joined_segments, plausible_segment
from ocr_service.recognizers.text.ink import segment_ink
from ocr_service.recognizers.text.kana import kana_log_prior, words_log_prior
from ocr_service.recognizers.text.line import LineHypotheses
from ocr_service.recognizers.text.names import part_name
from ocr_service.recognizers.text.reader import Lexicon, TextReader
from tests.unit.text_fields import LABEL, crop, field, part
from tests.unit.text_paper import MARGIN_MM, PX, paper, write


class ScriptedLines:
    """A line decoder that gives prepared texts, one list a line, in order."""

    name = "scripted"

    def __init__(self, *lines: dict[str, float], struck: Sequence[int] = ()) -> None:
        self._lines = list(lines)
        self._struck = struck
        self.seen: list[tuple[int, int]] = []

    def decode(self, line: Gray, charset: Charset) -> LineHypotheses:  # noqa: ARG002  protocol
        number = len(self.seen)
        texts = self._lines[number]
        height, width = line.shape
        self.seen.append((height, width))
        return LineHypotheses(
            decoded=tuple(Decoded(text, math.log(p)) for text, p in texts.items()),
            log_probabilities=lambda asked: [math.log(texts.get(t, 0.02)) for t in asked],
            is_seen=lambda text: set("".join(texts)) >= set(text[:1]),
            centres=lambda text: tuple((i + 0.5) * width / len(text) for i in range(len(text))),
            is_struck=number in self._struck,
        )


class TestInk:
    """Which ink belongs to a segment, and how it parts into lines."""

    def test_bare_paper_has_no_lines(self) -> None:
        """Nothing is written."""
        assert segment_ink(part(paper(60, 8)), lines=1).lines == ()

    def test_dust_is_no_writing(self) -> None:
        """Dots far apart do not make a line."""
        gray = paper(60, 8)
        for x in (100, 300, 500):
            gray[50:54, x : x + 4] = 30
        assert segment_ink(part(gray), lines=1).lines == ()

    def test_line_is_cut_to_its_ink(self) -> None:
        """The picture of the line spans the writing and little more."""
        gray = write(paper(60, 8), "山田花子", x_mm=5, y_mm=1.5, size_mm=5)
        (line,) = segment_ink(part(gray), lines=1).lines
        assert line.gray.shape == line.ink.shape
        assert line.gray.shape[1] == pytest.approx(20 * PX, abs=2 * PX)

    def test_print_beside_the_box_is_left_out(self) -> None:
        """A bracket printed on the margin is nobody's writing."""
        gray = write(paper(20, 6), "04", x_mm=4, y_mm=1, size_mm=4)
        alone = segment_ink(part(gray), lines=1).lines[0].gray.shape
        gray = write(gray, ")", x_mm=20.05, y_mm=1, size_mm=4)
        assert segment_ink(part(gray), lines=1).lines[0].gray.shape == alone

    def test_dashed_rule_along_the_edge_is_taken_out(self) -> None:
        """Left there it would make the line twice as high, and the writing in it half as large."""
        gray = write(paper(60, 8), "ハナコ", x_mm=5, y_mm=1.5, size_mm=3)
        alone = segment_ink(part(gray), lines=1).lines[0].gray.shape
        bottom = round((MARGIN_MM + 7.6) * PX)
        for left in range(PX, 58 * PX, 2 * PX):
            gray[bottom : bottom + 3, left : left + PX] = 40
        assert segment_ink(part(gray), lines=1).lines[0].gray.shape == alone

    def test_scanner_streak_is_taken_out(self) -> None:
        """A thin line down the whole window is no digit one, and leaves the writing whole."""
        gray = write(paper(60, 8), "山田花子", x_mm=5, y_mm=1.5, size_mm=5)
        clean = segment_ink(part(gray), lines=1)
        for row in range(gray.shape[0]):
            left = 560 + row // 40
            gray[row, left : left + 3] = 90
        streaked = segment_ink(part(gray), lines=1)
        assert streaked.lines[0].gray.shape == clean.lines[0].gray.shape
        assert streaked.ink_mm2 == pytest.approx(clean.ink_mm2, rel=0.01)

    def test_two_lines_are_parted_between(self) -> None:
        """Two rows of writing are two lines, top first; one row stays one."""
        gray = write(paper(60, 11), "中央保健会館", x_mm=2, y_mm=0.8, size_mm=4)
        assert len(segment_ink(part(gray), lines=2).lines) == 1
        gray = write(gray, "三階", x_mm=2, y_mm=6, size_mm=4)
        upper, lower = segment_ink(part(gray), lines=2).lines
        assert upper.gray.shape[1] > 2 * lower.gray.shape[1]
        assert len(segment_ink(part(gray), lines=1).lines) == 1

    def test_short_strokes_keep_each_other_company(self) -> None:
        """The three strokes of a faint シ are no dust, though each is as small."""
        gray = write(paper(60, 4), "シ", x_mm=30, y_mm=0.8, size_mm=2.2)
        gray = write(gray, "トコ", x_mm=10, y_mm=0.8, size_mm=2.2)
        (line,) = segment_ink(part(gray), lines=1).lines
        assert line.gray.shape[1] > 20 * PX

    def test_dot_above_the_writing_is_no_line_of_its_own(self) -> None:
        """Where two lines are allowed, dust does not become the first."""
        gray = write(paper(60, 11), "松風病院", x_mm=10, y_mm=4.5, size_mm=4)
        gray[40:47, 200:207] = 30
        assert len(segment_ink(part(gray), lines=2).lines) == 1

    @settings(max_examples=20, deadline=None)
    @given(hnp.arrays(np.uint8, st.tuples(st.integers(30, 80), st.integers(30, 200))))
    def test_any_pixels_give_lines_with_ink(self, gray: Gray) -> None:
        """Noise is read without an error, and no line is empty."""
        for line in segment_ink(part(gray), lines=3).lines:
            assert line.ink.any()


class TestNames:
    """Where a name parts, and what its reading may sound like."""

    @staticmethod
    def _ink(*stretches: tuple[int, int]) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
        ink = np.zeros((20, 200), dtype=np.bool_)
        for left, right in stretches:
            ink[5:15, left:right] = True
        return ink

    def test_gap_on_the_paper_decides(self) -> None:
        """One character before the wide gap is a surname of one character."""
        ink = self._ink((0, 20), (60, 80), (82, 100))
        ways = part_name(Decoded("森花子", -0.1), (10, 70, 91), ink, kana=False)
        assert ways[0].text == "森\u3000花子"

    def test_even_spacing_falls_back_on_usual_lengths(self) -> None:
        """Four kanji without a gap are two and two."""
        ink = self._ink((0, 20), (22, 42), (44, 64), (66, 86))
        ways = part_name(Decoded("山田花子", 0.0), (10, 32, 54, 76), ink, kana=False)
        assert ways[0].text == "山田\u3000花子"
        assert sum(math.exp(way.log_prob) for way in ways) <= 1.0 + 1e-9

    def test_space_the_reader_saw_counts(self) -> None:
        """A space in the text parts there and is not doubled."""
        ink = self._ink((0, 20), (22, 42), (44, 64), (66, 86), (88, 108))
        text = Decoded("長谷川 花子", 0.0)
        ways = part_name(text, (10, 32, 54, 65, 76, 98), ink, kana=False)
        assert ways[0].text == "長谷川\u3000花子"

    def test_single_character_stays_whole(self) -> None:
        """There is nothing to part."""
        assert part_name(Decoded("森", -1.0), (5.0,), self._ink((0, 9)), kana=False) == (
            Decoded("森", -1.0),
        )

    @pytest.mark.parametrize(
        ("likely", "unlikely"),
        [
            ("エンドウ\u3000テツヤ", "エンドウ\u3000テッヤ"),
            ("キムラ\u3000キヨシ", "キムラ\u3000キョシ"),
            ("キムラ\u3000キョウコ", "キムラ\u3000キヨウコ"),
            ("キクチ\u3000ユウマ", "キクチ\u3000ュウマ"),
            ("ウエダ\u3000タクヤ", "ウェダ\u3000タクヤ"),
            ("コンドウ\u3000ケン", "コンドウー\u3000ケン"),
        ],
    )
    def test_syllabary_rules_tell_large_kana_from_small(self, likely: str, unlikely: str) -> None:
        """Small kana stand only where a sound is contracted."""
        assert kana_log_prior(likely) > kana_log_prior(unlikely)

    def test_words_from_abroad_keep_their_sounds(self) -> None:
        """Loanwords in free text may have sounds that names have not."""
        assert words_log_prior("ヴィラ南風、バッグ、ティー") == 0.0
        assert words_log_prior("クリニッワ") < 0.0


@pytest.mark.parametrize(
    ("read", "settled"),
    [
        ("コ一ポ", "コーポ"),
        ("2一14一6", "2-14-6"),
        ("健一", "健一"),
        ("セン夕一", "センター"),
        ("3丁目l2番", "3丁目12番"),
        ("G丁目", "6丁目"),
        ("アベハ", "アベハ"),
    ],
)
def test_neighbours_settle_look_alikes(read: str, settled: str) -> None:
    """A stroke is a long vowel, a hyphen or a kanji by what stands beside it."""
    assert settle(read) == settled


def test_a_given_name_is_katakana_as_a_whole() -> None:
    """八ナ is ハナ, but 八代 stays."""
    assert settle_word("八ナ") == "ハナ"
    assert settle_word("八代") == "八代"


class TestJoining:
    """From segments to fields."""

    def test_date_keeps_the_place_of_missing_parts(self) -> None:
        """Hyphens stand whatever is missing; nothing at all is the empty text."""
        spec = field(format="date", segments=[{"box": BoxMm(1, 1, 9, 7)}] * 3)
        year, none, day = Candidate("2021", 0.9), Candidate("", 0.99), Candidate("5", 0.9)
        assert joined_segments(spec, [(year,), (none,), (day,)])[0].text == "2021--5"
        assert joined_segments(spec, [(none,)] * 3)[0].text == ""

    def test_month_thirteen_loses_to_a_month_there_is(self) -> None:
        """The calendar weighs against, it does not forbid."""
        spec = field(format="date", segments=[{"box": BoxMm(1, 1, 9, 7)}] * 3)
        months = (Candidate("13", 0.6), Candidate("12", 0.3))
        found = joined_segments(spec, [(Candidate("2021", 1.0),), months, (Candidate("5", 1.0),)])
        assert [c.text for c in found] == ["2021-12-5", "2021-13-5"]

    def test_years_have_four_digits_or_are_short(self) -> None:
        """A year of three digits has lost one."""
        segment = Segment(box=BoxMm(1, 1, 9, 7), digits=4)
        read = (Candidate("202", 0.8), Candidate("2021", 0.15), Candidate("3", 0.01))
        assert plausible_segment(Format.DATE, segment, read)[0].text == "2021"

    def test_phone_numbers_favour_the_length_they_have(self) -> None:
        """Ten digits, or eleven of a mobile."""
        spec = field(format="phone", segments=[{"box": BoxMm(1, 1, 9, 7)}] * 2)
        ends = (Candidate("036", 0.5), Candidate("0361", 0.4))
        assert joined_segments(spec, [(Candidate("077101", 1.0),), ends])[0].text == "0771010361"

    def test_joiner_and_prefix_stand_between_what_is_written(self) -> None:
        """Empty segments leave no joiner behind."""
        spec = field(
            joiner="、",
            segments=[{"box": BoxMm(1, 1, 9, 7)}, {"box": BoxMm(1, 9, 9, 7), "prefix": "他"}],
        )
        first, second, none = Candidate("卵", 0.9), Candidate("蜂", 0.8), Candidate("", 1.0)
        assert joined_segments(spec, [(first,), (second,)])[0] == Candidate("卵、他蜂", 0.9 * 0.8)
        assert joined_segments(spec, [(first,), (none,)])[0].text == "卵"

    @given(
        st.lists(
            st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 0.3)), min_size=1, max_size=3),
            min_size=2,
            max_size=2,
        )
    )
    def test_probabilities_stay_probabilities(
        self, parts: Sequence[Sequence[tuple[str, float]]]
    ) -> None:
        """Joined candidates are sorted and their sum is no more than one."""
        spec = field(segments=[{"box": BoxMm(1, 1, 9, 7)}] * 2)
        joined = joined_segments(spec, [[Candidate(t, p) for t, p in part] for part in parts])
        assert [c.probability for c in joined] == sorted(c.probability for c in joined)[::-1]
        assert sum(c.probability for c in joined) <= 1.0 + 1e-9


class TestReaderAroundALineDecoder:
    """What the reader makes of a line decoder's hypotheses."""

    def test_blank_fields_never_reach_the_decoder(self) -> None:
        """Reading nothing costs nothing."""
        lines = ScriptedLines()
        reading = TextReader(lines).read(crop(field(), paper(60, 8)))
        assert (reading.text, lines.seen) == ("", [])
        assert reading.probability > 0.99

    def test_other_kinds_get_an_answer_nobody_trusts(self) -> None:
        """Total: a crop of another kind is no error."""
        spec = FlagField(key="flag", kind="flag", label=LABEL, box=BoxMm(1, 1, 3, 3))
        other = FieldCrop(spec=spec, box=spec.box, quad=np.zeros((4, 2)), parts=())
        assert TextReader(ScriptedLines()).read(other).probability == 0.0

    def test_reading_without_any_text_is_flagged(self) -> None:
        """Ink that reads as nothing needs eyes."""
        gray = write(paper(60, 8), "山", x_mm=5, y_mm=1.5, size_mm=5)
        reading = TextReader(ScriptedLines({"": 0.9})).read(crop(field(), gray))
        assert Flag.REJECTED in reading.flags

    def test_what_is_struck_out_needs_eyes(self) -> None:
        """However sure the text of what is left."""
        gray = write(paper(60, 8), "山田花子", x_mm=5, y_mm=1.5, size_mm=5)
        text = {"山田花子": 0.999}
        struck = TextReader(ScriptedLines(text, struck=[0])).read(crop(field(), gray))
        assert (struck.text, Flag.CORRECTED in struck.flags) == ("山田花子", True)
        plain = TextReader(ScriptedLines(text)).read(crop(field(), gray))
        assert Flag.CORRECTED not in plain.flags

    def test_shapes_of_one_kanji_are_flagged(self) -> None:
        """Only the register tells 高 from 髙."""
        gray = write(paper(60, 8), "高田花子", x_mm=5, y_mm=1.5, size_mm=5)
        lines = ScriptedLines({"高田花子": 0.6, "髙田花子": 0.3})
        reading = TextReader(lines).read(crop(field(format="name"), gray))
        assert Flag.VARIANT_KANJI in reading.flags

    def test_addresses_have_no_spaces_and_no_specks(self) -> None:
        """What was read as punctuation is dropped, and equal texts add up."""
        gray = write(paper(60, 8), "山", x_mm=5, y_mm=1.5, size_mm=5)
        lines = ScriptedLines({"中野区.本町 1": 0.4, "中野区本町1": 0.3})
        reading = TextReader(lines).read(crop(field(format="address"), gray))
        assert reading.text == "中野区本町1"
        assert len(reading.candidates) == 1

    def test_lexicon_tips_the_balance_and_never_forces(self) -> None:
        """A listed name wins where the paper leaves it open, not against the paper."""
        gray = write(paper(60, 8), "野村千代", x_mm=5, y_mm=1.5, size_mm=5)
        lexicon = NameLexicon(["野村"], ["千代"])
        spec = field(format="name")
        open_lines = ScriptedLines({"野村干代": 0.5, "野村千代": 0.4})
        sure_lines = ScriptedLines({"野村干代": 0.999, "野村千代": 0.0001})
        for lines, expected in ((open_lines, "千代"), (sure_lines, "干代")):
            reader = TextReader(lines, lexicons={"name": lexicon})
            assert reader.read(crop(spec, gray)).text == f"野村\u3000{expected}"

    @pytest.mark.parametrize(
        ("read", "expected"),
        [
            ("丘庫県赤穂市有年牟礼3-28", "兵庫県赤穂市有年牟礼3-28"),
            ("無名県無名市無名町3-28", "無名県無名市無名町3-28"),
        ],
    )
    def test_a_known_address_may_have_been_misread(self, read: str, expected: str) -> None:
        """Although one of its characters was not seen; what is nowhere near one stays."""
        gray = write(paper(80, 8), read, x_mm=3, y_mm=1.5, size_mm=4)
        lexicon = AddressLexicon(TestLexicons.PLACES)
        reader = TextReader(ScriptedLines({read: 0.9}), lexicons={"address": lexicon})
        assert reader.read(crop(field(format="address"), gray)).text == expected


class TestLexicons:
    """What is known about addresses and names."""

    PLACES = (
        ("兵庫県", "赤穂市", "有年牟礼"),
        ("兵庫県", "西宮市", "角石町"),
        ("兵庫県", "赤穂郡上郡町", "宿"),
        ("千葉県", "千葉市花見川区", "花園"),
    )

    def test_known_place_is_likelier(self) -> None:
        """Municipality and town each count."""
        lexicon = AddressLexicon(self.PLACES)
        town = lexicon.log_prior("兵庫県赤穂市有年牟礼3-28", before="")
        city = lexicon.log_prior("兵庫県赤穂市無名3-28", before="")
        assert town > city > lexicon.log_prior("兵重県赤穗市有年", before="") == 0.0

    def test_misread_places_are_put_right(self) -> None:
        """Prefecture, municipality and town may each be a character off."""
        lexicon = AddressLexicon(self.PLACES)
        assert "兵庫県西宮市角石町4-11" in lexicon.suggest(["兵重県西宮市用石町4-11"], before="")
        read = ["干葉県干葉市花見川区花園5"]
        assert "千葉県千葉市花見川区花園5" in lexicon.suggest(read, before="")

    def test_next_line_goes_on_where_the_last_ended(self) -> None:
        """The town may stand on the second line; a district may be left out."""
        lexicon = AddressLexicon(self.PLACES)
        assert lexicon.log_prior("宿8丁目", before="兵庫県上郡町") > 0.0
        assert "有年牟礼3" in lexicon.suggest(["有年车礼3"], before="赤穂市")

    def test_shipped_lexicons_know_common_values(self) -> None:
        """The table and the lists load and are used through one protocol."""
        lexicons: list[tuple[Lexicon, str]] = [
            (load_address_lexicon(), "東京都中野区本町1-2"),
            (load_name_lexicon(), "佐藤\u3000花子"),
            (load_kana_lexicon(), "サトウ\u3000ケンイチ"),
        ]
        for lexicon, text in lexicons:
            assert lexicon.log_prior(text, before="") > 1.0
