"""Parts that families share: norms and activations by name, conv-norm-act, squeeze-and-excitation, channel shuffle, dropping paths.

Sizes here may be symbolic (:mod:`blocks.trace.symbolic`); anything that rounds goes through :func:`make_divisible` or
:func:`whole` so that formulas keep it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Annotated

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from blocks.knobs import EXTRA, Channels, KnobError, Spec, require
from blocks.trace.symbolic import call, named, plain, quotient, whole

__all__ = [
    "Concat",
    "ConvNormAct",
    "CrossStagePartial",
    "DropPath",
    "InstanceBatchNorm",
    "LocalResponseNorm",
    "SqueezeExcite",
    "activation",
    "channel_shuffle",
    "make_divisible",
    "named",
    "pool2d",
    "quotient",
    "same_padding",
    "scaled_channels",
    "whole",
]

Layer = Callable[..., nn.Module]

InstanceShare = Annotated[
    float, Spec("q", "Instance share", "Share of the channels that instance norm gets; batch norm gets the rest.", EXTRA, 0.05, 0.95, 0.05)
]
InstanceFirst = Annotated[bool, Spec("", "Instance norm first", "Whether the first channels are the instance-normalised ones, or the last.", EXTRA)]

_ACTIVATIONS: dict[str, Layer] = {
    "relu": functools.partial(nn.ReLU, inplace=True),
    "relu6": functools.partial(nn.ReLU6, inplace=True),
    "leaky_relu": functools.partial(nn.LeakyReLU, 0.01, inplace=True),
    "silu": functools.partial(nn.SiLU, inplace=True),
    "hardswish": functools.partial(nn.Hardswish, inplace=True),
    "gelu": nn.GELU,
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "identity": nn.Identity,
}


def activation(name: str) -> nn.Module:
    """The non-linearity called ``name`` (a value of :data:`blocks.knobs.Activation`)."""
    if name not in _ACTIVATIONS:
        raise KnobError("activation", name, f"must be one of {', '.join(_ACTIVATIONS)}", ["relu"])
    return _ACTIVATIONS[name]()


def same_padding(kernel_size: int, dilation: int = 1) -> int:
    """Padding that keeps the size at stride 1: (k-1)/2 for an odd kernel."""
    return quotient(kernel_size - 1, 2) * dilation


def make_divisible(value: float, divisor: int = 8, floor: int | None = None) -> int:
    """``value`` rounded to a multiple of ``divisor``, never below 90 % of it.

    Source: MobileNet v2's reference code, as in torchvision. ``floor`` is the least result (default: the divisor).
    """
    return call(functools.partial(_make_divisible, divisor=divisor, floor=floor), f"round_{divisor}", value)


def _make_divisible(value: float, divisor: int, floor: int | None) -> int:
    rounded = max(divisor if floor is None else floor, int(value + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * value else rounded


class ConvNormAct(nn.Sequential):
    """Convolution ``conv``, then ``norm``, then activation ``act``, the last two where asked for; ``norm=None`` gives the convolution a bias
    instead, unless ``bias`` says otherwise.

    Shape: (B, C_in, H, W) -> (B, C_out, H/s, W/s) with the default padding and an odd kernel.
    """

    def __init__(
        self,
        c_in: int,
        c_out: int,
        kernel_size: int | tuple[int, int] = 1,
        stride: int = 1,
        *,
        padding: int | tuple[int, int] | None = None,
        groups: int = 1,
        dilation: int = 1,
        norm: Layer | None = nn.BatchNorm2d,
        act: str | None = "relu",
        bias: bool | None = None,
    ) -> None:
        super().__init__()
        if padding is None:
            if isinstance(kernel_size, tuple):
                padding = (same_padding(kernel_size[0], dilation), same_padding(kernel_size[1], dilation))
            else:
                padding = same_padding(kernel_size, dilation)
        self.conv = nn.Conv2d(c_in, c_out, kernel_size, stride, padding, dilation, groups, bias=norm is None if bias is None else bias)
        if norm is not None:
            self.norm = norm(c_out)
        if act not in (None, "identity"):
            self.act = activation(act)


def pool2d(kind: str, kernel_size: int, stride: int, padding: int = 0, *, ceil_mode: bool = False) -> nn.Module:
    """Pooling by name: "max", "avg" (the zeros of the padding count) or "avg_inside" (only positions inside the picture count)."""
    if kind == "max":
        return nn.MaxPool2d(kernel_size, stride, padding, ceil_mode=ceil_mode)
    if kind in ("avg", "avg_inside"):
        return nn.AvgPool2d(kernel_size, stride, padding, ceil_mode=ceil_mode, count_include_pad=kind == "avg")
    raise KnobError("pool", kind, "must be one of max, avg, avg_inside", ["max"])


class Concat(nn.Module):
    """Branches that all see one input; their channels are concatenated in the order given.

    Shape: (B, C_in, H, W) -> (B, sum of the branches' channels, H', W').
    """

    def __init__(self, **branches: nn.Module) -> None:
        super().__init__()
        self.branches = nn.ModuleDict(branches)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([branch(x) for branch in self.branches.values()], 1)


class SqueezeExcite(nn.Module):
    """Squeeze-and-excitation: pool to one number a channel, two fully connected layers, scale each channel by a gate.

    Source: Hu et al. 2018, arXiv 1709.01507, section 3. 1x1 convolutions stand for the fully connected layers (the same function).
    ``c_squeeze`` is C/r; ``gate`` is "sigmoid" in the paper and "hardsigmoid" in MobileNet v3.

    Shape: (B, C, H, W) -> (B, C, H, W).
    """

    def __init__(self, channels: int, c_squeeze: int, *, act: str = "relu", gate: str = "sigmoid", bias: bool = True) -> None:
        super().__init__()
        c_squeeze = named("C_s", c_squeeze)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.reduce = nn.Conv2d(channels, c_squeeze, 1, bias=bias)
        self.act = activation(act)
        self.expand = nn.Conv2d(c_squeeze, channels, 1, bias=bias)
        self.gate = nn.Hardsigmoid() if gate == "hardsigmoid" else activation(gate)

    def forward(self, x: Tensor) -> Tensor:
        s = self.pool(x)  # (B, C, 1, 1)
        s = self.act(self.reduce(s))  # (B, C/r, 1, 1)
        return x * self.gate(self.expand(s))


def channel_shuffle(x: Tensor, groups: int) -> Tensor:
    """Interleave the channels of ``groups`` groups, so that the next grouped convolution sees all of them.

    Source: Zhang et al. 2018, arXiv 1707.01083, section 3.1. Shape: (B, C, H, W) -> (B, C, H, W).
    """
    batch, channels, height, width = x.shape
    x = x.view(batch, groups, quotient(channels, groups), height, width)
    return x.transpose(1, 2).reshape(batch, channels, height, width)


class DropPath(nn.Module):
    """Stochastic depth: while training, drop a whole residual branch for a picture with probability ``p``.

    Source: Huang et al. 2016, arXiv 1603.09382. The kept branches are scaled by 1/(1-p); in eval mode it is the identity.
    """

    def __init__(self, p: float = 0.0) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.p == 0:
            return x
        keep = 1 - self.p
        mask = torch.empty((x.shape[0],) + (1,) * (x.ndim - 1), dtype=x.dtype, device=x.device).bernoulli_(keep)
        return x * (mask / keep)


def global_pool(x: Tensor) -> Tensor:
    """Average over all positions. Shape: (B, C, H, W) -> (B, C)."""
    return F.adaptive_avg_pool2d(x, 1).flatten(1)


class CrossStagePartial(nn.Module):
    """Cross stage partial: a share γ of the channels goes around a stage, the rest through it; 1x1 transitions join them again.

    Source: Wang et al. 2019, arXiv 1911.11929, section 3.2 and figure 3. ``stage`` is any stage that keeps the resolution: a
    function from its input width to the module and the width that leaves it. ``fusion`` is a value of
    :data:`blocks.knobs.Fusion`. A stride is a k x k convolution before the split; it goes to C_out channels at once if ``grow``.
    ``expansion`` t puts a 1x1 convolution to t·C_out channels before the split (to C_out for "fusion_last", which has nothing
    after it to come back to C_out), without activation if ``linear``; ``None`` splits the input as it is.
    ``shrink`` is the width of the first transition over what leaves the stage (``None``: as wide as what entered it).

    Departures: the darknet files' two 1x1 convolutions before the parts are one convolution and a split, as in timm (the same function).

    Shape: (B, C_in, H, W) -> (B, C_out, H/s, W/s).
    """

    def __init__(
        self,
        c_in: int,
        c_out: int,
        stage: Callable[[int], tuple[nn.Module, int]],
        *,
        partial_ratio: float = 0.5,
        fusion: str = "both",
        expansion: float | None = 1.0,
        shrink: float | None = None,
        stride: int = 1,
        kernel_size: int = 3,
        groups: int = 1,
        grow: bool = False,
        linear: bool = False,
        norm: Layer = nn.BatchNorm2d,
        act: str = "relu",
    ) -> None:
        super().__init__()
        self.enter, self.before, self.after = nn.Sequential(), nn.Sequential(), nn.Sequential()
        if stride != 1:
            c_down = c_out if grow else c_in
            self.enter.append(ConvNormAct(c_in, c_down, kernel_size, stride, groups=groups, norm=norm, act=act))
            c_in = c_down
        if expansion is not None:
            c_wide = named("C_x", c_out if fusion == "fusion_last" else whole(c_out * expansion))
            self.enter.append(ConvNormAct(c_in, c_wide, 1, norm=norm, act=None if linear else act))
            c_in = c_wide
        c_around = named("C_a", whole(c_in * partial_ratio))
        widest = c_out if fusion == "fusion_last" and c_out < c_in else c_in
        rule = "both the part around the stage and the part through it need a channel"
        require(0 < c_around < widest, "partial_ratio", partial_ratio, rule, _ratios_that_split(c_in, widest, partial_ratio))
        self.parts = (c_around, c_in - c_around)
        self.stage, c_deep = stage(self.parts[1])
        if fusion != "fusion_first":
            c_joined = c_out - c_around if fusion == "fusion_last" else self.parts[1] if shrink is None else whole(c_deep * shrink)
            self.before.append(ConvNormAct(c_deep, c_joined, 1, norm=norm, act=act))
            c_deep = c_joined
        if fusion != "fusion_last":
            self.after.append(ConvNormAct(c_around + c_deep, c_out, 1, norm=norm, act=act))

    def forward(self, x: Tensor) -> Tensor:
        around, through = torch.split(self.enter(x), list(self.parts), dim=1)
        return self.after(torch.cat([around, self.before(self.stage(through))], dim=1))


def _ratios_that_split(channels: int, widest: int, wanted: float) -> list[float]:
    """The two ratios in steps of 0.05, nearest to ``wanted``, that leave 1 to ``widest`` - 1 of ``channels``."""
    steps = (i / 20 for i in range(1, 20))
    return sorted((r for r in steps if 0 < int(channels * r) < int(widest)), key=lambda r: abs(r - wanted))[:2]


class InstanceBatchNorm(nn.Module):
    """IBN: a share of the channels is normalised within each picture (instance norm), the rest over the batch (batch norm).

    Source: Pan et al. 2018, arXiv 1807.09441, section 3.2 and figure 3 (a); the share is 1/2 there. The authors' residual networks put
    the instance-normalised channels first and their DenseNets last (``instance_first=False``, ``share=0.4``).

    Shape: (B, C_in, H, W) -> (B, C_in, H, W).
    """

    def __init__(self, c_in: Channels, *, share: InstanceShare = 0.5, instance_first: InstanceFirst = True) -> None:
        super().__init__()
        c_batch = c_in - whole(c_in * share) if instance_first else whole(c_in * (1 - share))
        require(c_in >= 2, "c_in", c_in, "must be at least 2, for each of the two norms needs a channel", [2])
        require(0 < c_batch < c_in, "share", share, f"must leave a channel of {plain(c_in)} to each of the two norms", [0.5])
        self.instance = nn.InstanceNorm2d(c_in - c_batch, affine=True)
        self.batch = nn.BatchNorm2d(c_batch)
        self.instance_first = instance_first

    def forward(self, x: Tensor) -> Tensor:
        norms = (self.instance, self.batch) if self.instance_first else (self.batch, self.instance)
        parts = torch.split(x, [norm.num_features for norm in norms], dim=1)
        return torch.cat([norm(part) for norm, part in zip(norms, parts, strict=True)], dim=1)


def instance_batch_norm(channels: int, share: float = 0.5, *, instance_first: bool = True) -> InstanceBatchNorm:
    """:class:`InstanceBatchNorm` as the value "ibn_a" of a knob called ``norm``, which is what the error names."""
    require(channels >= 2, "norm", "ibn_a", f"needs two channels or more to share out, not {plain(channels)}", ["batch"])
    return InstanceBatchNorm(channels, share=share, instance_first=instance_first)


class LocalResponseNorm(nn.LocalResponseNorm):
    """Local response normalisation over neighbouring channels, for half-precision inputs computed in float32.

    Source: Krizhevsky et al. 2012, section 3.3. torch's own has no bfloat16 on a CPU, and squares overflow in float16.

    Shape: (B, C, H, W) -> (B, C, H, W).
    """

    def forward(self, x: Tensor) -> Tensor:
        if x.dtype in (torch.bfloat16, torch.float16):
            return super().forward(x.float()).to(x.dtype)
        return super().forward(x)


def scaled_channels(channels: int, width_mult: float) -> int:
    """``channels`` times a width multiplier, rounded down, at least one; see :func:`make_divisible` for rounding to a divisor."""
    return max(1, whole(channels * width_mult))
