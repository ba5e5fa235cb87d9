"""Octave convolution: keep the slowly varying part of the features at half the resolution.

Chen, Fang, Xu, Yan, Kalantidis, Rohrbach, Yan, Feng 2019, arXiv 1904.05049. The convolution is :class:`blocks.layers.octave.OctaveConv`;
any residual network takes it by ``octave_alpha``.
"""

from __future__ import annotations

from blocks.catalog import Paper, block, family, presets
from blocks.families.resnet import ResNet, of_depth
from blocks.layers.octave import OctaveConv
from blocks.layers.residual import ResidualBlock

PAPER = Paper(
    "Drop an Octave: Reducing Spatial Redundancy in Convolutional Neural Networks with Octave Convolution",
    "Chen, Fang, Xu, Yan, Kalantidis, Rohrbach, Yan, Feng",
    2019,
    "1904.05049",
)
FAMILY = family(
    "octave", "Octave convolution", "Slowly varying features live at half the resolution; four paths join the two.", PAPER, tags=("frequency", "octconv")
)

block(FAMILY, c_in=64, c_out=64)(OctaveConv)


@block(FAMILY, c_in=256, c_mid=64, c_out=256, alpha_in=0.5, alpha_out=0.5)
class OctaveBottleneck(ResidualBlock):
    """Octave bottleneck: 1x1, k x k, 1x1, each between two frequencies; each half has its norm, activation and addition.

    Source: arXiv 1904.05049, section 3.4. Shape: as :class:`OctaveConv`'s pairs; a single tensor is taken apart first.
    """

    own_layout = "1,k,1"
    expansion = 4


def relative_macs(alpha: float) -> float:
    """MACs of an octave convolution with share α on both sides over an ordinary one's: 1 - (3/4)·α·(2-α) (section 3.3)."""
    return 1 - 0.75 * alpha * (2 - alpha)


presets(
    ResNet,
    "d-li14/octconv.pytorch",
    of=FAMILY,
    oct_resnet26=of_depth(26, octave_alpha=0.5),
    oct_resnet50=of_depth(50, octave_alpha=0.5),
    oct_resnet101=of_depth(101, octave_alpha=0.5),
)
