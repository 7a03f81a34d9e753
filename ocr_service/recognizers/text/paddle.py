"""PaddleOCR's text recognition, opened far enough to see its probabilities.

The engine is PaddleOCR's own predictor on ONNX Runtime, with weights from a local folder: no paddle
runtime, no model hub, no network. Its ``pre_tfs`` (size and scale) and ``runner`` (the network) are
called one after the other instead of ``predict``, which would throw the probabilities away.
"""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocr_service.domain.arrays import Gray
from ocr_service.forms.fields import Charset
from ocr_service.recognizers.text.charsets import Alphabet, build_alphabet
from ocr_service.recognizers.text.weights import RecognitionModel, model_folder

INPUT_HEIGHT_PX = 48
STEP_PX = 8
"""One step of the output spans this many pixels of the input's width."""

_MIN_SIDE_PX = 4


class PaddleModel:
    """One PP-OCR line recognition network, loaded.

    Not safe for use by several threads at once; a worker process owns its own.
    """

    def __init__(self, model: RecognitionModel, cache: Path, *, threads: int = 1) -> None:
        """Load the network; 0.5 s, and 3 s for the library on its first use in a process.

        Args:
            model: which network.
            cache: a folder this process may write to, for the files PaddleOCR wants side by side.
            threads: processor cores the network may use at once.

        Raises:
            ModelMissing: the weights are absent or not the recorded ones.
        """
        self.name = model.name
        self._predictor = _load(model, model_folder(model, cache), cache, threads)
        # PaddleOCR puts the blank first; the alphabet does the same
        self.characters: tuple[str, ...] = tuple(self._predictor.post_op.character[1:])
        self._alphabets: dict[Charset, Alphabet] = {}

    def alphabet(self, charset: Charset) -> Alphabet:
        """The charset laid over this network's outputs; built once."""
        if charset not in self._alphabets:
            self._alphabets[charset] = build_alphabet(self.characters, charset)
        return self._alphabets[charset]

    def probabilities(self, line: Gray) -> NDArray[np.float32]:
        """The network's output for one line: (T, C) probabilities, column 0 the blank.

        Step ``t`` looks at the stretch of the line around
        ``(t + 0.5) * STEP_PX / INPUT_HEIGHT_PX * line height`` pixels from its left edge.
        """
        return self.outputs(line)[0]

    def outputs(self, line: Gray) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
        """The same, and the features the network drew it from: (D, T), None where it has none."""
        colour = np.repeat(_at_least(line, _MIN_SIDE_PX)[:, :, None], 3, axis=2)
        steps = self._predictor.pre_tfs
        batch = steps["ToBatch"](imgs=steps["ReisizeNorm"](imgs=[colour]))
        found = self._predictor.runner(x=batch)
        return found[0][0], found[1][0, :, 0] if len(found) > 1 else None


def _at_least(line: Gray, side: int) -> Gray:
    """Paper added right and below where the line is smaller than the network can take."""
    missing = [max(0, side - size) for size in line.shape]
    if not any(missing):
        return line
    return np.pad(line, ((0, missing[0]), (0, missing[1])), constant_values=255)


def _load(model: RecognitionModel, folder: Path, cache: Path, threads: int) -> Any:
    # Set before the first import: it is then that PaddleOCR looks at them.
    os.environ.setdefault("PADDLE_PDX_DISABLE_MODEL_SOURCE_CHECK", "True")
    os.environ.setdefault("PADDLE_PDX_EAGER_INIT", "False")
    os.environ.setdefault("PADDLE_PDX_CACHE_HOME", str(cache / "paddlex"))
    os.environ.setdefault("PADDLEOCR_DISABLE_AUTO_LOGGING_CONFIG", "1")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the libraries it imports, not of ours
        from paddleocr import TextRecognition  # noqa: PLC0415  3 s and 130 MB: only who reads pays

        _quieten()
        recognition = TextRecognition(
            model_name=model.paddle_name,
            model_dir=str(folder),
            engine="onnxruntime",
            device="cpu",
            engine_config={
                "intra_op_num_threads": threads,
                "inter_op_num_threads": 1,
                "log_severity_level": 3,
            },
        )
    return recognition.paddlex_predictor


def _quieten() -> None:
    """The library logs to the terminal by itself; only its errors may."""
    for name in ("paddlex", "paddleocr"):
        logging.getLogger(name).setLevel(logging.ERROR)


def load_models(
    models: Sequence[RecognitionModel], cache: Path, *, threads: int = 1
) -> tuple[PaddleModel, ...]:
    """Load several networks; see :class:`PaddleModel`."""
    return tuple(PaddleModel(model, cache, threads=threads) for model in models)


__all__ = ["INPUT_HEIGHT_PX", "STEP_PX", "PaddleModel", "load_models"]
