"""Darknet-53: residual blocks of a 1x1 and a 3x3 convolution, nothing pooled, the resolution halved by strided convolutions.

Redmon, Farhadi 2018, arXiv 1804.02767, section 2.4 and table 1. The backbone of YOLOv3 and one of the networks that CSPNet is built on.
"""

from __future__ import annotations

from typing import Annotated, Any

from torch import Tensor, nn

from blocks.catalog import Paper, block, family, model, presets
from blocks.knobs import (
    Activation,
    Channels,
    Depths,
    Dropout,
    Expansion,
    Groups,
    InChannels,
    KernelSize,
    Named,
    NumClasses,
    SERatio,
    WidthMultiplier,
    Widths,
    require,
    require_divides,
)
from blocks.layers.common import ConvNormAct, DropPath, SqueezeExcite, named, quotient, scaled_channels, whole
from blocks.layers.residual import DropPathRate
from blocks.layers.residual_network import StagedNetwork, in_turn

PAPER = Paper("YOLOv3: An Incremental Improvement", "Redmon, Farhadi", 2018, "1804.02767")
FAMILY = family(
    "darknet",
    "Darknet",
    "A 1x1 convolution narrows, a 3x3 widens again, the shortcut adds; strided convolutions take the place of pooling.",
    PAPER,
    tags=("shortcut",),
)

Narrowing = Annotated[Expansion, Named("b", "Bottleneck ratio", "Inner channels of a block over its output channels.")]


@block(FAMILY, input=(1, "channels", 32, 32), channels=128)
class DarknetBlock(nn.Module):
    """Darknet block: 1x1 to b·C channels, k x k back to C, added to the input; no activation after the addition.

    Source: arXiv 1804.02767, table 1. Departures: groups in the k x k convolution, squeeze-and-excitation on the branch and
    stochastic depth are extras (off by default).

    Shape: (B, C, H, W) -> (B, C, H, W).
    """

    def __init__(
        self,
        channels: Channels,
        *,
        bottleneck: Narrowing = 0.5,
        kernel_size: KernelSize = 3,
        groups: Groups = 1,
        se_ratio: SERatio = 0,
        activation: Activation = "leaky_relu",
        drop_path: DropPathRate = 0.0,
    ) -> None:
        super().__init__()
        c_mid = named("C_mid", whole(channels * bottleneck))
        require(c_mid >= 1, "bottleneck", bottleneck, f"leaves no channel of {channels} in the middle", [1.0])
        require_divides("groups", groups, c_mid=c_mid, channels=channels)
        layers: list[nn.Module] = [
            ConvNormAct(channels, c_mid, 1, act=activation),
            ConvNormAct(c_mid, channels, kernel_size, groups=groups, act=activation),
        ]
        if se_ratio:
            layers.append(SqueezeExcite(channels, max(1, quotient(channels, se_ratio))))
        self.body = nn.Sequential(*layers)
        self.drop_path = DropPath(drop_path)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.drop_path(self.body(x))


@model(FAMILY)
class Darknet(StagedNetwork):
    """Darknet for classification: a 3x3 stem at full resolution, then stages of one strided 3x3 convolution and n blocks.

    Source: arXiv 1804.02767, table 1. Shape: (B, C_0, H, W) -> (B, K).
    """

    def __init__(
        self,
        *,
        depths: Depths = (1, 2, 8, 8, 4),
        widths: Widths = (64, 128, 256, 512, 1024),
        stem_width: Annotated[Channels, Named("C_s", "Stem channels")] = 32,
        width_mult: WidthMultiplier = 1.0,
        bottleneck: Narrowing = 0.5,
        kernel_size: KernelSize = 3,
        groups: Groups = 1,
        se_ratio: SERatio = 0,
        activation: Activation = "leaky_relu",
        drop_path: DropPathRate = 0.0,
        dropout: Dropout = 0.0,
        num_classes: NumClasses = 1000,
        in_channels: InChannels = 3,
    ) -> None:
        c_stem = scaled_channels(stem_width, width_mult)

        def stage(c_in: int, c_out: int, repeats: int, _: int) -> nn.Module:
            inside: dict[str, Any] = {"kernel_size": kernel_size, "groups": groups, "se_ratio": se_ratio, "activation": activation, "drop_path": drop_path}
            blocks = (DarknetBlock(c_out, bottleneck=bottleneck, **inside) for _ in range(repeats))
            return nn.Sequential(ConvNormAct(c_in, c_out, 3, 2, act=activation), *blocks)

        stem = ConvNormAct(in_channels, c_stem, 3, act=activation)
        widths = tuple(scaled_channels(width, width_mult) for width in widths)
        super().__init__(stem, in_turn(c_stem, widths, depths, stage), widths[-1], num_classes=num_classes, dropout=dropout)


presets(Darknet, "timm", resolution=256, darknet53={})
