"""Inception v4: one uniform scheme of modules A, B and C with dedicated reductions, deeper than v3 and without residual connections.

Szegedy, Ioffe, Vanhoucke, Alemi 2017, arXiv 1602.07261. The modules are those of :mod:`blocks.families.inception_v2` and
:mod:`blocks.families.inception_v3` in other widths.
"""

from __future__ import annotations

from typing import Annotated, Any

from torch import Tensor, nn

from blocks.catalog import block, model, presets
from blocks.families.inception_v1 import FAMILY, PAPER_V4, Normed, PoolKind, norm_layer
from blocks.families.inception_v2 import InceptionDouble
from blocks.families.inception_v3 import InceptionAsymmetric, InceptionExpanded, InceptionReductionA, InceptionReductionB, LongKernel, reduced_asymmetric
from blocks.knobs import DEPTH, Channels, Dropout, InChannels, Named, NumClasses, SERatio, Spec, WidthMultiplier, require
from blocks.layers.common import Concat, ConvNormAct, global_pool, named, scaled_channels


@block(FAMILY, input=(1, "c_in", 299, 299), paper=PAPER_V4, title="Inception v4 stem", c_in=3)
class InceptionV4Stem(nn.Module):
    """Stem of Inception v4: three convolutions, then three pairs of branches, two of which shrink by pool and by convolution side by side.

    Source: arXiv 1602.07261, figure 3. Nothing is padded but the third convolution and the 1 x k and k x 1 windows.

    Shape: (B, C_in, H, W) -> (B, 384·α, about H/8, W/8): 299 pixels to 35.
    """

    def __init__(self, c_in: Channels = 3, *, width_mult: WidthMultiplier = 1.0, kernel_size: LongKernel = 7, norm: Normed = True) -> None:
        super().__init__()
        layer = norm_layer(norm)
        c_a, c_b, c_c, c_d = (named(f"C_{c}", scaled_channels(c, width_mult)) for c in (32, 64, 96, 192))
        self.convs = nn.Sequential(
            ConvNormAct(c_in, c_a, 3, 2, padding=0, norm=layer),
            ConvNormAct(c_a, c_a, 3, padding=0, norm=layer),
            ConvNormAct(c_a, c_b, 3, norm=layer),
        )
        self.shrink = Concat(pool=nn.MaxPool2d(3, 2), conv=ConvNormAct(c_b, c_c, 3, 2, padding=0, norm=layer))
        c_mid = c_b + c_c
        self.widen = Concat(
            conv_3x3=nn.Sequential(ConvNormAct(c_mid, c_b, 1, norm=layer), ConvNormAct(c_b, c_c, 3, padding=0, norm=layer)),
            conv_nxn=nn.Sequential(reduced_asymmetric(c_mid, c_b, c_b, c_b, kernel_size, norm), ConvNormAct(c_b, c_c, 3, padding=0, norm=layer)),
        )
        self.shrink_again = Concat(conv=ConvNormAct(2 * c_c, c_d, 3, 2, padding=0, norm=layer), pool=nn.MaxPool2d(3, 2))
        self.c_out = c_d + 2 * c_c

    def forward(self, x: Tensor) -> Tensor:
        return self.shrink_again(self.widen(self.shrink(self.convs(x))))


@block(
    FAMILY,
    input=(1, "c_in", 35, 35),
    paper=PAPER_V4,
    title="Inception v4 module A",
    pool="avg_inside",
    c_in=384,
    c_1=96,
    c_3_reduce=64,
    c_3=96,
    c_d_reduce=64,
    c_d=96,
    c_pool=96,
)
class InceptionV4A(InceptionDouble):
    """Module A of Inception v4, on the 35 grid: the double 3x3 module with 96 channels in each branch.

    Source: arXiv 1602.07261, figure 4. Shape: (B, C_in, H, W) -> (B, C_1 + C_3 + C_d + C_p, H, W).
    """


@block(
    FAMILY, input=(1, "c_in", 17, 17), paper=PAPER_V4, title="Inception v4 module B", pool="avg_inside",
    c_in=1024, c_1=384, c_n_reduce=192, c_n_mid=224, c_n=256, c_d_reduce=192, c_d_mid=224, c_d=256, c_pool=128,
)  # fmt: skip
class InceptionV4B(InceptionAsymmetric):
    """Module B of Inception v4, on the 17 grid: 1x7 and 7x1 windows, once and twice.

    Source: arXiv 1602.07261, figure 5. Shape: (B, C_in, H, W) -> (B, C_1 + C_n + C_d + C_p, H, W).
    """


@block(
    FAMILY, input=(1, "c_in", 8, 8), paper=PAPER_V4, title="Inception v4 module C", pool="avg_inside",
    c_in=1536, c_1=256, c_3_reduce=384, c_3=256, c_d_reduce=384, c_d_mid=448, c_d_last=512, c_d=256, c_pool=256,
)  # fmt: skip
class InceptionV4C(InceptionExpanded):
    """Module C of Inception v4, on the 8 grid: 1x3 and 3x1 side by side, in the deep branch after 3x1 and 1x3.

    Source: arXiv 1602.07261, figure 6. Shape: (B, C_in, H, W) -> (B, C_1 + 2·C_3 + 2·C_d + C_p, H, W).
    """


@block(FAMILY, input=(1, "c_in", 35, 35), paper=PAPER_V4, title="Inception v4 reduction A", c_in=384, c_3=384, c_d_reduce=192, c_d_mid=224, c_d=256)
class InceptionV4ReductionA(InceptionReductionA):
    """Reduction A of Inception v4: k = 192, l = 224, m = 256, n = 384 in the paper's table 1.

    Source: arXiv 1602.07261, figure 7. Shape: (B, C_in, H, W) -> (B, C_3 + C_d + C_in, (H-1)/2, (W-1)/2).
    """


@block(
    FAMILY,
    input=(1, "c_in", 17, 17),
    paper=PAPER_V4,
    title="Inception v4 reduction B",
    c_in=1024,
    c_3_reduce=192,
    c_3=192,
    c_n_reduce=256,
    c_n_mid=320,
    c_n=320,
)
class InceptionV4ReductionB(InceptionReductionB):
    """Reduction B of Inception v4: a reduced 3x3 beside 1x7, 7x1 and 3x3 in a row, and a pool.

    Source: arXiv 1602.07261, figure 8. Shape: (B, C_in, H, W) -> (B, C_3 + C_n + C_in, (H-1)/2, (W-1)/2).
    """


@model(FAMILY)
class InceptionV4(nn.Module):
    """Inception v4: stem, 4 modules A, reduction A, 7 modules B, reduction B, 3 modules C, average, classes.

    Source: arXiv 1602.07261, figure 9. The average pool counts positions inside the picture only, as in the released network.

    Shape: (B, C_0, H, W) -> (B, K), published at 299 x 299.
    """

    def __init__(
        self,
        *,
        depths: Annotated[tuple[int, ...], Spec("n", "Modules A, B, C", "How many modules of each kind.", DEPTH, 1, 64, 1)] = (4, 7, 3),
        width_mult: WidthMultiplier = 1.0,
        large_kernel: Annotated[LongKernel, Named("k_A", "Middle kernel", "Window of module A's middle branch; 3 in the paper.")] = 3,
        kernel_size: LongKernel = 7,
        pool: PoolKind = "avg_inside",
        norm: Normed = True,
        se_ratio: SERatio = 0,
        dropout: Dropout = 0.0,
        num_classes: NumClasses = 1000,
        in_channels: InChannels = 3,
    ) -> None:
        super().__init__()
        require(len(depths) == 3, "depths", depths, "needs three numbers, for the modules A, B and C", [(*depths, *([depths[-1]] * 3))[:3]])
        part: dict[str, Any] = {"norm": norm, "se_ratio": se_ratio}

        def s(channels: int) -> int:
            return scaled_channels(channels, width_mult)

        self.stem = InceptionV4Stem(in_channels, width_mult=width_mult, kernel_size=kernel_size, norm=norm)
        c_in = self.stem.c_out
        self.a = nn.Sequential()
        for _ in range(depths[0]):
            self.a.append(InceptionV4A(c_in, s(96), s(64), s(96), s(64), s(96), s(96), kernel_size=large_kernel, pool=pool, **part))
            c_in = 4 * s(96)
        self.reduction_a = InceptionV4ReductionA(c_in, s(384), s(192), s(224), s(256), **part)
        c_in = s(384) + s(256) + c_in
        self.b = nn.Sequential()
        for _ in range(depths[1]):
            self.b.append(InceptionV4B(c_in, s(384), s(192), s(224), s(256), s(192), s(224), s(256), s(128), kernel_size=kernel_size, pool=pool, **part))
            c_in = s(384) + 2 * s(256) + s(128)
        self.reduction_b = InceptionV4ReductionB(c_in, s(192), s(192), s(256), s(320), s(320), kernel_size=kernel_size, **part)
        c_in = s(192) + s(320) + c_in
        self.c = nn.Sequential()
        for _ in range(depths[2]):
            self.c.append(InceptionV4C(c_in, s(256), s(384), s(256), s(384), s(448), s(256), s(256), c_d_last=s(512), pool=pool, **part))
            c_in = 6 * s(256)
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(c_in, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.reduction_b(self.b(self.reduction_a(self.a(self.stem(x)))))
        return self.classifier(self.dropout(global_pool(self.c(x))))


presets(InceptionV4, "timm", resolution=299, paper=PAPER_V4, inception_v4={})
