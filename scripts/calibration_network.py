"""A network whose work is known by construction: equal layers, one after the other."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Stack(nn.Module):
    """``layers`` equal matrix products and activations: twice the layers are twice the work. (B, 64) -> (B, 64)."""

    def __init__(self, layers: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(64, 64) for _ in range(layers))

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = torch.tanh(layer(x))
        return x
