"""CSPNet: part of the channels goes around the stage, so that the stage computes on less and gradients are not repeated.

Wang, Liao, Yeh, Wu, Chen, Hsieh 2019, arXiv 1911.11929. What goes around and how the parts join again is
:class:`blocks.layers.common.CrossStagePartial`, which wraps any stage; here it wraps residual bottlenecks (ResNet, ResNeXt) and Darknet
blocks, in :mod:`blocks.families.densenet` dense blocks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from torch import Tensor, nn

from blocks.catalog import Paper, block, family, model, presets
from blocks.families.darknet import DarknetBlock, Narrowing
from blocks.families.resnet import Bottleneck
from blocks.knobs import (
    EXTRA,
    Activation,
    Channels,
    Depths,
    Dropout,
    Expansion,
    Flag,
    Fusion,
    Groups,
    InChannels,
    KernelSize,
    Named,
    NumClasses,
    PartialRatio,
    Repeats,
    SERatio,
    Spec,
    Stride,
    WidthMultiplier,
    Widths,
    require,
    require_divides,
)
from blocks.layers.common import ConvNormAct, CrossStagePartial, named, scaled_channels, whole
from blocks.layers.residual import DropPathRate
from blocks.layers.residual_network import StagedNetwork, in_turn, make_stem

PAPER = Paper("CSPNet: A New Backbone that can Enhance Learning Capability of CNN", "Wang, Liao, Yeh, Wu, Chen, Hsieh", 2019, "1911.11929")
FAMILY = family("cspnet", "CSPNet", "Part of the channels bypasses the stage and is concatenated with its output.", PAPER, tags=("aggregation", "efficiency"))

_Share = Annotated[PartialRatio, Named(help="Fraction of the channels that bypasses the stage.", low=0.05)]
Widening = Annotated[Expansion, Named("t", "Expansion", "Channels before the split over the stage's output channels; not used by fusion last.")]
Body = Annotated[str, Spec("", "Body", "What the stage is made of: ResNet bottlenecks or Darknet blocks.", EXTRA, values=("bottleneck", "darknet"))]


def _residual_bottleneck(channels: int, *, bottleneck: float, **knobs: Any) -> nn.Module:
    c_mid = named("C_mid", whole(channels * bottleneck))
    require(c_mid >= 1, "bottleneck", bottleneck, f"leaves no channel of {channels} in the middle", [1.0])
    return Bottleneck(channels, c_mid, channels, **knobs)


BODIES: dict[str, Callable[..., nn.Module]] = {"bottleneck": _residual_bottleneck, "darknet": DarknetBlock}


@block(FAMILY, input=(1, "c_in", 32, 32), title="Cross-stage-partial stage", c_in=256, c_out=256)
class CspStage(nn.Module):
    """Cross-stage-partial stage: [strided 3x3], 1x1 to t·C_out, γ of it around n blocks and the rest through them, 1x1 transitions.

    Source: arXiv 1911.11929, section 3.2 and figure 3; ``fusion`` chooses between its (b) both, (c) fusion first and (d) fusion last.
    Departures: as :class:`blocks.layers.common.CrossStagePartial`; groups are those of the strided and of the blocks' k x k convolutions.

    Shape: (B, C_in, H, W) -> (B, C_out, H/s, W/s).
    """

    def __init__(
        self,
        c_in: Channels,
        c_out: Channels,
        *,
        body: Body = "bottleneck",
        repeats: Repeats = 3,
        partial_ratio: _Share = 0.5,
        fusion: Fusion = "both",
        expansion: Widening = 1.0,
        bottleneck: Narrowing = 0.5,
        kernel_size: KernelSize = 3,
        groups: Groups = 1,
        stride: Stride = 1,
        se_ratio: SERatio = 0,
        grow: Annotated[Flag, Named(label="Widen while striding", help="The strided convolution already goes to the output channels.")] = False,
        linear: Annotated[Flag, Named(label="Linear expansion", help="No activation on the 1x1 convolution before the split.")] = False,
        activation: Activation = "leaky_relu",
        drop_path: DropPathRate = 0.0,
    ) -> None:
        super().__init__()
        if stride != 1:
            require_divides("groups", groups, c_in=c_in, c_out=c_out)

        def blocks(channels: int) -> tuple[nn.Module, int]:
            inside = {"kernel_size": kernel_size, "groups": groups, "se_ratio": se_ratio, "activation": activation, "drop_path": drop_path}
            made = (BODIES[body](channels, bottleneck=bottleneck, **inside) for _ in range(repeats))
            return nn.Sequential(*made), channels

        self.partial = CrossStagePartial(
            c_in,
            c_out,
            blocks,
            partial_ratio=partial_ratio,
            fusion=fusion,
            expansion=expansion,
            stride=stride,
            groups=groups,
            grow=grow,
            linear=linear,
            act=activation,
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.partial(x)


@model(FAMILY)
class CspResNet(StagedNetwork):
    """CSP-ResNet and CSP-ResNeXt for classification: ResNet's stem, then cross-stage-partial stages of bottlenecks.

    Source: arXiv 1911.11929, section 4.1. The first stage keeps the resolution; the others begin with a strided 3x3 convolution.

    Shape: (B, C_0, H, W) -> (B, K).
    """

    def __init__(
        self,
        *,
        depths: Depths = (3, 3, 5, 2),
        widths: Widths = (128, 256, 512, 1024),
        stem_width: Annotated[Channels, Named("C_s", "Stem channels")] = 64,
        width_mult: WidthMultiplier = 1.0,
        partial_ratio: _Share = 0.5,
        fusion: Fusion = "both",
        expansion: Widening = 2.0,
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
        shared: dict[str, Any] = {
            "partial_ratio": partial_ratio,
            "fusion": fusion,
            "expansion": expansion,
            "bottleneck": bottleneck,
            "kernel_size": kernel_size,
            "groups": groups,
            "se_ratio": se_ratio,
            "activation": activation,
            "drop_path": drop_path,
        }

        def stage(c_in: int, c_out: int, repeats: int, number: int) -> nn.Module:
            return CspStage(c_in, c_out, repeats=repeats, stride=1 if number == 0 else 2, linear=True, **shared)

        stem = make_stem("imagenet", in_channels, c_stem, norm=nn.BatchNorm2d, act=activation)
        widths = tuple(scaled_channels(width, width_mult) for width in widths)
        super().__init__(stem, in_turn(c_stem, widths, depths, stage), widths[-1], num_classes=num_classes, dropout=dropout)


@model(FAMILY)
class CspDarknet(StagedNetwork):
    """CSP-Darknet for classification: Darknet with cross-stage-partial stages.

    Source: arXiv 1911.11929; Bochkovskiy et al. 2020, arXiv 2004.10934 (YOLOv4's backbone). The first stage is too narrow to be halved:
    it is widened twice as much before the split, and its blocks narrow to half of what the others' do.

    Shape: (B, C_0, H, W) -> (B, K).
    """

    def __init__(
        self,
        *,
        depths: Depths = (1, 2, 8, 8, 4),
        widths: Widths = (64, 128, 256, 512, 1024),
        stem_width: Annotated[Channels, Named("C_s", "Stem channels")] = 32,
        width_mult: WidthMultiplier = 1.0,
        partial_ratio: _Share = 0.5,
        fusion: Fusion = "both",
        expansion: Annotated[Widening, Named(high=8.0)] = 1.0,
        bottleneck: Annotated[Narrowing, Named(low=0.25)] = 1.0,
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
        shared: dict[str, Any] = {
            "partial_ratio": partial_ratio,
            "fusion": fusion,
            "kernel_size": kernel_size,
            "groups": groups,
            "se_ratio": se_ratio,
            "activation": activation,
            "drop_path": drop_path,
        }

        def stage(c_in: int, c_out: int, repeats: int, number: int) -> nn.Module:
            wide, narrow = (expansion * 2, bottleneck * 0.5) if number == 0 else (expansion, bottleneck)
            return CspStage(c_in, c_out, body="darknet", repeats=repeats, expansion=wide, bottleneck=narrow, stride=2, grow=True, **shared)

        stem = ConvNormAct(in_channels, c_stem, 3, act=activation)
        widths = tuple(scaled_channels(width, width_mult) for width in widths)
        super().__init__(stem, in_turn(c_stem, widths, depths, stage), widths[-1], num_classes=num_classes, dropout=dropout)


presets(
    CspResNet,
    "timm",
    resolution=256,
    cspresnet50={},
    cspresnext50={"widths": (256, 512, 1024, 2048), "expansion": 1.0, "bottleneck": 1.0, "groups": 32},
)
presets(CspDarknet, "timm", resolution=256, cspdarknet53={})
