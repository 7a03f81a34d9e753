"""The network: the base's own neck, trained on, and a wider branch beside it, under one head.

Input are the features that the base network's backbone gives for a line, (N, 384, T). The neck (a
convolution and two transformer blocks of 120 channels) starts with the base's weights, and so do
the head's rows for the characters we keep: untrained, the network says what the base says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

FEATURES = 384
NECK = 120
BRANCH = 192
_HEADS = 8
_EPSILON = 1e-5
_NEVER = -8.0

Weights = Mapping[str, np.ndarray]


class Block(nn.Module):
    """A transformer block, normalised before each part."""

    def __init__(self) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(NECK, eps=_EPSILON)
        self.qkv = nn.Linear(NECK, 3 * NECK)
        self.out = nn.Linear(NECK, NECK)
        self.norm2 = nn.LayerNorm(NECK, eps=_EPSILON)
        self.up = nn.Linear(NECK, 2 * NECK)
        self.down = nn.Linear(2 * NECK, NECK)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        count, steps, _ = x.shape
        qkv = self.qkv(self.norm1(x)).reshape(count, steps, 3, _HEADS, NECK // _HEADS)
        query, key, value = qkv.permute(2, 0, 3, 1, 4)
        scores = (query * (NECK // _HEADS) ** -0.5) @ key.transpose(-1, -2)
        if mask is not None:
            scores = scores.masked_fill(~mask[:, None, None, :], -1e4)
        mixed = (scores.softmax(-1) @ value).transpose(1, 2).reshape(count, steps, NECK)
        x = x + self.out(mixed)
        return x + self.down(functional.silu(self.up(self.norm2(x))))


class Branch(nn.Module):
    """Convolutions along the line, each a residual step."""

    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.enter = nn.Conv1d(FEATURES, BRANCH, 1)
        self.norms = nn.ModuleList(nn.GroupNorm(1, BRANCH) for _ in range(4))
        self.convs = nn.ModuleList(
            nn.Conv1d(BRANCH, BRANCH, 5, padding=2 * d, dilation=d, groups=4) for d in (1, 1, 2, 2)
        )
        self.mixes = nn.ModuleList(nn.Conv1d(BRANCH, BRANCH, 1) for _ in range(4))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        x = functional.silu(self.enter(x))
        for norm, conv, mix in zip(self.norms, self.convs, self.mixes, strict=True):
            if mask is not None:
                x = x * mask[:, None, :]
            x = x + self.dropout(mix(functional.silu(conv(norm(x)))))
        return x


class LineNet(nn.Module):
    """(N, 384, T) features to (N, T, C) logits; class 0 is the blank."""

    def __init__(self, classes: int, *, dropout: float = 0.1) -> None:
        super().__init__()
        self.short = nn.Conv1d(FEATURES, NECK, 1)
        self.enter = nn.Conv1d(FEATURES, NECK, 1)
        self.along = nn.Conv1d(NECK, NECK, 7, padding=3, groups=NECK)
        self.blocks = nn.ModuleList((Block(), Block()))
        self.norm = nn.LayerNorm(NECK, eps=_EPSILON)
        self.branch = Branch(dropout)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(NECK + BRANCH, classes)

    def states(self, features: Tensor, mask: Tensor | None = None) -> Tensor:
        """(N, T, 312): what the head sees. ``mask`` (N, T) is true where a line has steps."""
        short = functional.silu(self.short(features))
        x = functional.silu(self.enter(features))
        if mask is not None:
            x = x * mask[:, None, :]
        x = x + functional.silu(self.along(x))
        x = x.transpose(1, 2)
        for block in self.blocks:
            x = block(x, mask)
        neck = self.norm(x) + short.transpose(1, 2)
        return torch.cat([neck, self.branch(features, mask).transpose(1, 2)], dim=-1)

    def forward(self, features: Tensor) -> Tensor:
        """(N, T, C) logits of whole lines, nothing behind their ends."""
        return self.head(self.states(features))


def start_from_base(net: LineNet, base: Weights, classes: Sequence[int | None]) -> None:
    """Give the neck and the head the base's weights, the branch no say yet.

    Args:
        net: fresh.
        base: initialisers of the base's ONNX file by name.
        classes: for each class of ours the base's; None where it has none, which starts as
            one that is never there.
    """
    with torch.no_grad():
        for conv, number, norm in ((net.short, 67, 57), (net.enter, 65, 55), (net.along, 66, 56)):
            weight, bias = _folded(base, number, norm)
            conv.weight.copy_(weight.reshape(conv.weight.shape))
            conv.bias.copy_(bias)
        for index, block in enumerate(net.blocks):
            linears = (block.qkv, block.out, block.up, block.down)
            for offset, linear in enumerate(linears):
                _copy_linear(linear, base, 4 * index + offset)
            _copy_norm(block.norm1, base, 2 * index)
            _copy_norm(block.norm2, base, 2 * index + 1)
        _copy_norm(net.norm, base, 4)
        known = [(row, place) for row, place in enumerate(classes) if place is not None]
        rows, places = map(list, zip(*known, strict=True))
        net.head.weight.zero_()
        net.head.bias.fill_(_NEVER)
        net.head.weight[rows, :NECK] = torch.as_tensor(base["linear_8.w_0"].T[places].copy())
        net.head.bias[rows] = torch.as_tensor(base["linear_8.b_0"][places].copy())


def _folded(base: Weights, number: int, norm: int) -> tuple[Tensor, Tensor]:
    """A convolution with the batch normalisation after it."""
    scale, shift, mean, spread = (
        base[f"batch_norm2d_{norm}.{name}"] for name in ("w_0", "b_0", "w_1", "w_2")
    )
    factor = scale / np.sqrt(spread + _EPSILON)
    weight = base[f"conv2d_{number}.w_0"] * factor[:, None, None, None]
    return torch.as_tensor(weight), torch.as_tensor(shift - mean * factor)


def _copy_linear(linear: nn.Linear, base: Weights, number: int) -> None:
    linear.weight.copy_(torch.as_tensor(base[f"linear_{number}.w_0"].T.copy()))
    linear.bias.copy_(torch.as_tensor(base[f"linear_{number}.b_0"].copy()))


def _copy_norm(norm: nn.LayerNorm, base: Weights, number: int) -> None:
    """Scale and shift of a layer normalisation, by the names the ONNX file gives them."""
    norm.weight.copy_(torch.as_tensor(base[f"helper.reshape.{2 * number}"].copy()))
    norm.bias.copy_(torch.as_tensor(base[f"helper.reshape.{2 * number + 1}"].copy()))


__all__ = ["FEATURES", "LineNet", "start_from_base"]
