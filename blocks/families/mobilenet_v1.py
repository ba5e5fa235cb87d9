"""MobileNet v1: a convolution split into one that filters each channel and one that mixes the channels.

Howard, Zhu, Chen, Kalenichenko, Wang, Weyand, Andreetto, Adam 2017, arXiv 1704.04861. The letters are the paper's: a
D_K x D_K kernel takes M input channels to N output channels on a D_F x D_F map.
"""

from __future__ import annotations

from typing import Annotated, Any

from torch import Tensor, nn

from blocks.catalog import Paper, block, family, model, presets
from blocks.knobs import (
    EXTRA,
    GROUPING,
    Activation,
    Channels,
    Dropout,
    InChannels,
    KernelSize,
    Named,
    NumClasses,
    Repeats,
    SERatio,
    Spec,
    Stride,
    WidthMultiplier,
)
from blocks.layers.common import ConvNormAct, SqueezeExcite, global_pool, make_divisible, quotient

PAPER = Paper(
    "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications",
    "Howard, Zhu, Chen, Kalenichenko, Wang, Weyand, Andreetto, Adam",
    2017,
    "1704.04861",
)
FAMILY = family(
    "mobilenet_v1",
    "MobileNet v1",
    "Filter each channel by its own kernel, then mix the channels by a 1x1 convolution.",
    PAPER,
    tags=("separable", "depthwise", "dw conv", "pointwise"),
)

In = Annotated[Channels, Named("M", "Input channels")]
_Out = Annotated[Channels, Named("N", "Output channels")]
Kernel = Annotated[KernelSize, Named("D_K")]
_Norm = Annotated[bool, Spec("", "Norm", "Batch norm after each convolution; without it the bare weights remain.", EXTRA)]
Convolution = Annotated[
    str, Spec("", "Convolution", "Depthwise separable as published, or the standard convolution of the same shape.", GROUPING, values=("separable", "standard"))
]


def _norm(on: bool) -> dict[str, Any]:
    # Without norm there is no bias either, so that a block has the paper's weights and nothing else.
    return {"norm": nn.BatchNorm2d if on else None, "bias": False}


def _squeeze(channels: int, se_ratio: int) -> list[nn.Module]:
    return [SqueezeExcite(channels, max(1, quotient(channels, se_ratio)))] if se_ratio else []


@block(FAMILY, input=(1, "c_in", 56, 56), c_in=64, c_out=128)
class DepthwiseSeparable(nn.Sequential):
    """Depthwise separable convolution: one D_K x D_K kernel a channel, then a 1x1 convolution over all channels.

    Source: arXiv 1704.04861, section 3.1 and figure 3 (right): norm and activation follow both convolutions. It costs
    D_K²·M + M·N weights where a standard convolution has D_K²·M·N: 1/N + 1/D_K² of them. Departures: ReLU6 for ReLU, as in the
    authors' code; squeeze-and-excitation between the two (r = 0 leaves it out).

    Shape: (B, M, H, W) -> (B, N, H/s, W/s).
    """

    def __init__(
        self, c_in: In, c_out: _Out, *, kernel_size: Kernel = 3, stride: Stride = 1, se_ratio: SERatio = 0, norm: _Norm = True, activation: Activation = "relu6"
    ) -> None:
        super().__init__()
        self.depthwise = ConvNormAct(c_in, c_in, kernel_size, stride, groups=c_in, **_norm(norm), act=activation)
        for se in _squeeze(c_in, se_ratio):
            self.se = se
        self.pointwise = ConvNormAct(c_in, c_out, 1, **_norm(norm), act=activation)


@block(FAMILY, input=(1, "c_in", 56, 56), c_in=64, c_out=128)
class StandardConvolution(nn.Sequential):
    """Standard convolution, the twin of the separable one: every output channel sees every input channel through a D_K x D_K kernel.

    Source: arXiv 1704.04861, section 3.1 and figure 3 (left): D_K²·M·N weights and D_K²·M·N·D_F² multiply-accumulates.

    Shape: (B, M, H, W) -> (B, N, H/s, W/s).
    """

    def __init__(
        self, c_in: In, c_out: _Out, *, kernel_size: Kernel = 3, stride: Stride = 1, se_ratio: SERatio = 0, norm: _Norm = True, activation: Activation = "relu6"
    ) -> None:
        super().__init__()
        self.full = ConvNormAct(c_in, c_out, kernel_size, stride, **_norm(norm), act=activation)
        for se in _squeeze(c_out, se_ratio):
            self.se = se


_BLOCKS = {"separable": DepthwiseSeparable, "standard": StandardConvolution}

# Table 1 of the paper: output channels, repeats, stride of the first; the five equal layers at 14 x 14 are a knob.
_STAGES = ((64, 1, 1), (128, 2, 2), (256, 2, 2), (512, 1, 2), (512, None, 1), (1024, 2, 2))


@model(FAMILY)
class MobileNetV1(nn.Module):
    """MobileNet v1 for classification: a 3x3 stem, thirteen depthwise separable convolutions, one fully connected layer.

    Source: arXiv 1704.04861, table 1; ``width_mult`` is its α, and its ρ is the image's side over 224. ``convolution =
    "standard"`` gives the twin of table 4; ``middle = 0`` its shallow form of table 5. Departure: widths are rounded to
    multiples of 8, as in the authors' code.

    Shape: (B, C_0, H, W) -> (B, K).
    """

    def __init__(
        self,
        *,
        width_mult: WidthMultiplier = 1.0,
        convolution: Convolution = "separable",
        kernel_size: Kernel = 3,
        middle: Annotated[Repeats, Named("n", "Middle layers", "Equal layers of 512 channels at 1/16 of the size; 0 is the shallow form.", low=0)] = 5,
        se_ratio: SERatio = 0,
        norm: _Norm = True,
        activation: Activation = "relu6",
        dropout: Dropout = 0.0,
        num_classes: NumClasses = 1000,
        in_channels: InChannels = 3,
    ) -> None:
        super().__init__()
        make = _BLOCKS[convolution]
        c_in = make_divisible(32 * width_mult)
        self.stem = ConvNormAct(in_channels, c_in, 3, 2, **_norm(norm), act=activation)
        self.stages = nn.Sequential()
        for channels, repeats, stride in _STAGES:
            stage = nn.Sequential()
            c_out = make_divisible(channels * width_mult)
            for i in range(middle if repeats is None else repeats):
                stage.append(make(c_in, c_out, kernel_size=kernel_size, stride=stride if i == 0 else 1, se_ratio=se_ratio, norm=norm, activation=activation))
                c_in = c_out
            self.stages.append(stage)
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(c_in, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        """Class scores. Shape: (B, C_0, H, W) -> (B, K)."""
        return self.classifier(self.dropout(global_pool(self.stages(self.stem(x)))))


presets(MobileNetV1, "timm", mobilenet_v1={}, mobilenet_v1_x1_25={"width_mult": 1.25})
presets(
    MobileNetV1,
    mobilenet_v1_x0_25={"width_mult": 0.25},
    mobilenet_v1_x0_5={"width_mult": 0.5},
    mobilenet_v1_x0_75={"width_mult": 0.75},
    # The literature's 29.28 M parameters are the convolutions and the classifier alone; ``norm = True`` adds the norms' 0.01 M.
    mobilenet_v1_standard={"convolution": "standard", "norm": False},
)
