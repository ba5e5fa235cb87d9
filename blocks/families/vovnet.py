"""VoVNet: one-shot aggregation, where a chain of 3x3 convolutions is concatenated once at its end instead of before every layer.

Lee, Hwang, Lee, Bae, Park 2019, arXiv 1904.09730. Equal widths in the chain keep the memory access cost at its lower bound for
the arithmetic done. Effective squeeze-and-excitation and identity shortcuts: Lee, Park 2019, arXiv 1911.06667.
"""

from __future__ import annotations

import math
from typing import Annotated

import torch
from torch import Tensor, nn

from blocks.catalog import Paper, block, family, model, presets
from blocks.knobs import (
    Activation,
    Channels,
    Depths,
    Dropout,
    Flag,
    Groups,
    InChannels,
    KernelSize,
    Named,
    NumClasses,
    Repeats,
    SERatio,
    WidthMultiplier,
    Widths,
    require,
    require_divides,
    require_one_a_stage,
)
from blocks.layers.common import ConvNormAct, SqueezeExcite, global_pool, named, quotient, scaled_channels

PAPER = Paper("An Energy and GPU-Computation Efficient Backbone Network for Real-Time Object Detection", "Lee, Hwang, Lee, Bae, Park", 2019, "1904.09730")
CENTERMASK = Paper("CenterMask: Real-Time Anchor-Free Instance Segmentation", "Lee, Park", 2019, "1911.06667")
FAMILY = family(
    "vovnet",
    "VoVNet",
    "Concatenate all features once, at the end of the block: one-shot aggregation.",
    PAPER,
    CENTERMASK,
    tags=("aggregation", "efficiency", "OSA"),
)

Layers = Annotated[Repeats, Named("L", "Layers in a block", "Convolutions in the chain that is aggregated.")]
MidChannels = Annotated[Channels, Named("C_m", "Chain channels", "Channels of each convolution in the chain.")]

Identity = Annotated[Flag, Named(label="Identity", help="Add the module's input to its output, where their channels agree.")]
EffectiveGate = Annotated[Flag, Named(label="Effective SE", help="Rescale the output by a gate of one fully connected layer (VoVNet v2).")]


def memory_access_cost(c_in: float, c_out: float, kernel_size: int, height: int, width: int) -> float:
    """Elements that one convolution of stride 1 reads and writes: HW(C_in + C_out) + k²·C_in·C_out.

    Source: arXiv 1904.09730, equation 1. In elements, not bytes; caches, biases and norms are left out.
    """
    return height * width * (c_in + c_out) + kernel_size**2 * c_in * c_out


def least_memory_access_cost(macs: float, kernel_size: int, height: int, width: int) -> float:
    """The least :func:`memory_access_cost` of a convolution with ``macs`` multiply-accumulates; reached where C_in = C_out.

    Source: arXiv 1904.09730, equation 2: 2·sqrt(HW·B/k²) + B/HW with B = k²·HW·C_in·C_out.
    """
    area = height * width
    return 2 * math.sqrt(area * macs / kernel_size**2) + macs / area


@block(FAMILY, input=(1, "channels", 28, 28), paper=CENTERMASK, title="Effective SE", name="effective_se", channels=256)
class EffectiveSE(nn.Module):
    """Effective squeeze-and-excitation: pool, one fully connected layer that keeps all channels, a hard-sigmoid gate.

    Source: arXiv 1911.06667, section 3.3: without the reduction to C/r no channel information is lost.

    Shape: (B, C, H, W) -> (B, C, H, W).
    """

    def __init__(self, channels: Channels) -> None:
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Conv2d(channels, channels, 1)
        self.gate = nn.Hardsigmoid()

    def forward(self, x: Tensor) -> Tensor:
        return x * self.gate(self.fc(self.pool(x)))


@block(FAMILY, input=(1, "c_in", 28, 28), title="One-shot aggregation", c_in=256, c_mid=160, c_out=512)
class OneShotAggregation(nn.Module):
    """One-shot aggregation: L k x k convolutions in a chain; the input and all L outputs concatenated once and mixed by 1x1.

    Source: arXiv 1904.09730, section 3.2 and figure 1(b); ``identity`` and ``ese`` are arXiv 1911.06667, figure 3.
    Departures: groups in the chain, and the SE of arXiv 1709.01507 in place of eSE, are extras (off by default).

    Shape: (B, C_in, H, W) -> (B, C_out, H, W).
    """

    def __init__(
        self,
        c_in: Channels,
        c_mid: MidChannels,
        c_out: Channels,
        *,
        layers: Layers = 5,
        kernel_size: KernelSize = 3,
        groups: Groups = 1,
        identity: Identity = False,
        ese: EffectiveGate = False,
        se_ratio: SERatio = 0,
        activation: Activation = "relu",
    ) -> None:
        super().__init__()
        require(not identity or c_in == c_out, "identity", identity, f"adds the input, so that C_in = {c_in} and C_out = {c_out} must be equal", [False])
        require(not (ese and se_ratio), "se_ratio", se_ratio, "eSE and SE are alternatives; choose one", [0])
        require_divides("groups", groups, c_in=c_in, c_mid=c_mid)
        self.chain = nn.ModuleList()
        for i in range(layers):
            self.chain.append(ConvNormAct(c_in if i == 0 else c_mid, c_mid, kernel_size, groups=groups, act=activation))
        self.aggregate = ConvNormAct(named("C_cat", c_in + layers * c_mid), c_out, 1, act=activation)
        self.attention = nn.Sequential()
        if ese:
            self.attention.append(EffectiveSE(c_out))
        if se_ratio:
            self.attention.append(SqueezeExcite(c_out, max(1, quotient(c_out, se_ratio))))
        self.identity = identity

    def forward(self, x: Tensor) -> Tensor:
        features = [x]
        for layer in self.chain:
            features.append(layer(features[-1]))
        y = self.attention(self.aggregate(torch.cat(features, dim=1)))
        return x + y if self.identity else y


@model(FAMILY)
class VoVNet(nn.Module):
    """VoVNet for classification: three 3x3 convolutions to stride 4, then stages of one-shot aggregation, pooled in between.

    Source: arXiv 1904.09730, table 1. From the second block of a stage on, the input is added (``identity``); eSE, where asked
    for, sits in the last block of each stage. Departures: pooling rounds the size up, as in the authors' code.

    Shape: (B, C_0, H, W) -> (B, K).
    """

    def __init__(
        self,
        *,
        depths: Depths = (1, 1, 2, 2),
        widths: Annotated[Widths, Named("C_m", "Chain channels per stage")] = (128, 160, 192, 224),
        aggregates: Annotated[Widths, Named("C_a", "Aggregate channels per stage", "Channels that leave a stage's blocks.")] = (256, 512, 768, 1024),
        layers: Layers = 5,
        stem_width: Annotated[Channels, Named("C_s", "Stem channels", "Channels of the stem's first two convolutions; its third has twice as many.")] = 64,
        width_mult: WidthMultiplier = 1.0,
        kernel_size: KernelSize = 3,
        groups: Groups = 1,
        identity: Identity = True,
        ese: EffectiveGate = False,
        se_ratio: SERatio = 0,
        activation: Activation = "relu",
        dropout: Dropout = 0.0,
        num_classes: NumClasses = 1000,
        in_channels: InChannels = 3,
    ) -> None:
        super().__init__()
        require_one_a_stage("widths", widths, len(depths))
        require_one_a_stage("aggregates", aggregates, len(depths))
        c_stem = scaled_channels(stem_width, width_mult)
        c_in = 2 * c_stem
        self.stem = nn.Sequential(
            ConvNormAct(in_channels, c_stem, 3, 2, act=activation),
            ConvNormAct(c_stem, c_stem, 3, act=activation),
            ConvNormAct(c_stem, c_in, 3, 2, act=activation),
        )
        self.stages = nn.Sequential()
        for i, (repeats, width, aggregate) in enumerate(zip(depths, widths, aggregates, strict=True)):
            stage = nn.Sequential() if i == 0 else nn.Sequential(nn.MaxPool2d(3, 2, ceil_mode=True))
            c_mid, c_out = scaled_channels(width, width_mult), scaled_channels(aggregate, width_mult)
            for j in range(repeats):
                last = j == repeats - 1
                stage.append(
                    OneShotAggregation(
                        c_in,
                        c_mid,
                        c_out,
                        layers=layers,
                        kernel_size=kernel_size,
                        groups=groups,
                        identity=identity and j > 0,
                        ese=ese and last,
                        se_ratio=se_ratio if last else 0,
                        activation=activation,
                    )
                )
                c_in = c_out
            self.stages.append(stage)
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(c_in, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.dropout(global_pool(self.stages(self.stem(x)))))


SLIM = {"widths": (64, 80, 96, 112), "aggregates": (128, 256, 384, 512)}

presets(VoVNet, "stigma0617/VoVNet.pytorch", vovnet27_slim={**SLIM, "depths": (1, 1, 1, 1)}, vovnet39={}, vovnet57={"depths": (1, 1, 4, 3)})
presets(VoVNet, "timm", paper=CENTERMASK, ese_vovnet39b={"ese": True})
