"""Inception v2 (BN-Inception): batch norm after every convolution, and two 3x3 windows where v1 had a 5x5.

Ioffe, Szegedy 2015, arXiv 1502.03167, appendix; the factorisation is argued in Szegedy et al. 2016, arXiv 1512.00567, section 3.1.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

from torch import Tensor, nn
from torch.nn import functional as F

from blocks.catalog import block, model, presets
from blocks.families.inception_v1 import FAMILY, PAPER_BN, PAPER_V3, Merge, Normed, PoolKind, ReducedConvolution, norm_layer
from blocks.knobs import EXTRA, Channels, Dropout, InChannels, KernelSize, Named, NumClasses, SERatio, Spec, WidthMultiplier
from blocks.layers.common import ConvNormAct, global_pool, named, pool2d, scaled_channels

Bias = Annotated[bool, Spec("", "Bias beside the norm", "Convolutions have a bias even where a batch norm follows.", EXTRA)]
MiddleKernel = Annotated[KernelSize, Named("k", "Middle kernel", "Window of the middle branch: 3 in the paper's figure, 5 in Inception v3 as released.")]


@block(
    FAMILY,
    input=(1, "c_in", 28, 28),
    paper=PAPER_V3,
    title="Inception module, 5x5 as two 3x3",
    c_in=192,
    c_1=64,
    c_3_reduce=64,
    c_3=64,
    c_d_reduce=64,
    c_d=96,
    c_pool=32,
)
class InceptionDouble(Merge):
    """Inception module whose 5x5 is two 3x3 convolutions: the same field of view for 18/25 of the weights, and one more non-linearity.

    Source: arXiv 1512.00567, section 3.1 and figure 5; arXiv 1502.03167, appendix. Inception v3 and v4 use it as their module A.

    Shape: (B, C_in, H, W) -> (B, C_1 + C_3 + C_d + C_p, H, W).
    """

    def __init__(
        self,
        c_in: Channels,
        c_1: Annotated[Channels, Named("C_1", "1x1 channels")],
        c_3_reduce: Annotated[Channels, Named("C_3r", "Middle reduction", "Channels of the 1x1 convolution before the middle branch's window.")],
        c_3: Annotated[Channels, Named("C_3", "Middle channels", "Output channels of the middle branch.")],
        c_d_reduce: Annotated[Channels, Named("C_dr", "Double reduction", "Channels of the 1x1 convolution before the two 3x3.")],
        c_d: Annotated[Channels, Named("C_d", "Double 3x3 channels", "Output channels of each of the two 3x3.")],
        c_pool: Annotated[Channels, Named("C_p", "Pool projection", "Channels of the 1x1 convolution after the pool.")],
        *,
        kernel_size: MiddleKernel = 3,
        pool: PoolKind = "avg",
        norm: Normed = True,
        bias: Bias = False,
        se_ratio: SERatio = 0,
    ) -> None:
        layer, bias = norm_layer(norm), bias or not norm
        super().__init__(
            named("C_out", c_1 + c_3 + c_d + c_pool),
            se_ratio,
            conv_1x1=ConvNormAct(c_in, c_1, 1, norm=layer, bias=bias),
            conv_3x3=ReducedConvolution(c_in, c_3, c_reduce=c_3_reduce, kernel_size=kernel_size, norm=norm, bias=bias),
            double_3x3=nn.Sequential(
                ReducedConvolution(c_in, c_d, c_reduce=c_d_reduce, kernel_size=3, norm=norm, bias=bias),
                ConvNormAct(c_d, c_d, 3, norm=layer, bias=bias),
            ),
            pool=nn.Sequential(pool2d(pool, 3, 1, 1), ConvNormAct(c_in, c_pool, 1, norm=layer, bias=bias)),
        )


class HalvingPool(nn.MaxPool2d):
    """The 3x3 pool with stride 2 beside a padded 3x3 convolution with stride 2: both must give H/2 rounded up.

    For even sizes it is the plain pool in ceil mode; an odd size, which the published picture never has there, lacks one window and gets it.
    Shape: (B, C, H, W) -> (B, C, H/2, W/2).
    """

    def forward(self, x: Tensor) -> Tensor:
        bottom, right = x.shape[-2] % 2, x.shape[-1] % 2
        if bottom or right:
            x = F.pad(x, (0, right, 0, bottom), value=float("-inf"))
        return super().forward(x)


@block(FAMILY, input=(1, "c_in", 28, 28), paper=PAPER_BN, title="BN-Inception reduction", c_in=320, c_3_reduce=128, c_3=160, c_d_reduce=64, c_d=96)
class InceptionDoubleReduction(Merge):
    """Reduction of BN-Inception: the double module with stride 2 in its last convolutions; the pool passes its input on.

    Source: arXiv 1502.03167, appendix, figure 5 (modules 3c and 4e).

    Shape: (B, C_in, H, W) -> (B, C_3 + C_d + C_in, H/2, W/2), sizes rounded up.
    """

    def __init__(
        self,
        c_in: Channels,
        c_3_reduce: Annotated[Channels, Named("C_3r", "3x3 reduction")],
        c_3: Annotated[Channels, Named("C_3", "3x3 channels")],
        c_d_reduce: Annotated[Channels, Named("C_dr", "Double reduction")],
        c_d: Annotated[Channels, Named("C_d", "Double 3x3 channels")],
        *,
        norm: Normed = True,
        bias: Bias = False,
        se_ratio: SERatio = 0,
    ) -> None:
        layer, bias = norm_layer(norm), bias or not norm
        super().__init__(
            named("C_out", c_3 + c_d + c_in),
            se_ratio,
            conv_3x3=nn.Sequential(ConvNormAct(c_in, c_3_reduce, 1, norm=layer, bias=bias), ConvNormAct(c_3_reduce, c_3, 3, 2, norm=layer, bias=bias)),
            double_3x3=nn.Sequential(
                ReducedConvolution(c_in, c_d, c_reduce=c_d_reduce, kernel_size=3, norm=norm, bias=bias),
                ConvNormAct(c_d, c_d, 3, 2, norm=layer, bias=bias),
            ),
            pool=HalvingPool(3, 2, ceil_mode=True),
        )


class _Row(NamedTuple):
    """A row of the paper's figure 5; without 1x1 channels it is a reduction."""

    c_1: int
    c_3_reduce: int
    c_3: int
    c_d_reduce: int
    c_d: int
    c_pool: int


ROWS = {
    "3a": _Row(64, 64, 64, 64, 96, 32),
    "3b": _Row(64, 64, 96, 64, 96, 64),
    "3c": _Row(0, 128, 160, 64, 96, 0),
    "4a": _Row(224, 64, 96, 96, 128, 128),
    "4b": _Row(192, 96, 128, 96, 128, 128),
    "4c": _Row(160, 128, 160, 128, 160, 128),
    "4d": _Row(96, 128, 192, 160, 192, 128),
    "4e": _Row(0, 128, 192, 192, 256, 0),
    "5a": _Row(352, 192, 320, 160, 224, 128),
    "5b": _Row(352, 192, 320, 192, 224, 128),
}


@model(FAMILY)
class BNInception(nn.Module):
    """BN-Inception: the stem of v1 with batch norm, ten modules with double 3x3 branches, global average pooling, one linear layer.

    Source: arXiv 1502.03167, appendix and figure 5, in the widths of the authors' released network: its convolutions keep their biases
    beside the norms. ``pool`` is the kind in all modules but the last, ``last_pool`` that of module 5b.

    Shape: (B, C_0, H, W) -> (B, K).
    """

    def __init__(
        self,
        *,
        width_mult: WidthMultiplier = 1.0,
        kernel_size: MiddleKernel = 3,
        pool: PoolKind = "avg",
        last_pool: Annotated[PoolKind, Named(label="Last module's pool")] = "max",
        norm: Normed = True,
        bias: Bias = True,
        se_ratio: SERatio = 0,
        dropout: Dropout = 0.0,
        num_classes: NumClasses = 1000,
        in_channels: InChannels = 3,
    ) -> None:
        super().__init__()
        layer, bias = norm_layer(norm), bias or not norm
        c_in, c_stem = scaled_channels(64, width_mult), scaled_channels(192, width_mult)
        self.stem = nn.Sequential(
            ConvNormAct(in_channels, c_in, 7, 2, norm=layer, bias=bias),
            nn.MaxPool2d(3, 2, ceil_mode=True),
            ConvNormAct(c_in, c_in, 1, norm=layer, bias=bias),
            ConvNormAct(c_in, c_stem, 3, norm=layer, bias=bias),
            nn.MaxPool2d(3, 2, ceil_mode=True),
        )
        self.inception = nn.Sequential()
        c_in = c_stem
        for name, row in ROWS.items():
            c_1, c_3r, c_3, c_dr, c_d, c_p = (scaled_channels(c, width_mult) if c else 0 for c in row)
            if row.c_1:
                kind = last_pool if name == "5b" else pool
                module: Merge = InceptionDouble(
                    c_in, c_1, c_3r, c_3, c_dr, c_d, c_p, kernel_size=kernel_size, pool=kind, norm=norm, bias=bias, se_ratio=se_ratio
                )
                c_in = c_1 + c_3 + c_d + c_p
            else:
                module = InceptionDoubleReduction(c_in, c_3r, c_3, c_dr, c_d, norm=norm, bias=bias, se_ratio=se_ratio)
                c_in = c_3 + c_d + c_in
            self.inception.add_module(name, module)
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(c_in, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.dropout(global_pool(self.inception(self.stem(x)))))


presets(BNInception, "Cadene/pretrained-models.pytorch", paper=PAPER_BN, bninception={})
