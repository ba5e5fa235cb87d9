"""Inception v3: large windows factorised, into stacked small ones and into 1 x n followed by n x 1; reductions that widen while they shrink.

Szegedy, Vanhoucke, Ioffe, Shlens, Wojna 2016, arXiv 1512.00567. The modules and reductions here are also those of v4 and Inception-ResNet-v2.
"""

from __future__ import annotations

from typing import Annotated, Any

from torch import Tensor, nn

from blocks.catalog import block, model, presets
from blocks.families.inception_v1 import FAMILY, PAPER_V3, Auxiliary, Column, Merge, ModuleKernel, Normed, PoolKind, norm_layer
from blocks.families.inception_v2 import InceptionDouble
from blocks.knobs import (
    EXTRA,
    KERNEL,
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
    WidthMultiplier,
)
from blocks.layers.common import Concat, ConvNormAct, global_pool, named, pool2d, scaled_channels

LongKernel = Annotated[KernelSize, Named("k", "Long kernel", "Length n of the 1 x n and n x 1 windows; 7 in the paper.")]

# --- Factorisation -------------------------------------------------------------------------------


@block(FAMILY, input=(1, "c_in", 17, 17), paper=PAPER_V3, title="k x k as 1 x k, then k x 1", c_in=128, c_out=192)
class AsymmetricConvolution(nn.Module):
    """A k x k window as two one-dimensional ones, 1 x k and k x 1: 2/k of the weights when the channels stay equal.

    Source: arXiv 1512.00567, section 3.2 and figure 3. An activation follows each; without norm and bias, the default, the
    parameters are k·(C_in·C_mid + C_mid·C_out). C_mid = 0 means C_out channels between the two.

    Shape: (B, C_in, H, W) -> (B, C_out, H, W).
    """

    def __init__(
        self,
        c_in: Channels,
        c_out: Channels,
        *,
        c_mid: Annotated[Channels, Named("C_mid", "Channels between", "Channels between the two windows; 0 means C_out.", low=0)] = 0,
        kernel_size: KernelSize = 7,
        first: Annotated[str, Spec("", "First window", "Which of the two windows comes first.", KERNEL, values=("1xk", "kx1"))] = "1xk",
        activation: Activation = "relu",
        norm: Normed = False,
        bias: Annotated[bool, Spec("", "Bias", "A bias in each convolution.", EXTRA)] = False,
    ) -> None:
        super().__init__()
        c_mid, layer = c_mid or c_out, norm_layer(norm)
        windows = ((1, kernel_size), (kernel_size, 1))
        one, two = windows if first == "1xk" else windows[::-1]
        self.one = ConvNormAct(c_in, c_mid, one, norm=layer, act=activation, bias=bias)
        self.two = ConvNormAct(c_mid, c_out, two, norm=layer, act=activation, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        return self.two(self.one(x))


# --- Modules -------------------------------------------------------------------------------------


def pool_branch(kind: str, c_in: int, c_out: int, norm: bool) -> nn.Sequential:
    """3x3 pooling with stride 1, then a 1x1 convolution. Shape: (B, C_in, H, W) -> (B, C_out, H, W)."""
    return nn.Sequential(pool2d(kind, 3, 1, 1), ConvNormAct(c_in, c_out, 1, norm=norm_layer(norm)))


def reduced_asymmetric(c_in: int, c_reduce: int, c_mid: int, c_out: int, kernel_size: int, norm: bool, first: str = "1xk") -> nn.Sequential:
    """1x1 to C_r, then 1 x k and k x 1 (or the other way round). Shape: (B, C_in, H, W) -> (B, C_out, H, W)."""
    pair = AsymmetricConvolution(c_reduce, c_out, c_mid=c_mid, kernel_size=kernel_size, first=first, norm=norm, bias=not norm)
    return nn.Sequential(ConvNormAct(c_in, c_reduce, 1, norm=norm_layer(norm)), pair)


def crossed(c_in: int, c_out: int, norm: bool) -> Concat:
    """1x3 and 3x1 side by side. Shape: (B, C_in, H, W) -> (B, 2·C_out, H, W)."""
    layer = norm_layer(norm)
    return Concat(conv_1x3=ConvNormAct(c_in, c_out, (1, 3), norm=layer), conv_3x1=ConvNormAct(c_in, c_out, (3, 1), norm=layer))


@block(
    FAMILY, input=(1, "c_in", 17, 17), paper=PAPER_V3, title="Inception module, n x n as 1 x n and n x 1",
    c_in=768, c_1=192, c_n_reduce=128, c_n_mid=128, c_n=192, c_d_reduce=128, c_d_mid=128, c_d=192, c_pool=192,
)  # fmt: skip
class InceptionAsymmetric(Merge):
    """Inception module whose k x k windows are 1 x k and k x 1: once in one branch, twice in the next.

    Source: arXiv 1512.00567, section 3.2 and figure 6. Inception v4's module B has the same form.

    Shape: (B, C_in, H, W) -> (B, C_1 + C_n + C_d + C_p, H, W).
    """

    def __init__(
        self,
        c_in: Channels,
        c_1: Annotated[Channels, Named("C_1", "1x1 channels")],
        c_n_reduce: Annotated[Channels, Named("C_nr", "Single reduction", "Channels of the 1x1 convolution before the pair.")],
        c_n_mid: Annotated[Channels, Named("C_nm", "Single middle", "Channels between the pair's two windows.")],
        c_n: Annotated[Channels, Named("C_n", "Single channels", "Output channels of the pair.")],
        c_d_reduce: Annotated[Channels, Named("C_dr", "Double reduction", "Channels of the 1x1 convolution before the two pairs and after the first window.")],
        c_d_mid: Annotated[Channels, Named("C_dm", "Double middle", "Channels after the first pair and after the third window.")],
        c_d: Annotated[Channels, Named("C_d", "Double channels", "Output channels of the two pairs.")],
        c_pool: Annotated[Channels, Named("C_p", "Pool projection", "Channels of the 1x1 convolution after the pool.")],
        *,
        kernel_size: LongKernel = 7,
        pool: PoolKind = "avg",
        norm: Normed = True,
        se_ratio: SERatio = 0,
    ) -> None:
        pair: dict[str, Any] = {"kernel_size": kernel_size, "first": "kx1", "norm": norm, "bias": not norm}
        super().__init__(
            named("C_out", c_1 + c_n + c_d + c_pool),
            se_ratio,
            conv_1x1=ConvNormAct(c_in, c_1, 1, norm=norm_layer(norm)),
            conv_nxn=reduced_asymmetric(c_in, c_n_reduce, c_n_mid, c_n, kernel_size, norm),
            double_nxn=nn.Sequential(
                ConvNormAct(c_in, c_d_reduce, 1, norm=norm_layer(norm)),
                AsymmetricConvolution(c_d_reduce, c_d_mid, c_mid=c_d_reduce, **pair),
                AsymmetricConvolution(c_d_mid, c_d, c_mid=c_d_mid, **pair),
            ),
            pool=pool_branch(pool, c_in, c_pool, norm),
        )


@block(
    FAMILY, input=(1, "c_in", 8, 8), paper=PAPER_V3, title="Inception module, expanded filter bank",
    c_in=1280, c_1=320, c_3_reduce=384, c_3=384, c_d_reduce=448, c_d_mid=384, c_d=384, c_pool=192,
)  # fmt: skip
class InceptionExpanded(Merge):
    """Inception module with expanded filter banks: 1x3 and 3x1 side by side instead of one after the other, for the coarsest maps.

    Source: arXiv 1512.00567, section 3.2 and figure 7. ``c_d_last`` = 0 has one 3x3 before the last pair, as v3; otherwise 3x1 to C_dm
    and 1x3 to C_dl, as Inception v4's module C.

    Shape: (B, C_in, H, W) -> (B, C_1 + 2·C_3 + 2·C_d + C_p, H, W).
    """

    def __init__(
        self,
        c_in: Channels,
        c_1: Annotated[Channels, Named("C_1", "1x1 channels")],
        c_3_reduce: Annotated[Channels, Named("C_3r", "Single reduction", "Channels of the 1x1 convolution before 1x3 and 3x1.")],
        c_3: Annotated[Channels, Named("C_3", "Single channels", "Output channels of each of 1x3 and 3x1.")],
        c_d_reduce: Annotated[Channels, Named("C_dr", "Double reduction", "Channels of the 1x1 convolution that opens the deep branch.")],
        c_d_mid: Annotated[Channels, Named("C_dm", "Double middle", "Channels of the deep branch's next window.")],
        c_d: Annotated[Channels, Named("C_d", "Double channels", "Output channels of each of the deep branch's 1x3 and 3x1.")],
        c_pool: Annotated[Channels, Named("C_p", "Pool projection", "Channels of the 1x1 convolution after the pool.")],
        *,
        c_d_last: Annotated[Channels, Named("C_dl", "Second middle", "Channels of a 1x3 after a 3x1 in place of the 3x3; 0 means the 3x3.", low=0)] = 0,
        pool: PoolKind = "avg",
        norm: Normed = True,
        se_ratio: SERatio = 0,
    ) -> None:
        layer = norm_layer(norm)
        deep: nn.Module = ConvNormAct(c_d_reduce, c_d_mid, 3, norm=layer)
        if c_d_last:
            deep = AsymmetricConvolution(c_d_reduce, c_d_last, c_mid=c_d_mid, kernel_size=3, first="kx1", norm=norm, bias=not norm)
        super().__init__(
            named("C_out", c_1 + 2 * c_3 + 2 * c_d + c_pool),
            se_ratio,
            conv_1x1=ConvNormAct(c_in, c_1, 1, norm=layer),
            crossed=nn.Sequential(ConvNormAct(c_in, c_3_reduce, 1, norm=layer), crossed(c_3_reduce, c_3, norm)),
            deep=nn.Sequential(ConvNormAct(c_in, c_d_reduce, 1, norm=layer), deep, crossed(c_d_last or c_d_mid, c_d, norm)),
            pool=pool_branch(pool, c_in, c_pool, norm),
        )


@block(FAMILY, input=(1, "c_in", 35, 35), paper=PAPER_V3, title="Inception reduction A", c_in=288, c_3=384, c_d_reduce=64, c_d_mid=96, c_d=96)
class InceptionReductionA(Merge):
    """Reduction from the 35 to the 17 grid: 3x3 with stride 2, 3x3 before 3x3 with stride 2, and pooling, side by side, so that no
    bottleneck stands before the pool.

    Source: arXiv 1512.00567, section 5 and figure 10; arXiv 1602.07261, figure 7 (there n, k, l, m). Nothing is padded at stride 2.

    Shape: (B, C_in, H, W) -> (B, C_3 + C_d + C_in, (H-1)/2, (W-1)/2).
    """

    def __init__(
        self,
        c_in: Channels,
        c_3: Annotated[Channels, Named("C_3", "3x3 channels")],
        c_d_reduce: Annotated[Channels, Named("C_dr", "Double reduction", "Channels of the 1x1 convolution before the two 3x3.")],
        c_d_mid: Annotated[Channels, Named("C_dm", "Double middle", "Channels between the two 3x3.")],
        c_d: Annotated[Channels, Named("C_d", "Double 3x3 channels")],
        *,
        pool: PoolKind = "max",
        norm: Normed = True,
        se_ratio: SERatio = 0,
    ) -> None:
        layer = norm_layer(norm)
        super().__init__(
            named("C_out", c_3 + c_d + c_in),
            se_ratio,
            conv_3x3=ConvNormAct(c_in, c_3, 3, 2, padding=0, norm=layer),
            double_3x3=nn.Sequential(
                ConvNormAct(c_in, c_d_reduce, 1, norm=layer),
                ConvNormAct(c_d_reduce, c_d_mid, 3, norm=layer),
                ConvNormAct(c_d_mid, c_d, 3, 2, padding=0, norm=layer),
            ),
            pool=pool2d(pool, 3, 2),
        )


@block(
    FAMILY, input=(1, "c_in", 17, 17), paper=PAPER_V3, title="Inception reduction B", c_in=768, c_3_reduce=192, c_3=320, c_n_reduce=192, c_n_mid=192, c_n=192
)
class InceptionReductionB(Merge):
    """Reduction from the 17 to the 8 grid: a reduced 3x3, and 1 x k, k x 1, 3x3 in a row, each ending with stride 2, beside pooling.

    Source: arXiv 1602.07261, figure 8; Inception v3 as released has the same form. Nothing is padded at stride 2.

    Shape: (B, C_in, H, W) -> (B, C_3 + C_n + C_in, (H-1)/2, (W-1)/2).
    """

    def __init__(
        self,
        c_in: Channels,
        c_3_reduce: Annotated[Channels, Named("C_3r", "3x3 reduction")],
        c_3: Annotated[Channels, Named("C_3", "3x3 channels")],
        c_n_reduce: Annotated[Channels, Named("C_nr", "Long reduction", "Channels of the 1x1 and the 1 x k convolution.")],
        c_n_mid: Annotated[Channels, Named("C_nm", "Long middle", "Channels of the k x 1 convolution.")],
        c_n: Annotated[Channels, Named("C_n", "Long channels", "Output channels of the 3x3 that ends this branch.")],
        *,
        kernel_size: LongKernel = 7,
        pool: PoolKind = "max",
        norm: Normed = True,
        se_ratio: SERatio = 0,
    ) -> None:
        layer = norm_layer(norm)
        super().__init__(
            named("C_out", c_3 + c_n + c_in),
            se_ratio,
            conv_3x3=nn.Sequential(ConvNormAct(c_in, c_3_reduce, 1, norm=layer), ConvNormAct(c_3_reduce, c_3, 3, 2, padding=0, norm=layer)),
            conv_long=nn.Sequential(
                reduced_asymmetric(c_in, c_n_reduce, c_n_reduce, c_n_mid, kernel_size, norm),
                ConvNormAct(c_n_mid, c_n, 3, 2, padding=0, norm=layer),
            ),
            pool=pool2d(pool, 3, 2),
        )


# --- The network ---------------------------------------------------------------------------------


def stem(in_channels: int, width_mult: float, norm: bool) -> nn.Sequential:
    """The stem of Inception v3 and of Inception-ResNet-v2 as released: 299 pixels to the 35 grid with 192 channels.

    Shape: (B, C_0, H, W) -> (B, 192, about H/8, W/8); nothing is padded but the third convolution.
    """
    layer = norm_layer(norm)
    c_a, c_b, c_c, c_d = (scaled_channels(c, width_mult) for c in (32, 64, 80, 192))
    return nn.Sequential(
        ConvNormAct(in_channels, c_a, 3, 2, padding=0, norm=layer),
        ConvNormAct(c_a, c_a, 3, padding=0, norm=layer),
        ConvNormAct(c_a, c_b, 3, norm=layer),
        nn.MaxPool2d(3, 2),
        ConvNormAct(c_b, c_c, 1, norm=layer),
        ConvNormAct(c_c, c_d, 3, padding=0, norm=layer),
        nn.MaxPool2d(3, 2),
    )


class AuxiliaryHeadV3(nn.Module):
    """Auxiliary classifier of Inception v3: 5x5 average pool with stride 3, 1x1 to 128, 5x5 to 768, classes, all with batch norm.

    Source: arXiv 1512.00567, section 4 and figure 8.

    Shape: (B, C_in, H, W) -> (B, K).
    """

    def __init__(self, c_in: int, num_classes: int, norm: bool) -> None:
        super().__init__()
        self.pool = nn.AvgPool2d(5, 3)
        self.reduce = ConvNormAct(c_in, 128, 1, norm=norm_layer(norm))
        self.conv = ConvNormAct(128, 768, 5, padding=0, norm=norm_layer(norm))
        self.classifier = nn.Linear(768, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(global_pool(self.conv(self.reduce(self.pool(x)))))


@model(FAMILY)
class InceptionV3(nn.Module):
    """Inception v3: three double modules on the 35 grid, four asymmetric ones on the 17, two expanded ones on the 8.

    Source: arXiv 1512.00567, table 1, in the widths of the released network, whose first modules have a 5x5 branch. In train mode with
    ``aux`` the output is a dict with "out" and "aux".

    Shape: (B, C_0, H, W) -> (B, K), published at 299 x 299.
    """

    def __init__(
        self,
        *,
        c_pool: Annotated[Column, Named("C_p", "Pool projections", "Pool channels of each module on the 35 grid; as many modules as numbers.")] = (32, 64, 64),
        c_n: Annotated[Column, Named("C_7", "7x7 channels", "Inner channels of each module on the 17 grid; as many modules as numbers.")] = (
            128,
            160,
            160,
            192,
        ),
        expanded: Annotated[Repeats, Named("n", "Expanded modules", "Number of modules with expanded filter banks on the 8x8 grid.")] = 2,
        width_mult: WidthMultiplier = 1.0,
        large_kernel: ModuleKernel = 5,
        kernel_size: Annotated[LongKernel, Named("k_n")] = 7,
        pool: PoolKind = "avg",
        norm: Normed = True,
        se_ratio: SERatio = 0,
        aux: Auxiliary = False,
        dropout: Dropout = 0.5,
        num_classes: NumClasses = 1000,
        in_channels: InChannels = 3,
    ) -> None:
        super().__init__()
        part: dict[str, Any] = {"norm": norm, "se_ratio": se_ratio}

        def s(channels: int) -> int:
            return scaled_channels(channels, width_mult)

        self.stem = stem(in_channels, width_mult, norm)
        c_in = s(192)
        self.grid_35 = nn.Sequential()
        for c_p in c_pool:
            self.grid_35.append(InceptionDouble(c_in, s(64), s(48), s(64), s(64), s(96), s(c_p), kernel_size=large_kernel, pool=pool, **part))
            c_in = 2 * s(64) + s(96) + s(c_p)
        self.reduction_a = InceptionReductionA(c_in, s(384), s(64), s(96), s(96), **part)
        c_in = s(384) + s(96) + c_in
        self.grid_17 = nn.Sequential()
        for c in c_n:
            self.grid_17.append(InceptionAsymmetric(c_in, s(192), s(c), s(c), s(192), s(c), s(c), s(192), s(192), kernel_size=kernel_size, pool=pool, **part))
            c_in = 4 * s(192)
        self.aux = AuxiliaryHeadV3(c_in, num_classes, norm) if aux else None
        self.reduction_b = InceptionReductionB(c_in, s(192), s(320), s(192), s(192), s(192), kernel_size=kernel_size, **part)
        c_in = s(320) + s(192) + c_in
        self.grid_8 = nn.Sequential()
        for _ in range(expanded):
            self.grid_8.append(InceptionExpanded(c_in, s(320), s(384), s(384), s(448), s(384), s(384), s(192), pool=pool, **part))
            c_in = s(320) + 4 * s(384) + s(192)
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(c_in, num_classes)

    def forward(self, x: Tensor) -> Tensor | dict[str, Tensor]:
        x = self.grid_17(self.reduction_a(self.grid_35(self.stem(x))))
        extra = self.aux(x) if self.aux is not None and self.training else None
        out = self.classifier(self.dropout(global_pool(self.grid_8(self.reduction_b(x)))))
        return out if extra is None else {"out": out, "aux": extra}


presets(InceptionV3, "torchvision", resolution=299, paper=PAPER_V3, inception_v3={})
