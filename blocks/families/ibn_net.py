"""IBN-Net: instance norm takes a picture's style out, batch norm keeps its content; a network generalises better with both.

Pan, Luo, Shi, Tang 2018, arXiv 1807.09441. The norm is :class:`blocks.layers.common.InstanceBatchNorm`; any residual network takes it by ``norm``.
"""

from __future__ import annotations

from typing import Any

from blocks.catalog import Paper, block, family, presets
from blocks.families.resnet import ResNet, of_depth
from blocks.layers.common import InstanceBatchNorm
from blocks.layers.residual import ResidualBlock

PAPER = Paper("Two at Once: Enhancing Learning and Generalization Capacities via IBN-Net", "Pan, Luo, Shi, Tang", 2018, "1807.09441")
FAMILY = family("ibn_net", "IBN-Net", "Half instance norm, half batch norm in the shallow stages: appearance out, content kept.", PAPER, tags=("norm",))


block(FAMILY, c_in=64)(InstanceBatchNorm)


@block(FAMILY, c_in=256, c_mid=64, c_out=256, norm="ibn_a")
class IBNBottleneck(ResidualBlock):
    """IBN bottleneck: IBN-a after the first 1x1 convolution, or IBN-b (``norm="ibn_b"``), instance norm after the addition.

    Source: arXiv 1807.09441, figure 3. Shape: (B, C_in, H, W) -> (B, C_out, H/s, W/s).
    """

    own_layout = "1,k,1"
    expansion = 4


RESNETS: dict[str, Any] = {f"resnet{depth}_{norm}": of_depth(depth, norm=norm) for norm in ("ibn_a", "ibn_b") for depth in (18, 34, 50, 101)}

presets(
    ResNet,
    "XingangPan/IBN-Net",
    of=FAMILY,
    **RESNETS,
    resnext101_ibn_a=of_depth(101, norm="ibn_a", groups=32, width_per_group=4),
    se_resnet101_ibn_a=of_depth(101, norm="ibn_a", se_ratio=16, se_bias=False),
)
