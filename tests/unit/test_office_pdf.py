"""Office documents: what is put on them is on them, on as many pages as it takes."""

from __future__ import annotations

import io
import re
import subprocess
from pathlib import Path

import pikepdf
import pytest

from ocr_service.exporters.pdf import (
    Amount,
    Column,
    Heading,
    KeyValues,
    Note,
    Parties,
    Sheet,
    Stamps,
    Table,
    missing_characters,
    print_sheets,
)

COLUMNS = (Column("区分", 3), Column("件数", 1, "right"), Column("金額", 1.5, "right"))


def _table(rows: int) -> Table:
    lines = tuple((f"行{n}番", f"{n}", f"{n * 2277:,}") for n in range(rows))
    return Table(COLUMNS, lines, totals=(("合計", str(rows), "12,345"),))


def _sheet(rows: int, *, landscape: bool = False) -> Sheet:
    return Sheet(
        title="請求書",
        number=("番号 12", "2026年11月26日"),
        foot="sha256 0123",
        landscape=landscape,
        blocks=(
            Parties(("見本市長　様",), ("見本クリニック", "〒000-0000 見本県見本市一丁目1番1号")),
            Amount("請求金額", "¥12,345", "税込"),
            KeyValues((("請求年月", "令和8年11月"), ("件数", "3件"), ("経路", "直接"))),
            Heading("内訳"),
            _table(rows),
            Note("控えは5年間保存してください。"),
            Note("一致しません", bad=True),
            Stamps(("担当", "承認")),
        ),
    )


def _text_of(data: bytes, folder: Path) -> list[str]:
    path = folder / "sheet.pdf"
    path.write_bytes(data)
    shown = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True)
    # Where pdftotext sees a space depends on how wide the words are set.
    return ["".join(page.split()) for page in shown.stdout.decode().split("\f")[:-1]]


def test_everything_put_on_a_sheet_can_be_read_from_it(tmp_path: Path) -> None:
    """Words come back as text, so that the PDF can be searched and read aloud."""
    (page,) = _text_of(print_sheets([_sheet(3)], title="t"), tmp_path)
    wanted = ("請求書", "番号12", "見本市長", "見本クリニック", "¥12,345", "令和8年11月", "内訳")
    for words in (*wanted, "行2番", "4,554", "合計", "控えは", "一致しません", "承認", "1/1"):
        assert words in page


@pytest.mark.parametrize("landscape", [False, True])
@pytest.mark.parametrize("rows", [30, 31, 32, 33, 34, 35, 36, 37, 38, 200])
def test_long_tables_go_on_with_their_head(tmp_path: Path, rows: int, *, landscape: bool) -> None:
    """Every row once; every page with rows has the head; the totals follow a row."""
    pages = _text_of(print_sheets([_sheet(rows, landscape=landscape)], title="t"), tmp_path)
    found = [int(n) for page in pages for n in re.findall(r"行(\d+)番", page)]
    assert found == list(range(rows))
    for number, page in enumerate(pages, start=1):
        assert ("番" in page.replace("番号", "")) == ("区分" in page)
        assert f"{number}/{len(pages)}" in page
    assert "行" in next(page for page in pages if "合計" in page)


def test_sheets_count_their_own_pages(tmp_path: Path) -> None:
    """A file of several letters can be taken apart."""
    pages = _text_of(print_sheets([_sheet(3), _sheet(60)], title="t"), tmp_path)
    counts = [page[-3:] for page in pages]
    assert counts == ["1/1", "1/2", "2/2"]


def test_the_same_sheets_give_the_same_bytes_on_a4_with_the_font_inside() -> None:
    """A hash of the file stands for what it says."""
    data = print_sheets([_sheet(5), _sheet(5, landscape=True)], title="t")
    assert data == print_sheets([_sheet(5), _sheet(5, landscape=True)], title="t")
    with pikepdf.open(io.BytesIO(data)) as pdf:
        sizes = [[round(float(v) * 25.4 / 72) for v in page.mediabox] for page in pdf.pages]
        assert sizes == [[0, 0, 210, 297], [0, 0, 297, 210]]
        fonts = pdf.pages[0].Resources.Font
        assert all("/FontFile2" in font.FontDescriptor for font in fonts.values())


def test_characters_the_typeface_lacks_are_told_and_marked(tmp_path: Path) -> None:
    """A selector of a variant is not missed; what is missed is printed as a mark, not dropped."""
    assert missing_characters("髙﨑\U000e0100𠮷野𠮷") == ("𠮷",)
    sheet = Sheet("題", (Note("𠮷野\u3000髙﨑\U000e0100\x00"),))
    (page,) = _text_of(print_sheets([sheet], title="t"), tmp_path)
    assert "〓野" in page
    assert "髙﨑" in page


def test_a_row_of_another_width_is_refused() -> None:
    """A table that is wrong is not printed."""
    with pytest.raises(ValueError, match="2 cells"):
        Table(COLUMNS, (("a", "b"),))
