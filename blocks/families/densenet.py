"""DenseNet: every layer of a block sees the features of all layers before it, concatenated.

Huang, Liu, van der Maaten, Weinberger 2017, arXiv 1608.06993. A layer adds only a few channels (the growth rate), and a transition
between blocks halves channels and resolution. Instance-batch norm in it: arXiv 1807.09441; cross-stage-partial blocks: arXiv 1911.11929.
"""

from __future__ import annotations

import functools
from typing import Annotated, Any

import torch
from torch import Tensor, nn

from blocks.catalog import Paper, block, family, model, presets
from blocks.knobs import (
    EXTRA,
    WIDTH,
    Channels,
    Depths,
    Dropout,
    Expansion,
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
    require,
    require_divides,
)
from blocks.layers.common import (
    ConvNormAct,
    CrossStagePartial,
    Layer,
    SqueezeExcite,
    global_pool,
    instance_batch_norm,
    named,
    quotient,
    same_padding,
    whole,
)

PAPER = Paper("Densely Connected Convolutional Networks", "Huang, Liu, van der Maaten, Weinberger", 2017, "1608.06993")
IBN = Paper("Two at Once: Enhancing Learning and Generalization Capacities via IBN-Net", "Pan, Luo, Shi, Tang", 2018, "1807.09441")
CSP = Paper("CSPNet: A New Backbone that can Enhance Learning Capability of CNN", "Wang, Liao, Yeh, Wu, Chen, Hsieh", 2019, "1911.11929")
FAMILY = family("densenet", "DenseNet", "Every layer sees the features of all layers before it, and adds a few of its own.", PAPER, tags=("aggregation",))

GrowthRate = Annotated[int, Spec("k_g", "Growth rate", "Channels that each layer adds (k in the paper).", WIDTH, 1, 1024, 4)]
Bottleneck = Annotated[Expansion, Named("b", "Bottleneck factor", "Channels between a layer's two convolutions over the growth rate.")]
Compression = Annotated[float, Spec("theta", "Compression", "Share of the channels that a transition keeps.", WIDTH, 0.05, 1.0, 0.05)]
_Norm = Annotated[
    str,
    Spec(
        "",
        "Norm",
        "Batch norm, or IBN-a: in every third layer of all blocks but the last, 0.4 of its channels by instance norm.",
        EXTRA,
        values=("batch", "ibn_a"),
    ),
]

_NORMS: dict[str, Layer] = {"batch": nn.BatchNorm2d, "ibn_a": functools.partial(instance_batch_norm, share=0.4, instance_first=False)}


@block(FAMILY, input=(1, "c_in", 28, 28), c_in=128)
class DenseLayer(nn.Module):
    """Dense layer: norm-ReLU-1x1 to b·k_g channels, norm-ReLU-k x k to k_g new channels, concatenated behind the input.

    Source: arXiv 1608.06993, section 3 (DenseNet-B). Departures: groups in the k x k convolution and squeeze-and-excitation on the new
    channels are extras; ``norm="ibn_a"`` makes the first norm that of arXiv 1807.09441.

    Shape: (B, C_in, H, W) -> (B, C_in + k_g, H, W).
    """

    def __init__(
        self,
        c_in: Channels,
        *,
        growth_rate: GrowthRate = 32,
        bottleneck: Bottleneck = 4.0,
        kernel_size: KernelSize = 3,
        groups: Groups = 1,
        se_ratio: SERatio = 0,
        norm: _Norm = "batch",
        dropout: Dropout = 0.0,
    ) -> None:
        super().__init__()
        c_mid = named("C_mid", whole(growth_rate * bottleneck))
        require(c_mid >= 1, "bottleneck", bottleneck, f"leaves no channel at growth rate {growth_rate}", [1.0])
        require_divides("groups", groups, c_mid=c_mid, growth_rate=growth_rate)
        self.body = nn.Sequential(
            *_norm_relu(c_in, _NORMS[norm]),
            nn.Conv2d(c_in, c_mid, 1, bias=False),
            *_norm_relu(c_mid),
            nn.Conv2d(c_mid, growth_rate, kernel_size, padding=same_padding(kernel_size), groups=groups, bias=False),
        )
        if se_ratio:
            self.body.append(SqueezeExcite(growth_rate, max(1, quotient(growth_rate, se_ratio))))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x, self.dropout(self.body(x))], dim=1)


def _norm_relu(channels: int, norm: Layer = nn.BatchNorm2d) -> tuple[nn.Module, nn.Module]:
    return norm(channels), nn.ReLU(inplace=True)


@block(FAMILY, input=(1, "c_in", 28, 28), c_in=128)
class DenseBlock(nn.Sequential):
    """Dense block: n dense layers, each fed with everything before it. ``norm="ibn_a"`` is for layers 1, 4, 7 and so on.

    Source: arXiv 1608.06993, section 3 and figure 1.

    Shape: (B, C_in, H, W) -> (B, C_in + n·k_g, H, W).
    """

    def __init__(
        self,
        c_in: Channels,
        *,
        layers: Repeats = 6,
        growth_rate: GrowthRate = 32,
        bottleneck: Bottleneck = 4.0,
        kernel_size: KernelSize = 3,
        groups: Groups = 1,
        se_ratio: SERatio = 0,
        norm: _Norm = "batch",
        dropout: Dropout = 0.0,
    ) -> None:
        super().__init__()
        for i in range(layers):
            self.append(
                DenseLayer(
                    c_in + i * growth_rate,
                    growth_rate=growth_rate,
                    bottleneck=bottleneck,
                    kernel_size=kernel_size,
                    groups=groups,
                    se_ratio=se_ratio,
                    norm=norm if i % 3 == 0 else "batch",
                    dropout=dropout,
                )
            )


@block(FAMILY, input=(1, "c_in", 28, 28), title="Dense transition", name="dense_transition", c_in=256)
class Transition(nn.Sequential):
    """Transition between dense blocks: norm, ReLU, 1x1 to θ·C_in channels, 2x2 average pool.

    Source: arXiv 1608.06993, section 3 (compression, DenseNet-C).

    Shape: (B, C_in, H, W) -> (B, θ·C_in, H/2, W/2).
    """

    def __init__(self, c_in: Channels, *, compression: Compression = 0.5) -> None:
        c_out = named("C_t", whole(c_in * compression))
        require(c_out >= 1, "compression", compression, f"leaves no channel of {c_in}", [1.0])
        super().__init__(*_norm_relu(c_in), nn.Conv2d(c_in, c_out, 1, bias=False), nn.AvgPool2d(2, 2))


@block(FAMILY, input=(1, "c_in", 28, 28), paper=CSP, title="Cross-stage-partial dense block", c_in=128)
class CspDenseBlock(nn.Module):
    """Partial dense block: γ of the channels go around the dense block; its transitions mix and compress to θ(C_in + n·k_g) channels.

    Source: arXiv 1911.11929, section 3.2 and figure 2(b). Departures: the transitions are convolution, norm and ReLU.

    Shape: (B, C_in, H, W) -> (B, θ(C_in + n·k_g), H, W).
    """

    def __init__(
        self,
        c_in: Channels,
        *,
        layers: Repeats = 6,
        growth_rate: GrowthRate = 32,
        partial_ratio: Annotated[PartialRatio, Named(low=0.05)] = 0.5,
        fusion: Fusion = "both",
        compression: Compression = 0.5,
        bottleneck: Bottleneck = 4.0,
        kernel_size: KernelSize = 3,
        groups: Groups = 1,
        se_ratio: SERatio = 0,
        norm: _Norm = "batch",
        dropout: Dropout = 0.0,
    ) -> None:
        super().__init__()

        def dense(c_part: int) -> tuple[nn.Module, int]:
            inside: dict[str, Any] = {"kernel_size": kernel_size, "groups": groups, "se_ratio": se_ratio, "norm": norm, "dropout": dropout}
            made = DenseBlock(c_part, layers=layers, growth_rate=growth_rate, bottleneck=bottleneck, **inside)
            return made, c_part + layers * growth_rate

        self.c_out = named("C_t", whole((c_in + layers * growth_rate) * compression))
        require(self.c_out >= 1, "compression", compression, f"leaves no channel of {c_in + layers * growth_rate}", [1.0])
        self.stage = CrossStagePartial(c_in, self.c_out, dense, partial_ratio=partial_ratio, fusion=fusion, expansion=None, shrink=compression)

    def forward(self, x: Tensor) -> Tensor:
        return self.stage(x)


@model(FAMILY)
class DenseNet(nn.Module):
    """DenseNet for classification: a 7x7 stem, dense blocks with transitions between them, and a classifier.

    Source: arXiv 1608.06993, table 1 (DenseNet-BC). With a partial ratio γ > 0 each dense block is a cross-stage-partial one
    (arXiv 1911.11929, figure 2b): γ of its channels go around it, its own transitions compress, and only the pooling is left between
    blocks. With ``norm="ibn_a"`` it is the DenseNet of arXiv 1807.09441: all blocks but the last.

    Shape: (B, C_0, H, W) -> (B, K).
    """

    def __init__(
        self,
        *,
        depths: Annotated[Depths, Named(label="Layers per block")] = (6, 12, 24, 16),
        growth_rate: GrowthRate = 32,
        stem_width: Annotated[Channels, Named("C_s", "Stem channels")] = 64,
        bottleneck: Bottleneck = 4.0,
        compression: Compression = 0.5,
        kernel_size: KernelSize = 3,
        groups: Groups = 1,
        se_ratio: SERatio = 0,
        norm: _Norm = "batch",
        partial_ratio: PartialRatio = 0.0,
        fusion: Fusion = "both",
        dropout: Dropout = 0.0,
        num_classes: NumClasses = 1000,
        in_channels: InChannels = 3,
    ) -> None:
        super().__init__()
        self.stem = nn.Sequential(ConvNormAct(in_channels, stem_width, 7, 2), nn.MaxPool2d(3, 2, 1))
        self.stages = nn.Sequential()
        c_in = stem_width
        for i, layers in enumerate(depths):
            last = i == len(depths) - 1
            inside: dict[str, Any] = {
                "layers": layers,
                "growth_rate": growth_rate,
                "bottleneck": bottleneck,
                "kernel_size": kernel_size,
                "groups": groups,
                "se_ratio": se_ratio,
                "norm": "batch" if last else norm,
                "dropout": dropout,
            }
            if partial_ratio > 0:
                partial = CspDenseBlock(c_in, partial_ratio=partial_ratio, fusion=fusion, compression=1.0 if last else compression, **inside)
                self.stages.append(partial if last else nn.Sequential(partial, nn.AvgPool2d(2, 2)))
                c_in = partial.c_out
            else:
                self.stages.append(DenseBlock(c_in, **inside))
                c_in = c_in + layers * growth_rate
                if not last:
                    self.stages.append(Transition(c_in, compression=compression))
                    c_in = whole(c_in * compression)
        self.head = nn.Sequential(*_norm_relu(c_in))
        self.classifier = nn.Linear(c_in, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(global_pool(self.head(self.stages(self.stem(x)))))


_DEPTHS = {121: (6, 12, 24, 16), 169: (6, 12, 32, 32), 201: (6, 12, 48, 32), 161: (6, 12, 36, 24)}

presets(
    DenseNet,
    "torchvision",
    densenet121={},
    densenet169={"depths": _DEPTHS[169]},
    densenet201={"depths": _DEPTHS[201]},
    densenet161={"depths": _DEPTHS[161], "growth_rate": 48, "stem_width": 96},
)
presets(DenseNet, "XingangPan/IBN-Net", paper=IBN, densenet121_ibn_a={"norm": "ibn_a"}, densenet169_ibn_a={"norm": "ibn_a", "depths": _DEPTHS[169]})
presets(DenseNet, paper=CSP, csp_densenet121={"partial_ratio": 0.5})
