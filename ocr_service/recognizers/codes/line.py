"""The printed line of digits on a voucher: found by its even pitch, set upright, read."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr_service.domain.arrays import Gray
from ocr_service.domain.field import MAX_ALTERNATIVES, Candidate
from ocr_service.domain.geometry import CANVAS_PX_PER_MM
from ocr_service.forms.fields import Charset
from ocr_service.recognizers.lines import LineReader

_DIGIT_HEIGHT_MM = (1.6, 3.8)
_DIGIT_WIDTH_MM = (0.12, 2.8)
_LINE_TILT_MM = 0.7
_MAX_PITCH_MM = 4.0
_ANGLES_DEG = np.arange(-6.0, 6.01, 0.75)
_PITCH_TOLERANCE = 0.22
_MIN_SHARE_FOUND = 0.75
_MARGIN_MM = 0.55
_SURE_ENOUGH = 0.95
_CHUNK = 6
_LEAST_CONTRAST = 15.0


@dataclass(frozen=True, slots=True)
class DigitLine:
    """A line of print, upright.

    Attributes:
        image: (h, w) uint8, the line with a margin of half a millimetre.
        cuts: x of the gaps between neighbouring characters in ``image``, left to right.
    """

    image: Gray
    cuts: tuple[int, ...]


def find_digit_line(gray: Gray, length: int) -> DigitLine | None:
    """The line of about ``length`` evenly spaced characters, None where there is none.

    Args:
        gray: (H, W) uint8 at the canvas resolution, the line within 6 degrees of level.
        length: characters expected; a quarter of them may be broken or stuck together.
    """
    for look in (_stretched(gray), _sharpened(_stretched(gray))):
        chain = _best_chain(_character_boxes(look), length)
        if chain is not None:
            return _upright(gray, chain)
    return None


def _stretched(gray: Gray) -> Gray:
    """Paper at 235, the darkest print at 0: faint copies pass the same threshold."""
    dark, paper = np.percentile(gray, (0.5, 60.0))
    if paper - dark < _LEAST_CONTRAST:
        return gray
    scaled = (gray.astype(np.float32) - dark) * (235.0 / (paper - dark))
    return np.clip(scaled, 0, 255).astype(np.uint8)


def _sharpened(gray: Gray) -> Gray:
    return cv2.addWeighted(gray, 5.0, cv2.GaussianBlur(gray, (0, 0), 3.0), -4.0, 0.0)


def _best_chain(boxes: NDArray[np.float64], length: int) -> NDArray[np.float64] | None:
    best: NDArray[np.float64] | None = None
    best_score = 0.0
    for angle in _ANGLES_DEG:
        chain = _longest_even_chain(boxes, math.radians(float(angle)))
        # a chain longer than the code is a row of something else
        score = len(chain) - 2.0 * max(0, len(chain) - length)
        if score > best_score:
            best, best_score = chain, score
    if best is None or best_score < _MIN_SHARE_FOUND * length:
        return None
    return best


def _character_boxes(gray: Gray) -> NDArray[np.float64]:
    """(N, 4) left, top, width, height of blobs that have the size of a digit, in pixels."""
    soft = cv2.GaussianBlur(gray, (0, 0), 0.8)
    dark = cv2.adaptiveThreshold(
        soft, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 6 * CANVAS_PX_PER_MM + 1, 20
    )
    count, _, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    if count <= 1:
        return np.zeros((0, 4))
    boxes = stats[1:, :4].astype(np.float64)
    width_mm, height_mm = boxes[:, 2] / CANVAS_PX_PER_MM, boxes[:, 3] / CANVAS_PX_PER_MM
    fits = (
        (height_mm >= _DIGIT_HEIGHT_MM[0])
        & (height_mm <= _DIGIT_HEIGHT_MM[1])
        & (width_mm >= _DIGIT_WIDTH_MM[0])
        & (width_mm <= _DIGIT_WIDTH_MM[1])
    )
    return boxes[fits]


def _longest_even_chain(boxes: NDArray[np.float64], angle: float) -> NDArray[np.float64]:
    """The longest run of equal heights and equal pitch along lines at ``angle`` (radians)."""
    best = boxes[:0]
    centres = boxes[:, :2] + boxes[:, 2:] / 2
    along = centres @ np.array([math.cos(angle), math.sin(angle)])
    across = centres @ np.array([-math.sin(angle), math.cos(angle)])
    for seed in range(len(boxes)):
        near = np.abs(across - across[seed]) <= _LINE_TILT_MM / 2 * CANVAS_PX_PER_MM
        alike = np.abs(boxes[:, 3] / boxes[seed, 3] - 1.0) <= _PITCH_TOLERANCE
        row = np.flatnonzero(near & alike)
        if len(row) > len(best):
            chain = _even_run(boxes[row[np.argsort(along[row])]])
            best = chain if len(chain) > len(best) else best
    return best


def _even_run(row: NDArray[np.float64]) -> NDArray[np.float64]:
    """The longest stretch of a row, sorted left to right, whose centres keep one pitch."""
    centres = row[:, 0] + row[:, 2] / 2
    steps = np.diff(centres)
    if len(steps) == 0:
        return row
    pitch = float(np.median(steps))
    even = (np.abs(steps - pitch) <= 2 * _PITCH_TOLERANCE * pitch) & (
        steps <= _MAX_PITCH_MM * CANVAS_PX_PER_MM
    )
    best_start, best_stop, start = 0, 0, 0
    for index, good in enumerate([*even, False]):
        if not good:
            if index - start > best_stop - best_start:
                best_start, best_stop = start, index
            start = index + 1
    return row[best_start : best_stop + 1]


def _upright(gray: Gray, chain: NDArray[np.float64]) -> DigitLine:
    """Cut the chain's line out, turned level."""
    x, y = chain[:, 0] + chain[:, 2] / 2, chain[:, 1] + chain[:, 3] / 2
    slope = float(np.polyfit(x, y, 1)[0]) if len(x) > 1 else 0.0
    angle = math.atan(slope)
    margin = _MARGIN_MM * CANVAS_PX_PER_MM
    height = float(np.median(chain[:, 3])) + 2 * margin
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    points = np.stack([x, y], axis=1) @ turn.T
    left = points[0, 0] - chain[0, 2] / 2 - margin
    right = points[-1, 0] + chain[-1, 2] / 2 + margin
    top = float(np.median(points[:, 1])) - height / 2
    matrix = np.hstack([turn, [[-left], [-top]]])
    size = (max(4, round(right - left)), max(4, round(height)))
    image = cv2.warpAffine(gray, matrix, size, flags=cv2.INTER_CUBIC, borderValue=255)
    gaps = (points[:-1, 0] + points[1:, 0]) / 2 - left
    return DigitLine(image, tuple(round(float(gap)) for gap in gaps))


def read_digit_line(line: DigitLine, length: int, reader: LineReader) -> tuple[Candidate, ...]:
    """Texts of exactly ``length`` digits, best first, at most six; none if the line has not that.

    The whole line is read first. Where that is not sure enough and every character was found
    apart, the line is read again in pieces of six, whose length is then known too.
    """
    whole = _of_length(reader.read_line(line.image, Charset.DIGITS), length)
    if (whole and whole[0].probability >= _SURE_ENOUGH) or len(line.cuts) != length - 1:
        return whole
    pieces = _read_pieces(line, length, reader)
    sure_whole = whole[0].probability if whole else 0.0
    sure_pieces = pieces[0].probability if pieces else 0.0
    return pieces if sure_pieces > sure_whole else whole


def _read_pieces(line: DigitLine, length: int, reader: LineReader) -> tuple[Candidate, ...]:
    edges = list(range(0, length, _CHUNK))
    bounds = [0, *line.cuts, line.image.shape[1]]
    read = []
    for start in edges:
        stop = min(start + _CHUNK, length)
        piece = np.ascontiguousarray(line.image[:, bounds[start] : bounds[stop]])
        texts = _of_length(reader.read_line(piece, Charset.DIGITS), stop - start)
        if not texts:
            return ()
        read.append(texts[:3])
    combined = [
        Candidate("".join(c.text for c in combo), math.prod(c.probability for c in combo))
        for combo in itertools.product(*read)
    ]
    combined.sort(key=lambda candidate: -candidate.probability)
    return tuple(combined[: 1 + MAX_ALTERNATIVES])


def _of_length(candidates: tuple[Candidate, ...], length: int) -> tuple[Candidate, ...]:
    return tuple(
        c for c in candidates if len(c.text) == length and c.text.isascii() and c.text.isdigit()
    )


__all__ = ["DigitLine", "find_digit_line", "read_digit_line"]
