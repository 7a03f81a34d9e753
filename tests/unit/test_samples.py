"""Synthetic forms: the truth is exact, the pages follow from their seeds."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr_service.domain.arrays import Gray
from ocr_service.domain.geometry import BoxMm
from ocr_service.forms.library import LoadedTemplate, load_library, shipped_folder
from samples.generator.codes import (
    SEVEN_DIGIT_PREFECTURES,
    luhn_digit,
    municipality_code,
    nw7_elements,
)
from samples.generator.digits import CROPS, clean_crop, is_test_sender, open_crops
from samples.generator.faults import Difficulty, invent_faults, scan_geometry
from samples.generator.fonts import (
    CALIBRATION_FONTS,
    PRINTED,
    TEST_FONTS,
    FontBook,
    HandFont,
    font_folders,
    open_fonts,
)
from samples.generator.names import COMMON_SURNAMES, FEMALE, MALE, RARER_SURNAMES
from samples.generator.page import Tools
from samples.generator.paper import PX_PER_MM, Paper
from samples.generator.people import invent_sheet
from samples.generator.run import TRUTH_FILE, Order, empty_form, make_page, make_pages
from samples.generator.sheet import Sheet, Voucher
from samples.generator.stickers import paste_voucher
from samples.make import main

ROOT = Path(__file__).resolve().parents[2]
SEEDS = st.integers(min_value=0, max_value=2**31)


@cache
def _loaded() -> LoadedTemplate:
    return load_library(shipped_folder()).get("mhlw-covid19")


@cache
def _background() -> Gray:
    return empty_form(_loaded())


@cache
def _tools() -> Tools:
    folders = font_folders()
    return Tools(open_fonts(folders), None, folders)


def _sheet(seed: int) -> Sheet:
    return invent_sheet(np.random.default_rng(seed))


@given(SEEDS)
@settings(max_examples=60, deadline=None)
def test_truth_has_every_record_key(seed: int) -> None:
    """The record is complete, null where nothing is written."""
    assert set(_sheet(seed).values) == set(_loaded().template.record_keys)


@given(SEEDS)
@settings(max_examples=60, deadline=None)
def test_codes_pass_their_check_digits(seed: int) -> None:
    """Institution and municipality codes are as real ones are made."""
    values = _sheet(seed).values
    code = values["institution_code"]
    if isinstance(code, str):
        body = code[3:] if int(code[:2]) in SEVEN_DIGIT_PREFECTURES else code
        assert luhn_digit(body[:-1]) == body[-1]
    issuer = values["voucher_municipality_code"]
    if isinstance(issuer, str):
        assert municipality_code(issuer[:5]) == issuer


@given(SEEDS)
@settings(max_examples=60, deadline=None)
def test_dates_and_age_agree(seed: int) -> None:
    """The age is the one on the day of the shot."""
    values = _sheet(seed).values
    birth = date.fromisoformat(str(values["birth_date"]))
    day = date.fromisoformat(str(values["vaccination_date"]))
    age = day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
    assert values["age"] in {None, str(age)}
    assert values["under_six"] is (age < 6)


@given(SEEDS)
@settings(max_examples=60, deadline=None)
def test_writing_spells_the_truth(seed: int) -> None:
    """What is written into a field joins to its canonical value."""
    sheet = _sheet(seed)
    for key in ("address", "phone"):
        assert "".join(sheet.writing.get(key, ())) == (sheet.values[key] or "")
    cells = "".join(sheet.writing["birth_date"]).replace(" ", "0")
    assert f"{cells[:4]}-{cells[4:6]}-{cells[6:]}" == sheet.values["birth_date"]
    marked = {m.option for m in sheet.marks if m.key == "q1" and not m.struck}
    if sheet.values["q1"] in {"yes", "no"}:
        assert marked == {sheet.values["q1"]}


@pytest.mark.parametrize("code", ["0110113719", "2710103462", "4010210153"])
def test_check_digit_of_known_institutions(code: str) -> None:
    """Published test values outside the four prefectures with their own rule."""
    assert luhn_digit(code[:-1]) == code[-1]


@pytest.mark.parametrize("code", ["1110304758", "1310121996"])
def test_check_digit_of_known_institutions_over_seven_digits(code: str) -> None:
    """Saitama and Tokyo check the last seven digits only."""
    assert luhn_digit(code[3:-1]) == code[-1]


@pytest.mark.parametrize("code", ["011002", "131016", "141003", "271004", "401307", "472018"])
def test_check_digit_of_known_municipalities(code: str) -> None:
    """Codes that every register lists."""
    assert municipality_code(code[:5]) == code


def test_bar_code_has_the_width_of_its_characters() -> None:
    """Ten digits with start and stop are 134 modules wide where wide is two and a half."""
    widths = nw7_elements("0123456789")
    assert len(widths) == 12 * 7 + 11
    assert 120 < sum(widths) < 140


def test_names_are_many_and_readings_are_katakana() -> None:
    """Enough variety that no reader learns the list by heart."""
    surnames, given_names = {*COMMON_SURNAMES, *RARER_SURNAMES}, {*FEMALE, *MALE}
    assert len(surnames) >= 150
    assert len(given_names) >= 150
    kana = "".join(reading for _, reading in surnames | given_names)
    assert all("ァ" <= c <= "ヶ" or c == "ー" for c in kana)


def test_every_name_can_be_written_in_every_hand() -> None:
    """A hand that lacks a character borrows it; nothing is ever drawn as an empty box."""
    book = _tools().book
    people = {*COMMON_SURNAMES, *RARER_SURNAMES, *FEMALE, *MALE}
    for char in {c for written, kana in people for c in written + kana}:
        glyph = book.glyph(char, book.hands[-1])
        assert glyph.coverage.sum() > 20, f"U+{ord(char):04X}"


def test_hand_without_a_shape_borrows_it() -> None:
    """A font that knows no kanji falls back on the printed one."""
    printed = _tools().book.printed
    latin = HandFont("latin", printed.path)
    latin._known = frozenset(range(0x20, 0x7F))
    book = FontBook((latin,), printed)
    assert latin.glyph("高") is None
    assert book.glyph("高", latin) is printed.glyph("高")


def _order(tmp_path: Path, difficulty: Difficulty, seed: int = 3) -> Order:
    return Order(count=1, seed=seed, difficulty=difficulty, out=tmp_path)


def test_same_seed_gives_same_page(tmp_path: Path) -> None:
    """A page can be made again from its seed alone."""
    order = _order(tmp_path, Difficulty.NORMAL)
    lines = [
        make_page(order, 5, _loaded(), _tools(), _background(), tmp_path / name / "scan.jpg")
        for name in _folders(tmp_path, "a", "b")
    ]
    assert lines[0] == lines[1]
    assert (tmp_path / "a/scan.jpg").read_bytes() == (tmp_path / "b/scan.jpg").read_bytes()


def _folders(tmp_path: Path, *names: str) -> tuple[str, ...]:
    for name in names:
        (tmp_path / name).mkdir()
    return names


@pytest.mark.parametrize("difficulty", [Difficulty.EASY, Difficulty.NORMAL])
def test_homography_finds_the_corner_marks(tmp_path: Path, difficulty: Difficulty) -> None:
    """The matrix in the truth takes template millimetres to where the scan shows them."""
    (path,) = make_pages(_order(tmp_path, difficulty), _loaded(), _tools())
    (line,) = (tmp_path / TRUTH_FILE).read_text(encoding="utf-8").splitlines()
    truth = json.loads(line)
    scan = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    assert scan is not None
    matrix = np.array(truth["meta"]["homography"])
    for anchor in _loaded().template.pages[0].anchors:
        x, y = anchor.box.centre
        spot = matrix @ [x, y, 1]
        column, row = round(spot[0] / spot[2]), round(spot[1] / spot[2])
        assert scan[row - 8 : row + 9, column - 8 : column + 9].mean() < 90
    assert set(truth["fields"]) == set(_loaded().template.record_keys)


@given(SEEDS)
@settings(max_examples=80, deadline=None)
def test_normal_pages_keep_their_corner_marks(seed: int) -> None:
    """However a normal page lies on the glass, all four marks are on the scan."""
    faults = invent_faults(np.random.default_rng(seed), Difficulty.NORMAL)
    homography, (wide, high) = scan_geometry((3508, 2480), faults)
    for anchor in _loaded().template.pages[0].anchors:
        x, y = anchor.box.centre
        spot = homography @ [x, y, 1]
        reach = 2.3 * PX_PER_MM * faults.dpi / 300
        assert reach < spot[0] / spot[2] < wide - reach
        assert reach < spot[1] / spot[2] < high - reach


@pytest.mark.parametrize("code", ["131016", "141003", "271004"])
def test_voucher_can_be_read_back_from_its_codes(code: str) -> None:
    """In each city's layout QR and bar code say what the truth says, printed and pasted."""
    paper = Paper(np.full((3508, 2480), 255, np.uint8))
    voucher = Voucher(f"21{code}0000123456", "千代田区", "見本　花子")
    paste_voucher(paper, voucher, font_folders(), np.random.default_rng(4))
    left, top, right, bottom = BoxMm(130, 10, 78, 48).to_px(PX_PER_MM)
    crop = np.ascontiguousarray(paper.gray[top:bottom, left:right])
    texts = {found.text.strip("ABCDabcd") for found in zxingcpp.read_barcodes(crop)}
    assert texts == {f"21{code}0000123456", "0000123456"}


def test_stickers_can_print_every_name() -> None:
    """Vouchers and stamps are printed, rare characters too."""
    printed = _tools().book.printed
    written = {c for name, _ in (*COMMON_SURNAMES, *RARER_SURNAMES, *FEMALE, *MALE) for c in name}
    assert {c for c in written if printed.glyph(c) is None} == set()


def test_crop_is_cleaned_of_box_rules() -> None:
    """A rule at the edge goes, the digit in the middle stays."""
    crop = np.full((70, 70), 255, np.uint8)
    crop[:, 2:5] = 0
    crop[60:62, 20:22] = 0
    cv2.putText(crop, "5", (24, 50), cv2.FONT_HERSHEY_SIMPLEX, 1.4, 0, 3)
    shape = clean_crop(crop)
    assert shape is not None
    assert shape.shape[1] < 40
    assert shape.max() == pytest.approx(1.0, abs=0.05)


def test_crop_with_nothing_but_rules_is_refused() -> None:
    """There is no digit to take out."""
    crop = np.full((70, 70), 255, np.uint8)
    crop[:, 0:4] = 0
    assert clean_crop(crop) is None


def test_train_and_test_share_no_hand() -> None:
    """Nothing may be measured on a hand it was trained on."""
    folder = ROOT.parent / CROPS
    if not folder.is_dir():
        pytest.skip("the real crops in ../shared are not there")
    splits = ("train", "calibration", "test")
    train, calibration, test = (open_crops(folder, split=split) for split in splits)
    assert train is not None
    assert calibration is not None
    assert test is not None
    train_senders, calibration_senders = (
        {c.sender for c in book.crops} for book in (train, calibration)
    )
    assert train_senders.isdisjoint(calibration_senders)
    assert {c.sender for c in test.crops}.isdisjoint(train_senders | calibration_senders)
    assert all(is_test_sender(c.sender) for c in test.crops)


def test_hands_of_the_splits_share_nothing() -> None:
    """Whoever writes training pages writes neither those for calibration nor those for testing."""
    hands = {
        split: {h.name for h in open_fonts(font_folders(), split=split).hands} - {PRINTED}
        for split in ("train", "calibration", "test")
    }
    assert hands["train"].isdisjoint(hands["calibration"] | hands["test"])
    assert hands["calibration"] <= CALIBRATION_FONTS
    assert hands["test"] <= TEST_FONTS


def test_committed_scans_have_their_truth() -> None:
    """Every page of the samples folder has one line with every record key."""
    folder = ROOT / "samples" / "scans"
    lines = (folder / TRUTH_FILE).read_text(encoding="utf-8").splitlines()
    truths = [json.loads(line) for line in lines]
    assert {t["file"] for t in truths} == {p.name for p in folder.glob("*.jpg")}
    for truth in truths:
        assert list(truth["fields"]) == list(_loaded().template.record_keys)
        assert truth["meta"]["digit_sender"] is None


def test_command_makes_the_pages_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The script writes scans in the wanted format and one line of truth for each."""
    wanted = ["--n", "1", "--seed", "9", "--difficulty", "hard", "--split", "test"]
    assert main([*wanted, "--no-real-crops", "--format", "tif", "--out", str(tmp_path)]) == 0
    assert "1 pages" in capsys.readouterr().out
    truth = json.loads((tmp_path / TRUTH_FILE).read_text(encoding="utf-8"))
    assert (tmp_path / truth["file"]).is_file()
    assert truth["meta"]["font"] in {*TEST_FONTS, PRINTED}
    assert truth["meta"]["difficulty"] == "hard"
