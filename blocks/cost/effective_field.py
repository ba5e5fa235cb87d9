"""The effective receptive field: how strongly each input position really acts on one output position, by a backward pass.

Luo et al. 2016, arXiv 1701.04128. It runs the network, forward and backward, with its weights as they are: seconds for a large network.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn


def effective_field(
    network: nn.Module, input_shape: Sequence[int], position: Sequence[int] | None = None, *, module: str = "", pictures: int = 1, seed: int = 0
) -> Tensor:
    """The mean size of the gradient at each position of the picture, (L), (H, W) or (T, H, W), of one position of the output.

    The gradient is of the sum over the channels of the output of ``module`` ("" for the network itself) at ``position``, its middle
    unless given; the pictures are drawn from a normal distribution. The network runs in eval mode and is left as it was.
    Raises ValueError for a module that there is not, an output that is no tensor (B, C, ...) and a network without values.
    """
    modules = dict(network.named_modules())
    if module not in modules:
        raise ValueError(f"module = {module!r}: the network has no module of this name")
    if any(t.is_meta for t in network.parameters()):
        raise ValueError("the network is on the meta device and has no values; build it for real to run it")
    first = next(network.parameters(), torch.empty(0))
    generator = torch.Generator().manual_seed(seed)
    modes = [(m, m.training) for m in network.modules()]
    network.eval()
    try:
        total = torch.zeros(tuple(input_shape[2:]), dtype=torch.float64)
        for _ in range(pictures):
            x = torch.randn(tuple(input_shape), generator=generator, dtype=torch.float32).to(first.device, first.dtype).requires_grad_()
            total += _gradient(network, modules[module], x, position)
        return total / pictures
    finally:
        for m, training in modes:
            m.training = training


def _gradient(network: nn.Module, module: nn.Module, x: Tensor, position: Sequence[int] | None) -> Tensor:
    made: list[object] = []
    handle = module.register_forward_hook(lambda _module, _inputs, output: made.append(output))
    try:
        with torch.enable_grad():
            network(x)
    finally:
        handle.remove()
    y = made[-1] if made else None
    if not isinstance(y, Tensor) or y.ndim < 2:
        raise ValueError("the output is no tensor (B, C, ...), so that it has no positions")
    sizes = y.shape[2:]
    at = [n // 2 for n in sizes] if position is None else list(position)
    if len(at) != len(sizes) or any(not 0 <= p < n for p, n in zip(at, sizes, strict=True)):
        raise ValueError(f"position = {tuple(at)!r}: must lie in an output of {'×'.join(map(str, sizes)) or 'no positions'}")
    one = y
    for p in at:
        one = one.select(2, p)
    (gradient,) = torch.autograd.grad(one.sum(), x, allow_unused=True)
    if gradient is None:
        return torch.zeros(x.shape[2:], dtype=torch.float64)
    return gradient.abs().sum((0, 1)).double().cpu()
