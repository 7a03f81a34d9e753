"""Draws training lines and keeps what the base network sees of them.

Runs in the service's own environment: the lines go through the reader's own network, so that
training and service cannot differ. Every part is a file of its own; a run goes on where it stopped.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np

from ocr_service.recognizers.text.paddle import PaddleModel
from ocr_service.recognizers.text.weights import PP_OCR_V6_SMALL
from samples.generator.digits import CROPS, open_crops
from training.text.characters import our_characters
from training.text.hands import HELD_OUT, open_hands, training_names
from training.text.lines import Line, LineMaker

_PART = 500
_CROPS = Path("..") / CROPS
_HEIGHT_PX = 48


def main() -> None:
    """Make parts ``--first`` to ``--last``."""
    options = _options()
    cv2.setNumThreads(1)
    options.out.mkdir(parents=True, exist_ok=True)
    names = HELD_OUT if options.held_out else training_names()
    split = "calibration" if options.held_out else "train"
    crops = open_crops(options.crops, split=split)
    if crops is None:
        sys.exit(f"no real digits in {options.crops}")
    maker = LineMaker(open_hands(options.fonts, names), options.over, crops)
    with tempfile.TemporaryDirectory() as cache:
        model = PaddleModel(PP_OCR_V6_SMALL, Path(cache))
        ours = our_characters(model.characters)
        listed = json.dumps({"base": model.characters, "ours": ours}, ensure_ascii=False)
        (options.out / "characters.json").write_text(listed, encoding="utf-8")
        for part in range(options.first, options.last):
            path = options.out / f"part-{part:04d}.npz"
            if not path.exists():
                _make_part(path, maker, model, np.random.default_rng([options.seed, part]))
                print(path.name, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--fonts", type=Path, required=True, help="folder with the npm fonts")
    parser.add_argument("--over", type=Path, action="append", default=[], help="PDF of the form")
    parser.add_argument("--crops", type=Path, default=_CROPS, help="real digits by sender")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--last", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--held-out", action="store_true", help="lines of the held-out hands")
    return parser.parse_args()


def _make_part(path: Path, maker: LineMaker, model: PaddleModel, rng: np.random.Generator) -> None:
    lines: list[Line] = []
    while len(lines) < _PART:
        line = maker.make(rng)
        if line is not None:
            lines.append(line)
    seen = [_seen(model, line) for line in lines]
    small = [_small(line) for line in lines]
    facts = [{"text": line.text, "kind": line.kind, "hand": line.hand} for line in lines]
    draft = path.with_suffix(".tmp.npz")
    np.savez(
        draft,
        features=np.concatenate(seen, axis=1).astype(np.float16),
        steps=np.array([s.shape[1] for s in seen]),
        pictures=np.concatenate(small, axis=1),
        widths=np.array([s.shape[1] for s in small]),
        facts=np.array(json.dumps(facts, ensure_ascii=False)),
    )
    draft.rename(path)


def _seen(model: PaddleModel, line: Line) -> np.ndarray:
    features = model.outputs(line.gray)[1]
    if features is None:
        raise RuntimeError("the base network gives no features")
    return features


def _small(line: Line) -> np.ndarray:
    """The picture at the network's height, for looking at and for reading again."""
    height, width = line.gray.shape
    size = (max(8, round(width * _HEIGHT_PX / height)), _HEIGHT_PX)
    return cv2.resize(line.gray, size, interpolation=cv2.INTER_AREA)


if __name__ == "__main__":
    main()
