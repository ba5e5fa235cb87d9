"""Two convolutions in a row as one: what a factorised window is compared with."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from blocks.knobs import KnobError


def composed(first: nn.Conv2d, second: nn.Conv2d) -> nn.Conv2d:
    """The one convolution that equals ``second(first(x))``: its window is the full convolution of the two windows.

    Two 3x3 make a 5x5; 1 x k and k x 1 make a k x k; depthwise and pointwise make a standard convolution. What the factors save is what a
    window of rank one, or with fewer channels between, cannot express. The result is exact except near the border where ``first``'s padding
    is seen by a second window in the same direction: there the two see zeros where the one sees the picture's products.
    ``second`` has stride 1, dilation 1 and no groups; so has ``first`` (but groups), unless ``second`` is 1x1. Otherwise :class:`KnobError`.
    Source: arXiv 1512.00567, section 3.
    """
    pointwise = second.kernel_size == (1, 1)
    for name, conv, free in (("first", first, pointwise), ("second", second, False)):
        if not free and {*conv.stride, *conv.dilation} != {1}:
            raise KnobError(name, str(conv), "must have stride 1 and dilation 1 to be composed with another")
    if second.groups != 1:
        raise KnobError("second", str(second), "must have one group to be composed with another")
    inner, outer = _dense_weight(first), second.weight.detach()
    kernel = F.conv_transpose2d(inner.transpose(0, 1), outer.transpose(0, 1)).transpose(0, 1)
    padding = [_padding(first)[axis] + _padding(second)[axis] for axis in (0, 1)]
    biased = first.bias is not None or second.bias is not None
    result = nn.Conv2d(
        first.in_channels,
        second.out_channels,
        (kernel.shape[2], kernel.shape[3]),
        _pair(first.stride),
        (padding[0], padding[1]),
        _pair(first.dilation),
        bias=biased,
        device=kernel.device,
        dtype=kernel.dtype,
    )
    result.weight.data.copy_(kernel)
    if result.bias is not None:
        result.bias.data.zero_()
        if first.bias is not None:
            result.bias.data += outer.sum((2, 3)) @ first.bias.detach()
        if second.bias is not None:
            result.bias.data += second.bias.detach()
    return result


def _pair(size: tuple[int, ...]) -> tuple[int, int]:
    """A convolution's stride or dilation, of which torch says only that it is a tuple."""
    rows, columns = size
    return rows, columns


def _padding(conv: nn.Conv2d) -> tuple[int, int]:
    """Rows and columns of zeros on each side."""
    if isinstance(conv.padding, str):
        raise KnobError("padding", conv.padding, "must be given as numbers to be composed with another")
    return (conv.padding[0], conv.padding[1])


def _dense_weight(conv: nn.Conv2d) -> Tensor:
    """The weights of a grouped convolution with the zeros between the groups written out: (C_out, C_in, k, k)."""
    per_out, per_in = conv.out_channels // conv.groups, conv.in_channels // conv.groups
    dense = torch.zeros(conv.out_channels, conv.in_channels, *conv.kernel_size, dtype=conv.weight.dtype, device=conv.weight.device)
    for g in range(conv.groups):
        dense[g * per_out : (g + 1) * per_out, g * per_in : (g + 1) * per_in] = conv.weight.detach()[g * per_out : (g + 1) * per_out]
    return dense
