"""SqueezeNet: AlexNet's accuracy from fifty times fewer weights, by squeezing the channels before every 3x3 window.

Iandola, Han, Moskewicz, Ashraf, Dally, Keutzer 2016, arXiv 1602.07360.
"""

from __future__ import annotations

from typing import Annotated

from torch import Tensor, nn

from blocks.catalog import Paper, block, family, model, presets
from blocks.knobs import DEPTH, EXTRA, KERNEL, WIDTH, AddedNorm, Channels, Dropout, InChannels, KernelSize, Named, NumClasses, Spec, WidthMultiplier, require
from blocks.layers.common import Concat, ConvNormAct, global_pool, whole

PAPER = Paper(
    "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and <0.5MB model size", "Iandola, Han, Moskewicz, Ashraf, Dally, Keutzer", 2016, "1602.07360"
)
FAMILY = family("squeezenet", "SqueezeNet", "Squeeze the channels by 1x1, then expand by 1x1 and 3x3 side by side.", PAPER, tags=("small",))

FIRES = 8


@block(FAMILY, input=(1, "c_in", 55, 55), c_in=96, c_squeeze=16, c_1=64, c_3=64, title="Fire module")
class Fire(nn.Sequential):
    """Fire module: a 1x1 squeeze, then 1x1 and k x k expansions side by side, concatenated; a ReLU after each convolution.

    Source: arXiv 1602.07360, section 3.2 and figure 1. Departure: batch norm as a knob.

    Shape: (B, C_in, H, W) -> (B, e_1 + e_3, H, W).
    """

    def __init__(
        self,
        c_in: Channels,
        c_squeeze: Annotated[Channels, Named("s_1", "Squeeze channels", "Channels of the 1x1 convolution in front.")],
        c_1: Annotated[Channels, Named("e_1", "1x1 expansion", "Output channels of the 1x1 convolution.")],
        c_3: Annotated[Channels, Named("e_3", "3x3 expansion", "Output channels of the k x k convolution.")],
        *,
        kernel_size: KernelSize = 3,
        norm: AddedNorm = False,
    ) -> None:
        super().__init__()
        layer = nn.BatchNorm2d if norm else None
        self.squeeze = ConvNormAct(c_in, c_squeeze, 1, norm=layer)
        self.expand = Concat(conv_1x1=ConvNormAct(c_squeeze, c_1, 1, norm=layer), conv_3x3=ConvNormAct(c_squeeze, c_3, kernel_size, norm=layer))


class Bypass(nn.Module):
    """A module with a shortcut around it: the identity where the channels agree, a 1x1 convolution where they do not.

    Source: arXiv 1602.07360, section 6 and figure 2 ("simple" and "complex bypass"). Shape: that of ``body``.
    """

    def __init__(self, body: nn.Module, c_in: int, c_out: int) -> None:
        super().__init__()
        self.body = body
        self.shortcut = None if c_in == c_out else nn.Conv2d(c_in, c_out, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.body(x) + (x if self.shortcut is None else self.shortcut(x))


@model(FAMILY)
class SqueezeNet(nn.Module):
    """SqueezeNet: a convolution, eight Fire modules with late pools, and a 1x1 convolution to the classes, averaged.

    Source: arXiv 1602.07360, tables 1 and 3; the knobs are section 5's metaparameters: e_i = base_e + incr_e·floor(i / freq),
    s_i = SR·e_i, 3x3 share pct_3x3. SqueezeNet 1.1 is the authors' cheaper release (3x3 stem of 64 channels, earlier pools). Pools round up.

    Shape: (B, C_0, H, W) -> (B, K).
    """

    def __init__(
        self,
        *,
        c_stem: Annotated[Channels, Named("C_s", "Stem channels")] = 96,
        stem_kernel: Annotated[KernelSize, Named("k_s", "Stem kernel")] = 7,
        base_expand: Annotated[Channels, Named("base_e", "First expansion", "Expand channels of the first Fire module.")] = 128,
        expand_step: Annotated[Channels, Named("incr_e", "Expansion step", "Expand channels added every freq modules.", low=0)] = 128,
        frequency: Annotated[int, Spec("freq", "Modules per step", "Number of Fire modules between two steps.", DEPTH, 1, 8, 1)] = 2,
        squeeze_ratio: Annotated[float, Spec("SR", "Squeeze ratio", "Squeeze channels over expand channels.", WIDTH, 0.01, 4.0, 0.125)] = 0.125,
        share_3x3: Annotated[float, Spec("pct_3x3", "Share of 3x3", "Share of the expand channels that are 3x3.", WIDTH, 0.01, 0.99, 0.05)] = 0.5,
        pool_after: Annotated[tuple[int, ...], Spec("", "Pools after", "Numbers of the Fire modules (2 to 9) that a pool follows.", KERNEL, 2, 9, 1)] = (4, 8),
        kernel_size: KernelSize = 3,
        width_mult: WidthMultiplier = 1.0,
        bypass: Annotated[
            str, Spec("", "Bypass", "Shortcuts around Fire modules: none, where channels agree, or everywhere.", EXTRA, values=("none", "simple", "complex"))
        ] = "none",
        norm: AddedNorm = False,
        dropout: Dropout = 0.5,
        num_classes: NumClasses = 1000,
        in_channels: InChannels = 3,
    ) -> None:
        super().__init__()
        require(len(set(pool_after)) == len(pool_after), "pool_after", pool_after, "each module can have one pool", [tuple(sorted(set(pool_after)))])
        c_in = max(1, whole(c_stem * width_mult))
        layers: list[nn.Module] = [
            ConvNormAct(in_channels, c_in, stem_kernel, 2, padding=0, norm=nn.BatchNorm2d if norm else None),
            nn.MaxPool2d(3, 2, ceil_mode=True),
        ]
        for i in range(FIRES):
            c_expand = max(2, whole((base_expand + expand_step * (i // frequency)) * width_mult))
            c_3 = min(c_expand - 1, max(1, whole(c_expand * share_3x3)))
            fire = Fire(c_in, max(1, whole(c_expand * squeeze_ratio)), c_expand - c_3, c_3, kernel_size=kernel_size, norm=norm)
            around = bypass == "complex" or (bypass == "simple" and c_in == c_expand)
            layers.append(Bypass(fire, c_in, c_expand) if around else fire)
            if i + 2 in pool_after:
                layers.append(nn.MaxPool2d(3, 2, ceil_mode=True))
            c_in = c_expand
        self.features = nn.Sequential(*layers)
        self.dropout = nn.Dropout(dropout)
        self.classifier = ConvNormAct(c_in, num_classes, 1, norm=None)

    def forward(self, x: Tensor) -> Tensor:
        return global_pool(self.classifier(self.dropout(self.features(x))))


presets(SqueezeNet, "torchvision", squeezenet1_0={}, squeezenet1_1={"c_stem": 64, "stem_kernel": 3, "pool_after": (3, 5)})
