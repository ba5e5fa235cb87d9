"""The check of receptive fields: where gradients reach, in a network whose weights are all positive."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from blocks import analyse
from blocks.cost.receptive_field import Field


class Applied(nn.Module):
    """A function of the input and of parts with parameters."""

    def __init__(self, function, **parts: nn.Module) -> None:  # type: ignore[no-untyped-def]
        super().__init__()
        self.function = function
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, x: Tensor) -> Tensor:
        return self.function(self, x)


def positive(net: nn.Module) -> nn.Module:
    """In float64 and eval mode, with weights of which none is zero."""
    net.double().eval()
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for tensor in [*net.parameters(), *net.buffers()]:
            if tensor.is_floating_point() and tensor.ndim:
                tensor.copy_(torch.rand(tensor.shape, generator=generator) * 0.1 + 0.05)
    return net


def differences(net: nn.Module, shape: tuple[int, ...]) -> list[tuple[int, int, tuple[int, int], tuple[int, int]]]:
    """(axis, position, seen, reached by gradients) of every position of the output along each axis where the two differ."""
    net = positive(net)
    x = (torch.rand(shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64) + 0.5).requires_grad_()
    y = net(x)
    analysis = analyse(net, shape)
    node = next(n for n in analysis.graph.nodes if n.kind == "output")
    assert not analysis.unknown_fields, analysis.unknown_fields
    wrong = []
    for axis, field in enumerate(analysis.receptive_fields[node.index]):
        for position, part in enumerate(_parts(y, field)):
            weights = torch.rand(part.shape, generator=torch.Generator().manual_seed(2), dtype=torch.float64)  # a plain sum of a softmax is 1
            (gradient,) = torch.autograd.grad((part * weights).sum().abs(), x, retain_graph=True)
            others = [d for d in range(gradient.ndim) if d != 2 + axis]
            reached = (gradient.abs().sum(others) > 1e-13).nonzero().flatten().tolist()
            expected = (reached[0], reached[-1]) if reached else (0, -1)
            if field.seen(position, shape[2 + axis]) != expected:
                wrong.append((axis, position, field.seen(position, shape[2 + axis]), expected))
    return wrong


def _parts(y: Tensor, field: Field) -> list[Tensor]:
    return [y] if field.dim is None or field.first is None or len(field.first) == 1 else list(y.unbind(field.dim))
