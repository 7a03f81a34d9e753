"""A run: pages one after another, each from its own seed, with a line of truth beside it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from pdf2image import convert_from_bytes
from PIL import Image

from ocr_service.domain.arrays import Gray
from ocr_service.forms.blank import render_blank
from ocr_service.forms.library import LoadedTemplate
from samples.generator.chance import Rng, between
from samples.generator.crossed import Slips, Struck
from samples.generator.faultless import faultless
from samples.generator.faults import Difficulty, Scan, invent_faults, scan_page
from samples.generator.influenza import invent_influenza_sheet
from samples.generator.page import Tools, fill_page
from samples.generator.people import invent_sheet
from samples.generator.plant import plant
from samples.generator.sheet import Sheet, Value

INVENTORS: Mapping[str, Callable[[Rng], Sheet]] = {
    "mhlw-covid19": invent_sheet,
    "influenza-elderly": invent_influenza_sheet,
}
"""Who fills which form, by template key."""

TRUTH_FILE = "truth.jsonl"
FAULTLESS = "faultless"
"""What ``Order.plant`` says for pages without any fault."""
_DPI = 300
_TWO = 2
_SLIPS = 1


@dataclass(frozen=True, slots=True)
class Order:
    """What to make.

    Attributes:
        count: number of pages.
        seed: page i follows from (seed, i) alone.
        difficulty: how badly they are scanned.
        out: folder for scans and truth.
        suffix: ``jpg``, ``png`` or ``tif``.
        over: a PDF to fill instead of the drawn blank.
        quality: JPEG quality of every page, None = as the difficulty has it.
        plant: kind of fault that every page gets, ``faultless`` for none at all; None = pages as
            people fill them in. Only of the COVID questionnaire.
        crossed: chance, 0 to 1, that a handwritten line of text has something struck out.
    """

    count: int
    seed: int
    difficulty: Difficulty
    out: Path
    suffix: str = "jpg"
    over: Path | None = None
    quality: int | None = None
    plant: str | None = None
    crossed: float = 0.0


def empty_form(loaded: LoadedTemplate, over: Path | None = None) -> Gray:
    """The form to fill, (H, W) uint8 at 300 dpi, exactly the template's size."""
    data = over.read_bytes() if over else render_blank(loaded)
    image = convert_from_bytes(data, dpi=_DPI, grayscale=True, first_page=1, last_page=1)[0]
    page = loaded.template.pages[0]
    size = (round(page.width_mm * _DPI / 25.4), round(page.height_mm * _DPI / 25.4))
    gray = np.asarray(image.convert("L"), dtype=np.uint8)
    if gray.shape == size[::-1]:
        return gray
    # Off by a pixel where the PDF's page is not quite A4: cut or pad, never scale.
    framed = np.full(size[::-1], 255, np.uint8)
    high, wide = min(gray.shape[0], size[1]), min(gray.shape[1], size[0])
    framed[:high, :wide] = gray[:high, :wide]
    return framed


def make_pages(order: Order, loaded: LoadedTemplate, tools: Tools) -> Iterator[Path]:
    """Make the pages of an order; gives each scan's path when it and its truth are written."""
    background = empty_form(loaded, order.over)
    order.out.mkdir(parents=True, exist_ok=True)
    with (order.out / TRUTH_FILE).open("w", encoding="utf-8", newline="\n") as truth:
        for number in range(order.count):
            path = order.out / f"scan-{number + 1:04d}.{order.suffix}"
            line = make_page(order, number, loaded, tools, background, path)
            truth.write(json.dumps(line, ensure_ascii=False) + "\n")
            truth.flush()
            yield path


def make_page(
    order: Order, number: int, loaded: LoadedTemplate, tools: Tools, background: Gray, path: Path
) -> dict[str, object]:
    """Make page ``number`` of an order, write the scan to ``path`` and give its truth."""
    rng = np.random.default_rng([order.seed, number])
    sheet = _invent(order.plant, loaded, rng)
    hard = order.difficulty is Difficulty.HARD
    faint = between(rng, 0, 1) if hard else 0.0
    slips = _slips(order, number)
    tools = replace(tools, slips=slips)
    filled = fill_page(background, loaded.template, sheet, tools, rng, faint=faint)
    faults = invent_faults(rng, order.difficulty)
    scan = scan_page(filled.gray, faults, rng)
    write_scan(path, scan, dpi=faults.dpi, jpeg=order.quality or faults.jpeg)
    keys = loaded.template.record_keys
    return {
        "file": path.name,
        "page": 1,
        "template": loaded.template.key,
        "version": loaded.template.version,
        "fields": {key: _json(sheet.values[key]) for key in keys},
        "meta": {
            "seed": [order.seed, number],
            "font": filled.font,
            "digit_sender": filled.sender,
            "difficulty": order.difficulty.value,
            "rotation_deg": round(faults.rotation_deg, 3),
            "dpi": faults.dpi,
            "faults": list(faults.names),
            "over": order.over is not None,
            **({} if order.plant is None else {"planted": order.plant}),
            **({} if slips is None else {"crossed": _told(filled.slips)}),
            "homography": [[round(float(v), 9) for v in row] for row in scan.homography],
        },
    }


def _slips(order: Order, number: int) -> Slips | None:
    """From a seed of their own: without them a page stays what it was."""
    if order.crossed <= 0:
        return None
    return Slips(order.crossed, np.random.default_rng([order.seed, number, _SLIPS]))


def _told(slips: Mapping[str, Struck]) -> dict[str, dict[str, object]]:
    return {
        key: {
            "struck": found.slip.struck,
            "style": found.slip.style.value,
            "above": found.slip.above,
            "box_mm": [round(v, 2) for v in (found.run.x, found.run.y, found.run.w, found.run.h)],
        }
        for key, found in slips.items()
    }


def _invent(kind: str | None, loaded: LoadedTemplate, rng: Rng) -> Sheet:
    if kind is None:
        return INVENTORS[loaded.template.key](rng)
    return faultless(rng) if kind == FAULTLESS else plant(rng, kind)


def _json(value: Value) -> object:
    return sorted(value) if isinstance(value, tuple) else value


def write_scan(path: Path, scan: Scan, *, dpi: int, jpeg: int) -> None:
    """Store a scan as its suffix says, with its resolution.

    Raises:
        ValueError: an unknown suffix.
    """
    image = Image.fromarray(scan.gray)
    if path.suffix == ".jpg":
        image.save(path, quality=jpeg, dpi=(dpi, dpi), optimize=True)
    elif path.suffix == ".png":
        image.save(path, dpi=(dpi, dpi), compress_level=1)
    elif path.suffix == ".tif":
        two_tone = image.getextrema() == (0, 255) and len(image.getcolors(256) or ()) == _TWO
        image = image.convert("1", dither=Image.Dither.NONE) if two_tone else image
        image.save(path, compression="group4" if two_tone else "tiff_lzw", dpi=(dpi, dpi))
    else:
        raise ValueError(f"unknown format {path.suffix}: use jpg, png or tif")


__all__ = [
    "FAULTLESS",
    "INVENTORS",
    "TRUTH_FILE",
    "Order",
    "empty_form",
    "make_page",
    "make_pages",
    "write_scan",
]
