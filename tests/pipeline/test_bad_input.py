"""What is not a page of a known form gets a named state; nothing is raised, nothing invented."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pikepdf
import pytest
from PIL import Image
from typer.testing import CliRunner

from ocr_service.cli.app import app
from ocr_service.cli.read import records_of
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.pipeline.reader import EngineReader

SCANS = Path(__file__).resolve().parents[2] / "samples" / "scans"


def _jpeg(gray: np.ndarray[tuple[int, int], np.dtype[np.uint8]]) -> bytes:
    return bytes(cv2.imencode(".jpg", gray)[1].tobytes())


def _truncated() -> bytes:
    return (SCANS / "scan-0001.jpg").read_bytes()[:60_000]


def _encrypted_pdf() -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(out, encryption=pikepdf.Encryption(owner="o", user="u"))
    return out.getvalue()


def _bomb() -> bytes:
    out = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(out, "PNG")
    return out.getvalue()


def _long_pdf() -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        for _ in range(2_999):
            pdf.pages.append(pdf.pages[0])
        pdf.save(out)
    return out.getvalue()


def _blank_page() -> bytes:
    rng = np.random.default_rng(1)
    return _jpeg(rng.normal(245, 3, (3508, 2480)).clip(0, 255).astype(np.uint8))


def _photo() -> bytes:
    rng = np.random.default_rng(2)
    small = rng.integers(0, 255, (60, 80)).astype(np.uint8)
    return _jpeg(cv2.GaussianBlur(cv2.resize(small, (2400, 1800)), (0, 0), 9))


def _other_form() -> bytes:
    page = np.full((3508, 2480), 250, dtype=np.uint8)
    for x, y in ((60, 60), (2360, 60), (60, 3390), (2360, 3390)):
        cv2.rectangle(page, (x, y), (x + 59, y + 59), 0, -1)
    for row in range(12):
        cv2.rectangle(page, (300, 400 + 220 * row), (2100, 540 + 220 * row), 0, 3)
    return _jpeg(page)


CASES: dict[str, tuple[Callable[[], bytes], DocumentState, str]] = {
    "empty.jpg": (lambda: b"", DocumentState.FAILED, "file.empty"),
    "letter.jpg": (lambda: b"Dear clerk, no scan here.", DocumentState.FAILED, "file.unsupported"),
    "cut.jpg": (_truncated, DocumentState.FAILED, "file.damaged"),
    "locked.pdf": (_encrypted_pdf, DocumentState.FAILED, "file.encrypted"),
    "bomb.png": (_bomb, DocumentState.FAILED, "page.too_large"),
    "long.pdf": (_long_pdf, DocumentState.FAILED, "file.too_many_pages"),
    "blank.jpg": (_blank_page, DocumentState.UNMATCHED, "page.blank"),
    "photo.jpg": (_photo, DocumentState.UNMATCHED, "page.unmatched"),
    "other.jpg": (_other_form, DocumentState.UNMATCHED, "page.unmatched"),
}


@pytest.mark.parametrize("name", sorted(CASES))
def test_bad_input_has_a_name(reader: EngineReader, tmp_path: Path, name: str) -> None:
    """State and reason say what it is; there are no fields."""
    make, state, code = CASES[name]
    path = tmp_path / name
    path.write_bytes(make())
    (record,) = records_of(reader, path, None)
    assert record.failure is not None
    assert (record.state, record.failure.code) == (state, code)
    assert record.fields == ()
    assert record.failure.message


def test_read_goes_on_past_bad_files_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The good page is read, the bad one has its object, the exit code is 3."""
    monkeypatch.setenv("OCR_DATA_DIR", str(tmp_path / "data"))
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"")
    out = tmp_path / "out.jsonl"
    good = str(SCANS / "scan-0001.jpg")
    result = CliRunner().invoke(app, ["read", str(bad), good, "--output", str(out)])
    assert result.exit_code == 3
    first, second = (json.loads(line) for line in out.read_text("utf-8").splitlines())
    assert (first["state"], first["failure"]["code"]) == ("failed", "file.empty")
    assert second["template"] == "mhlw-covid19"
    assert second["registration"]["residual_mm"] <= 0.3
    field = second["fields"]["birth_date"]
    assert set(field) >= {"value", "raw", "probability", "status", "alternatives", "box_mm"}


def test_a_wrong_command_line_is_exit_code_two(tmp_path: Path) -> None:
    """A file that is not there is a mistake of the caller."""
    result = CliRunner().invoke(app, ["read", str(tmp_path / "none.jpg")])
    assert getattr(result.exception, "exit_code", result.exit_code) == 2
