"""Our own network for lines of handwriting, over what PP-OCRv6 small sees of them.

It alone knows what characters look like that are struck out: a run of them is one ``STRUCK``.

It takes the features inside the base network (``RecognitionModel.features``), so that a line goes
through the base's layers once and both have their say. How it was trained: ``training/text``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from ocr_service.forms.fields import Charset
from ocr_service.recognizers.own_weights import WEIGHTS_FOLDER, recorded_weights
from ocr_service.recognizers.text.charsets import Alphabet, build_alphabet

DEFAULT_WEIGHTS: Final = WEIGHTS_FOLDER / "lines-2.onnx"
"""The network that comes with the service; its record lies beside it as ``.json``."""

STRUCK: Final = "\N{SYMBOL FOR DELETE}"
"""Among the network's characters: stands for a run of characters that is struck out."""

CHARSETS: Final = frozenset({Charset.KATAKANA, Charset.JAPANESE, Charset.NAME, Charset.DIGITS})
"""What it was trained for. Codes and print are left to the base."""

_RARE: Final = 1.0
"""Weight of kanji outside JIS level 1: it learned how seldom they are."""


@dataclass(frozen=True, slots=True)
class OwnOutput:
    """What the network sees of a line.

    Attributes:
        chances: (T, C) probabilities, column 0 the blank; what is struck out is blank.
        struck: chance, 0 to 1, that somewhere characters are struck out.
    """

    chances: NDArray[np.float32]
    struck: float


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
        self._struck = 1 + self.characters.index(STRUCK)
        self._alphabets = {c: build_alphabet(self.characters, c, rare=_RARE) for c in CHARSETS}

    def alphabet(self, charset: Charset) -> Alphabet:
        """One of ``CHARSETS`` laid over the network's outputs."""
        return self._alphabets[charset]

    def read(self, features: NDArray[np.float32]) -> OwnOutput:
        """What it sees in the base's (D, T) features of a line."""
        chances: NDArray[np.float32] = self._session.run(None, {"features": features[None]})[0][0]
        struck = chances[:, self._struck].copy()
        chances[:, 0] += struck
        chances[:, self._struck] = 0.0
        return OwnOutput(chances, float(struck.max(initial=0.0)))


__all__ = ["CHARSETS", "DEFAULT_WEIGHTS", "STRUCK", "OwnNetwork", "OwnOutput"]
