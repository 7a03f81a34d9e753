"""Template files: schema, lint, library, starter."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ocr_service.domain.errors import TemplateError, TemplateUnknown
from ocr_service.domain.geometry import BoxMm
from ocr_service.forms.library import load_library, load_template, shipped_folder
from ocr_service.forms.lint import lint
from ocr_service.forms.model import FormTemplate
from ocr_service.forms.starter import starter_template

ROOT = Path(__file__).resolve().parents[2]
# fmt: off
CONTRACT_KEYS = [
    "voucher_kind", "voucher_dose", "voucher_municipality_code", "voucher_number", "address",
    "name", "name_kana", "phone", "birth_date", "vaccination_date", "consent_date", "age", "sex",
    "body_temperature", "dose_ml", "q1", "q2", "q3", "q4", "q5", "q6", "q7", "q8", "q9", "q10",
    "q11", "q12", "q13", "q4_groups", "q5_diseases", "q5_drugs", "q4_disease",
    "q5_disease_other", "q5_drug_name", "q6_detail", "q7_detail", "q9_detail", "q10_vaccine",
    "q10_symptom", "q12_vaccine", "judgement", "consent", "under_six", "doctor_signature",
    "consent_signature", "vaccine_name", "lot_number", "place", "doctor_name",
    "institution_code",
    "voucher_name",  # ours: what the contract lets us add
]
# fmt: on


def _mhlw() -> FormTemplate:
    return load_library(shipped_folder()).get("mhlw-covid19").template


def _write(folder: Path, text: str) -> Path:
    path = folder / "f" / "1" / "template.toml"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_the_official_form_has_every_agreed_key() -> None:
    """What programs rely on is there, no more and no less often than once."""
    assert sorted(_mhlw().record_keys) == sorted(CONTRACT_KEYS)


def test_every_shipped_template_is_free_of_findings() -> None:
    """Not even a warning in what we ship."""
    for loaded in load_library(shipped_folder()).loaded:
        assert lint(loaded.template) == ()


def test_the_official_form_stands_where_it_was_measured() -> None:
    """The template repeats the measured layout to a hundredth of a millimetre."""
    layout = ROOT.parent / "shared" / "data" / "forms" / "layout.json"
    if not layout.is_file():
        pytest.skip("../shared/data/forms/layout.json is not here")
    measured = json.loads(layout.read_text("utf-8"))["fields"]
    spec = _mhlw().field_of("q7")
    assert spec.kind == "choice"
    assert spec.options[0].box == BoxMm(*measured["q7_yes"]["mm"])


def test_an_unknown_template_names_the_known_ones() -> None:
    """The message helps."""
    with pytest.raises(TemplateUnknown, match="mhlw-covid19@2021-05"):
        load_library(shipped_folder()).get("nothing")


def test_a_starter_template_is_valid_and_clean(tmp_path: Path) -> None:
    """What ``template new`` writes can be used at once."""
    path = _write(tmp_path, starter_template("f", "1", width_mm=210, height_mm=297))
    assert lint(load_template(path).template) == ()


def test_a_later_folder_replaces_an_earlier_one(tmp_path: Path) -> None:
    """An operator's template wins over the shipped one of the same name."""
    text = starter_template("f", "1", width_mm=210, height_mm=297)
    _write(tmp_path / "a", text)
    _write(tmp_path / "b", text.replace('ja = "f"', 'ja = "新"'))
    library = load_library(tmp_path / "a", tmp_path / "b")
    assert len(library.loaded) == 1
    assert library.get("f@1").template.title.ja == "新"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('kind = "text"', 'kind = "telepathy"', "telepathy|kind"),
        ("[30.0, 30.0, 80.0, 10.0]", "[30.0, 30.0, -80.0, 10.0]", "positive size"),
        ("[30.0, 30.0, 80.0, 10.0]", "[30.0, 30.0]", "x, y, w, h"),
        ('key = "date"', 'key = "name"', "twice"),
        ("schema_version = 1", "schema_version = = 1", "TOML"),
        ("schema_version = 1", "schema_version = 1\nsurprise = 2", "surprise"),
    ],
)
def test_a_broken_template_says_what_and_where(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    """Authors get the place and the reason."""
    text = starter_template("f", "1", width_mm=210, height_mm=297)
    assert old in text
    path = _write(tmp_path, text.replace(old, new, 1))
    with pytest.raises(TemplateError, match=message):
        load_template(path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[30.0, 30.0, 80.0, 10.0]", "[30.0, 30.0, 280.0, 10.0]", "outside the paper"),
        ("[30.0, 30.0, 80.0, 10.0]", "[4.0, 4.0, 80.0, 10.0]", "covers anchor TL"),
        ('value = "no"', 'value = "yes"', "same value"),
        ('format = "date"', 'format = "institution_code"', "needs 10 cells"),
        ("[46.0, 70.0, 3.2, 3.2]", "[30.5, 70.0, 3.2, 3.2]", "covers answer.yes"),
    ],
)
def test_lint_sees_what_the_schema_cannot(tmp_path: Path, old: str, new: str, message: str) -> None:
    """Valid files with mistakes in them are named too."""
    text = starter_template("f", "1", width_mm=210, height_mm=297)
    assert old in text
    findings = lint(load_template(_write(tmp_path, text.replace(old, new, 1))).template)
    assert any(message in finding.message for finding in findings)


def test_the_published_schema_is_the_models() -> None:
    """``docs/reference/template.schema.json`` is what ``template schema`` prints."""
    published = ROOT / "docs" / "reference" / "template.schema.json"
    assert json.loads(published.read_text("utf-8")) == FormTemplate.model_json_schema()
