"""Features at two frequencies: a high half at full size and a low half at half the size, and the convolution between them.

Chen et al. 2019, arXiv 1904.05049. Features are one tensor while the low share α is 0, and a pair (high, low) otherwise, so
that a network which is given these parts needs no second form of itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from blocks.knobs import GROUPING, Channels, Groups, KernelSize, Named, Spec, Stride, require, require_divides
from blocks.layers.common import named, same_padding, whole

OctaveShare = Annotated[
    float, Spec("alpha", "Low-frequency share", "Share of the channels kept at half the resolution; 0 keeps none.", GROUPING, 0.0, 0.95, 0.125)
]

OctaveFeatures = Any  # a Tensor, or a pair of them (high, low)


def halves(channels: int, alpha: float, argument: str = "alpha") -> tuple[int, int]:
    """Channels of the high and of the low half: (C - C_L, C_L) with C_L = α·C rounded down."""
    if alpha == 0:
        return channels, 0
    low = whole(channels * alpha)
    require(0 < low < channels, argument, alpha, f"must leave a channel on each side of {channels}", [0.0, 0.5] if channels > 1 else [0.0])
    return channels - low, low


def each(make: Callable[[int], nn.Module], channels: int, alpha: float) -> nn.Module:
    """``make(channels)`` for one tensor; for a pair, one such module for each half."""
    if alpha == 0:
        return make(channels)
    high, low = halves(channels, alpha)
    return OnHalves(make(high), make(low))


def add_features(a: OctaveFeatures, b: OctaveFeatures) -> OctaveFeatures:
    """The sum of two features of one kind."""
    return (a[0] + b[0], a[1] + b[1]) if isinstance(a, tuple) else a + b


class OnHalves(nn.Module):
    """One module for the high half and one for the low half of a pair.

    Shape: ((B, C_H, H, W), (B, C_L, H/2, W/2)) -> the same pair of what the modules return.
    """

    def __init__(self, high: nn.Module, low: nn.Module) -> None:
        super().__init__()
        self.high, self.low = high, low

    def forward(self, x: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        return self.high(x[0]), self.low(x[1])


class SplitFrequencies(nn.Module):
    """Take one tensor apart: the first (1-α)C channels stay, the last αC are averaged to half the size; a pair passes as it is.

    Shape: (B, C, H, W) -> ((B, (1-α)C, H, W), (B, αC, H/2, W/2)).
    """

    def __init__(self, channels: int, alpha: float) -> None:
        super().__init__()
        self.sizes = list(halves(channels, alpha))
        self.pool = nn.AvgPool2d(2)

    def forward(self, x: OctaveFeatures) -> tuple[Tensor, Tensor]:
        if isinstance(x, tuple):
            return x
        require_even(x)
        high, low = torch.split(x, self.sizes, dim=1)
        return high, self.pool(low)


def require_even(x: Tensor) -> None:
    """Raise ``KnobError`` unless both sides of ``x`` can be halved: only then do the two frequencies line up again."""
    for side in x.shape[-2:]:
        require(
            side % 2 == 0, "resolution", side, "an octave convolution needs feature maps with even sides, so that the low half lines up", [side - 1, side + 1]
        )


class OctaveConv(nn.Module):
    """Octave convolution: four paths between a high and a low frequency half (H to H, H to L, L to H, L to L).

    Source: arXiv 1904.05049, section 3.3 and figure 2. α_in = 0 is a first layer, α_out = 0 a last one: that side is empty and the
    features are a single tensor. A stride is average pooling in front of the convolution, as section 3.3 argues it should be.
    Departures: a single tensor given where a pair is due is taken apart first, so that the block can be looked at alone;
    with a bias, each half has one (on the path from the high half).

    Shape: ((B, (1-α_in)C_in, H, W), (B, α_in·C_in, H/2, W/2)) -> ((B, (1-α_out)C_out, H/s, W/s), (B, α_out·C_out, H/2s, W/2s)).
    """

    def __init__(
        self,
        c_in: Channels,
        c_out: Channels,
        *,
        kernel_size: KernelSize = 3,
        stride: Annotated[Stride, Named(high=2)] = 1,
        groups: Groups = 1,
        alpha_in: Annotated[OctaveShare, Named("alpha_in", "Low-frequency share of the input")] = 0.5,
        alpha_out: Annotated[OctaveShare, Named("alpha_out", "Low-frequency share of the output")] = 0.5,
        bias: Annotated[bool, Spec("", "Bias", "Add a number to each output channel.", GROUPING)] = False,
    ) -> None:
        super().__init__()
        high_in, low_in = halves(c_in, alpha_in, "alpha_in")
        high_out, low_out = halves(c_out, alpha_out, "alpha_out")
        high_in, low_in = named("C_H", high_in), named("C_L", low_in)
        high_out, low_out = named("C_H'", high_out), named("C_L'", low_out)
        for size in (high_in, low_in, high_out, low_out):
            require_divides("groups", groups, half_of_the_channels=size)
        self.stride = stride
        self.pool = nn.AvgPool2d(2)
        self.split = SplitFrequencies(c_in, alpha_in) if low_in else None

        def path(c_from: int, c_to: int, bias: bool = False) -> nn.Module | None:
            return nn.Conv2d(c_from, c_to, kernel_size, padding=same_padding(kernel_size), groups=groups, bias=bias) if c_from and c_to else None

        self.high_to_high = nn.Conv2d(high_in, high_out, kernel_size, padding=same_padding(kernel_size), groups=groups, bias=bias)
        self.high_to_low = path(high_in, low_out, bias)
        self.low_to_high = path(low_in, high_out)
        self.low_to_low = path(low_in, low_out)

    def forward(self, x: OctaveFeatures) -> OctaveFeatures:
        if self.split is None or self.low_to_high is None:
            return self._from_high(self.pool(x) if self.stride == 2 else x)
        high, low = self.split(x)
        out = self._from_high(self.pool(high) if self.stride == 2 else high)
        up = self.low_to_high(low)
        if self.stride == 1:  # a strided high half is already as small as the low half
            up = F.interpolate(up, scale_factor=2, mode="nearest")
        if self.low_to_low is None:
            return out + up
        return add_features(out, (up, self.low_to_low(self.pool(low) if self.stride == 2 else low)))

    def _from_high(self, high: Tensor) -> OctaveFeatures:
        if self.high_to_low is None:
            return self.high_to_high(high)
        require_even(high)
        return self.high_to_high(high), self.high_to_low(self.pool(high))
