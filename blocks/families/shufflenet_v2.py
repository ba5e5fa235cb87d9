"""ShuffleNet v2: half of the channels pass by untouched, so that the block is as cheap in memory access as in arithmetic.

Ma, Zhang, Zheng, Sun 2018, arXiv 1807.11164.
"""

from __future__ import annotations

from typing import Annotated

import torch
from torch import Tensor, nn

from blocks.catalog import Paper, block, family, model, presets
from blocks.families.shufflenet_v1 import Shuffle
from blocks.knobs import Activation, Channels, Depths, Dropout, InChannels, KernelSize, Named, NumClasses, SERatio, UnitStride, WidthMultiplier, require
from blocks.layers.common import ConvNormAct, SqueezeExcite, channel_shuffle, global_pool, make_divisible, named, quotient
from blocks.trace.symbolic import plain

PAPER = Paper("ShuffleNet V2: Practical Guidelines for Efficient CNN Architecture Design", "Ma, Zhang, Zheng, Sun", 2018, "1807.11164")
FAMILY = family(
    "shufflenet_v2",
    "ShuffleNet v2",
    "Split the channels, convolve one half at constant width, concatenate and shuffle.",
    PAPER,
    tags=("split", "shuffle", "depthwise", "memory access"),
)


@block(FAMILY, input=(1, "c_in", 28, 28), c_in=116, c_out=116)
class ShuffleUnitV2(nn.Module):
    """ShuffleNet v2 unit: at stride 1 half of the channels goes around the branch, at stride 2 all go through both branches.

    Source: arXiv 1807.11164, section 3.2 and figure 3 (c, d). The branch is 1x1, depthwise k x k, 1x1 at one width, C_out/2; the halves
    are concatenated and shuffled. Departures: the activation and the kernel may be turned; squeeze-and-excitation ends the branch
    (r = 0 leaves it out).

    Shape: (B, C_in, H, W) -> (B, C_out, H/s, W/s).
    """

    def __init__(
        self,
        c_in: Channels,
        c_out: Channels,
        *,
        kernel_size: KernelSize = 3,
        stride: UnitStride = 1,
        shuffle: Shuffle = True,
        se_ratio: SERatio = 0,
        activation: Activation = "relu",
    ) -> None:
        super().__init__()
        even = plain(c_out) // 2 * 2
        require(c_out % 2 == 0, "c_out", c_out, "must be even: each branch makes half of it", [c for c in (even, even + 2) if c])
        if stride == 1:
            require(c_in == c_out, "c_out", c_out, f"must equal c_in = {plain(c_in)} at stride 1, where half of the input goes around", [c_in])
        self.split, self.shuffle = stride == 1, shuffle
        c_half = named("C_h", quotient(c_out, 2))
        c_branch = c_half if stride == 1 else c_in
        if stride == 1:
            self.around: nn.Module = nn.Identity()
        else:
            self.around = nn.Sequential(ConvNormAct(c_in, c_in, kernel_size, stride, groups=c_in, act=None), ConvNormAct(c_in, c_half, 1, act=activation))
        self.through = nn.Sequential(
            ConvNormAct(c_branch, c_half, 1, act=activation),
            ConvNormAct(c_half, c_half, kernel_size, stride, groups=c_half, act=None),
            ConvNormAct(c_half, c_half, 1, act=activation),
        )
        if se_ratio:
            self.through.append(SqueezeExcite(c_half, max(1, quotient(c_half, se_ratio))))

    def forward(self, x: Tensor) -> Tensor:
        """Shape: (B, C_in, H, W) -> (B, C_out, H/s, W/s)."""
        left, right = x.chunk(2, dim=1) if self.split else (x, x)
        y = torch.cat([self.around(left), self.through(right)], dim=1)
        return channel_shuffle(y, 2) if self.shuffle else y


@model(FAMILY)
class ShuffleNetV2(nn.Module):
    """ShuffleNet v2 for classification: a 3x3 stem and max pool, three stages that double the channels, a 1x1 layer, a classifier.

    Source: arXiv 1807.11164, table 5. ``c_stage`` is the width of stage 2, ``c_head`` that of the last 1x1 layer; ``width_mult``
    multiplies both (rounded to even numbers) on top of what a preset has.

    Shape: (B, C_0, H, W) -> (B, K).
    """

    def __init__(
        self,
        *,
        width_mult: WidthMultiplier = 1.0,
        c_stage: Annotated[Channels, Named("C_2", "Channels of stage 2")] = 116,
        c_stem: Annotated[Channels, Named("C_1", "Channels of the stem")] = 24,
        c_head: Annotated[Channels, Named("C_5", "Channels of the last layer")] = 1024,
        depths: Depths = (4, 8, 4),
        kernel_size: KernelSize = 3,
        shuffle: Shuffle = True,
        se_ratio: SERatio = 0,
        activation: Activation = "relu",
        dropout: Dropout = 0.0,
        num_classes: NumClasses = 1000,
        in_channels: InChannels = 3,
    ) -> None:
        super().__init__()
        c_in, c_out = c_stem, make_divisible(c_stage * width_mult, 2)
        self.stem = ConvNormAct(in_channels, c_in, 3, 2, act=activation)
        self.pool = nn.MaxPool2d(3, 2, 1)
        self.stages = nn.Sequential()
        for depth in depths:
            stage = nn.Sequential()
            for i in range(depth):
                stage.append(
                    ShuffleUnitV2(c_in, c_out, kernel_size=kernel_size, stride=2 if i == 0 else 1, shuffle=shuffle, se_ratio=se_ratio, activation=activation)
                )
                c_in = c_out
            self.stages.append(stage)
            c_out = 2 * c_out
        c_head = make_divisible(c_head * width_mult, 2)
        self.head = ConvNormAct(c_in, c_head, 1, act=activation)
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(c_head, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        """Class scores. Shape: (B, C_0, H, W) -> (B, K)."""
        return self.classifier(self.dropout(global_pool(self.head(self.stages(self.pool(self.stem(x)))))))


presets(
    ShuffleNetV2,
    "torchvision",
    shufflenet_v2_x0_5={"c_stage": 48},
    shufflenet_v2_x1_0={},
    shufflenet_v2_x1_5={"c_stage": 176},
    shufflenet_v2_x2_0={"c_stage": 244, "c_head": 2048},
)
