"""ShuffleNet v1: grouped 1x1 convolutions, and a channel shuffle so that no group stays among itself.

Zhang, Zhou, Lin, Sun 2017, arXiv 1707.01083.
"""

from __future__ import annotations

from typing import Annotated, Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from blocks.catalog import Paper, block, family, model, presets
from blocks.knobs import (
    EXTRA,
    WIDTH,
    Channels,
    Depths,
    Dropout,
    Groups,
    InChannels,
    KernelSize,
    Named,
    NumClasses,
    SERatio,
    Spec,
    UnitStride,
    WidthMultiplier,
    require,
    require_divides,
)
from blocks.layers.common import ConvNormAct, SqueezeExcite, channel_shuffle, global_pool, named, quotient
from blocks.trace.symbolic import call, plain

PAPER = Paper("ShuffleNet: An Extremely Efficient Convolutional Neural Network for Mobile Devices", "Zhang, Zhou, Lin, Sun", 2017, "1707.01083")
FAMILY = family(
    "shufflenet_v1",
    "ShuffleNet v1",
    "Group the 1x1 convolutions, and shuffle channels between groups so that information crosses them.",
    PAPER,
    tags=("groups", "shuffle", "depthwise"),
)

Shuffle = Annotated[bool, Spec("", "Channel shuffle", "Interleave the groups' channels between the two grouped convolutions.", EXTRA)]
Reduction = Annotated[int, Spec("b", "Bottleneck factor", "Output channels over the channels of the 3x3 convolution.", WIDTH, 1, 64, 1)]


@block(FAMILY, input=(1, "c_in", 28, 28), c_in=240, c_out=240)
class ShuffleUnit(nn.Module):
    """ShuffleNet unit: grouped 1x1, channel shuffle, depthwise k x k, grouped 1x1; added at stride 1, concatenated at stride 2.

    Source: arXiv 1707.01083, section 3.2 and figure 2 (b, c). At stride 2 the input takes a 3x3 average pool and is
    concatenated, so the convolutions make only C_out - C_in channels. Departures: as in the authors' published code the
    shuffle comes after the depthwise convolution (the same connections) and deals channel i to group i mod g; the 3x3 may
    have another kernel; squeeze-and-excitation on the branch (r = 0 leaves it out).

    Shape: (B, C_in, H, W) -> (B, C_out, H/s, W/s).
    """

    def __init__(
        self,
        c_in: Channels,
        c_out: Channels,
        *,
        groups: Groups = 3,
        kernel_size: KernelSize = 3,
        stride: UnitStride = 1,
        reduction: Reduction = 4,
        grouped_input: Annotated[bool, Spec("", "Grouped first 1x1", "Off in the network's first unit, whose input has few channels.", EXTRA)] = True,
        shuffle: Shuffle = True,
        se_ratio: SERatio = 0,
    ) -> None:
        super().__init__()
        if stride == 1:
            require(c_in == c_out, "c_out", c_out, f"must equal c_in = {plain(c_in)} at stride 1, where the input is added", [c_in])
            c_branch = c_out
        else:
            require(c_out > c_in, "c_out", c_out, f"must exceed c_in = {plain(c_in)} at stride 2, where the input is concatenated", [2 * c_in])
            c_branch = c_out - c_in
        require(
            c_out % reduction == 0,
            "reduction",
            reduction,
            f"must divide c_out = {plain(c_out)}",
            _fitting_reductions(plain(reduction), plain(c_out), plain(groups)),
        )
        c_mid = named("C_mid", quotient(c_out, reduction))
        require_divides("groups", groups, **({"c_in": c_in} if grouped_input else {}), c_mid=c_mid, **{"c_out" if stride == 1 else "c_out - c_in": c_branch})
        self.groups, self.stride, self.shuffle = groups, stride, shuffle
        self.squeeze = ConvNormAct(c_in, c_mid, 1, groups=groups if grouped_input else 1)
        self.depthwise = ConvNormAct(c_mid, c_mid, kernel_size, stride, groups=c_mid, act=None)
        self.expand = ConvNormAct(c_mid, c_branch, 1, groups=groups, act=None)
        self.se = SqueezeExcite(c_branch, max(1, quotient(c_branch, se_ratio))) if se_ratio else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """Shape: (B, C_in, H, W) -> (B, C_out, H/s, W/s)."""
        y = self.depthwise(self.squeeze(x))
        if self.shuffle and self.groups > 1:
            y = channel_shuffle(y, quotient(y.shape[1], self.groups))
        y = self.se(self.expand(y))
        if self.stride == 1:
            return F.relu(x + y)
        return torch.cat([F.avg_pool2d(x, 3, stride=2, padding=1), F.relu(y)], dim=1)


def _fitting_reductions(reduction: int, c_out: int, groups: int) -> list[int]:
    """The nearest values that leave whole groups in the bottleneck as well, where there are any."""
    fitting = [b for b in range(1, c_out + 1) if c_out % (b * groups) == 0] or [1]
    return sorted(fitting, key=lambda b: abs(b - reduction))[:2]


def _to_multiple(value: float, multiple: int) -> int:
    return max(multiple, int(value / multiple + 0.5) * multiple)


@model(FAMILY)
class ShuffleNetV1(nn.Module):
    """ShuffleNet v1 for classification: a 3x3 stem, a 3x3 max pool, three stages that double the channels, a linear layer without bias.

    Source: arXiv 1707.01083, table 1. ``c_stage`` is the width of stage 2 (the paper keeps the cost level with 144, 200, 240, 272
    and 384 channels for 1, 2, 3, 4 and 8 groups) and ``width_mult`` the paper's s. Widths are rounded to a multiple of b·g, the
    stem's to one of g, so that each group is whole.

    Shape: (B, C_0, H, W) -> (B, K).
    """

    def __init__(
        self,
        *,
        groups: Groups = 3,
        width_mult: WidthMultiplier = 1.0,
        c_stage: Annotated[Channels, Named("C_2", "Channels of stage 2")] = 240,
        c_stem: Annotated[Channels, Named("C_1", "Channels of the stem")] = 24,
        depths: Depths = (4, 8, 4),
        kernel_size: KernelSize = 3,
        reduction: Reduction = 4,
        shuffle: Shuffle = True,
        se_ratio: SERatio = 0,
        dropout: Dropout = 0.0,
        num_classes: NumClasses = 1000,
        in_channels: InChannels = 3,
    ) -> None:
        super().__init__()
        c_in = call(_to_multiple, "round", c_stem * width_mult, groups)
        c_out = call(_to_multiple, "round", c_stage * width_mult, reduction * groups)
        require(c_out > c_in, "c_stem", c_stem, f"must be below c_stage = {plain(c_stage)}", [quotient(c_stage, 10)])
        self.stem = ConvNormAct(in_channels, c_in, 3, 2)
        self.pool = nn.MaxPool2d(3, 2, 1)
        self.stages = nn.Sequential()
        for number, depth in enumerate(depths):
            stage = nn.Sequential()
            for i in range(depth):
                stage.append(
                    ShuffleUnit(
                        c_in,
                        c_out,
                        groups=groups,
                        kernel_size=kernel_size,
                        stride=2 if i == 0 else 1,
                        reduction=reduction,
                        grouped_input=number + i > 0,
                        shuffle=shuffle,
                        se_ratio=se_ratio,
                    )
                )
                c_in = c_out
            self.stages.append(stage)
            c_out = 2 * c_out
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(c_in, num_classes, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Class scores. Shape: (B, C_0, H, W) -> (B, K)."""
        return self.classifier(self.dropout(global_pool(self.stages(self.pool(self.stem(x))))))


# The authors' code keeps a stem of 24 channels at 1.5 times the width, hence 16 there.
SCALES: dict[str, dict[str, object]] = {"x0_5": {"width_mult": 0.5}, "x1_0": {}, "x1_5": {"width_mult": 1.5, "c_stem": 16}, "x2_0": {"width_mult": 2.0}}
for _groups, _width in ((3, 240), (8, 384)):
    _presets: dict[str, Any] = {f"shufflenet_v1_g{_groups}_{scale}": {"groups": _groups, "c_stage": _width, **settings} for scale, settings in SCALES.items()}
    presets(ShuffleNetV1, "megvii-model/ShuffleNet-Series", **_presets)
