"""Wide ResNet: fewer, wider residual blocks learn as well as many thin ones, and run faster.

Zagoruyko, Komodakis 2016, arXiv 1605.07146. Parameters grow with the square of the widen factor and linearly with depth.
"""

from __future__ import annotations

from typing import Annotated

from blocks.catalog import Paper, block, family, model, presets
from blocks.families.resnet import ResNet, WidenFactor, of_depth
from blocks.knobs import DEPTH, Named, Spec, passes_on, require
from blocks.layers.residual import Layout, PreActivated

PAPER = Paper("Wide Residual Networks", "Zagoruyko, Komodakis", 2016, "1605.07146")
FAMILY = family("wide_resnet", "Wide ResNet", "Widen the residual blocks instead of stacking more of them.", PAPER, tags=("shortcut", "scaling"))

_Depth = Annotated[
    int, Spec("N", "Depth", "Layers as the paper counts them: 4 + 3·l·n, with n blocks per stage and l convolutions per block.", DEPTH, 7, 1204, 1)
]


@block(FAMILY, c_in=160, c_mid=160, c_out=160, dropout=0.3)
class WideBlock(PreActivated):
    """Wide block: a pre-activated B(3,3) with dropout between its convolutions.

    Source: arXiv 1605.07146, figure 1 (d) and section 2.4; the list of convolutions is the paper's B(M), section 2.1.

    Shape: (B, C_in, H, W) -> (B, C_out, H/s, W/s).
    """

    own_layout = "k,k"


@model(FAMILY)
class WideResNet(ResNet):
    """WRN-N-w for small pictures: a 3x3 stem of 16 channels and three stages of 16w, 32w and 64w.

    Source: arXiv 1605.07146, table 1; N = 4 + 3·l·n layers, where l is the number of convolutions in a block.

    Shape: (B, C_0, H, W) -> (B, K).
    """

    @passes_on(
        ResNet,
        *("kernel_size", "layout", "dropout", "drop_path", "groups", "se_ratio", "se_placement"),
        *("norm", "activation", "octave_alpha", "num_classes", "in_channels"),
        num_classes=10,
    )
    def __init__(
        self,
        *,
        depth: _Depth = 28,
        widen_factor: WidenFactor = 10.0,
        layout: Annotated[Layout, Named(values=("k,k", "k", "k,k,k", "k,k,k,k", "k,1,k", "k,1", "1,k", "k,1,1", "1,k,1"))] = "k,k",
        **knobs: object,
    ) -> None:
        blocks = blocks_per_stage(depth, layout)
        widths = tuple(max(1, int(base * widen_factor)) for base in (16, 32, 64))
        super().__init__(block="pre_activation", depths=(blocks,) * 3, widths=widths, layout=layout, stem="cifar", stem_width=16, **knobs)


def blocks_per_stage(depth: int, layout: str) -> int:
    """Blocks in each of the three stages of a network of ``depth`` layers; ``KnobError`` where they do not come out whole."""
    layers = 3 * len(layout.split(","))
    lower = max(1, (depth - 4) // layers)
    require(
        (depth - 4) % layers == 0 and depth > 4, "depth", depth, f"must be 4 more than a multiple of {layers}", [4 + layers * lower, 4 + layers * (lower + 1)]
    )
    return lower


presets(
    WideResNet,
    "xternalz/WideResNet-pytorch",
    resolution=32,
    wrn_16_8={"depth": 16, "widen_factor": 8.0},
    wrn_22_2={"depth": 22, "widen_factor": 2.0},
    wrn_28_10={"depth": 28, "widen_factor": 10.0},
    wrn_40_4={"depth": 40, "widen_factor": 4.0},
)
presets(ResNet, "torchvision", of=FAMILY, wide_resnet50_2=of_depth(50, width_per_group=128), wide_resnet101_2=of_depth(101, width_per_group=128))
