"""Xception: Inception taken to its end; a spatial filter for each channel alone, then a 1x1 convolution across channels, with shortcuts.

Chollet 2017, arXiv 1610.02357. Beside it the other way to separate a window: k x 1, then 1 x k.
"""

from __future__ import annotations

import copy
from typing import Annotated, Any, cast

import torch
from torch import Tensor, nn

from blocks.catalog import Paper, block, family, model, presets
from blocks.families.inception_v3 import AsymmetricConvolution
from blocks.knobs import (
    DEPTH,
    EXTRA,
    KERNEL,
    Activation,
    Channels,
    Dilation,
    Dropout,
    InChannels,
    KernelSize,
    KnobError,
    Named,
    NumClasses,
    Repeats,
    SERatio,
    Spec,
    Stride,
    WidthMultiplier,
    Widths,
    require,
)
from blocks.layers.common import ConvNormAct, SqueezeExcite, global_pool, quotient, same_padding, whole
from blocks.layers.common import activation as activation_layer
from blocks.layers.composition import composed

PAPER = Paper("Xception: Deep Learning with Depthwise Separable Convolutions", "Chollet", 2017, "1610.02357")
PAPER_ALIGNED = Paper(
    "Encoder-Decoder with Atrous Separable Convolution for Semantic Image Segmentation", "Chen, Zhu, Papandreou, Schroff, Adam", 2018, "1802.02611"
)
FAMILY = family(
    "xception",
    "Xception",
    "Filter each channel alone, then mix channels by 1x1: Inception taken to the extreme.",
    PAPER,
    PAPER_ALIGNED,
    tags=("separable", "shortcut"),
)

_Normed = Annotated[bool, Spec("", "Batch norm", "A batch norm after the pointwise convolution.", EXTRA)]
InnerNorm = Annotated[bool, Spec("", "Norm between", "A batch norm between depthwise and pointwise, as in Aligned Xception.", EXTRA)]
InnerActivation = Annotated[
    Activation, Named(label="Activation between", help="Non-linearity between depthwise and pointwise; the paper finds that none is best (section 4.7).")
]


# --- Separable convolutions ----------------------------------------------------------------------


@block(FAMILY, input=(1, "c_in", 37, 37), c_in=128, c_out=256, title="Separable convolution, Xception's order")
class SeparableConvolution(nn.Module):
    """Depthwise k x k, then pointwise 1x1, then batch norm; nothing between the two, and the non-linearity is the caller's.

    Source: arXiv 1610.02357, sections 1.2 and 2. Weights: k²·C_in + C_in·C_out, a share 1/C_out + 1/k² of the standard convolution's
    k²·C_in·C_out. Departures as knobs: a norm or an activation between (Aligned Xception has both norms).

    Shape: (B, C_in, H, W) -> (B, C_out, H/s, W/s).
    """

    def __init__(
        self,
        c_in: Channels,
        c_out: Channels,
        *,
        kernel_size: KernelSize = 3,
        stride: Stride = 1,
        dilation: Dilation = 1,
        norm: _Normed = True,
        inner_norm: InnerNorm = False,
        inner_activation: InnerActivation = "identity",
        activation: Annotated[Activation, Named(label="Activation after")] = "identity",
    ) -> None:
        super().__init__()
        layer, inner = (nn.BatchNorm2d if on else None for on in (norm, inner_norm))
        self.depthwise = ConvNormAct(c_in, c_in, kernel_size, stride, dilation=dilation, groups=c_in, norm=inner, act=inner_activation, bias=False)
        self.pointwise = ConvNormAct(c_in, c_out, 1, norm=layer, act=activation, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.pointwise(self.depthwise(x))


@block(FAMILY, input=(1, "c_in", 37, 37), c_in=128, c_out=128, title="Spatially separable convolution")
class SpatiallySeparable(AsymmetricConvolution):
    """Spatially separable convolution: k x 1, then 1 x k, with nothing between; exact for windows of rank one, such as Sobel's or Gauss's.

    Source: the linear case of arXiv 1512.00567, section 3.2. Weights: k·(C_in·C_mid + C_mid·C_out), 2/k of the standard convolution's
    at equal channels; with C_in = C_out = 1 they are 2k against k².

    Shape: (B, C_in, H, W) -> (B, C_out, H, W).
    """

    def __init__(
        self,
        c_in: Channels,
        c_out: Channels,
        *,
        c_mid: Annotated[Channels, Named("C_mid", "Channels between", "Channels between the two windows; 0 means C_out.", low=0)] = 0,
        kernel_size: KernelSize = 3,
    ) -> None:
        super().__init__(c_in, c_out, c_mid=c_mid, kernel_size=kernel_size, first="kx1", activation="identity")


def as_standard(separable: SeparableConvolution) -> nn.Sequential:
    """The standard convolution that computes what ``separable`` computes, followed by copies of its norm and activation.

    Its weight is W[o, i] = pointwise[o, i] · depthwise[i]: one k x k pattern for each input channel, up to a factor. With a norm or an
    activation between the two there is no such convolution, which is a :class:`KnobError`.
    """
    if len(separable.depthwise) > 1:
        raise KnobError("separable", type(separable).__name__, "must have nothing between depthwise and pointwise to be one convolution")
    pointwise, *rest = separable.pointwise
    depthwise = separable.depthwise[0]
    return nn.Sequential(composed(cast(nn.Conv2d, depthwise), cast(nn.Conv2d, pointwise)), *copy.deepcopy(rest)).train(separable.training)


def nearest_separable(conv: nn.Conv2d) -> SeparableConvolution:
    """The separable convolution whose weights are nearest to those of ``conv``, in the sum of squared differences.

    For each input channel the C_out windows are replaced by multiples of one: the leading term of a singular value decomposition of the
    C_out x k² matrix. Exact when ``conv`` came from :func:`as_standard`. ``conv`` has one group, no bias, a square odd window and
    padding that keeps the size; otherwise :class:`KnobError`.
    """
    side = conv.kernel_size[0]
    padding = same_padding(side, conv.dilation[0])
    square = all(len({*pair}) == 1 for pair in (conv.kernel_size, conv.stride, conv.dilation))
    if conv.groups != 1 or conv.bias is not None or not square or side % 2 == 0 or tuple(conv.padding) != (padding, padding):
        raise KnobError("conv", str(conv), "must have one group, no bias, a square odd window and padding (k-1)/2 to have a separable counterpart")
    stride, dilation = conv.stride[0], conv.dilation[0]
    separable = SeparableConvolution(conv.in_channels, conv.out_channels, kernel_size=side, stride=stride, dilation=dilation, norm=False)
    separable.to(conv.weight.device, conv.weight.dtype).train(conv.training)
    windows = conv.weight.detach().transpose(0, 1).flatten(2)  # (C_in, C_out, k²)
    mixing, size, pattern = torch.linalg.svd(windows, full_matrices=False)
    root = size[:, :1].sqrt()
    depthwise, pointwise = next(separable.depthwise.parameters()), next(separable.pointwise.parameters())
    depthwise.data.copy_((pattern[:, 0] * root).view_as(depthwise))
    pointwise.data.copy_((mixing[:, :, 0] * root).t().reshape(pointwise.shape))
    return separable


# --- The network ---------------------------------------------------------------------------------


@block(FAMILY, input=(1, "c_in", 19, 19), c_in=728, c_out=728)
class XceptionModule(nn.Module):
    """Xception module: separable convolutions, a ReLU before each, and a shortcut around them all (1x1 where shapes change).

    Source: arXiv 1610.02357, figure 5: the entry flow's shrink by a 3x3 max pool at the end. Aligned Xception (arXiv 1802.02611, figure 4)
    shrinks by its last convolution's stride instead (``down`` = "conv"). ``c_first`` = 0 widens in the first convolution.

    Shape: (B, C_in, H, W) -> (B, C_out, H/s, W/s).
    """

    def __init__(
        self,
        c_in: Channels,
        c_out: Channels,
        *,
        repeats: Repeats = 3,
        c_first: Annotated[Channels, Named("C_f", "First channels", "Output channels of the first convolution; 0 means C_out.", low=0)] = 0,
        kernel_size: KernelSize = 3,
        stride: Stride = 1,
        down: Annotated[
            str, Spec("", "Shrinks by", "What has the stride: a max pool at the end, or the last convolution.", KERNEL, values=("pool", "conv"))
        ] = "pool",
        first_activation: Annotated[bool, Spec("", "ReLU first", "A ReLU before the first convolution too.", EXTRA)] = True,
        activation: Activation = "relu",
        inner_norm: InnerNorm = False,
        inner_activation: InnerActivation = "identity",
        residual: Annotated[bool, Spec("", "Shortcut", "The shortcut around the module; section 4.6 compares without.", EXTRA)] = True,
        se_ratio: SERatio = 0,
    ) -> None:
        super().__init__()
        self.body = nn.Sequential()
        c = c_in
        for i in range(repeats):
            width = c_first if i == 0 and c_first and repeats > 1 else c_out
            if i > 0 or first_activation:
                self.body.append(_pure(activation) if i == 0 else activation_layer(activation))
            step = stride if down == "conv" and i == repeats - 1 else 1
            self.body.append(SeparableConvolution(c, width, kernel_size=kernel_size, stride=step, inner_norm=inner_norm, inner_activation=inner_activation))
            c = width
        if stride != 1 and down == "pool":
            self.body.append(nn.MaxPool2d(3, stride, 1))
        if se_ratio:
            self.body.append(SqueezeExcite(c_out, max(1, quotient(c_out, se_ratio))))
        self.residual = residual
        self.shortcut = ConvNormAct(c_in, c_out, 1, stride, act=None) if residual and (stride != 1 or c_in != c_out) else None

    def forward(self, x: Tensor) -> Tensor:
        y = self.body(x)
        if not self.residual:
            return y
        return y + (x if self.shortcut is None else self.shortcut(x))


def _pure(name: str) -> nn.Module:
    """The activation called ``name`` that leaves its input as it is: the shortcut reads the same tensor."""
    act = activation_layer(name)
    if hasattr(act, "inplace"):
        act.inplace = False  # type: ignore[assignment]
    return act


@model(FAMILY)
class Xception(nn.Module):
    """Xception: entry flow (stem and three shrinking modules), middle flow (eight modules), exit flow, average, classes.

    Source: arXiv 1610.02357, figure 5. ``aligned`` gives the form of arXiv 1802.02611, section 3.2 and figure 4: three convolutions in each
    module, strides in place of pools, a norm after each depthwise convolution, and activations between in the last three.

    Shape: (B, C_0, H, W) -> (B, K), published at 299 x 299.
    """

    def __init__(
        self,
        *,
        entry_widths: Annotated[Widths, Named("C", "Entry flow", "Channels of the entry flow's shrinking modules; the last are the middle flow's too.")] = (
            128,
            256,
            728,
        ),
        middle: Annotated[Repeats, Named("n", "Middle modules", "Number of modules in the middle flow.")] = 8,
        exit_widths: Annotated[Widths, Named("C_e", "Exit flow", "Channels of the exit flow's module and of the separable convolutions after it.")] = (
            1024,
            1536,
            2048,
        ),
        aligned: Annotated[bool, Spec("", "Aligned", "The Aligned Xception of DeepLab v3+: strides for pools, more norms, deeper modules.", DEPTH)] = False,
        width_mult: WidthMultiplier = 1.0,
        kernel_size: KernelSize = 3,
        activation: Activation = "relu",
        inner_activation: InnerActivation = "identity",
        residual: Annotated[bool, Spec("", "Shortcuts", "Shortcuts around the modules; section 4.6 compares without.", EXTRA)] = True,
        se_ratio: SERatio = 0,
        dropout: Dropout = 0.0,
        num_classes: NumClasses = 1000,
        in_channels: InChannels = 3,
    ) -> None:
        super().__init__()
        rule = "needs the module's channels and at least one convolution's after it"
        require(len(exit_widths) >= 2, "exit_widths", exit_widths, rule, [(*exit_widths, 2 * exit_widths[-1])])

        def s(channels: int) -> int:
            return max(1, whole(channels * width_mult))

        part: dict[str, Any] = {
            "kernel_size": kernel_size,
            "down": "conv" if aligned else "pool",
            "activation": activation,
            "inner_norm": aligned,
            "inner_activation": inner_activation,
            "residual": residual,
            "se_ratio": se_ratio,
        }
        padding = int(aligned)
        self.stem = nn.Sequential(
            ConvNormAct(in_channels, s(32), 3, 2, padding=padding, act=activation), ConvNormAct(s(32), s(64), 3, padding=padding, act=activation)
        )
        repeats, c_in, self.entry = 3 if aligned else 2, s(64), nn.Sequential()
        for i, width in enumerate(entry_widths):
            # The stem has ended with a ReLU, so the paper's first module starts without one; the aligned form repeats it.
            self.entry.append(XceptionModule(c_in, s(width), repeats=repeats, stride=2, first_activation=aligned or i > 0, **part))
            c_in = s(width)
        self.middle = nn.Sequential(*(XceptionModule(c_in, c_in, repeats=3, **part) for _ in range(middle)))
        self.exit = nn.Sequential(XceptionModule(c_in, s(exit_widths[0]), repeats=repeats, stride=2, c_first=c_in, **part))
        c_in = s(exit_widths[0])
        between = activation if aligned else inner_activation
        # The aligned form has one more convolution here: (1536, 1536, 2048).
        for width in (exit_widths[1], *exit_widths[1:]) if aligned else exit_widths[1:]:
            self.exit.append(SeparableConvolution(c_in, s(width), kernel_size=kernel_size, inner_norm=aligned, inner_activation=between, activation=activation))
            c_in = s(width)
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(c_in, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.exit(self.middle(self.entry(self.stem(x))))
        return self.classifier(self.dropout(global_pool(x)))


presets(Xception, "timm", resolution=299, paper=PAPER, xception={})
presets(Xception, "timm", resolution=299, paper=PAPER_ALIGNED, xception41={"aligned": True})
