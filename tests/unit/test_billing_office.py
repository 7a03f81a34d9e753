"""A spreadsheet program shows what a claim's files say."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from ocr_service.billing.package import pack
from tests.unit.billing_data import line, papers

OFFICE = shutil.which("soffice")


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed on this machine")
@pytest.mark.parametrize(
    ("name", "reading", "cell", "total"),
    # 60 is the code page of Japanese Windows; the last word keeps quoted cells text.
    [
        ("details-cp932.csv", "CSV:44,34,60,1,,0,true", (8, "見本　花子"), 15),
        ("claim.xlsx", None, (2, "東京都千代田区"), 9),
    ],
)
def test_nothing_is_garbled_and_sums_are_numbers(
    tmp_path: Path, name: str, reading: str | None, cell: tuple[int, str], total: int
) -> None:
    """Names, municipalities and amounts, in the CSV for Windows and in the workbook."""
    assert OFFICE is not None
    with zipfile.ZipFile(io.BytesIO(pack(papers([line(1), line(2)]), prices={}))) as archive:
        (tmp_path / name).write_bytes(archive.read(name))
    command = [
        OFFICE,
        f"-env:UserInstallation={(tmp_path / 'office').as_uri()}",
        "--headless",
        "--convert-to",
        "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false",
        *([f"--infilter={reading}"] if reading else []),
        "--outdir",
        str(tmp_path / "seen"),
        str(tmp_path / name),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    (shown,) = (tmp_path / "seen").glob("*.csv")
    rows = list(csv.reader(io.StringIO(shown.read_text("utf-8-sig"))))
    place, words = cell
    assert rows[1][place] == words
    assert int(rows[1][total]) in {2277, 4554}
