"""Finds PDF pages that are one scanned picture and takes the picture out as it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import pikepdf
from numpy.typing import NDArray

from ocr_service.domain.arrays import Gray
from ocr_service.imaging.formats import DecodeLimits, FileFormat, check_pixels
from ocr_service.imaging.rasters import decode_raster, squared, to_gray

_STATE_ONLY = re.compile(  # operators that set state, clip or tag, and so put no ink on the page
    r"BT|ET|T[fdDmcwzLs*]|BMC|BDC|EMC|MP|DP|gs|ri|i|re|W\*?|n|[gGkK]|rg|RG|cs|CS|scn?|SCN?|[wJjMd]"
)
_SHOWS_TEXT = frozenset(["Tj", "TJ", "'", '"'])
_Matrix: TypeAlias = tuple[float, float, float, float, float, float]
_INVISIBLE = 3
_SLACK = 0.02  # of the page: how far the picture may miss the page's edge
_MAX_INSTRUCTIONS = 20_000  # an OCR layer has a few thousand; a drawing is drawn anyway
_SKEW_PT = 0.5
_EXTRACTABLE = frozenset(["/DCTDecode", "/CCITTFaxDecode", "/FlateDecode", "/LZWDecode"])
_PLAIN_COLOURS = frozenset(["/DeviceGray", "/DeviceRGB", "/CalGray", "/CalRGB", "/Indexed"])


def extract_scan(page: pikepdf.Page, limits: DecodeLimits) -> tuple[Gray, float] | None:
    """The picture that a page consists of, turned as the page shows it.

    Returns:
        Its own pixels and dots per inch on the page, or None where the page is anything but one
        plain picture that covers it; such a page has to be drawn.

    Raises:
        PageTooLarge: the picture has too many pixels.
        DamagedFile: the picture's data are broken.
    """
    found = _only_picture(page)
    if found is None:
        return None
    name, matrix = found
    picture = page.obj.Resources.XObject[name]
    if not isinstance(picture, pikepdf.Stream):
        return None
    corners = _placed(matrix)
    box = [float(v) for v in page.cropbox]
    if not _is_plain(picture) or corners is None or not _covers(corners, box):
        return None
    width, height = int(picture.Width), int(picture.Height)
    check_pixels(width, height, limits)
    gray = _pixels(picture, limits)
    dpi_x = 72.0 * width / float(np.hypot(matrix[0], matrix[1]))
    dpi_y = 72.0 * height / float(np.hypot(matrix[2], matrix[3]))
    gray, dpi = squared(gray, dpi_x, dpi_y)
    gray = _turned(gray, matrix)
    quarter_turns = (int(page.rotation) // 90) % 4
    return np.ascontiguousarray(np.rot90(gray, -quarter_turns)), dpi


@dataclass(slots=True)
class _Reading:
    """What has been met so far while reading a page's instructions."""

    matrix: NDArray[np.float64] = field(default_factory=lambda: np.eye(3))
    text_mode: int = 0
    saved: list[tuple[NDArray[np.float64], int]] = field(default_factory=list)
    shown: list[tuple[str, _Matrix]] = field(default_factory=list)

    def take(self, operator: str, operands: Sequence[object]) -> bool:
        """Follow one instruction; False if it puts anything but a picture on the page."""
        if operator == "q":
            self.saved.append((self.matrix, self.text_mode))
        elif operator == "Q":
            if self.saved:
                self.matrix, self.text_mode = self.saved.pop()
        elif operator == "cm":
            self.matrix = _matrix(operands) @ self.matrix
        elif operator == "Tr":
            self.text_mode = int(str(operands[0]))
        elif operator == "Do":
            a, b, _, c, d, _, e, f, _ = (float(v) for v in self.matrix.ravel())
            self.shown.append((str(operands[0]), (a, b, c, d, e, f)))
        elif operator in _SHOWS_TEXT:
            return self.text_mode == _INVISIBLE
        else:
            return _STATE_ONLY.fullmatch(operator) is not None
        return True


def _only_picture(page: pikepdf.Page) -> tuple[str, _Matrix] | None:
    """Name and matrix of the one picture shown, None if the page shows anything else."""
    instructions = pikepdf.parse_content_stream(page)
    if len(instructions) > _MAX_INSTRUCTIONS:
        return None
    reading = _Reading()
    for instruction in instructions:
        if not reading.take(str(instruction.operator), list(instruction.operands)):
            return None
    return reading.shown[0] if len(reading.shown) == 1 else None


def _matrix(operands: Sequence[object]) -> NDArray[np.float64]:
    a, b, c, d, e, f = (float(str(v)) for v in operands)
    return np.array([[a, b, 0.0], [c, d, 0.0], [e, f, 1.0]])


def _placed(matrix: _Matrix) -> tuple[float, float, float, float] | None:
    """(left, bottom, right, top) in points; None unless turned by quarters only."""
    a, b, c, d, e, f = matrix
    straight = abs(b) < _SKEW_PT and abs(c) < _SKEW_PT
    sideways = abs(a) < _SKEW_PT and abs(d) < _SKEW_PT
    if not straight and not sideways:
        return None
    xs, ys = sorted((e, e + a + c)), sorted((f, f + b + d))
    return xs[0], ys[0], xs[1], ys[1]


def _covers(corners: tuple[float, float, float, float], box: list[float]) -> bool:
    """The picture's edges are the page's edges, within a small slack."""
    left, bottom, right, top = corners
    box_left, box_right = sorted((box[0], box[2]))
    box_bottom, box_top = sorted((box[1], box[3]))
    slack_x, slack_y = _SLACK * (box_right - box_left), _SLACK * (box_top - box_bottom)
    return (
        abs(left - box_left) <= slack_x
        and abs(right - box_right) <= slack_x
        and abs(bottom - box_bottom) <= slack_y
        and abs(top - box_top) <= slack_y
    )


def _is_plain(picture: pikepdf.Object) -> bool:
    """Nothing about the picture changes how its stored samples look."""
    if picture.get("/Subtype") != pikepdf.Name.Image:
        return False
    if any(key in picture for key in ("/SMask", "/Mask", "/Decode")):
        return False
    if picture.get("/ImageMask", False):
        return False
    filters = picture.get("/Filter")
    names = [str(f) for f in filters] if isinstance(filters, pikepdf.Array) else [str(filters)]
    return len(names) == 1 and names[0] in _EXTRACTABLE and _plain_colours(picture)


def _plain_colours(picture: pikepdf.Object) -> bool:
    space = picture.get("/ColorSpace")
    if isinstance(space, pikepdf.Array):
        if str(space[0]) == "/ICCBased":
            return int(space[1].get("/N", 0)) in {1, 3}
        return str(space[0]) in _PLAIN_COLOURS
    return str(space) in _PLAIN_COLOURS


def _pixels(picture: pikepdf.Stream, limits: DecodeLimits) -> Gray:
    if str(picture.get("/Filter")) in {"/DCTDecode", "[/DCTDecode]"}:
        return decode_raster(picture.read_raw_bytes(), FileFormat.JPEG, 0, limits)[0]
    return to_gray(pikepdf.PdfImage(picture).as_pil_image())


def _turned(gray: Gray, matrix: _Matrix) -> Gray:
    """The picture as its matrix shows it; PDF's y runs up, a picture's first row is its top."""
    a, b, c, d, _, _ = matrix
    if abs(a) < _SKEW_PT and abs(d) < _SKEW_PT:
        # sideways: the picture's rows run up or down the page
        gray = gray.T
        if b > 0:
            gray = gray[::-1]
        if c > 0:
            gray = gray[:, ::-1]
        return gray
    if a < 0:
        gray = gray[:, ::-1]
    if d < 0:
        gray = gray[::-1]
    return gray


__all__ = ["extract_scan"]
