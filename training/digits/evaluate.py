"""Figures of a weight file on real crops of senders it was not trained on. See README.md."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocr_service.recognizers.digits.classes import EMPTY, REJECT
from ocr_service.recognizers.digits.prep import prepare_cell
from ocr_service.recognizers.digits.reader import DigitReader
from training.digits.sources import FOLDS, TEST_FOLD, RealCrop, crop_box, ink_of, load_crops

BINS = 15


def probabilities_of(reader: DigitReader, crops: list[RealCrop]) -> NDArray[np.float32]:
    """(N, classes) what the reader makes of each crop."""
    cells = [prepare_cell(c.gray, ink_of(c.gray), crop_box(c.gray)) for c in crops]
    return reader.classify(cells)


def calibration_error(sure: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Expected calibration error over ``BINS`` equal-width bins."""
    index = np.minimum((sure * BINS).astype(int), BINS - 1)
    gaps = [
        (index == b).mean() * abs(sure[index == b].mean() - right[index == b].mean())
        for b in range(BINS)
        if (index == b).any()
    ]
    return float(sum(gaps))


def errors_among_surest(sure: NDArray[np.float64], right: NDArray[np.bool_], share: float) -> int:
    """Errors left when only the surest ``share`` is taken."""
    order = np.argsort(-sure, kind="stable")[: round(share * len(sure))]
    return int(np.count_nonzero(~right[order]))


def figures(probabilities: NDArray[np.float32], labels: list[int]) -> dict[str, object]:
    """Per-digit accuracy, confusions, risk by coverage and calibration."""
    truth = np.asarray(labels)
    taken = probabilities.argmax(1)
    forced = probabilities[:, :10].argmax(1)
    right = taken == truth
    sure = probabilities.max(1).astype(np.float64)
    confusions = Counter(
        f"{t}->{'_' if p == EMPTY else '?' if p == REJECT else p}"
        for t, p in zip(truth[~right].tolist(), taken[~right].tolist(), strict=True)
    )
    return {
        "digits": len(labels),
        "right": int(right.sum()),
        "accuracy": round(float(right.mean()), 5),
        "accuracy_without_rejection": round(float((forced == truth).mean()), 5),
        "confusions": dict(confusions.most_common()),
        "wrong_by_digit": {
            str(d): f"{int((~right[truth == d]).sum())}/{int((truth == d).sum())}"
            for d in range(10)
        },
        "errors_among_surest": {
            str(c): errors_among_surest(sure, right, c) for c in (0.9, 0.95, 0.97, 0.98, 0.99, 1.0)
        },
        "expected_calibration_error": round(calibration_error(sure, right), 5),
        "negative_log_likelihood": round(
            float(-np.log(np.maximum(probabilities[np.arange(len(truth)), truth], 1e-9)).mean()), 5
        ),
    }


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--crops", type=Path, required=True, help="folder with labels.csv")
    parser.add_argument("--weights", type=Path, help="default: the service's own")
    parser.add_argument("--fold", type=int, default=TEST_FOLD, choices=range(FOLDS))
    parser.add_argument("--show", type=Path, help="write the wrong and unsure crops here (PNG)")
    args = parser.parse_args()
    reader = DigitReader(args.weights)
    crops = [c for c in load_crops(args.crops) if c.fold == args.fold]
    digits = [c for c in crops if c.label.isdigit()]
    probabilities = probabilities_of(reader, digits)
    report = figures(probabilities, [int(c.label) for c in digits])
    for kind in ("check", "cross", "triangle", "blank"):
        own = [c for c in crops if c.label == kind]
        if own:
            classes = probabilities_of(reader, own).argmax(1)
            wanted = EMPTY if kind == "blank" else REJECT
            report[f"{kind} told from digits"] = f"{int((classes == wanted).sum())}/{len(own)}"
    print(json.dumps(report, indent=1, ensure_ascii=False))
    if args.show:
        _show(digits, probabilities, args.show)


def _show(crops: list[RealCrop], probabilities: NDArray[np.float32], path: Path) -> None:
    import cv2  # noqa: PLC0415  only for the picture

    truth = np.array([int(c.label) for c in crops])
    order = np.argsort(probabilities[np.arange(len(truth)), truth])[:40]
    tiles = []
    for i in order:
        tile = np.full((110, 90), 255, np.uint8)
        h, w = crops[i].gray.shape
        tile[:h, :w] = crops[i].gray[:90, :90]
        best = int(probabilities[i].argmax())
        text = f"{truth[i]}>{best} {probabilities[i, truth[i]]:.2f}"
        cv2.putText(tile, text, (2, 104), cv2.FONT_HERSHEY_SIMPLEX, 0.42, 0, 1)
        tiles.append(tile)
    while len(tiles) % 10:
        tiles.append(np.full((110, 90), 255, np.uint8))
    rows = [np.hstack(tiles[i : i + 10]) for i in range(0, len(tiles), 10)]
    cv2.imwrite(str(path), np.vstack(rows))


if __name__ == "__main__":
    main()
