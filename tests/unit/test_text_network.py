"""The shipped network on printed lines."""

from __future__ import annotations

import numpy as np
import pytest

from ocr_service.forms.fields import Charset
from ocr_service.recognizers.base import Recognizer
from ocr_service.recognizers.text.reader import PaddleLineReader, TextReader
from tests.unit.text_fields import crop, field
from tests.unit.text_paper import paper, write


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> PaddleLineReader:
    """The shipped network; loaded once, it takes some seconds."""
    return PaddleLineReader(tmp_path_factory.mktemp("weights"))


class TestShippedNetwork:
    """The real engine on printed lines."""

    @pytest.mark.parametrize(
        ("charset", "text"),
        [
            (Charset.DIGITS, "20211105"),
            (Charset.KATAKANA, "サトウ"),
            (Charset.NAME, "五十嵐健一"),
            (Charset.JAPANESE, "東京都中野区本町2-14-6"),
            (Charset.ALNUM, "EY4834"),
        ],
    )
    def test_reads_print_within_its_charset(
        self, lines: PaddleLineReader, charset: Charset, text: str
    ) -> None:
        """The best candidate is what is printed, and sure."""
        gray = write(paper(len(text) * 5 + 4, 6), text, x_mm=1, y_mm=0.5, size_mm=4.5)
        best, *_ = lines.read_line(gray, charset)
        assert best.text == text
        assert best.probability > 0.5

    @pytest.mark.parametrize("shape", [(4, 4), (4, 300), (300, 4), (60, 3000)])
    def test_any_shape_gives_candidates(
        self, lines: PaddleLineReader, shape: tuple[int, int]
    ) -> None:
        """Total: blank pixels of any size read as something, never an error."""
        found = lines.read_line(np.full(shape, 255, np.uint8), Charset.JAPANESE)
        assert 1 <= len(found) <= 6

    def test_reads_a_name_with_its_gap(self, lines: PaddleLineReader) -> None:
        """Family and given name come parted as the paper has them."""
        gray = write(paper(60, 8), "林\u3000真由美", x_mm=4, y_mm=1.5, size_mm=5)
        reader = TextReader(lines)
        assert isinstance(reader, Recognizer)
        spec = field(format="name", charset="name")
        reading = reader.read(crop(spec, gray))
        assert reading.text == "林\u3000真由美"
        assert reading.probability > 0.5
        assert "pp-ocrv6-small" in reading.reader
