"""Turns cut pages into training pictures, each box seen at a few places."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from ocr_service.domain.geometry import BoxMm
from ocr_service.forms.fields import ChoiceField, FlagField, MarkKind, PresenceField
from ocr_service.recognizers.base import CropPart
from ocr_service.recognizers.marks.features import box_patch, readable, word_patches
from training.marks.pages import TruthfulCrop, load_crops

_STYLES = ("page blank", "page marked", "page struck")
_ERROR_MM = 0.12


def _moved(part: CropPart, rng: np.random.Generator) -> CropPart:
    dx, dy = rng.normal(0, _ERROR_MM, 2)
    return replace(part, box=BoxMm(part.box.x + dx, part.box.y + dy, part.box.w, part.box.h))


def _seen(crop: TruthfulCrop, parts: list[CropPart]) -> list[np.ndarray]:
    spec = crop.crop.spec
    if isinstance(spec, ChoiceField | FlagField) and spec.mark is MarkKind.CIRCLE_WORD:
        return word_patches(parts)
    return [box_patch(part) for part in parts]


def pictures_of(
    crops: list[TruthfulCrop], copies: int, rng: np.random.Generator
) -> tuple[list[np.ndarray], list[int]]:
    """Pictures (uint8) and states of every box, ``copies`` of each, all but the first moved."""
    pictures: list[np.ndarray] = []
    states: list[int] = []
    for crop in crops:
        if isinstance(crop.crop.spec, PresenceField):
            continue
        for n in range(copies):
            parts = list(crop.crop.parts)
            seen = _seen(crop, parts if n == 0 else [_moved(part, rng) for part in parts])
            for part, picture, state in zip(parts, seen, crop.states, strict=True):
                if readable(part):
                    pictures.append(np.round(picture * 255).astype(np.uint8))
                    states.append(state)
    return pictures, states


def main() -> None:
    """Command line: ``python -m training.marks.page_pictures OUT.npz CROPS.pickle...``."""
    parser = argparse.ArgumentParser()
    parser.add_argument("target", type=Path)
    parser.add_argument("crops", type=Path, nargs="+")
    parser.add_argument("--copies", type=int, default=2)
    parser.add_argument("--from-page", type=int, default=0)
    parser.add_argument("--to-page", type=int, default=10**6)
    args = parser.parse_args()
    crops = [
        crop
        for path in args.crops
        for crop in load_crops(path)
        if args.from_page <= crop.page < args.to_page
    ]
    pictures, states = pictures_of(crops, args.copies, np.random.default_rng(0))
    style = np.array([_STYLES[s] for s in states])
    np.savez(args.target, x=np.stack(pictures), y=np.array(states, np.int64), style=style)
    print(f"{len(states)} pictures, by state {np.bincount(states, minlength=3)}")


if __name__ == "__main__":
    main()
