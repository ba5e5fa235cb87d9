"""MnasNet: inverted residuals whose kernel, expansion, depth, width and attention a search chose for each stage.

Tan, Chen, Pang, Vasudevan, Sandler, Howard, Le 2018, arXiv 1807.11626.
"""

from __future__ import annotations

import functools
import random
from typing import Annotated

from torch import Tensor, nn

from blocks.catalog import Paper, block, family, model, presets
from blocks.families.mobilenet_v2 import InvertedBottleneck
from blocks.knobs import (
    ATTENTION,
    KERNEL,
    WIDTH,
    Activation,
    Channels,
    Depths,
    Dropout,
    Expansion,
    InChannels,
    InputSERatio,
    KernelSize,
    NumClasses,
    Spec,
    Stride,
    WidthMultiplier,
    Widths,
    require,
    require_one_a_stage,
)
from blocks.layers.common import ConvNormAct, SqueezeExcite, global_pool, make_divisible, named, quotient, whole
from blocks.trace.symbolic import plain

PAPER = Paper("MnasNet: Platform-Aware Neural Architecture Search for Mobile", "Tan, Chen, Pang, Vasudevan, Sandler, Howard, Le", 2018, "1807.11626")
FAMILY = family(
    "mnasnet",
    "MnasNet",
    "Search each stage's kernel, expansion, depth, width and attention for accuracy at a measured latency.",
    PAPER,
    tags=("search", "separable", "shortcut", "attention"),
)

_Kernels = Annotated[tuple[int, ...], Spec("k", "Kernels", "Side of the window in each stage; odd.", KERNEL, 1, 63, 2)]
Expansions = Annotated[tuple[int, ...], Spec("t", "Expansions", "Inner channels over input channels in each stage.", WIDTH, 1, 16, 1)]
SERatios = Annotated[tuple[int, ...], Spec("r", "SE ratios", "Squeeze-and-excitation to C_in/r in each stage; 0 leaves it out.", ATTENTION, 0, 256, 1)]

MOMENTUM = 0.0003  # of the running statistics, as in the authors' code
_NORM = functools.partial(nn.BatchNorm2d, momentum=MOMENTUM)


@block(FAMILY, input=(1, "c_in", 28, 28), c_in=40, c_out=40)
class MnasBlock(InvertedBottleneck):
    """MnasNet's cell: an inverted residual with ReLU, and squeeze-and-excitation (counted on its narrow input) where searched.

    Source: arXiv 1807.11626, figure 7 (b, c, d); t = 1 leaves out the first 1x1 convolution (the separable cell of figure 7 f).

    Shape: (B, C_in, H, W) -> (B, C_out, H/s, W/s).
    """

    def __init__(
        self,
        c_in: Channels,
        c_out: Channels,
        *,
        expansion: Expansion = 3.0,
        kernel_size: KernelSize = 5,
        stride: Stride = 1,
        se_ratio: InputSERatio = 4,
        activation: Activation = "relu",
    ) -> None:
        c_mid = named("C_mid", whole(c_in * expansion))
        require(c_mid >= 1, "expansion", expansion, "must leave at least one channel between the ends", [1.0])
        se = SqueezeExcite(c_mid, max(1, quotient(c_in, se_ratio)), act=activation) if se_ratio else None
        super().__init__(c_in, c_mid, c_out, kernel_size=kernel_size, stride=stride, act=activation, expand=expansion != 1, se=se, norm=_NORM)


STRIDES = (2, 2, 2, 1, 2, 1)  # of each searched stage's first block
STEM, FIRST, HEAD = 32, 16, 1280


@model(FAMILY)
class MnasNet(nn.Module):
    """MnasNet for classification: a 3x3 stem, a separable cell, six searched stages, a 1x1 layer of 1280 channels.

    Source: arXiv 1807.11626, section 4.1 and figure 7 (a). The knobs with a number for each stage span the paper's search space;
    the defaults are its B1 network, without squeeze-and-excitation. Widths are rounded to multiples of 8.

    Shape: (B, C_0, H, W) -> (B, K).
    """

    def __init__(
        self,
        *,
        width_mult: WidthMultiplier = 1.0,
        widths: Widths = (24, 40, 80, 96, 192, 320),
        depths: Depths = (3, 3, 3, 2, 4, 1),
        kernels: _Kernels = (3, 5, 5, 3, 5, 3),
        expansions: Expansions = (3, 3, 6, 6, 6, 6),
        se_ratios: SERatios = (0, 0, 0, 0, 0, 0),
        activation: Activation = "relu",
        dropout: Dropout = 0.2,
        num_classes: NumClasses = 1000,
        in_channels: InChannels = 3,
    ) -> None:
        super().__init__()
        per_stage = {"widths": widths, "depths": depths, "kernels": kernels, "expansions": expansions, "se_ratios": se_ratios}
        for name, values in per_stage.items():
            require_one_a_stage(name, values, len(STRIDES))
        require(
            all(k % 2 == 1 for k in kernels),
            "kernels",
            kernels,
            "each must be odd, so that padding (k-1)/2 keeps the size",
            [tuple(plain(k) | 1 for k in kernels)],
        )
        c_in, c_out = make_divisible(STEM * width_mult), make_divisible(FIRST * width_mult)
        self.stem = ConvNormAct(in_channels, c_in, 3, 2, norm=_NORM, act=activation)
        self.first = MnasBlock(c_in, c_out, expansion=1.0, kernel_size=3, se_ratio=0, activation=activation)
        c_in = c_out
        self.stages = nn.Sequential()
        for width, depth, kernel, expansion, r, stride in zip(*per_stage.values(), STRIDES, strict=True):
            stage = nn.Sequential()
            c_out = make_divisible(width * width_mult)
            for i in range(depth):
                stage.append(
                    MnasBlock(c_in, c_out, expansion=1.0 * expansion, kernel_size=kernel, stride=stride if i == 0 else 1, se_ratio=r, activation=activation)
                )
                c_in = c_out
            self.stages.append(stage)
        self.head = ConvNormAct(c_in, HEAD, 1, norm=_NORM, act=activation)
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(HEAD, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        """Class scores. Shape: (B, C_0, H, W) -> (B, K)."""
        return self.classifier(self.dropout(global_pool(self.head(self.stages(self.first(self.stem(x)))))))


def sample_architecture(rng: random.Random) -> dict[str, object]:
    """Knob values of one network drawn from the paper's search space, for ``catalog.build("mnasnet1_0", **sample(rng))``.

    Source: arXiv 1807.11626, section 4.1 and figure 4: kernels 3 or 5, expansion 3 or 6, SE ratio 0 or 1/4, each stage's width
    0.75, 1 or 1.25 times and its depth one less, equal or one more than MobileNet v2's.
    """
    stages = range(len(STRIDES))
    reference_widths, reference_depths = (24, 32, 64, 96, 160, 320), (2, 3, 4, 3, 3, 1)
    return {
        "widths": tuple(make_divisible(reference_widths[i] * rng.choice((0.75, 1.0, 1.25))) for i in stages),
        "depths": tuple(max(1, reference_depths[i] + rng.choice((-1, 0, 1))) for i in stages),
        "kernels": tuple(rng.choice((3, 5)) for _ in stages),
        "expansions": tuple(rng.choice((3, 6)) for _ in stages),
        "se_ratios": tuple(rng.choice((0, 4)) for _ in stages),
    }


presets(
    MnasNet,
    "torchvision",
    mnasnet0_5={"width_mult": 0.5},
    mnasnet0_75={"width_mult": 0.75},
    mnasnet1_0={},
    mnasnet1_3={"width_mult": 1.3},
)
# The paper's A1 (figure 7), with squeeze-and-excitation in three stages.
presets(
    MnasNet,
    "timm",
    mnasnet_a1={
        "widths": (24, 40, 80, 112, 160, 320),
        "depths": (2, 3, 4, 2, 3, 1),
        "kernels": (3, 5, 3, 3, 5, 3),
        "expansions": (6, 3, 6, 6, 6, 6),
        "se_ratios": (0, 4, 0, 4, 4, 0),
    },
)
