"""MobileNet v3: inverted residuals found by search, with squeeze-and-excitation, h-swish, and a cheaper end.

Howard, Sandler, Chu, Chen, Chen, Tan, Wang, Zhu, Pang, Vasudevan, Le, Adam 2019, arXiv 1905.02244.
"""

from __future__ import annotations

import functools
from typing import Annotated, Any, NamedTuple

from torch import Tensor, nn
from torch.nn import functional as F

from blocks.catalog import Paper, block, family, model, presets
from blocks.families.mobilenet_v2 import InvertedBottleneck
from blocks.knobs import (
    EXTRA,
    TASK,
    WIDTH,
    Activation,
    Channels,
    Dilation,
    Dropout,
    InChannels,
    KernelSize,
    LargeKernel,
    Named,
    NumClasses,
    SERatio,
    Spec,
    Stride,
    WidthMultiplier,
    passes_on,
)
from blocks.layers.common import ConvNormAct, SqueezeExcite, global_pool, make_divisible, quotient
from blocks.layers.common import activation as make_activation

PAPER = Paper("Searching for MobileNetV3", "Howard, Sandler, Chu, Chen, Chen, Tan, Wang, Zhu, Pang, Vasudevan, Le, Adam", 2019, "1905.02244")
FAMILY = family(
    "mobilenet_v3",
    "MobileNet v3",
    "Searched inverted residuals with squeeze-and-excitation and h-swish, and a redesigned last stage.",
    PAPER,
    tags=("separable", "shortcut", "attention", "search", "segmentation"),
)

Expanded = Annotated[Channels, Named("C_mid", "Expanded channels", "Channels of the depthwise convolution: the paper's exp size.")]
LastStageDesign = Annotated[
    str,
    Spec("", "Last stage", "Pool before the widest layer (efficient) or after it (original, as in MobileNet v2).", EXTRA, values=("efficient", "original")),
]
Size = Annotated[str, Spec("", "Size", "Which of the paper's two tables.", WIDTH, values=("large", "small"))]
Dilated = Annotated[bool, Spec("", "Dilated", "Keep 1/16 of the resolution in the last stage and dilate its kernels instead.", TASK)]
SmallKernel = Annotated[KernelSize, Named(label="Kernel size", help="Side of the windows that are 3 in the paper's table.")]
SEQuarter = Annotated[SERatio, Named(help="Squeeze-and-excitation to C_mid/r where the paper's table has it; 0 leaves it out.")]
Pooled = Annotated[Channels, Named("C_p", "Pooled channels", "Width of the features that are pooled.")]

_NORM = functools.partial(nn.BatchNorm2d, eps=0.001, momentum=0.01)


@block(FAMILY, input=(1, "c_in", 28, 28), c_in=40, c_mid=120, c_out=40)
class MobileNetV3Block(InvertedBottleneck):
    """MobileNet v3's inverted residual: the depthwise convolution is followed by squeeze-and-excitation with a hard sigmoid gate.

    Source: arXiv 1905.02244, section 5.3 and figure 4. The squeeze is C_mid/r, rounded to a multiple of 8; C_mid = C_in leaves
    out the first 1x1 convolution. Departure: a dilated depthwise convolution has stride 1 whatever s says.

    Shape: (B, C_in, H, W) -> (B, C_out, H/s, W/s).
    """

    def __init__(
        self,
        c_in: Channels,
        c_mid: Expanded,
        c_out: Channels,
        *,
        kernel_size: KernelSize = 5,
        stride: Stride = 1,
        dilation: Dilation = 1,
        se_ratio: SERatio = 4,
        activation: Activation = "hardswish",
    ) -> None:
        se = SqueezeExcite(c_mid, make_divisible(quotient(c_mid, se_ratio)), gate="hardsigmoid") if se_ratio else None
        super().__init__(
            c_in,
            c_mid,
            c_out,
            kernel_size=kernel_size,
            stride=1 if dilation > 1 else stride,
            act=activation,
            expand=c_mid != c_in,
            se=se,
            norm=_NORM,
            dilation=dilation,
        )


@block(FAMILY, input=(1, "c_in", 7, 7), c_in=160, c_pool=960)
class LastStage(nn.Module):
    """The end of the network, from the last narrow features to the classes: the redesign that pools before the widest layer.

    Source: arXiv 1905.02244, section 5.1 and figure 5. "efficient": 1x1 to C_p, pool, C_p -> C_out on one position. "original":
    1x1 to C_p, depthwise 3x3, 1x1 to C_p/3, 1x1 to C_out, all at full size, then pool. Both end in the classifier.

    Shape: (B, C_in, H, W) -> (B, K).
    """

    def __init__(
        self,
        c_in: Channels,
        c_pool: Pooled,
        c_out: Channels = 1280,
        *,
        design: LastStageDesign = "efficient",
        activation: Activation = "hardswish",
        dropout: Dropout = 0.2,
        num_classes: NumClasses = 1000,
    ) -> None:
        super().__init__()
        if design == "efficient":
            self.features: nn.Module = ConvNormAct(c_in, c_pool, 1, norm=_NORM, act=activation)
            self.widen: nn.Module = nn.Sequential(nn.Linear(c_pool, c_out), make_activation(activation))
        else:
            c_narrow = max(1, quotient(c_pool, 3))
            self.features = nn.Sequential(
                ConvNormAct(c_in, c_pool, 1, norm=_NORM, act=activation),
                ConvNormAct(c_pool, c_pool, 3, groups=c_pool, norm=_NORM, act=activation),
                ConvNormAct(c_pool, c_narrow, 1, norm=_NORM, act=None),
                ConvNormAct(c_narrow, c_out, 1, norm=_NORM, act=activation),
            )
            self.widen = nn.Identity()
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(c_out, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        """Class scores. Shape: (B, C_in, H, W) -> (B, K)."""
        return self.classifier(self.dropout(self.widen(global_pool(self.features(x)))))


class _Row(NamedTuple):
    """One line of the paper's tables: kernel, exp size, output channels, squeeze-and-excitation, h-swish, stride."""

    kernel: int
    c_mid: int
    c_out: int
    se: bool
    hswish: bool
    stride: int


# Tables 1 and 2 of the paper; the last number is the width before the classifier.
LARGE = (
    _Row(3, 16, 16, False, False, 1),
    _Row(3, 64, 24, False, False, 2),  # 1/4
    _Row(3, 72, 24, False, False, 1),
    _Row(5, 72, 40, True, False, 2),  # 1/8
    _Row(5, 120, 40, True, False, 1),
    _Row(5, 120, 40, True, False, 1),
    _Row(3, 240, 80, False, True, 2),  # 1/16
    _Row(3, 200, 80, False, True, 1),
    _Row(3, 184, 80, False, True, 1),
    _Row(3, 184, 80, False, True, 1),
    _Row(3, 480, 112, True, True, 1),
    _Row(3, 672, 112, True, True, 1),
    _Row(5, 672, 160, True, True, 2),  # 1/32
    _Row(5, 960, 160, True, True, 1),
    _Row(5, 960, 160, True, True, 1),
)
_SMALL = (
    _Row(3, 16, 16, True, False, 2),  # 1/4
    _Row(3, 72, 24, False, False, 2),  # 1/8
    _Row(3, 88, 24, False, False, 1),
    _Row(5, 96, 40, True, True, 2),  # 1/16
    _Row(5, 240, 40, True, True, 1),
    _Row(5, 240, 40, True, True, 1),
    _Row(5, 120, 48, True, True, 1),
    _Row(5, 144, 48, True, True, 1),
    _Row(5, 288, 96, True, True, 2),  # 1/32
    _Row(5, 576, 96, True, True, 1),
    _Row(5, 576, 96, True, True, 1),
)
TABLES = {"large": (LARGE, 1280), "small": (_SMALL, 1024)}
STEM = 16


class SearchedBody:
    """The stem and the blocks of one of the paper's two tables: what classification and segmentation share, with its knobs.

    ``rows`` is the table, ``blocks`` a block a row, ``c_out`` the width that leaves the last one, ``head_width`` the table's width before the classifier.
    """

    def __init__(
        self,
        *,
        size: Size = "large",
        width_mult: WidthMultiplier = 1.0,
        kernel_size: SmallKernel = 3,
        large_kernel: LargeKernel = 5,
        se_ratio: SEQuarter = 4,
        activation: Activation = "hardswish",
        dilated: Dilated = False,
        in_channels: InChannels = 3,
    ) -> None:
        self.rows, self.head_width = TABLES[size]
        self.width_mult, self.activation = width_mult, activation
        self.c_out = self.scaled(STEM)
        self.stem = ConvNormAct(in_channels, self.c_out, 3, 2, norm=_NORM, act=activation)
        last_stride = max(i for i, row in enumerate(self.rows) if row.stride > 1)
        self.blocks = []
        for i, row in enumerate(self.rows):
            c_in, self.c_out = self.c_out, self.scaled(row.c_out)
            self.blocks.append(
                MobileNetV3Block(
                    c_in,
                    self.scaled(row.c_mid),
                    self.c_out,
                    kernel_size=large_kernel if row.kernel == 5 else kernel_size,
                    stride=row.stride,
                    dilation=2 if dilated and i >= last_stride else 1,
                    se_ratio=se_ratio if row.se else 0,
                    activation=activation if row.hswish else "relu",
                )
            )

    def scaled(self, channels: int) -> int:
        """A width of the table, times the width multiplier."""
        return make_divisible(channels * self.width_mult)


@model(FAMILY)
class MobileNetV3(nn.Module):
    """MobileNet v3 for classification: a 3x3 stem, the searched inverted residuals, the redesigned last stage.

    Source: arXiv 1905.02244, tables 1 and 2. ``activation`` replaces h-swish where the tables have it.

    Shape: (B, C_0, H, W) -> (B, K).
    """

    @passes_on(
        SearchedBody,
        *("size", "width_mult", "kernel_size", "large_kernel", "se_ratio", "activation"),
        *("last_stage", "dilated", "dropout", "num_classes", "in_channels"),
    )
    def __init__(self, *, last_stage: LastStageDesign = "efficient", dropout: Dropout = 0.2, num_classes: NumClasses = 1000, **body_knobs: Any) -> None:
        super().__init__()
        body = SearchedBody(**body_knobs)
        self.stem, self.blocks = body.stem, nn.Sequential(*body.blocks)
        c_head = body.scaled(body.head_width)
        self.head = LastStage(body.c_out, 6 * body.c_out, c_head, design=last_stage, activation=body.activation, dropout=dropout, num_classes=num_classes)

    def forward(self, x: Tensor) -> Tensor:
        """Class scores. Shape: (B, C_0, H, W) -> (B, K)."""
        return self.head(self.blocks(self.stem(x)))


# --- Segmentation --------------------------------------------------------------------------------


class GatedHead(nn.Module):
    """The head of Lite R-ASPP on two maps: the deepest features, gated by their own global average, meet finer ones, both as class scores.

    Source: arXiv 1905.02244, section 6.4 and figure 10. Departure: the gate averages the whole map, as torchvision does, where
    the paper pools large windows. The catalog's block is :class:`LiteRASPP`, which has one input.

    Shape: (B, C_low, H, W) and (B, C_high, H', W') -> (B, K, H, W).
    """

    def __init__(self, c_low: int, c_high: int, c_mid: int, num_classes: int) -> None:
        super().__init__()
        self.project = ConvNormAct(c_high, c_mid, 1)
        self.gate = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(c_high, c_mid, 1, bias=False), nn.Sigmoid())
        self.low = nn.Conv2d(c_low, num_classes, 1)
        self.high = nn.Conv2d(c_mid, num_classes, 1)

    def forward(self, low: Tensor, high: Tensor) -> Tensor:
        """Class scores at the size of ``low``."""
        y = self.project(high) * self.gate(high)
        y = F.interpolate(y, size=low.shape[-2:], mode="bilinear", align_corners=False)
        return self.low(low) + self.high(y)


@block(FAMILY, input=(1, "c_in", 32, 32), c_in=160)
class LiteRASPP(nn.Module):
    """Lite R-ASPP on one map: the map itself stands for the fine features, its 2x2 average for the deep ones.

    Source: arXiv 1905.02244, section 6.4 and figure 10. Departure: in a network the two maps come from two depths
    (:class:`LRASPPMobileNetV3`); here one is pooled from the other so that the head can be looked at by itself.

    Shape: (B, C_in, H, W) -> (B, K, H, W).
    """

    def __init__(
        self,
        c_in: Channels,
        *,
        c_mid: Annotated[Channels, Named("C_mid", "Head channels")] = 128,
        num_classes: Annotated[NumClasses, Named(help="Classes of a pixel.")] = 21,
    ) -> None:
        super().__init__()
        self.head = GatedHead(c_in, c_in, c_mid, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        """Class scores of each position. Shape: (B, C_in, H, W) -> (B, K, H, W)."""
        return self.head(x, F.avg_pool2d(x, 2))


@model(FAMILY)
class LRASPPMobileNetV3(nn.Module):
    """MobileNet v3 with the Lite R-ASPP head: a class for every pixel.

    Source: arXiv 1905.02244, section 6.4 and table 7. The backbone's last stage is dilated, so the deep features keep 1/16 of the
    size; the fine ones are those at 1/8.

    Shape: (B, C_0, H, W) -> (B, K, H, W).
    """

    @passes_on(
        SearchedBody,
        *("size", "width_mult", "kernel_size", "large_kernel", "se_ratio", "activation"),
        *("dilated", "c_mid", "num_classes", "in_channels"),
        dilated=True,
    )
    def __init__(
        self,
        *,
        c_mid: Annotated[Channels, Named("C_head", "Head channels")] = 128,
        num_classes: Annotated[NumClasses, Named(help="Classes of a pixel.")] = 21,
        **body_knobs: Any,
    ) -> None:
        super().__init__()
        body = SearchedBody(**body_knobs)
        # The map at 1/8 of the size as torchvision picks it: what the first block behind the third halving (stem included) gives.
        split = [i for i, row in enumerate(body.rows) if row.stride > 1][-3] + 1
        self.fine = nn.Sequential(body.stem, *body.blocks[:split])
        self.deep = nn.Sequential(*body.blocks[split:], ConvNormAct(body.c_out, 6 * body.c_out, 1, norm=_NORM, act=body.activation))
        self.head = GatedHead(body.scaled(body.rows[split - 1].c_out), 6 * body.c_out, c_mid, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        """Class scores of each pixel. Shape: (B, C_0, H, W) -> (B, K, H, W)."""
        low = self.fine(x)
        y = self.head(low, self.deep(low))
        return F.interpolate(y, size=x.shape[-2:], mode="bilinear", align_corners=False)


presets(MobileNetV3, "torchvision", mobilenet_v3_large={}, mobilenet_v3_small={"size": "small"})
presets(LRASPPMobileNetV3, "torchvision", resolution=512, lraspp_mobilenet_v3_large={})
