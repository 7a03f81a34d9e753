"""The comparison with other engines: what they read goes to the right field and is judged alike."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_service.domain.field import Candidate, Flag, Status
from ocr_service.domain.geometry import BoxMm
from ocr_service.evaluation.baselines.paddle_page import PaddlePageReader, cut_level
from ocr_service.evaluation.baselines.page_text import PageLine, PageText, laid, scaled
from ocr_service.evaluation.baselines.readings import (
    cells_text,
    code_text,
    field_values,
    kept,
    sticker_candidate,
)
from ocr_service.evaluation.baselines.tesseract import DIGITS, find_tesseract, parse_tsv
from ocr_service.evaluation.baselines.tesseract_crops import read_crops, side_by_side
from ocr_service.evaluation.truth import TRUTH_FILE, load_truth
from ocr_service.forms.fields import Charset, CodeField, StickerField
from ocr_service.forms.library import TemplateLibrary
from ocr_service.forms.model import FormTemplate
from ocr_service.imaging.decode import DecodeLimits, decode_page
from ocr_service.imaging.warp import mm_to_scan
from ocr_service.pipeline.crop import crop_field
from ocr_service.pipeline.identify import Identified, identify
from ocr_service.recognizers.sticker.parse import LineText
from tests.unit.baseline_lines import FORM, SCANS, digits_field, field_box, line_in, read_line


@given(
    angle=st.floats(-5, 5),
    shift=st.tuples(st.floats(-80, 80), st.floats(-80, 80)),
    px_per_mm=st.floats(6, 16),
    turned=st.booleans(),
)
def test_registration_takes_characters_back_to_where_they_were_written(
    *, angle: float, shift: tuple[float, float], px_per_mm: float, turned: bool
) -> None:
    """Whatever the scan's turn, scale and place, also where it was read upside down."""
    wanted = np.array([[20.0, 30.0], [100.0, 150.0], [190.0, 280.0]])
    size = np.array([2400.0, 3400.0])
    turn = np.radians(angle)
    across = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    to_canvas = np.eye(3)
    to_canvas[:2, :2] = across * 12.0 / px_per_mm
    to_canvas[:2, 2] = shift
    on_scan = mm_to_scan(wanted, to_canvas)
    upright = size - 1 - on_scan if turned else on_scan
    line = PageLine("abc", upright, height=40.0, angle_deg=0.0, score=1.0)
    text = PageText((line,), (2400, 3400), turned=turned)
    (found,) = laid(text, to_canvas)
    assert np.allclose(found.centres, wanted, atol=1e-6)
    assert found.height == pytest.approx(40.0 / px_per_mm, rel=1e-6)


def test_a_page_without_registration_is_taken_for_the_whole_paper(form: FormTemplate) -> None:
    """Half way across the scan is half way across the sheet."""
    line = PageLine("a", np.array([[500.0, 700.0]]), height=14.0, angle_deg=0.0, score=1.0)
    (found,) = scaled(PageText((line,), (1000, 1400), turned=False), form.pages[0])
    assert found.centres.tolist() == [[105.0, 148.5]]
    assert found.height == pytest.approx(2.97)


def test_a_turned_box_is_cut_level() -> None:
    """What lies askew in the scan stands upright in the picture."""
    scan = np.full((100, 100), 255, np.uint8)
    cv2.fillPoly(scan, [np.array([[20, 20], [60, 60], [50, 70], [10, 30]])], 0)
    cut = cut_level(scan, np.array([[20.0, 20.0], [60.0, 60.0], [50.0, 70.0], [10.0, 30.0]]))
    assert cut.shape == (14, 57)
    assert cut[2:-2, 2:-2].mean() < 30


@pytest.mark.slow
def test_plain_paddleocr_says_what_stands_where(tmp_path: Path) -> None:
    """Also on a page that lies upside down."""
    scan = np.full((320, 640), 255, np.uint8)
    cv2.putText(scan, "40713", (200, 120), cv2.FONT_HERSHEY_SIMPLEX, 1.6, 0, 3)
    cv2.putText(scan, "Hello world", (60, 260), cv2.FONT_HERSHEY_SIMPLEX, 1.6, 0, 3)
    reader = PaddlePageReader(tmp_path)
    upright = reader.read(scan)
    assert [line.text for line in upright.lines if line.text.isdigit()] == ["40713"]
    (digits,) = (line for line in upright.lines if line.text == "40713")
    wanted = np.array([[200 + 32 * (n + 0.5), 104] for n in range(5)])
    assert np.abs(digits.centres - wanted).max() < 16  # half a character
    assert abs(digits.angle_deg) < 2
    turned = reader.read(np.ascontiguousarray(scan[::-1, ::-1]))
    assert turned.turned
    assert "40713" in [line.text for line in turned.lines]


# ---- from characters to fields


def test_a_line_over_label_and_writing_gives_the_field_its_writing_only(form: FormTemplate) -> None:
    """Characters outside every writing area are print."""
    box = field_box(form, "name")
    left = BoxMm(box.x - 14, box.y, 12, box.h)
    both = line_in(left, "氏名ラベル")
    name = line_in(box, "見本花子")
    line = replace(
        both, text=both.text + name.text, centres=np.vstack([both.centres, name.centres])
    )
    values = read_line(form, line)
    assert values["name"].value == "見本花子"
    assert values["name"].status is Status.ACCEPTED


def test_segments_are_joined_as_the_form_says(form: FormTemplate) -> None:
    """Two address lines are one address; year, month and day one date."""
    address = read_line(
        form,
        line_in(field_box(form, "address", 1), "本町1-2"),
        line_in(field_box(form, "address", 0), "埼玉県秩父市"),
    )
    assert address["address"].value == "埼玉県秩父市本町1-2"
    date = read_line(
        form,
        *(
            line_in(field_box(form, "consent_date", n), text)
            for n, text in enumerate(("2021", "9", "11"))
        ),
    )
    assert date["consent_date"].value == "2021-09-11"


def test_digits_go_to_the_cells_they_lie_in(form: FormTemplate) -> None:
    """An empty cell before the day is no lost digit; a lost digit makes no date."""
    cells = [cell.box for cell in digits_field(form, "birth_date").cells]
    lines = [line_in(cells[n], d) for n, d in zip((0, 1, 2, 3, 4, 5, 7), "1985123", strict=True)]
    assert read_line(form, *lines)["birth_date"].value == "1985-12-03"
    broken = read_line(form, *lines[:2], *lines[3:])["birth_date"]
    assert Flag.INVALID in broken.flags


def test_what_the_form_prints_in_cells_needs_not_be_read(form: FormTemplate) -> None:
    """The year's first digits count whether the engine saw them or not."""
    spec = digits_field(form, "vaccination_date")
    written = ["", "", "", "1", "1", "0", "0", "2"]
    assert cells_text(spec, written, printed_seen=True) == "20211002"
    assert cells_text(spec, ["2", "0", "2", *written[3:]], printed_seen=True) == "20211002"
    assert cells_text(spec, ["2", "0", "2", "", "", "", "", ""], printed_seen=True) == ""


def test_the_longest_print_of_a_voucher_is_its_code(form: FormTemplate) -> None:
    """Eighteen digits stand out; fewer than half are none at all."""
    spec = next(spec for spec in form.fields if isinstance(spec, CodeField))
    code = "211120715198468843"
    assert code_text(spec, ["券番号 5198468843", f" {code[:9]} {code[9:]}"]) == code
    assert code_text(spec, ["112071"]) == ""
    values = read_line(form, line_in(spec.box, code))
    assert values["voucher_municipality_code"].value == "112071"


def test_the_lines_of_a_sticker_give_product_and_lot(form: FormTemplate) -> None:
    """Interpreted as our own reader does."""
    spec = next(spec for spec in form.fields if isinstance(spec, StickerField))
    lines = [
        LineText((Candidate(text, 0.99),), (), 0.0, y, 3.0)
        for y, text in ((4.0, "コミナティ筋注"), (9.0, "製造番号 ER9877"))
    ]
    assert sticker_candidate(spec, lines).text == "コミナティ\tER9877"
    assert sticker_candidate(spec, []).text == ""


def test_writing_where_a_signature_belongs_counts_as_one(form: FormTemplate) -> None:
    """That much a reader of text can say; an empty place that is required is flagged."""
    values = read_line(form, line_in(field_box(form, "doctor_signature"), "見本"))
    assert values["doctor_signature"].value is True
    assert values["consent_signature"].value is False
    assert values["consent_signature"].status is Status.REVIEW


def test_marks_are_not_answered(form: FormTemplate) -> None:
    """No value at all rather than an empty one."""
    assert "q1" not in read_line(form, line_in(field_box(form, "name"), "見本"))


@pytest.mark.parametrize(
    ("text", "charset", "wanted"),
    [
        ("O8l年", Charset.DIGITS, "081"),
        ("ハスミ ソウ1チ", Charset.KATAKANA, "ハスミ ソウチ"),
        ("(糖尿病）", Charset.JAPANESE, "糖尿病"),
        ("山田:太郎3", Charset.NAME, "山田太郎"),
    ],
)
def test_only_what_a_field_can_hold_is_kept(text: str, charset: Charset, wanted: str) -> None:
    """The same for every engine."""
    assert kept(text, charset) == wanted


def test_a_low_score_flags_an_answer(form: FormTemplate) -> None:
    """So does a required field that was read empty."""
    values = read_line(form, line_in(field_box(form, "name"), "見本花子", score=0.7))
    assert values["name"].status is Status.REVIEW
    assert values["address"].status is Status.REVIEW
    assert values["q6_detail"].status is Status.ACCEPTED


# ---- Tesseract


def test_words_of_a_table_are_joined_by_page() -> None:
    """A page without words is empty and has no confidence."""
    head = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight"
    rows = [f"{head}\tconf\ttext"]
    rows += ["1\t1\t0\t0\t0\t0\t0\t0\t9\t9\t-1\t", "5\t1\t1\t1\t1\t1\t0\t0\t9\t9\t80\t12"]
    rows += ['5\t1\t1\t1\t1\t2\t0\t0\t9\t9\t60.5\t3"', "1\t2\t0\t0\t0\t0\t0\t0\t9\t9\t-1\t"]
    first, second = parse_tsv("\n".join(rows) + "\n", 2, spaced=False)
    assert (first.text, second.text) == ('123"', "")
    assert first.probability == pytest.approx(0.7025)
    assert second.probability == 0.0
    assert parse_tsv("\n".join(rows), 2, spaced=True)[0].text == '12 3"'


def test_digit_shapes_stand_in_one_row() -> None:
    """White between them and below the lower one."""
    row = side_by_side([np.zeros((10, 5), np.uint8), np.zeros((8, 4), np.uint8)])
    assert row.shape[0] == 10
    assert (row == 0).sum() == 10 * 5 + 8 * 4
    assert row[9, -20:].min() == 255


def test_nothing_is_started_where_the_program_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The table then does without it."""
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    assert find_tesseract() is None


def test_the_installed_program_reads_printed_digits() -> None:
    """Several lines in one run, an empty one among them."""
    tesseract = find_tesseract()
    if tesseract is None:
        pytest.skip("tesseract-ocr and tesseract-ocr-jpn are not installed")
    line = np.full((60, 260), 255, np.uint8)
    cv2.putText(line, "40713", (10, 48), cv2.FONT_HERSHEY_SIMPLEX, 1.6, 0, 4)
    read = tesseract.read_lines([line, np.full((60, 260), 255, np.uint8)], DIGITS)
    assert [candidate.text for candidate in read] == ["40713", ""]


def test_the_installed_program_reads_our_crops(library: TemplateLibrary) -> None:
    """The printed code of a sample's voucher, field by field like any other engine."""
    tesseract = find_tesseract()
    if tesseract is None:
        pytest.skip("tesseract-ocr and tesseract-ocr-jpn are not installed")
    page = load_truth(SCANS / TRUTH_FILE)[0]
    scan = decode_page((SCANS / page.file).read_bytes(), 0, DecodeLimits())
    found = identify(scan, library.only(FORM).loaded)
    assert isinstance(found, Identified)
    template = found.loaded.template
    wanted = ("voucher", "age", "name_kana")
    specs = [spec for spec in template.fields if spec.key in wanted]
    crops = [crop_field(found.registered, spec, None) for spec in specs]
    read = read_crops(crops, tesseract)
    values = {v.key: v.value for v in field_values(template, read, "tesseract")}
    assert values["voucher_number"] == page.fields["voucher_number"]
    assert set(read) == set(wanted)


# ---- side by side
