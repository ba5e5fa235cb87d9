"""MobileNet v2: inverted residuals with linear bottlenecks.

Sandler, Howard, Zhu, Zhmoginov, Chen 2018, arXiv 1801.04381. Channels are expanded by t, filtered depthwise, and projected
back without a non-linearity; the shortcut joins the narrow ends.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

from torch import Tensor, nn

from blocks.catalog import Paper, block, family, model, presets
from blocks.knobs import Activation, Channels, Dropout, Expansion, InChannels, KernelSize, NumClasses, SERatio, Stride, WidthMultiplier, require
from blocks.layers.common import ConvNormAct, DropPath, Layer, SqueezeExcite, global_pool, make_divisible, named, quotient, whole

PAPER = Paper("MobileNetV2: Inverted Residuals and Linear Bottlenecks", "Sandler, Howard, Zhu, Zhmoginov, Chen", 2018, "1801.04381")
FAMILY = family(
    "mobilenet_v2", "MobileNet v2", "Expand, filter depthwise, project back linearly; shortcuts join the narrow ends.", PAPER, tags=("separable", "shortcut")
)


class InvertedBottleneck(nn.Module):
    """What MobileNet v2, v3, MnasNet and EfficientNet share: 1x1 up to C_mid, depthwise k x k, a part of your own, linear 1x1 down.

    ``expand`` keeps the first 1x1 convolution; ``se`` is the part between (such as squeeze-and-excitation); the shortcut joins the
    narrow ends where stride and channels allow. While training, ``drop_path`` is the chance that a picture takes the shortcut alone.
    ``depthwise`` makes another middle convolution, norm and activation than the usual one.

    Shape: (B, C_in, H, W) -> (B, C_out, H/s, W/s).
    """

    def __init__(
        self,
        c_in: int,
        c_mid: int,
        c_out: int,
        *,
        kernel_size: int,
        stride: int,
        act: str,
        expand: bool = True,
        se: nn.Module | None = None,
        norm: Layer = nn.BatchNorm2d,
        dilation: int = 1,
        drop_path: float = 0.0,
        depthwise: Callable[..., nn.Module] | None = None,
    ) -> None:
        super().__init__()
        body = nn.Sequential()
        if expand:
            body.add_module("expand", ConvNormAct(c_in, c_mid, 1, norm=norm, act=act))
        make = depthwise or functools.partial(ConvNormAct, norm=norm)
        body.add_module("depthwise", make(c_mid, c_mid, kernel_size, stride, groups=c_mid, dilation=dilation, act=act))
        if se is not None:
            body.add_module("se", se)
        body.add_module("project", ConvNormAct(c_mid, c_out, 1, norm=norm, act=None))
        self.body = body
        self.shortcut = stride == 1 and c_in == c_out
        if self.shortcut and drop_path:
            self.drop_path = DropPath(drop_path)

    def forward(self, x: Tensor) -> Tensor:
        """Shape: (B, C_in, H, W) -> (B, C_out, H/s, W/s)."""
        y = self.body(x)
        if not self.shortcut:
            return y
        return x + (self.drop_path(y) if hasattr(self, "drop_path") else y)


@block(FAMILY, input=(1, "c_in", 56, 56), c_in=24, c_out=24)
class InvertedResidual(InvertedBottleneck):
    """Inverted residual: 1x1 to t·C_in channels, depthwise k x k, linear 1x1 back; the shortcut joins the narrow ends.

    Source: arXiv 1801.04381, section 3.3 and figure 4. Departures: an optional squeeze-and-excitation after the depthwise
    convolution, with r counted on the expanded channels (r = 0 leaves it out).

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
        se_ratio: SERatio = 0,
        activation: Activation = "relu6",
    ) -> None:
        c_mid = named("C_mid", whole(c_in * expansion))
        require(c_mid >= 1, "expansion", expansion, "must leave at least one channel between the ends", [1.0])
        se = SqueezeExcite(c_mid, max(1, quotient(c_mid, se_ratio))) if se_ratio else None
        super().__init__(c_in, c_mid, c_out, kernel_size=kernel_size, stride=stride, act=activation, expand=expansion != 1, se=se)


# Table 2 of the paper: expansion t, channels c, repeats n, stride s.
_STAGES = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))


@model(FAMILY)
class MobileNetV2(nn.Module):
    """MobileNet v2 for classification: a 3x3 stem, seven stages of inverted residuals, a 1x1 head of 1280 channels.

    Source: arXiv 1801.04381, table 2. Shape: (B, C_0, H, W) -> (B, K).
    """

    def __init__(
        self,
        *,
        width_mult: WidthMultiplier = 1.0,
        expansion: Expansion = 6.0,
        kernel_size: KernelSize = 3,
        se_ratio: SERatio = 0,
        activation: Activation = "relu6",
        dropout: Dropout = 0.2,
        num_classes: NumClasses = 1000,
        in_channels: InChannels = 3,
    ) -> None:
        super().__init__()
        c_in = make_divisible(32 * width_mult)
        self.stem = ConvNormAct(in_channels, c_in, 3, 2, act=activation)
        self.stages = nn.Sequential()
        for t, channels, repeats, stride in _STAGES:
            stage = nn.Sequential()
            for i in range(repeats):
                c_out = make_divisible(channels * width_mult)
                stage.append(
                    InvertedResidual(
                        c_in,
                        c_out,
                        expansion=1.0 if t == 1 else expansion,
                        kernel_size=kernel_size,
                        stride=stride if i == 0 else 1,
                        se_ratio=se_ratio,
                        activation=activation,
                    )
                )
                c_in = c_out
            self.stages.append(stage)
        c_head = make_divisible(1280 * max(1.0, width_mult))
        self.head = ConvNormAct(c_in, c_head, 1, act=activation)
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(c_head, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.head(self.stages(self.stem(x)))
        return self.classifier(self.dropout(global_pool(x)))


presets(
    MobileNetV2,
    "torchvision",
    mobilenet_v2={},
    mobilenet_v2_x0_35={"width_mult": 0.35},
    mobilenet_v2_x0_5={"width_mult": 0.5},
    mobilenet_v2_x0_75={"width_mult": 0.75},
    mobilenet_v2_x1_4={"width_mult": 1.4},
)
