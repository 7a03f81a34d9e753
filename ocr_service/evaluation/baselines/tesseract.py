"""The ``tesseract`` program: many line pictures in, text and confidence out."""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from ocr_service.domain.arrays import Gray
from ocr_service.domain.errors import ServiceUnavailable
from ocr_service.domain.field import Candidate
from ocr_service.domain.geometry import CANVAS_PX_PER_MM

SCALE: Final = 0.6
"""Lines come at the canvas resolution; the program reads writing best at about 35 px height. Of
1, 0.8, 0.6, 0.45 and 0.35 this was the best for boxed digits (17 of 47 fields against 11 at full
size) and as good as any for text."""

_DPI = round(SCALE * CANVAS_PX_PER_MM * 25.4)
_MARGIN_PX = 12
_LIMIT_S = 120.0
_WORD = "5"
_SINGLE_LINE = "7"


@dataclass(frozen=True, slots=True)
class TesseractMode:
    """How a line is to be read.

    Attributes:
        language: traineddata to use.
        whitelist: the only characters allowed, "" for all.
        spaced: words are told apart by spaces, in Latin writing; Japanese is closed up.
    """

    language: str
    whitelist: str = ""
    spaced: bool = False


DIGITS: Final = TesseractMode("eng", "0123456789")
JAPANESE: Final = TesseractMode("jpn")
KATAKANA: Final = TesseractMode("jpn", "".join(map(chr, range(ord("ァ"), ord("ヶ") + 1))) + "ー")
STICKER: Final = TesseractMode("jpn", spaced=True)


@dataclass(frozen=True, slots=True)
class Tesseract:
    """An installed program.

    Attributes:
        program: its path.
        version: as it tells itself.
    """

    program: str
    version: str

    def read_lines(self, lines: Sequence[Gray], mode: TesseractMode) -> list[Candidate]:
        """Text and mean word confidence of each line, in one run of the program.

        Args:
            lines: (h, w) uint8 pictures of single lines.
            mode: how to read them.

        Raises:
            ServiceUnavailable: the program failed or took too long.
        """
        if not lines:
            return []
        with tempfile.TemporaryDirectory() as folder:
            paths = [Path(folder) / f"{number}.png" for number in range(len(lines))]
            for path, line in zip(paths, lines, strict=True):
                cv2.imwrite(str(path), _framed(line))
            listed = Path(folder) / "lines.txt"
            listed.write_text("".join(f"{path}\n" for path in paths), encoding="utf-8")
            told = self._run([str(listed), "stdout", *_arguments(mode), "tsv"])
        return parse_tsv(told, len(lines), spaced=mode.spaced)

    def _run(self, arguments: Sequence[str]) -> str:
        # One thread, as the other engines have.
        environment = os.environ | {"OMP_THREAD_LIMIT": "1"}
        try:
            done = subprocess.run(  # noqa: S603  a program found on the path, arguments of our own
                [self.program, *arguments],
                capture_output=True,
                check=True,
                timeout=_LIMIT_S,
                env=environment,
            )
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            raise ServiceUnavailable(
                "tesseract failed on a line; look whether it runs by hand"
            ) from error
        return done.stdout.decode("utf-8")


def find_tesseract() -> Tesseract | None:
    """The installed program, None where it or its Japanese data is missing."""
    program = shutil.which("tesseract")
    if program is None:
        return None
    languages = _told(program, "--list-langs").split()
    if not {"jpn", "eng"} <= set(languages):
        return None
    return Tesseract(program, _told(program, "--version").split()[1])


def parse_tsv(told: str, count: int, *, spaced: bool) -> list[Candidate]:
    """Text of each page of a table that ``tesseract ... tsv`` wrote.

    Args:
        told: the table.
        count: pages asked for; those without a word are empty.
        spaced: put spaces between words.

    Returns:
        One candidate a page; the probability is the mean confidence of its words.
    """
    words: Mapping[int, list[tuple[str, float]]] = {page: [] for page in range(1, count + 1)}
    rows = csv.DictReader(io.StringIO(told), delimiter="\t", quoting=csv.QUOTE_NONE)
    for row in rows:
        if row["level"] == _WORD and row["text"].strip():
            words[int(row["page_num"])].append((row["text"].strip(), float(row["conf"]) / 100))
    return [_joined(found, spaced=spaced) for found in words.values()]


def _joined(words: Sequence[tuple[str, float]], *, spaced: bool) -> Candidate:
    text = (" " if spaced else "").join(word for word, _ in words)
    confidences = [min(1.0, max(0.0, confidence)) for _, confidence in words]
    return Candidate(text, float(np.mean(confidences)) if confidences else 0.0)


def _arguments(mode: TesseractMode) -> list[str]:
    arguments = ["-l", mode.language, "--psm", _SINGLE_LINE, "--dpi", str(_DPI)]
    if mode.whitelist:
        arguments += ["-c", f"tessedit_char_whitelist={mode.whitelist}"]
    return arguments


def _framed(line: Gray) -> Gray:
    """White all round: the program loses characters that touch the edge."""
    framed = np.pad(line, _MARGIN_PX, constant_values=255)
    return cv2.resize(framed, None, fx=SCALE, fy=SCALE, interpolation=cv2.INTER_AREA)


def _told(program: str, question: str) -> str:
    done = subprocess.run([program, question], capture_output=True, check=True, timeout=_LIMIT_S)  # noqa: S603  a program found on the path
    return done.stdout.decode("utf-8")


__all__ = [
    "DIGITS",
    "JAPANESE",
    "KATAKANA",
    "STICKER",
    "Tesseract",
    "TesseractMode",
    "find_tesseract",
    "parse_tsv",
]
