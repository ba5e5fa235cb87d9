"""Inception-ResNet-v2: Inception branches as the body of a residual block, scaled down before they are added so that training stays stable.

Szegedy, Ioffe, Vanhoucke, Alemi 2017, arXiv 1602.07261.
"""

from __future__ import annotations

from typing import Annotated, Any

from torch import Tensor, nn

from blocks.catalog import block, model, presets
from blocks.families.inception_v1 import FAMILY, PAPER_V4, Merge, Normed, PoolKind, norm_layer
from blocks.families.inception_v2 import InceptionDouble
from blocks.families.inception_v3 import InceptionReductionA, LongKernel, reduced_asymmetric, stem
from blocks.knobs import DEPTH, EXTRA, Channels, Dropout, InChannels, Named, NumClasses, SERatio, Spec, WidthMultiplier, require
from blocks.layers.common import Concat, ConvNormAct, SqueezeExcite, global_pool, named, pool2d, quotient, scaled_channels

ResidualScale = Annotated[
    float, Spec("sigma", "Residual scale", "What the residual is multiplied by before it is added; 0.1 to 0.3 in the paper.", EXTRA, 0.0, 2.0, 0.01)
]
FinalReLU = Annotated[bool, Spec("", "ReLU after the sum", "A ReLU after the residual is added.", EXTRA)]


class ScaledResidual(nn.Module):
    """x + σ·(a linear 1x1 convolution of concatenated branches), then a ReLU; squeeze-and-excitation of the residual where asked for.

    Source: arXiv 1602.07261, section 3.3 and figure 20. The 1x1 convolution has a bias and no norm, as in the released network.

    Shape: (B, C_in, H, W) -> (B, C_in, H, W).
    """

    def __init__(self, c_in: int, c_branches: int, scale: float, final_relu: bool, se_ratio: int, **branches: nn.Module) -> None:
        super().__init__()
        self.branches = Concat(**branches)
        self.project = nn.Conv2d(named("C_cat", c_branches), c_in, 1)
        self.attention = SqueezeExcite(c_in, max(1, quotient(c_in, se_ratio))) if se_ratio else None
        self.act = nn.ReLU() if final_relu else None
        self.scale = scale

    def forward(self, x: Tensor) -> Tensor:
        residual = self.project(self.branches(x))
        if self.attention is not None:
            residual = self.attention(residual)
        x = x + residual * self.scale
        return x if self.act is None else self.act(x)


@block(
    FAMILY,
    name="inception_resnet_a",
    input=(1, "c_in", 35, 35),
    paper=PAPER_V4,
    title="Inception-ResNet module A",
    c_in=320,
    c_1=32,
    c_3_reduce=32,
    c_3=32,
    c_d_reduce=32,
    c_d_mid=48,
    c_d=64,
)
class InceptionResNetA(ScaledResidual):
    """Module A of Inception-ResNet, on the 35 grid: 1x1, 3x3 and double 3x3, joined by a linear 1x1, scaled and added.

    Source: arXiv 1602.07261, figure 16.

    Shape: (B, C_in, H, W) -> (B, C_in, H, W).
    """

    def __init__(
        self,
        c_in: Channels,
        c_1: Annotated[Channels, Named("C_1", "1x1 channels")],
        c_3_reduce: Annotated[Channels, Named("C_3r", "3x3 reduction")],
        c_3: Annotated[Channels, Named("C_3", "3x3 channels")],
        c_d_reduce: Annotated[Channels, Named("C_dr", "Double reduction", "Channels of the 1x1 convolution before the two 3x3.")],
        c_d_mid: Annotated[Channels, Named("C_dm", "Double middle", "Channels between the two 3x3.")],
        c_d: Annotated[Channels, Named("C_d", "Double 3x3 channels")],
        *,
        residual_scale: ResidualScale = 0.17,
        norm: Normed = True,
        final_relu: FinalReLU = True,
        se_ratio: SERatio = 0,
    ) -> None:
        layer = norm_layer(norm)
        super().__init__(
            c_in,
            c_1 + c_3 + c_d,
            residual_scale,
            final_relu,
            se_ratio,
            conv_1x1=ConvNormAct(c_in, c_1, 1, norm=layer),
            conv_3x3=nn.Sequential(ConvNormAct(c_in, c_3_reduce, 1, norm=layer), ConvNormAct(c_3_reduce, c_3, 3, norm=layer)),
            double_3x3=nn.Sequential(
                ConvNormAct(c_in, c_d_reduce, 1, norm=layer),
                ConvNormAct(c_d_reduce, c_d_mid, 3, norm=layer),
                ConvNormAct(c_d_mid, c_d, 3, norm=layer),
            ),
        )


@block(
    FAMILY,
    name="inception_resnet_b",
    input=(1, "c_in", 17, 17),
    paper=PAPER_V4,
    title="Inception-ResNet module B",
    c_in=1088,
    c_1=192,
    c_n_reduce=128,
    c_n_mid=160,
    c_n=192,
)
class InceptionResNetB(ScaledResidual):
    """Module B of Inception-ResNet, on the 17 grid: 1x1 beside 1x7 and 7x1, joined by a linear 1x1, scaled and added.

    Source: arXiv 1602.07261, figure 17.

    Shape: (B, C_in, H, W) -> (B, C_in, H, W).
    """

    def __init__(
        self,
        c_in: Channels,
        c_1: Annotated[Channels, Named("C_1", "1x1 channels")],
        c_n_reduce: Annotated[Channels, Named("C_nr", "Long reduction", "Channels of the 1x1 convolution before the 1 x k.")],
        c_n_mid: Annotated[Channels, Named("C_nm", "Long middle", "Channels between 1 x k and k x 1.")],
        c_n: Annotated[Channels, Named("C_n", "Long channels", "Output channels of k x 1.")],
        *,
        kernel_size: LongKernel = 7,
        residual_scale: ResidualScale = 0.1,
        norm: Normed = True,
        final_relu: FinalReLU = True,
        se_ratio: SERatio = 0,
    ) -> None:
        super().__init__(
            c_in,
            c_1 + c_n,
            residual_scale,
            final_relu,
            se_ratio,
            conv_1x1=ConvNormAct(c_in, c_1, 1, norm=norm_layer(norm)),
            conv_nxn=reduced_asymmetric(c_in, c_n_reduce, c_n_mid, c_n, kernel_size, norm),
        )


@block(
    FAMILY,
    name="inception_resnet_c",
    input=(1, "c_in", 8, 8),
    paper=PAPER_V4,
    title="Inception-ResNet module C",
    kernel_size=3,
    residual_scale=0.2,
    c_in=2080,
    c_1=192,
    c_n_reduce=192,
    c_n_mid=224,
    c_n=256,
)
class InceptionResNetC(InceptionResNetB):
    """Module C of Inception-ResNet, on the 8 grid: module B's form with 1x3 and 3x1.

    Source: arXiv 1602.07261, figure 19. Shape: (B, C_in, H, W) -> (B, C_in, H, W).
    """


@block(
    FAMILY,
    name="inception_resnet_reduction_b",
    input=(1, "c_in", 17, 17),
    paper=PAPER_V4,
    title="Inception-ResNet reduction B",
    c_in=1088,
    c_reduce=256,
    c_3=384,
    c_s=288,
    c_d_mid=288,
    c_d=320,
)
class InceptionResNetReductionB(Merge):
    """Reduction B of Inception-ResNet-v2: two reduced 3x3, a reduced double 3x3, each ending with stride 2, and a pool.

    Source: arXiv 1602.07261, figure 18. Nothing is padded at stride 2.

    Shape: (B, C_in, H, W) -> (B, C_3 + C_s + C_d + C_in, (H-1)/2, (W-1)/2).
    """

    def __init__(
        self,
        c_in: Channels,
        c_reduce: Annotated[Channels, Named("C_r", "Reduction channels", "Channels of each branch's 1x1 convolution.")],
        c_3: Annotated[Channels, Named("C_3", "First 3x3 channels")],
        c_s: Annotated[Channels, Named("C_s", "Second 3x3 channels")],
        c_d_mid: Annotated[Channels, Named("C_dm", "Double middle", "Channels between the two 3x3.")],
        c_d: Annotated[Channels, Named("C_d", "Double 3x3 channels")],
        *,
        pool: PoolKind = "max",
        norm: Normed = True,
        se_ratio: SERatio = 0,
    ) -> None:
        layer = norm_layer(norm)
        super().__init__(
            named("C_out", c_3 + c_s + c_d + c_in),
            se_ratio,
            conv_3x3=nn.Sequential(ConvNormAct(c_in, c_reduce, 1, norm=layer), ConvNormAct(c_reduce, c_3, 3, 2, padding=0, norm=layer)),
            second_3x3=nn.Sequential(ConvNormAct(c_in, c_reduce, 1, norm=layer), ConvNormAct(c_reduce, c_s, 3, 2, padding=0, norm=layer)),
            double_3x3=nn.Sequential(
                ConvNormAct(c_in, c_reduce, 1, norm=layer),
                ConvNormAct(c_reduce, c_d_mid, 3, norm=layer),
                ConvNormAct(c_d_mid, c_d, 3, 2, padding=0, norm=layer),
            ),
            pool=pool2d(pool, 3, 2),
        )


@model(FAMILY)
class InceptionResNetV2(nn.Module):
    """Inception-ResNet-v2: v3's stem and first module, 10 residual modules A, reduction, 20 B, reduction, 10 C, 1x1 to 1536, classes.

    Source: arXiv 1602.07261, figure 15, in the form of the released network: its stem is Inception v3's, and its last module C is neither
    scaled nor followed by a ReLU.

    Shape: (B, C_0, H, W) -> (B, K), published at 299 x 299.
    """

    def __init__(
        self,
        *,
        depths: Annotated[tuple[int, ...], Spec("n", "Modules A, B, C", "How many residual modules of each kind; the last C is unscaled.", DEPTH, 1, 64, 1)] = (
            10,
            20,
            10,
        ),
        width_mult: WidthMultiplier = 1.0,
        scale_a: Annotated[ResidualScale, Named("sigma_A", "Residual scale A")] = 0.17,
        scale_b: Annotated[ResidualScale, Named("sigma_B", "Residual scale B")] = 0.1,
        scale_c: Annotated[ResidualScale, Named("sigma_C", "Residual scale C")] = 0.2,
        large_kernel: Annotated[LongKernel, Named("k_1", "Large kernel", "Window of the middle branch of the module after the stem; 5 as released.")] = 5,
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
        count_a, count_b, count_c = depths

        def s(channels: int) -> int:
            return scaled_channels(channels, width_mult)

        self.stem = stem(in_channels, width_mult, norm)
        self.widen = InceptionDouble(s(192), s(96), s(48), s(64), s(64), s(96), s(64), kernel_size=large_kernel, pool=pool, **part)
        c_in = 2 * s(96) + 2 * s(64)
        self.a = nn.Sequential(*(InceptionResNetA(c_in, s(32), s(32), s(32), s(32), s(48), s(64), residual_scale=scale_a, **part) for _ in range(count_a)))
        self.reduction_a = InceptionReductionA(c_in, s(384), s(256), s(256), s(384), **part)
        c_in = 2 * s(384) + c_in
        self.b = nn.Sequential(
            *(InceptionResNetB(c_in, s(192), s(128), s(160), s(192), kernel_size=kernel_size, residual_scale=scale_b, **part) for _ in range(count_b))
        )
        self.reduction_b = InceptionResNetReductionB(c_in, s(256), s(384), s(288), s(288), s(320), **part)
        c_in = s(384) + s(288) + s(320) + c_in
        self.c = nn.Sequential()
        for i in range(count_c):
            last = i == count_c - 1
            scale = 1.0 if last else scale_c
            self.c.append(InceptionResNetC(c_in, s(192), s(192), s(224), s(256), kernel_size=3, residual_scale=scale, final_relu=not last, **part))
        self.head = ConvNormAct(c_in, s(1536), 1, norm=norm_layer(norm))
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(s(1536), num_classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.reduction_a(self.a(self.widen(self.stem(x))))
        x = self.c(self.reduction_b(self.b(x)))
        return self.classifier(self.dropout(global_pool(self.head(x))))


presets(InceptionResNetV2, "timm", resolution=299, paper=PAPER_V4, inception_resnet_v2={})
