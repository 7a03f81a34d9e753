"""Our own network for lines of handwriting, over what PP-OCRv6 small sees of them.

It takes the features inside the base network (``RecognitionModel.features``), so that a line goes
through the base's layers once and both have their say. How it was trained: ``training/text``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from ocr_service.forms.fields import Charset
from ocr_service.recognizers.own_weights import WEIGHTS_FOLDER, recorded_weights
from ocr_service.recognizers.text.charsets import Alphabet, build_alphabet

DEFAULT_WEIGHTS: Final = WEIGHTS_FOLDER / "lines-1.onnx"
"""The network that comes with the service; its record lies beside it as ``.json``."""

CHARSETS: Final = frozenset({Charset.KATAKANA, Charset.JAPANESE, Charset.NAME})
"""What it was trained for. Numbers, codes and print are left to the base."""


class OwnNetwork:
    """The loaded network. Safe to share between threads."""

    def __init__(self, weights: Path = DEFAULT_WEIGHTS, *, threads: int = 1) -> None:
        """Load and compare with the record.

        Args:
            weights: ONNX file with a record (``.json``: sha256) beside it; its metadata hold the
                characters of its outputs, one after the other.
            threads: threads one call may use.

        Raises:
            ModelMissing: file or record is absent, or they do not belong together.
        """
        data = recorded_weights(weights)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            data, options, providers=["CPUExecutionProvider"]
        )
        self.name = weights.stem
        self.characters = tuple(self._session.get_modelmeta().custom_metadata_map["characters"])
        self._alphabets = {c: build_alphabet(self.characters, c) for c in CHARSETS}

    def alphabet(self, charset: Charset) -> Alphabet:
        """One of ``CHARSETS`` laid over the network's outputs."""
        return self._alphabets[charset]

    def probabilities(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """(T, C) probabilities, column 0 the blank, from the base's (D, T) features of a line."""
        output: NDArray[np.float32] = self._session.run(None, {"features": features[None]})[0][0]
        return output


__all__ = ["CHARSETS", "DEFAULT_WEIGHTS", "OwnNetwork"]
