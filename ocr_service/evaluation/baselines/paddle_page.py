"""Plain PaddleOCR on a whole page: PP-OCRv6 small finds lines and reads them.

Detection and recognition are the package's own, with the settings of its ``PaddleOCR`` pipeline.
The pipeline class itself asks for packages the lock leaves out, so the two steps are called one
after the other, as it does: each found box is cut out level and read.
"""

from __future__ import annotations

import json
import logging
import warnings
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_service.domain.arrays import Gray, Quad
from ocr_service.evaluation.baselines.page_text import PageLine, PageText, between
from ocr_service.forms.fields import Charset
from ocr_service.recognizers.text.paddle import INPUT_HEIGHT_PX, STEP_PX, PaddleModel
from ocr_service.recognizers.text.weights import (
    PP_OCR_V6_SMALL,
    PP_OCR_V6_SMALL_DETECTION,
    verified,
)

_DETECTION: Final = "PP-OCRv6_small_det"
_SETTINGS: Final[dict[str, Any]] = {
    "Global": {"model_name": _DETECTION},
    "PreProcess": {
        "transform_ops": [
            {"DecodeImage": {"channel_first": False, "img_mode": "BGR"}},
            {"DetResizeForTest": {}},
            {
                "NormalizeImage": {
                    "mean": [0.485, 0.456, 0.406],
                    "std": [0.229, 0.224, 0.225],
                    "scale": 1 / 255,
                    "order": "hwc",
                }
            },
            {"ToCHWImage": {}},
            {"KeepKeys": {"keep_keys": ["image", "shape"]}},
        ]
    },
    "PostProcess": {"name": "DBPostProcess", "max_candidates": 1000},
}
_LINE_OPTIONS: Final[dict[str, Any]] = {
    "limit_side_len": 64,
    "limit_type": "min",
    "thresh": 0.3,
    "box_thresh": 0.6,
    "unclip_ratio": 1.5,
}
"""What the pipeline of the package gives its detector."""

_UPRIGHT = 1.5
"""A box so much higher than wide holds a line that runs downwards; the pipeline turns it."""

_DOUBTFUL_PAGE = 0.8
"""A page read with a lower mean score is read again turned by half; the better reading counts."""


class PaddlePageReader:
    """Finds and reads all lines of a page. Not safe for use by several threads at once."""

    def __init__(self, cache: Path, *, threads: int = 1) -> None:
        """Load both networks.

        Args:
            cache: a folder this process may write to, for the files PaddleOCR wants side by side.
            threads: processor cores the networks may use at once.

        Raises:
            ModelMissing: the weights are absent or not the recorded ones.
        """
        self._lines = PaddleModel(PP_OCR_V6_SMALL, cache, threads=threads)
        self._detector = _load_detector(_detection_folder(cache), threads)

    @property
    def name(self) -> str:
        """Name of the networks."""
        return f"{self._lines.name}-whole-page"

    def read(self, scan: Gray) -> PageText:
        """Read a scan, turned by half where that reads better."""
        upright = self._read(scan, turned=False)
        if upright.score >= _DOUBTFUL_PAGE:
            return upright
        other = self._read(np.ascontiguousarray(scan[::-1, ::-1]), turned=True)
        return max(upright, other, key=lambda text: text.score)

    def _read(self, scan: Gray, *, turned: bool) -> PageText:
        colour = cv2.cvtColor(scan, cv2.COLOR_GRAY2BGR)
        quads = self._detector.predict(colour)[0]["dt_polys"]
        lines = (self._read_line(scan, np.asarray(quad, dtype=np.float64)) for quad in quads)
        height, width = scan.shape
        return PageText(tuple(line for line in lines if line.text), (width, height), turned=turned)

    def _read_line(self, scan: Gray, quad: Quad) -> PageLine:
        quad = _reading_order(quad)
        image = cut_level(scan, quad)
        text, steps, score = self._decode(self._lines.probabilities(image))
        left, right = (quad[0] + quad[3]) / 2, (quad[1] + quad[2]) / 2
        # a step spans a fixed stretch of the line as scaled to the network's height
        per_step = STEP_PX * image.shape[0] / INPUT_HEIGHT_PX / image.shape[1]
        shares = [min(1.0, (step + 0.5) * per_step) for step in steps]
        across = right - left
        return PageLine(
            text=text,
            centres=between(left.tolist(), right.tolist(), shares),
            height=float(image.shape[0]),
            angle_deg=float(np.degrees(np.arctan2(across[1], across[0]))),
            score=score,
        )

    def _decode(self, output: NDArray[np.float32]) -> tuple[str, list[int], float]:
        """The likeliest character of every step, repeats and blanks left out."""
        alphabet = self._lines.alphabet(Charset.ANY)
        best = output.argmax(axis=1)
        fresh = np.flatnonzero((best != 0) & (best != np.concatenate([[0], best[:-1]])))
        columns = alphabet.target[best[fresh]]
        text = "".join(alphabet.symbols[column - 1] if column > 0 else " " for column in columns)
        score = float(output[fresh, best[fresh]].mean()) if len(fresh) else 0.0
        return text, fresh.tolist(), min(1.0, score)


def cut_level(scan: Gray, quad: Quad) -> Gray:
    """The picture inside a quadrilateral (corners clockwise from top-left), set level."""
    top, right, bottom, left = (np.hypot(*(quad[(i + 1) % 4] - quad[i])) for i in range(4))
    width, height = max(4, round(max(top, bottom))), max(4, round(max(left, right)))
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(quad.astype(np.float32), target)
    return cv2.warpPerspective(
        scan, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )


def _reading_order(quad: Quad) -> Quad:
    """Corners from where the line begins; lines that run downwards begin at their top right."""
    width = np.hypot(*(quad[1] - quad[0]))
    height = np.hypot(*(quad[3] - quad[0]))
    return np.roll(quad, -1, axis=0) if height >= _UPRIGHT * width else quad


def _detection_folder(cache: Path) -> Path:
    """A folder with the detector as PaddleOCR wants it."""
    weight = PP_OCR_V6_SMALL_DETECTION
    folder = cache / f"{_DETECTION}-{weight.sha256[:12]}"
    folder.mkdir(parents=True, exist_ok=True)
    model = folder / "inference.onnx"
    if not model.is_file():
        model.unlink(missing_ok=True)
        model.symlink_to(verified(weight).resolve())
    (folder / "inference.yml").write_text(json.dumps(_SETTINGS), encoding="utf-8")
    return folder


def _load_detector(folder: Path, threads: int) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the libraries it imports, not of ours
        # The line reader was loaded before and has set the library's environment.
        from paddleocr import TextDetection  # noqa: PLC0415  3 s and 130 MB: only who compares pays

        logging.getLogger("paddlex").setLevel(logging.ERROR)
        return TextDetection(
            model_name=_DETECTION,
            model_dir=str(folder),
            engine="onnxruntime",
            device="cpu",
            engine_config={
                "intra_op_num_threads": threads,
                "inter_op_num_threads": 1,
                "log_severity_level": 3,
            },
            **_LINE_OPTIONS,
        )


__all__ = ["PaddlePageReader", "cut_level"]
