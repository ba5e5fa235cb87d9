"""Inception v1 (GoogLeNet): several kernel sizes look at one input side by side, and 1x1 convolutions keep that affordable.

Szegedy, Liu, Jia, Sermanet, Reed, Anguelov, Erhan, Vanhoucke, Rabinovich 2015, arXiv 1409.4842. Split (1x1 reductions), transform
(3x3, 5x5, pooling), merge (concatenation). The later versions (inception_v2 to inception_v4, inception_resnet_v2) belong to this family.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

from torch import Tensor, nn
from torch.nn import functional as F

from blocks.catalog import Paper, block, family, model, presets
from blocks.knobs import EXTRA, KERNEL, WIDTH, Channels, Dropout, InChannels, KernelSize, Named, NumClasses, SERatio, Spec, WidthMultiplier, require
from blocks.layers.common import Concat, ConvNormAct, Layer, LocalResponseNorm, SqueezeExcite, global_pool, named, pool2d, quotient, scaled_channels

PAPER = Paper("Going Deeper with Convolutions", "Szegedy, Liu, Jia, Sermanet, Reed, Anguelov, Erhan, Vanhoucke, Rabinovich", 2015, "1409.4842")
PAPER_BN = Paper("Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate Shift", "Ioffe, Szegedy", 2015, "1502.03167")
PAPER_V3 = Paper("Rethinking the Inception Architecture for Computer Vision", "Szegedy, Vanhoucke, Ioffe, Shlens, Wojna", 2016, "1512.00567")
PAPER_V4 = Paper("Inception-v4, Inception-ResNet and the Impact of Residual Connections on Learning", "Szegedy, Ioffe, Vanhoucke, Alemi", 2017, "1602.07261")
FAMILY = family(
    "inception",
    "Inception",
    "Several kernel sizes look at one input side by side; 1x1 convolutions in front of them keep that affordable.",
    PAPER,
    PAPER_BN,
    PAPER_V3,
    PAPER_V4,
    tags=("split-transform-merge", "multi-scale", "factorisation"),
)

# --- Knobs that all versions share ---------------------------------------------------------------

PoolKind = Annotated[
    str,
    Spec(
        "",
        "Pool kind",
        "Pooling in the pool branch: the largest value, the mean with the padding's zeros, or the mean of what lies inside.",
        KERNEL,
        values=("max", "avg", "avg_inside"),
    ),
]
ModuleKernel = Annotated[KernelSize, Named("k", "Large kernel", "Side of the largest window in the module; 5 in the paper.")]
Normed = Annotated[bool, Spec("", "Batch norm", "A batch norm after each convolution; without it the convolutions have a bias.", EXTRA)]
Auxiliary = Annotated[bool, Spec("", "Auxiliary heads", "Classifiers at intermediate stages; they give outputs in train mode only.", EXTRA)]
Column = Annotated[tuple[int, ...], Spec("C", "Channels per module", "One number for each Inception module, from the first to the last.", WIDTH, 1, 16384, 1)]


def norm_layer(norm: bool) -> Layer | None:
    """Batch norm where asked for, else None."""
    return nn.BatchNorm2d if norm else None


def training_loss(outputs: Tensor | dict[str, Tensor], target: Tensor, auxiliary_weight: float = 0.3) -> Tensor:
    """Cross entropy of the main output plus ``auxiliary_weight`` times that of every auxiliary one.

    Source: arXiv 1409.4842, section 5 (weight 0.3). ``outputs`` is what a model gives: logits (B, K), or in train mode with
    auxiliary heads a dict of them whose key "out" is the main one. ``target`` holds class numbers, shape (B,). A scalar in nats.
    """
    if isinstance(outputs, Tensor):
        return F.cross_entropy(outputs, target)
    loss = F.cross_entropy(outputs["out"], target)
    for name, logits in outputs.items():
        if name != "out":
            loss = loss + auxiliary_weight * F.cross_entropy(logits, target)
    return loss


class Merge(Concat):
    """Concatenated branches with C_out channels together, gated by squeeze-and-excitation where ``se_ratio`` is not 0.

    Source: figure 2 of arXiv 1409.4842; the gate's place is that of SE-Inception, figure 2 of arXiv 1709.01507.
    """

    def __init__(self, c_out: int, se_ratio: int = 0, **branches: nn.Module) -> None:
        super().__init__(**branches)
        self.attention = SqueezeExcite(c_out, max(1, quotient(c_out, se_ratio))) if se_ratio else None

    def forward(self, x: Tensor) -> Tensor:
        x = super().forward(x)
        return x if self.attention is None else self.attention(x)


# --- Blocks --------------------------------------------------------------------------------------


@block(FAMILY, input=(1, "c_in", 28, 28), c_in=128, c_out=256, c_reduce=32, title="Convolution behind a 1x1 reduction")
class ReducedConvolution(nn.Module):
    """A k x k convolution that sees its input through fewer channels: 1x1 to C_r, then k x k; C_r = 0 means directly.

    Source: arXiv 1409.4842, section 4 ("computing reductions with 1x1 convolutions before the expensive convolutions").
    A ReLU follows each convolution. Without norm and bias, the default, the parameters are
    C_in·C_r + k²·C_r·C_out, against k²·C_in·C_out directly.

    Shape: (B, C_in, H, W) -> (B, C_out, H, W).
    """

    def __init__(
        self,
        c_in: Channels,
        c_out: Channels,
        *,
        c_reduce: Annotated[Channels, Named("C_r", "Reduction channels", "Output channels of the 1x1 convolution in front; 0 leaves it out.", low=0)] = 0,
        kernel_size: KernelSize = 5,
        norm: Normed = False,
        bias: Annotated[bool, Spec("", "Bias", "A bias in each convolution.", EXTRA)] = False,
    ) -> None:
        super().__init__()
        if c_reduce:
            self.reduce = ConvNormAct(c_in, c_reduce, 1, norm=norm_layer(norm), bias=bias)
        self.conv = ConvNormAct(c_reduce or c_in, c_out, kernel_size, norm=norm_layer(norm), bias=bias)
        self.reduces = bool(c_reduce)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(self.reduce(x) if self.reduces else x)


@block(FAMILY, input=(1, "c_in", 28, 28), c_in=192, c_1=64, c_3=128, c_5=32, title="Inception module, naive")
class InceptionNaive(Merge):
    """Naive Inception module: 1x1, 3x3, k x k and 3x3 pooling side by side, concatenated. The pool passes all C_in channels on.

    Source: arXiv 1409.4842, figure 2(a). Padding 0, 1, (k-1)/2 aligns the branches.

    Shape: (B, C_in, H, W) -> (B, C_1 + C_3 + C_5 + C_in, H, W).
    """

    def __init__(
        self,
        c_in: Channels,
        c_1: Annotated[Channels, Named("C_1", "1x1 channels")],
        c_3: Annotated[Channels, Named("C_3", "3x3 channels")],
        c_5: Annotated[Channels, Named("C_5", "Large kernel's channels")],
        *,
        large_kernel: ModuleKernel = 5,
        pool: PoolKind = "max",
        norm: Normed = False,
        se_ratio: SERatio = 0,
    ) -> None:
        super().__init__(
            named("C_out", c_1 + c_3 + c_5 + c_in),
            se_ratio,
            conv_1x1=ConvNormAct(c_in, c_1, 1, norm=norm_layer(norm)),
            conv_3x3=ConvNormAct(c_in, c_3, 3, norm=norm_layer(norm)),
            conv_large=ConvNormAct(c_in, c_5, large_kernel, norm=norm_layer(norm)),
            pool=pool2d(pool, 3, 1, 1),
        )


@block(
    FAMILY, input=(1, "c_in", 28, 28), c_in=192, c_1=64, c_3_reduce=96, c_3=128, c_5_reduce=16, c_5=32, c_pool=32, title="Inception module, dimension reduction"
)
class InceptionModule(Merge):
    """Inception module with dimension reduction: 1x1 convolutions before the 3x3, before the k x k and after the pool.

    Source: arXiv 1409.4842, figure 2(b). Departures: batch norm, squeeze-and-excitation and the pool's kind are knobs; torchvision's
    network has a 3x3 kernel in the "5x5" branch.

    Shape: (B, C_in, H, W) -> (B, C_1 + C_3 + C_5 + C_p, H, W).
    """

    def __init__(
        self,
        c_in: Channels,
        c_1: Annotated[Channels, Named("C_1", "1x1 channels")],
        c_3_reduce: Annotated[Channels, Named("C_3r", "3x3 reduction", "Channels of the 1x1 convolution before the 3x3.")],
        c_3: Annotated[Channels, Named("C_3", "3x3 channels")],
        c_5_reduce: Annotated[Channels, Named("C_5r", "Large kernel's reduction", "Channels of the 1x1 convolution before the large kernel.")],
        c_5: Annotated[Channels, Named("C_5", "Large kernel's channels")],
        c_pool: Annotated[Channels, Named("C_p", "Pool projection", "Channels of the 1x1 convolution after the pool.")],
        *,
        large_kernel: ModuleKernel = 5,
        pool: PoolKind = "max",
        norm: Normed = False,
        se_ratio: SERatio = 0,
    ) -> None:
        super().__init__(
            named("C_out", c_1 + c_3 + c_5 + c_pool),
            se_ratio,
            conv_1x1=ConvNormAct(c_in, c_1, 1, norm=norm_layer(norm)),
            conv_3x3=ReducedConvolution(c_in, c_3, c_reduce=c_3_reduce, kernel_size=3, norm=norm, bias=not norm),
            conv_large=ReducedConvolution(c_in, c_5, c_reduce=c_5_reduce, kernel_size=large_kernel, norm=norm, bias=not norm),
            pool=nn.Sequential(pool2d(pool, 3, 1, 1), ConvNormAct(c_in, c_pool, 1, norm=norm_layer(norm))),
        )


class AuxiliaryHead(nn.Module):
    """Classifier at an intermediate stage: 5x5 average pool with stride 3, 1x1 to 128, 1024 units, 70 % dropout, classes.

    Source: arXiv 1409.4842, section 5. Departure: pictures of another size than 224 are averaged to the same 4x4 grid.
    ``window`` 0 leaves only that grid, as in torchvision.

    Shape: (B, C_in, H, W) -> (B, K).
    """

    def __init__(self, c_in: int, num_classes: int, *, norm: bool, window: int, dropout: float = 0.7) -> None:
        super().__init__()
        self.pool = nn.AvgPool2d(window, 3) if window else nn.Identity()
        self.grid = nn.AdaptiveAvgPool2d(4)
        self.conv = ConvNormAct(c_in, 128, 1, norm=norm_layer(norm))
        self.hidden = nn.Linear(128 * 4 * 4, 1024)
        self.act = nn.ReLU(inplace=True)
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(1024, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(self.grid(self.pool(x))).flatten(1)  # (B, 2048)
        return self.classifier(self.dropout(self.act(self.hidden(x))))


# --- The network ---------------------------------------------------------------------------------

# Table 1 of the paper, column by column: modules 3a 3b, 4a 4b 4c 4d 4e, 5a 5b.
C_1 = (64, 128, 192, 160, 128, 112, 256, 256, 384)
C_3_REDUCE = (96, 128, 96, 112, 128, 144, 160, 160, 192)
C_3 = (128, 192, 208, 224, 256, 288, 320, 320, 384)
C_5_REDUCE = (16, 32, 16, 24, 24, 32, 32, 32, 48)
C_5 = (32, 96, 48, 64, 64, 64, 128, 128, 128)
C_POOL = (32, 64, 64, 64, 64, 64, 128, 128, 128)
MODULES = ("3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b")


@model(FAMILY)
class GoogLeNet(nn.Module):
    """GoogLeNet: a stem, nine Inception modules in three stages, global average pooling and one linear layer.

    Source: arXiv 1409.4842, table 1 and section 5. Local response norm stands after the first pool and before the second, as in the
    authors' released network; pools round their size up. In train mode with ``aux`` the output is a dict with "out", "aux_4a" and "aux_4d".
    Departures as knobs: batch norm (torchvision's network has it, with a 3x3 "5x5" branch and a 2x2 last pool), squeeze-and-excitation.

    Shape: (B, C_0, H, W) -> (B, K).
    """

    def __init__(
        self,
        *,
        c_1: Annotated[Column, Named("C_1", "1x1 channels")] = C_1,
        c_3_reduce: Annotated[Column, Named("C_3r", "3x3 reduction")] = C_3_REDUCE,
        c_3: Annotated[Column, Named("C_3", "3x3 channels")] = C_3,
        c_5_reduce: Annotated[Column, Named("C_5r", "Large kernel's reduction")] = C_5_REDUCE,
        c_5: Annotated[Column, Named("C_5", "Large kernel's channels")] = C_5,
        c_pool: Annotated[Column, Named("C_p", "Pool projection")] = C_POOL,
        width_mult: WidthMultiplier = 1.0,
        large_kernel: ModuleKernel = 5,
        pool: PoolKind = "max",
        last_pool: Annotated[int, Spec("k_p", "Last pool", "Window of the pool before stage 5: 3 in the paper, 2 in torchvision.", KERNEL, values=(2, 3))] = 3,
        norm: Normed = False,
        lrn: Annotated[bool, Spec("", "Local response norm", "Divide by the energy of five neighbouring channels, twice in the stem.", EXTRA)] = True,
        se_ratio: SERatio = 0,
        aux: Auxiliary = False,
        aux_window: Annotated[
            int,
            Spec(
                "k_a",
                "Auxiliary window",
                "Pooling window of the auxiliary heads: 5 in the paper; 0 averages to a 4x4 grid, as torchvision.",
                EXTRA,
                values=(0, 5),
            ),
        ] = 5,
        dropout: Dropout = 0.4,
        num_classes: NumClasses = 1000,
        in_channels: InChannels = 3,
    ) -> None:
        super().__init__()
        columns = {"c_1": c_1, "c_3_reduce": c_3_reduce, "c_3": c_3, "c_5_reduce": c_5_reduce, "c_5": c_5, "c_pool": c_pool}
        _require_one_per_module(columns)
        c_in, c_stem = scaled_channels(64, width_mult), scaled_channels(192, width_mult)
        self.stem = _stem(in_channels, c_in, c_stem, norm, lrn)
        c_in = c_stem
        self.inception = nn.ModuleDict()
        self.aux = nn.ModuleDict()
        for name, *row in zip(MODULES, *columns.values(), strict=True):
            c_1x1, c_3r, c_3x3, c_5r, c_5x5, c_p = (scaled_channels(c, width_mult) for c in row)
            self.inception[name] = InceptionModule(
                c_in, c_1x1, c_3r, c_3x3, c_5r, c_5x5, c_p, large_kernel=large_kernel, pool=pool, norm=norm, se_ratio=se_ratio
            )
            c_in = c_1x1 + c_3x3 + c_5x5 + c_p
            if aux and name in ("4a", "4d"):
                self.aux[name] = AuxiliaryHead(c_in, num_classes, norm=norm, window=aux_window)
        self.pools = nn.ModuleDict({"3b": nn.MaxPool2d(3, 2, ceil_mode=True), "4e": nn.MaxPool2d(last_pool, 2, ceil_mode=True)})
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(c_in, num_classes)

    def forward(self, x: Tensor) -> Tensor | dict[str, Tensor]:
        extra: dict[str, Tensor] = {}
        x = self.stem(x)
        for name, module in self.inception.items():
            x = module(x)
            if self.training and name in self.aux:
                extra[f"aux_{name}"] = self.aux[name](x)
            if name in self.pools:
                x = self.pools[name](x)
        out = self.classifier(self.dropout(global_pool(x)))
        return {"out": out, **extra} if extra else out


def _require_one_per_module(columns: Mapping[str, tuple[int, ...]]) -> None:
    """Raise :class:`~blocks.knobs.KnobError` for a column that does not have one number for each module."""
    rule = f"needs {len(MODULES)} numbers, one for each of the modules {', '.join(MODULES)}"
    for name, column in columns.items():
        require(len(column) == len(MODULES), name, column, rule, [fit_to_length(column, len(MODULES))])


def _stem(in_channels: int, c_first: int, c_out: int, norm: bool, lrn: bool) -> nn.Sequential:
    """Table 1 up to the first Inception module. Shape: (B, C_0, H, W) -> (B, C_out, H/8, W/8)."""
    return nn.Sequential(
        ConvNormAct(in_channels, c_first, 7, 2, norm=norm_layer(norm)),
        nn.MaxPool2d(3, 2, ceil_mode=True),
        *response_norm(lrn),
        ConvNormAct(c_first, c_first, 1, norm=norm_layer(norm)),
        ConvNormAct(c_first, c_out, 3, norm=norm_layer(norm)),
        *response_norm(lrn),
        nn.MaxPool2d(3, 2, ceil_mode=True),
    )


def response_norm(wanted: bool) -> Iterator[nn.Module]:
    """The paper's local response norm (five channels, alpha 1e-4, beta 0.75), or nothing."""
    if wanted:
        yield LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=1.0)


def fit_to_length(column: tuple[int, ...], length: int) -> tuple[int, ...]:
    """``column`` cut, or its last entry repeated, to ``length`` numbers: the nearest list that a model can take."""
    return (*column, *([column[-1]] * length))[:length]


presets(GoogLeNet, "arXiv 1409.4842, table 1", googlenet={})
presets(GoogLeNet, "torchvision", googlenet_torchvision={"large_kernel": 3, "last_pool": 2, "norm": True, "lrn": False, "aux_window": 0, "dropout": 0.2})
