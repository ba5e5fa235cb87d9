"""Counts by torch itself: the oracle that is independent of our trace."""

from __future__ import annotations

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode


def params(net: nn.Module) -> int:
    return sum(p.numel() for p in net.parameters())


def weights(net: nn.Module) -> int:
    """Elements of the kernels and matrices alone: no biases, no norms."""
    return sum(p.numel() for p in net.parameters() if p.ndim > 1)


def macs(net: nn.Module, *shape: int) -> int:
    """Multiply-accumulates of one forward pass on the meta device, in eval mode."""
    net = net.to("meta").eval()
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        net(torch.empty(shape, device="meta"))
    return counter.get_total_flops() // 2
