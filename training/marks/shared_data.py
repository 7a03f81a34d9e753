"""Loads the real material: mark crops from fax surveys and the rendered official form."""

from __future__ import annotations

import csv
import json
import subprocess
import tempfile
import zlib
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from training.marks.draw import Source
from training.marks.paper import DRAW_PX_PER_MM, FormPrint, load_form

GLYPHS = frozenset({"check", "cross", "circle", "triangle"})
_HELD_OUT_CHECKS = ("20120522", "20120910")
_BORDER_PX = 3


def _held_out(label: str, sender: str) -> bool:
    """Whole senders are held out; checks have one sender, so two of his days are."""
    if label == "check":
        return any(day in sender for day in _HELD_OUT_CHECKS)
    return zlib.crc32(sender.encode()) % 4 == 0


def _coverage(path: Path) -> NDArray[np.float32] | None:
    gray = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if gray is None or min(gray.shape) <= 4 * _BORDER_PX:
        return None
    ink = (255 - gray[_BORDER_PX:-_BORDER_PX, _BORDER_PX:-_BORDER_PX].astype(np.float32)) / 255
    ys, xs = np.nonzero(ink > 0.5)  # noqa: PLR2004  # half covered
    if ys.size == 0:
        return None
    return ink[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1]


def load_crops(
    folder: Path, *, held_out: bool
) -> tuple[tuple[NDArray[np.float32], ...], tuple[NDArray[np.float32], ...]]:
    """Marks and dust as coverage (0 to 1), cut to their ink; one side of the split by sender."""
    glyphs: list[NDArray[np.float32]] = []
    dust: list[NDArray[np.float32]] = []
    with (folder / "labels.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            label = row["label"]
            if label not in GLYPHS | {"blank"}:
                continue
            if _held_out(label, row["sender"]) is not held_out:
                continue
            cover = _coverage(folder / row["path"])
            if cover is not None:
                (dust if label == "blank" else glyphs).append(cover)
    return tuple(glyphs), tuple(dust)


def render_form(folder: Path) -> FormPrint:
    """The official form at ``DRAW_PX_PER_MM`` with its check boxes (needs poppler's pdftoppm)."""
    layout = json.loads((folder / "layout.json").read_text("utf-8"))
    boxes = tuple(
        (f["mm"][0], f["mm"][1], f["mm"][2], f["mm"][3])
        for f in layout["fields"].values()
        if f["kind"] == "check"
    )
    with tempfile.TemporaryDirectory() as scratch:
        target = Path(scratch) / "form"
        subprocess.run(  # noqa: S603  # fixed command on our own file
            ["pdftoppm", "-r", str(DRAW_PX_PER_MM * 25.4), "-gray", "-png", "-singlefile",  # noqa: S607  # poppler from the system
             str(folder / layout["pdf"]), str(target)],
            check=True,
        )  # fmt: skip
        return load_form(target.with_suffix(".png"), boxes)


def load_source(shared: Path, *, held_out: bool) -> Source:
    """Everything to draw from; without ``shared`` only our own drawings."""
    if not shared.is_dir():
        return Source(None)
    glyphs, dust = load_crops(shared / "data" / "handwriting", held_out=held_out)
    return Source(render_form(shared / "data" / "forms"), glyphs, dust)
