"""Our own network for lines: its file, what it is given, and how its word counts."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest

from ocr_service.domain.arrays import Gray
from ocr_service.domain.errors import ModelMissing
from ocr_service.forms.fields import Charset
from ocr_service.recognizers.own_weights import recorded_weights
from ocr_service.recognizers.text.ctc import Lattice
from ocr_service.recognizers.text.evidence import Evidence
from ocr_service.recognizers.text.line import PaddleLineReader
from ocr_service.recognizers.text.own import CHARSETS, DEFAULT_WEIGHTS, STRUCK, OwnNetwork
from ocr_service.recognizers.text.paddle import PaddleModel
from ocr_service.recognizers.text.weights import PP_OCR_V6_SMALL
from tests.unit.text_paper import MARGIN_MM, PX, font, paper, write


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for unpacked weights."""
    return tmp_path_factory.mktemp("weights")


@pytest.fixture(scope="module")
def both(cache: Path) -> PaddleLineReader:
    """The first network and ours over its features."""
    return PaddleLineReader(cache, own=True)


class TestFile:
    """Weights and record belong together."""

    def test_shipped_file_is_the_recorded_one(self) -> None:
        """It loads, and tells apart what forms are filled with."""
        network = OwnNetwork()
        assert {"ア", "ー", "々", "髙", "鰐", "0", "-", STRUCK} <= set(network.characters)
        assert network.name == "lines-2"

    def test_changed_file_is_refused(self, tmp_path: Path) -> None:
        """One byte off is no file of ours."""
        data = bytearray(DEFAULT_WEIGHTS.read_bytes())
        data[len(data) // 2] ^= 1
        (tmp_path / "lines-2.onnx").write_bytes(data)
        shutil.copy(DEFAULT_WEIGHTS.with_suffix(".json"), tmp_path)
        with pytest.raises(ModelMissing, match="sha256"):
            OwnNetwork(tmp_path / "lines-2.onnx")

    def test_file_without_record_is_refused(self, tmp_path: Path) -> None:
        """Weights of unknown origin are not used."""
        (tmp_path / "lines-2.onnx").write_bytes(b"")
        with pytest.raises(ModelMissing, match="install again"):
            recorded_weights(tmp_path / "lines-2.onnx")


class TestFeatures:
    """The first network gives its features besides its answer, and answers as before."""

    def test_answer_is_that_of_the_file_in_the_wheel(self, cache: Path) -> None:
        """A second output changes nothing about the first; both have the same steps."""
        gray = write(paper(24, 6), "サトウ", x_mm=1, y_mm=0.5, size_mm=4.5)
        plain = PaddleModel(dataclasses.replace(PP_OCR_V6_SMALL, features=None), cache)
        chances, nothing = plain.outputs(gray)
        same, features = PaddleModel(PP_OCR_V6_SMALL, cache).outputs(gray)
        assert nothing is None
        np.testing.assert_allclose(same, chances, atol=1e-5)
        assert features is not None
        assert features.shape == (384, len(same))

    def test_rows_are_chances(self, cache: Path) -> None:
        """As many steps as features, each adding up to one."""
        gray = write(paper(24, 6), "サトウ", x_mm=1, y_mm=0.5, size_mm=4.5)
        _, features = PaddleModel(PP_OCR_V6_SMALL, cache).outputs(gray)
        network = OwnNetwork()
        assert features is not None
        found = network.read(features)
        assert found.chances.shape == (features.shape[1], 1 + len(network.characters))
        np.testing.assert_allclose(found.chances.sum(axis=1), 1.0, atol=1e-3)
        assert 0.0 <= found.struck <= 1.0


def _lattice(*steps: dict[str, float]) -> Lattice:
    """Chances by step; "" is the blank."""
    symbols = tuple(sorted({c for step in steps for c in step} - {""}))
    return Lattice(
        symbols, np.array([[step.get(c, 0.0) for c in ("", *symbols)] for step in steps])
    )


class TestTogether:
    """How the word of several networks counts."""

    _LOST = _lattice({"ハ": 0.9, "": 0.1}, {"": 1.0}, {"": 0.9, "ナ": 0.1})
    _SEEN = _lattice({"ハ": 0.9, "": 0.1}, {"": 1.0}, {"ナ": 0.8, "メ": 0.2})

    def test_text_that_only_the_second_sees_is_kept(self) -> None:
        """A character lost in one network is found by the other."""
        evidence = Evidence(Charset.KATAKANA, 48)
        evidence.add(self._LOST)
        assert evidence.decoded()[0].text == "ハ"
        evidence.add(self._SEEN, weight=0.6)
        texts = [decoded.text for decoded in evidence.decoded()]
        assert texts[0] == "ハナ"
        assert {"ハ", "ハメ"} <= set(texts)
        assert evidence.is_seen("ハメ")

    def test_chances_are_weighed_means(self) -> None:
        """Of what each network gives a text, by its weight."""
        evidence = Evidence(Charset.KATAKANA, 48)
        evidence.add(self._LOST)
        evidence.add(self._SEEN, weight=0.25)
        (found,) = evidence.log_probabilities(["ハナ"])
        assert np.exp(found) == pytest.approx(0.75 * 0.09 + 0.25 * 0.72, rel=1e-6)

    def test_doubt_stays_where_networks_disagree(self) -> None:
        """Two sure networks that say different things are not clear."""
        evidence = Evidence(Charset.KATAKANA, 48)
        evidence.add(_lattice({"ア": 1.0}))
        assert evidence.is_clear
        evidence.add(_lattice({"イ": 1.0}), weight=0.5)
        assert not evidence.is_clear

    def test_characters_stand_where_the_network_that_sees_them_has_them(self) -> None:
        """Centres come from the network under which the text is likeliest."""
        evidence = Evidence(Charset.KATAKANA, 48)
        evidence.add(self._LOST)
        evidence.add(self._SEEN, weight=0.5)
        assert evidence.centres("ハナ") == (4.0, 20.0)


def _width_mm(text: str) -> float:
    """How far the pen of ``write`` moves at 4.5 mm."""
    return font(round(4.5 * PX)).getlength(text) / PX


def _strike_out(gray: Gray, left_mm: float, right_mm: float) -> None:
    """Draw two level lines through a stretch of writing, as with a ball pen."""
    left, right = (round((x + MARGIN_MM) * PX) for x in (left_mm, right_mm))
    for y_mm in (2.3, 3.2):
        top = round((y_mm + MARGIN_MM) * PX)
        gray[top : top + 4, left:right] = 30


class TestReading:
    """Both networks on lines."""

    @pytest.mark.parametrize(
        ("charset", "text"),
        [
            (Charset.KATAKANA, "サトウ"),
            (Charset.NAME, "五十嵐健一"),
            (Charset.JAPANESE, "東京都中野区本町2-14-6"),
        ],
    )
    def test_print_is_still_read(self, both: PaddleLineReader, charset: Charset, text: str) -> None:
        """What one network reads well is read well by both."""
        gray = write(paper(len(text) * 5 + 4, 6), text, x_mm=1, y_mm=0.5, size_mm=4.5)
        assert both.read_line(gray, charset)[0].text == text

    @pytest.mark.parametrize(
        ("charset", "text", "wrong"),
        [
            (Charset.KATAKANA, "タカハシ", "ナミ"),
            (Charset.NAME, "五十嵐健一", "田中"),
            (Charset.DIGITS, "2468", "57"),
        ],
    )
    def test_what_is_struck_out_is_told(
        self, both: PaddleLineReader, charset: Charset, text: str, wrong: str
    ) -> None:
        """Two lines through the wrong characters, the right ones behind; without them nothing.

        Digits of print stand too close for the text to be sure of; a person looks at either.
        """
        start = len(text) // 2
        written = text[:start] + wrong + text[start:]
        gray = write(paper(len(written) * 5 + 4, 6), written, x_mm=1, y_mm=0.5, size_mm=4.5)
        assert not both.decode(gray, charset).is_struck
        left, right = (_width_mm(part) for part in (text[:start], text[:start] + wrong))
        _strike_out(gray, 1 + left, 1 + right)
        found = both.decode(gray, charset)
        assert found.is_struck
        assert found.decoded[0].text == text or charset is Charset.DIGITS

    @pytest.mark.parametrize("tone", [0, 255])
    @pytest.mark.parametrize("shape", [(4, 4), (4, 300), (60, 900)])
    def test_any_picture_gives_candidates(
        self, both: PaddleLineReader, shape: tuple[int, int], tone: int
    ) -> None:
        """Black or white, of any size: something is read, never an error."""
        found = both.read_line(np.full(shape, tone, np.uint8), Charset.KATAKANA)
        assert 1 <= len(found) <= 6

    def test_codes_are_left_to_the_first(self, both: PaddleLineReader) -> None:
        """On charsets ours was not trained for nothing changes."""
        gray = write(paper(44, 6), "20211105", x_mm=1, y_mm=0.5, size_mm=4.5)
        for charset in set(Charset) - CHARSETS:
            alone = both.first().decode(gray, charset).decoded
            assert both.decode(gray, charset).decoded == alone
        assert both.name == "pp-ocrv6-small+lines-2"
        assert both.first().name == "pp-ocrv6-small"
