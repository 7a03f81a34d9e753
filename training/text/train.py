"""Trains the text network on cached features and writes ONNX: ``python -m training.text.train``.

Needs PyTorch and onnx, not the service. Prints the share of held-out lines read exactly, by kind,
for the base's weights and after every epoch.
"""

from __future__ import annotations

import argparse
import math
import time
from collections import defaultdict
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor
from torch.nn import functional

from training.text.data import Batch, Sample, batches, collate, load, load_characters
from training.text.export import write_onnx
from training.text.model import LineNet, start_from_base

_BATCH = 32
_NEGATIVES = 900
_SEED = 4
_LOST_CHANNELS, _LOST_STEPS = 0.03, 0.02


def main() -> None:
    """Train, look at the held-out lines, write."""
    options = _options()
    torch.set_num_threads(options.threads)
    torch.manual_seed(_SEED)
    base, ours = load_characters(options.train[0])
    net = _started(options.base, base, ours)
    if options.start is not None:
        net.load_state_dict(torch.load(options.start))
    held_out = load(options.held_out, ours)
    print(f"{len(ours)} characters; held-out lines before:", _shares(net, held_out, ours))
    samples = [s for s in load(options.train, ours) if s.hand not in options.without]
    print(f"{len(samples)} training lines", flush=True)
    trained = _train(net, samples, held_out, ours, options)
    if options.output is not None:
        print(write_onnx(trained, ours, options.output))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", type=Path, nargs="+", required=True)
    parser.add_argument("--held-out", type=Path, nargs="+", required=True)
    parser.add_argument("--base", type=Path, required=True, help="PP-OCRv6_rec_small.onnx")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--without", nargs="*", default=[], help="hands to leave out")
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--neck-share", type=float, default=0.3, help="of the rate, for the neck")
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--start", type=Path, help="weights to go on from, of --keep")
    parser.add_argument("--keep", type=Path, help="where the weights are kept after every epoch")
    parser.add_argument("--threads", type=int, default=1, help="sums depend on it, a little")
    parser.add_argument("--output", type=Path)
    return parser.parse_args()


def _started(path: Path, base: Sequence[str], ours: Sequence[str]) -> LineNet:
    graph = onnx.load(path).graph
    weights = {item.name: numpy_helper.to_array(item) for item in graph.initializer}
    place = {character: index for index, character in enumerate(base, start=1)}
    net = LineNet(len(ours) + 1)
    start_from_base(net, weights, [0, *(place.get(c) for c in ours)])
    return net


def _train(
    net: LineNet,
    samples: Sequence[Sample],
    held_out: Sequence[Sample],
    ours: Sequence[str],
    options: argparse.Namespace,
) -> LineNet:
    rng = np.random.default_rng(_SEED)
    net.dropout.p = net.branch.dropout.p = options.dropout
    fresh = [*net.branch.parameters(), *net.head.parameters()]
    known = {id(p) for p in fresh}
    neck = [p for p in net.parameters() if id(p) not in known]
    optimizer = torch.optim.AdamW(
        [{"params": fresh, "lr": options.rate},
         {"params": neck, "lr": options.rate * options.neck_share}], weight_decay=0.01,
    )  # fmt: skip
    each = math.ceil(len(samples) / _BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: _rate(step, options.epochs * each)
    )
    mean = deepcopy(net)
    start = time.monotonic()
    for epoch in range(options.epochs):
        net.train()
        losses = []
        for lines in batches(samples, _BATCH, rng):
            loss = _loss(net, _augmented(collate(lines), rng), rng)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            optimizer.step()
            schedule.step()
            losses.append(float(loss.detach()))
            _follow(mean, net, len(losses) + epoch * each)
        print(
            f"epoch {epoch + 1}: loss {np.mean(losses):.3f}, {time.monotonic() - start:.0f} s,",
            _shares(mean, held_out, ours), flush=True,
        )  # fmt: skip
        if options.keep is not None:
            torch.save(mean.state_dict(), options.keep)
    return mean


def _rate(step: int, steps: int) -> float:
    warm = 200
    if step < warm:
        return (step + 1) / warm
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))


def _follow(mean: LineNet, net: LineNet, step: int) -> None:
    """Move a running mean of the weights, which generalises better than the last of them."""
    share = min(0.99, (step + 1) / (step + 20))
    with torch.no_grad():
        for ours, theirs in zip(mean.parameters(), net.parameters(), strict=True):
            ours.lerp_(theirs, 1 - share)


def _augmented(batch: Batch, rng: np.random.Generator) -> Batch:
    """Features with noise, some channels and now and then a step gone."""
    features = batch.features
    spread = features.std(dim=(0, 2), keepdim=True)
    features = features + torch.randn_like(features) * spread * 0.1
    features = features * (torch.rand(features.shape[0], features.shape[1], 1) > _LOST_CHANNELS)
    if rng.random() < 0.5:  # noqa: PLR2004  every other batch
        features = features * (torch.rand(features.shape[0], 1, features.shape[2]) > _LOST_STEPS)
    return Batch(features * batch.mask[:, None], batch.mask, batch.steps, batch.targets,
                 batch.lengths)  # fmt: skip


def _loss(net: LineNet, batch: Batch, rng: np.random.Generator) -> Tensor:
    """CTC over the batch's characters and some others: all of them would take most of the time."""
    states = net.dropout(net.states(batch.features, batch.mask))
    classes = net.head.out_features
    others = torch.from_numpy(rng.choice(classes - 1, _NEGATIVES, replace=False) + 1)
    always = torch.tensor([0, classes - 1])  # the blank, and STRUCK: it must be told from all
    chosen = torch.unique(torch.cat([always, batch.targets, others]))
    logits = functional.linear(states, net.head.weight[chosen], net.head.bias[chosen])
    places = torch.searchsorted(chosen, batch.targets)
    return functional.ctc_loss(
        logits.log_softmax(-1).transpose(0, 1), places, batch.steps, batch.lengths,
        zero_infinity=True,
    )  # fmt: skip


def _shares(net: LineNet, samples: Sequence[Sample], ours: Sequence[str]) -> str:
    """Lines read exactly by the best path, by kind and by hand."""
    net.eval()
    right: dict[str, list[bool]] = defaultdict(list)
    with torch.no_grad():
        for lines in batches(samples, 64, None):
            batch = collate(lines)
            best = net.head(net.states(batch.features, batch.mask)).argmax(-1).numpy()
            for line, row, steps in zip(lines, best, batch.steps.tolist(), strict=True):
                read = [c for i, c in enumerate(row[:steps]) if c and (i == 0 or c != row[i - 1])]
                is_right = "".join(ours[c - 1] for c in read) == line.text
                right[line.kind].append(is_right)
                right[line.hand].append(is_right)
    return ", ".join(f"{k} {100 * np.mean(v):.1f}" for k, v in sorted(right.items()))


if __name__ == "__main__":
    main()
