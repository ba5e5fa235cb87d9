"""EfficientNet: one small searched network, grown in depth, width and resolution together by one exponent φ.

Tan, Le 2019, arXiv 1905.11946.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Annotated, Any, NamedTuple

from torch import Tensor, nn

from blocks.catalog import Paper, block, family, model, presets
from blocks.families.mobilenet_v2 import InvertedBottleneck
from blocks.knobs import (
    DEPTH,
    Activation,
    Channels,
    Dropout,
    Expansion,
    InChannels,
    InputSERatio,
    KernelSize,
    LargeKernel,
    Named,
    NumClasses,
    Spec,
    Stride,
    WidthMultiplier,
)
from blocks.layers.common import ConvNormAct, SqueezeExcite, global_pool, make_divisible, named, quotient
from blocks.trace.symbolic import plain

PAPER = Paper("EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", "Tan, Le", 2019, "1905.11946")
FAMILY = family(
    "efficientnet",
    "EfficientNet",
    "Scale depth, width and resolution together with one exponent.",
    PAPER,
    tags=("compound scaling", "separable", "shortcut", "attention", "search"),
)

DepthMultiplier = Annotated[float, Spec("delta", "Depth multiplier", "Multiplies every stage's repeats, rounded up.", DEPTH, 0.1, 10.0, 0.1)]
PathDrop = Annotated[Dropout, Named("p_path", "Stochastic depth", "Probability that training skips a residual branch; in a network, that of the last block.")]


# --- Compound scaling ----------------------------------------------------------------------------

RESOLUTION = 224  # B0's


class CompoundScaling(NamedTuple):
    """What one exponent φ asks for: multipliers of depth and width, and the image's side in pixels."""

    depth: float
    width: float
    resolution: int


def compound_scaling(phi: float, a: float = 1.2, b: float = 1.1, c: float = 1.15) -> CompoundScaling:
    """Depth a^φ, width b^φ and resolution 224·c^φ (to the nearest pixel) for any φ.

    Source: arXiv 1905.11946, section 3.3, equation 3. The published B1 to B7 round these by hand; see ``VARIANTS``.
    """
    return CompoundScaling(a**phi, b**phi, round(RESOLUTION * c**phi))


def growth(a: float = 1.2, b: float = 1.1, c: float = 1.15) -> float:
    """Factor by which MACs grow with each step of φ: a·b²·c², which the paper holds near 2 (1.92 at its own choice)."""
    return a * b**2 * c**2


# --- Block ---------------------------------------------------------------------------------------


@block(FAMILY, input=(1, "c_in", 28, 28), c_in=40, c_out=40)
class MBConv(InvertedBottleneck):
    """MBConv: an inverted residual with squeeze-and-excitation counted on its narrow input, SiLU, and stochastic depth.

    Source: arXiv 1905.11946, section 4 and table 1; Tan et al. 2018, arXiv 1807.11626, figure 7. t = 1 leaves out the first 1x1
    convolution; t·C_in is rounded to a multiple of 8.

    Shape: (B, C_in, H, W) -> (B, C_out, H/s, W/s).
    """

    def __init__(
        self,
        c_in: Channels,
        c_out: Channels,
        *,
        expansion: Expansion = 6.0,
        kernel_size: KernelSize = 3,
        stride: Stride = 1,
        se_ratio: InputSERatio = 4,
        activation: Activation = "silu",
        drop_path: PathDrop = 0.0,
    ) -> None:
        c_mid = named("C_mid", make_divisible(c_in * expansion)) if expansion != 1 else c_in
        se = SqueezeExcite(c_mid, max(1, quotient(c_in, se_ratio)), act=activation) if se_ratio else None
        super().__init__(c_in, c_mid, c_out, kernel_size=kernel_size, stride=stride, act=activation, expand=expansion != 1, se=se, drop_path=drop_path)


# --- Network -------------------------------------------------------------------------------------


class StageRow(NamedTuple):
    """One stage of the paper's table 1: expansion, kernel, stride, output channels, repeats."""

    expansion: int
    kernel: int
    stride: int
    c_out: int
    repeats: int


STEM, HEAD = 32, 4  # channels before the first stage; channels of the last layer over those of the last stage
STAGES = (
    StageRow(1, 3, 1, 16, 1),
    StageRow(6, 3, 2, 24, 2),
    StageRow(6, 5, 2, 40, 2),
    StageRow(6, 3, 2, 80, 3),
    StageRow(6, 5, 1, 112, 3),
    StageRow(6, 5, 2, 192, 4),
    StageRow(6, 3, 1, 320, 1),
)


def grown_repeats(repeats: int, depth_mult: float) -> int:
    """A stage's blocks at a depth, rounded up."""
    return math.ceil(round(repeats * plain(depth_mult), 12))  # first to twelve digits, which keeps a whole product whole: 10 · 1.1 is 11.000000000000002


def grown_stages(
    c_in: int, width_mult: float, repeats: Sequence[int], drop_path: float, make: Callable[[StageRow, int, int, int, float], nn.Module]
) -> tuple[nn.Sequential, int]:
    """The stages of table 1 with ``repeats`` blocks each, and the channels that the last one gives.

    ``make`` builds a block from its stage's row, its channels in and out, its stride and its chance to be skipped, which grows with depth up to ``drop_path``.
    """
    stages = nn.Sequential()
    done = 0
    for row, n in zip(STAGES, repeats, strict=True):
        stage = nn.Sequential()
        c_out = make_divisible(row.c_out * width_mult)
        for i in range(n):
            stage.append(make(row, c_in, c_out, row.stride if i == 0 else 1, drop_path * done / sum(repeats)))
            c_in = c_out
            done += 1
        stages.append(stage)
    return stages, c_in


@model(FAMILY)
class EfficientNet(nn.Module):
    """EfficientNet for classification: a 3x3 stem, seven stages of MBConv, a 1x1 layer of four times the last width.

    Source: arXiv 1905.11946, table 1 and section 5; a block's chance to be skipped grows with its depth up to ``drop_path``.
    Widths are rounded to multiples of 8 and repeats up, as in the authors' code.

    Shape: (B, C_0, H, W) -> (B, K).
    """

    def __init__(
        self,
        *,
        width_mult: WidthMultiplier = 1.0,
        depth_mult: DepthMultiplier = 1.0,
        expansion: Expansion = 6.0,
        kernel_size: KernelSize = 3,
        large_kernel: LargeKernel = 5,
        se_ratio: InputSERatio = 4,
        activation: Activation = "silu",
        dropout: Dropout = 0.2,
        drop_path: PathDrop = 0.2,
        num_classes: NumClasses = 1000,
        in_channels: InChannels = 3,
    ) -> None:
        super().__init__()
        c_in = make_divisible(STEM * width_mult)
        self.stem = ConvNormAct(in_channels, c_in, 3, 2, act=activation)
        repeats = [grown_repeats(row.repeats, depth_mult) for row in STAGES]

        def make(row: StageRow, c_in: int, c_out: int, stride: int, chance: float) -> nn.Module:
            return MBConv(
                c_in,
                c_out,
                expansion=1.0 if row.expansion == 1 else expansion,
                kernel_size=large_kernel if row.kernel == 5 else kernel_size,
                stride=stride,
                se_ratio=se_ratio,
                activation=activation,
                drop_path=chance,
            )

        self.stages, c_in = grown_stages(c_in, width_mult, repeats, drop_path, make)
        self.head = ConvNormAct(c_in, HEAD * c_in, 1, act=activation)
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(HEAD * c_in, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        """Class scores. Shape: (B, C_0, H, W) -> (B, K)."""
        return self.classifier(self.dropout(global_pool(self.head(self.stages(self.stem(x))))))


# Width, depth, resolution and dropout of B0 to B7, as the authors' code rounds them.
EFFICIENTNET_VARIANTS = (
    (1.0, 1.0, 224, 0.2),
    (1.0, 1.1, 240, 0.2),
    (1.1, 1.2, 260, 0.3),
    (1.2, 1.4, 300, 0.3),
    (1.4, 1.8, 380, 0.4),
    (1.6, 2.2, 456, 0.4),
    (1.8, 2.6, 528, 0.5),
    (2.0, 3.1, 600, 0.5),
)

for _i, (_width, _depth, _side, _dropout) in enumerate(EFFICIENTNET_VARIANTS):
    _preset: dict[str, Any] = {f"efficientnet_b{_i}": {"width_mult": _width, "depth_mult": _depth, "dropout": _dropout}}
    presets(EfficientNet, "torchvision", resolution=_side, **_preset)
