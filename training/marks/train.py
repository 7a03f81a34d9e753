"""Trains the mark network on drawn pictures and writes it as ONNX; needs torch and onnx.

Neither is a dependency of the product: install them in an environment of their own.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import nn

CONVOLUTIONS = ((2, 16, 5, 2), (16, 24, 3, 2), (24, 32, 3, 1), (32, 32, 3, 2))
"""(channels in, channels out, kernel, stride) of each layer; the pictures say how many come in."""

HIDDEN = 32
STATES = 3
_SHRINKS_BY = 8


class MarkNet(nn.Module):
    """Four convolutions and two full layers: 55 thousand numbers, 75 for words."""

    def __init__(self, shape: tuple[int, int, int] = (2, 48, 48)) -> None:
        """Args: shape: (layers, height, width) of the pictures, sides divisible by eight."""
        super().__init__()
        self.shape = shape
        layers: list[nn.Module] = []
        for n, (i, o, k, s) in enumerate(CONVOLUTIONS):
            came = i if n else shape[0]
            layers += [nn.Conv2d(came, o, k, s, k // 2), nn.BatchNorm2d(o), nn.ReLU()]
        self.features = nn.Sequential(*layers)
        self.drop = nn.Dropout(0.2)
        cells = (shape[1] // _SHRINKS_BY) * (shape[2] // _SHRINKS_BY)
        self.first = nn.Linear(CONVOLUTIONS[-1][1] * cells, HIDDEN)
        self.last = nn.Linear(HIDDEN, STATES)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits (N, 3) of pictures (N, layers, height, width)."""
        flat = self.features(x).flatten(1)
        return self.last(torch.relu(self.first(self.drop(flat))))


def restore(net: MarkNet, path: Path) -> None:
    """Go on from an exported network; its folded normalisation becomes the identity."""
    model = onnx.load(str(path))
    kept = {w.name: numpy_helper.to_array(w) for w in model.graph.initializer}
    props = {p.key: p.value for p in model.metadata_props}
    layers = list(net.features)
    with torch.no_grad():
        for n in range(len(CONVOLUTIONS)):
            layers[3 * n].weight.copy_(torch.from_numpy(kept[f"w{n}"].copy()))
            layers[3 * n].bias.copy_(torch.from_numpy(kept[f"b{n}"].copy()))
        for name, layer in (("first", net.first), ("last", net.last)):
            scale = float(props["temperature"]) if name == "last" else 1.0
            layer.weight.copy_(torch.from_numpy(kept[f"{name}_w"] * np.float32(scale)))
            layer.bias.copy_(torch.from_numpy(kept[f"{name}_b"] * np.float32(scale)))


def _adapt_statistics(net: MarkNet, pictures: torch.Tensor) -> None:
    """Give each normalisation the statistics of its input while its output stays the same."""
    x = pictures.float() / 255
    layers = list(net.features)
    with torch.no_grad():
        for n in range(len(CONVOLUTIONS)):
            x = layers[3 * n](x)
            mean, var = x.mean((0, 2, 3)), x.var((0, 2, 3))
            norm = layers[3 * n + 1]
            norm.running_mean.copy_(mean)
            norm.running_var.copy_(var)
            norm.weight.copy_(torch.sqrt(var + norm.eps))
            norm.bias.copy_(mean)
            x = torch.relu(x)


def _shifted(x: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    dx, dy = (int(torch.randint(-1, 2, (1,), generator=generator)) for _ in range(2))
    return torch.roll(x, (dy, dx), (2, 3))


def _as_words(x: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Pictures of words mirrored by chance, some without what stands beside them.

    A ring mirrored is a ring; print hardly matters to it.
    """
    mirrored = torch.rand(len(x), 1, 1, 1, generator=generator)
    x = torch.where(mirrored < 0.5, x.flip(3), x)  # noqa: PLR2004  # even chance
    alone = torch.rand(len(x), generator=generator) < 0.15  # noqa: PLR2004  # a flag has no other
    x[alone, 2] = 0
    return x


def train(
    x: NDArray[np.uint8],
    y: NDArray[np.int64],
    *,
    epochs: int,
    seed: int,
    start: Path | None = None,
    batch: int = 128,
) -> MarkNet:
    """Fit a network, one cycle of learning rate; ``start`` is an exported one to go on from."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    net = MarkNet(x.shape[1:])
    words = x.shape[1] > 2  # noqa: PLR2004  # boxes have two layers
    if start is not None:
        restore(net, start)
        _adapt_statistics(net, torch.from_numpy(x[:: max(1, len(x) // 2000)]))
    if epochs == 0:  # only to calibrate and write a network again
        return net.eval()
    steps = epochs * (len(x) // batch)
    optimiser = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.02)
    plan = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, max_lr=4e-3 if start is None else 1.5e-3, total_steps=steps
    )
    pictures, states = torch.from_numpy(x), torch.from_numpy(y)
    for epoch in range(epochs):
        net.train()
        order = torch.randperm(len(x), generator=generator)
        total = 0.0
        for i in range(len(x) // batch):
            pick = order[i * batch : (i + 1) * batch]
            seen = _shifted(pictures[pick].float() / 255, generator)
            seen = _as_words(seen, generator) if words else seen
            loss = nn.functional.cross_entropy(net(seen), states[pick])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            plan.step()
            total += float(loss.detach())
        print(f"epoch {epoch + 1}: loss {total / (len(x) // batch):.4f}", flush=True)
    return net.eval()


def logits_of(net: MarkNet, x: NDArray[np.uint8]) -> torch.Tensor:
    """Logits of all pictures."""
    with torch.no_grad():
        return torch.cat(
            [net(torch.from_numpy(x[i : i + 512]).float() / 255) for i in range(0, len(x), 512)]
        )


def temperature_of(logits: torch.Tensor, y: NDArray[np.int64]) -> float:
    """The divisor of the logits that makes their probabilities true on unseen pictures."""
    truth = torch.from_numpy(y)
    grid = torch.linspace(0.5, 3, 101)
    losses = [float(nn.functional.cross_entropy(logits / t, truth)) for t in grid]
    return float(grid[int(np.argmin(losses))])


def _folded(
    conv: nn.Conv2d, norm: nn.BatchNorm2d
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    if norm.running_var is None or norm.running_mean is None or conv.bias is None:
        raise ValueError("a layer without statistics cannot be folded")
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    weight = conv.weight * scale[:, None, None, None]
    bias = (conv.bias - norm.running_mean) * scale + norm.bias
    return weight.detach().numpy(), bias.detach().numpy()


def to_onnx(net: MarkNet, temperature: float, note: dict[str, str]) -> bytes:
    """The network with normalisation folded in and calibrated softmax at its end."""
    nodes, weights, last = [], [], "pictures"

    def keep(name: str, values: NDArray[np.float32]) -> str:
        weights.append(numpy_helper.from_array(values.astype(np.float32), name))
        return name

    layers = list(net.features)
    for n, (_, _, k, s) in enumerate(CONVOLUTIONS):
        weight, bias = _folded(layers[3 * n], layers[3 * n + 1])
        inputs = [last, keep(f"w{n}", weight), keep(f"b{n}", bias)]
        nodes.append(helper.make_node("Conv", inputs, [f"c{n}"], strides=[s, s], pads=[k // 2] * 4))
        nodes.append(helper.make_node("Relu", [f"c{n}"], [f"r{n}"]))
        last = f"r{n}"
    nodes.append(helper.make_node("Flatten", [last], ["flat"]))
    last = "flat"
    for name, layer, scale in (("first", net.first, 1.0), ("last", net.last, 1 / temperature)):
        weight = keep(f"{name}_w", layer.weight.detach().numpy() * scale)
        bias = keep(f"{name}_b", layer.bias.detach().numpy() * scale)
        nodes.append(helper.make_node("Gemm", [last, weight, bias], [name], transB=1))
        last = name
        if name == "first":
            nodes.append(helper.make_node("Relu", [last], ["hidden"]))
            last = "hidden"
    nodes.append(helper.make_node("Softmax", [last], ["states"], axis=1))
    graph = helper.make_graph(
        nodes, "marks",
        [helper.make_tensor_value_info("pictures", TensorProto.FLOAT, ["n", *net.shape])],
        [helper.make_tensor_value_info("states", TensorProto.FLOAT, ["n", STATES])],
        weights,
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, note)
    onnx.checker.check_model(model)
    return model.SerializeToString()


def report(name: str, logits: torch.Tensor, y: NDArray[np.int64], style: NDArray[np.str_]) -> None:
    """Print accuracy by state and by style."""
    guess = logits.argmax(1).numpy()
    print(f"{name}: {np.mean(guess == y):.4f} of {len(y)} right")
    for one in np.unique(style):
        mask = style == one
        print(f"  {one:12s} {mask.sum():5d} {np.mean(guess[mask] == y[mask]):.4f} "
              f"read as {np.bincount(guess[mask], minlength=3)}")  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line: ``python training/marks/train.py TRAIN.npz... --held-out H.npz --out FILE``."""
    parser = argparse.ArgumentParser()
    parser.add_argument("train", type=Path, nargs="+")
    parser.add_argument("--held-out", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--calibrate", type=Path, help="pictures to set the temperature on")
    parser.add_argument("--start", type=Path, help="exported network to go on from")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--seed", type=int, default=5)
    args = parser.parse_args(arguments)
    torch.set_num_threads(1)
    parts = [np.load(path) for path in args.train]
    x = np.concatenate([p["x"] for p in parts])
    y = np.concatenate([p["y"] for p in parts])
    held = np.load(args.held_out)
    net = train(x, y, epochs=args.epochs, seed=args.seed, start=args.start)
    logits = logits_of(net, held["x"])
    report("held out", logits, held["y"], held["style"])
    fit = np.load(args.calibrate) if args.calibrate else held
    fit_logits = logits_of(net, fit["x"])
    report("calibration", fit_logits, fit["y"], fit["style"])
    temperature = temperature_of(fit_logits, fit["y"])
    note = {"reader": args.out.stem, "temperature": f"{temperature:.3f}", "pictures": str(len(x))}
    data = to_onnx(net, temperature, note)
    args.out.write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    args.out.with_suffix(".json").write_text(
        json.dumps({"schema": 1, "file": args.out.name, "sha256": digest, **note}, indent=1) + "\n"
    )
    print(f"temperature {temperature:.3f}, {len(data)} bytes, sha256 {digest}")


if __name__ == "__main__":
    main()
