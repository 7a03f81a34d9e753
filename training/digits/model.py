"""The network: a small residual CNN over the two views of a cell."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class _Block(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + self.body(x))


def _down(inside: int, outside: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inside, outside, 3, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(outside),
        nn.ReLU(inplace=True),
    )


class DigitNet(nn.Module):
    """(N, 2, 32, 32) views to (N, classes) logits; about 225,000 weights.

    Each view has its own first layers: they show different things at different scales.
    """

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.close = nn.Sequential(_down(1, 24), _Block(24), _down(24, 48), _Block(48))
        self.whole = nn.Sequential(_down(1, 12), _down(12, 24), _Block(24))
        self.joint = nn.Sequential(_down(72, 72), _Block(72))
        self.head = nn.Sequential(nn.Dropout(0.3), nn.Linear(72 * 4 * 4, classes))

    def forward(self, x: Tensor) -> Tensor:
        """Logits of the cells."""
        seen = torch.cat([self.close(x[:, :1]), self.whole(x[:, 1:])], dim=1)
        return self.head(self.joint(seen).flatten(1))
