"""ResNet: a branch learns what to add to its input, so that depth no longer hurts.

He, Zhang, Ren, Sun 2015, arXiv 1512.03385; pre-activation from the same authors, 2016, arXiv 1603.05027. The block and the network
are in :mod:`blocks.layers.residual` and :mod:`blocks.layers.residual_network`, which SE, IBN, ResNeXt, octave and cross-stage-partial networks are given to as parts.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from torch import Tensor, nn

from blocks.catalog import Paper, block, family, model, presets
from blocks.knobs import (
    DEPTH,
    EXTRA,
    WIDTH,
    Channels,
    Depths,
    Fusion,
    InChannels,
    Named,
    NumClasses,
    PartialRatio,
    Spec,
    WidthPerGroup,
    Widths,
    passes_on,
    require,
)
from blocks.layers.common import named, quotient, whole
from blocks.layers.octave import OctaveShare
from blocks.layers.residual import (
    BLOCK_NORMS,
    PreActivated,
    ResidualBlock,
    affine_instance_norm,
    norm_act,
)
from blocks.layers.residual_network import BlockPosition, CrossStage, ResidualNetwork, make_stem, scaled_widths

PAPER = Paper("Deep Residual Learning for Image Recognition", "He, Zhang, Ren, Sun", 2015, "1512.03385")
PRE_ACTIVATION = Paper("Identity Mappings in Deep Residual Networks", "He, Zhang, Ren, Sun", 2016, "1603.05027")
FAMILY = family(
    "resnet",
    "ResNet",
    "A branch learns what to add to its input; the shortcut carries the rest, and the gradient, unchanged.",
    PAPER,
    PRE_ACTIVATION,
    tags=("shortcut", "skip connection"),
)


@block(FAMILY, c_in=64, c_mid=64, c_out=64)
class BasicBlock(ResidualBlock):
    """Basic residual block: two k x k convolutions beside a shortcut.

    Source: arXiv 1512.03385, figure 5 left. The convolutions can be any list, as in WRN's B(3,1,3).

    Shape: (B, C_in, H, W) -> (B, C_out, H/s, W/s).
    """

    own_layout = "k,k"
    expansion = 1


@block(FAMILY, c_in=256, c_mid=64, c_out=256)
class Bottleneck(ResidualBlock):
    """Bottleneck: 1x1 down to C_mid, k x k there, 1x1 up to C_out, beside a shortcut.

    Source: arXiv 1512.03385, figure 5 right. The stride sits on the k x k convolution and not on the first 1x1, as in torchvision
    ("ResNet v1.5"). Groups make it ResNeXt's block, a large C_mid the wide one.

    Shape: (B, C_in, H, W) -> (B, C_out, H/s, W/s).
    """

    own_layout = "1,k,1"
    expansion = 4


@block(FAMILY, c_in=64, c_mid=64, c_out=64, paper=PRE_ACTIVATION)
class PreActivationBlock(PreActivated):
    """Pre-activation block: norm and activation come before each convolution, and the shortcut stays untouched.

    Source: arXiv 1603.05027, figure 4 (e). Shape: (B, C_in, H, W) -> (B, C_out, H/s, W/s).
    """

    own_layout = "k,k"
    expansion = 1


@block(FAMILY, c_in=256, c_mid=64, c_out=256, paper=PRE_ACTIVATION)
class PreActivationBottleneck(PreActivated):
    """Pre-activation bottleneck: 1x1, k x k, 1x1, each after its norm and activation.

    Source: arXiv 1603.05027, section 5 (ResNet-164, ResNet-1001). Shape: (B, C_in, H, W) -> (B, C_out, H/s, W/s).
    """

    own_layout = "1,k,1"
    expansion = 4


@block(FAMILY, c_in=64, c_out=64)
class PlainBlock(nn.Module):
    """Plain block: the same convolutions without a shortcut, which is what a residual network is compared with.

    Source: arXiv 1512.03385, section 3.3 and figure 3 middle. Shape: (B, C_in, H, W) -> (B, C_out, H/s, W/s).
    """

    @passes_on(ResidualBlock, "kernel_size", "stride", "groups", "layout", "norm", "activation")
    def __init__(self, c_in: Channels, c_out: Channels, **knobs: Any) -> None:
        super().__init__()
        made = BasicBlock(c_in, c_out, c_out, shortcut="none", **knobs)
        self.body, self.after = made.body, made.after

    def forward(self, x: Tensor) -> Tensor:
        return self.after(self.body(x))


RESIDUAL_BLOCKS: dict[str, type[ResidualBlock]] = {
    "basic": BasicBlock,
    "bottleneck": Bottleneck,
    "pre_activation": PreActivationBlock,
    "pre_activation_bottleneck": PreActivationBottleneck,
}
BlockKind = Annotated[str, Spec("", "Block", "Which residual block the stages are made of.", DEPTH, values=tuple(RESIDUAL_BLOCKS))]
Stem = Annotated[
    str, Spec("", "Stem", "7x7 of stride 2 and a pool; three 3x3 and a pool; or one 3x3 for small pictures.", EXTRA, values=("imagenet", "deep", "cifar"))
]
StemWidth = Annotated[Channels, Named("C_1", "Stem channels", "Channels that leave the stem.")]
WidenFactor = Annotated[float, Spec("w", "Widen factor", "Multiplies every stage's channels.", WIDTH, 0.05, 32.0, 0.25)]


def inner_width(c_out: int, expansion: int, width_per_group: int, groups: int) -> int:
    """C_mid of a block: its planes C_out/e, times d/64 a group, times the groups (d = 64, g = 1: the planes themselves)."""
    planes = quotient(c_out, expansion)
    width = whole(planes * (width_per_group / 64)) * groups
    require(width >= 1, "width_per_group", width_per_group, f"leaves no channel inside a block of {planes} planes", [64])
    return named("C_mid", width)


@model(FAMILY)
class ResNet(ResidualNetwork):
    """Residual network for classification: a stem, stages that halve the resolution and widen, a pooled linear classifier.

    Source: arXiv 1512.03385, table 1. ``widths`` are the planes of the stages; bottlenecks leave with four times as many. Groups and
    width per group work as in torchvision: C_mid = planes·(d/64)·g. Its parts are knobs, and can be combined: SE gates
    (1709.01507), IBN (1807.09441), two frequencies (1904.05049), a second branch mixed at random (1705.07485), cross-stage-partial stages
    (1911.11929), stochastic depth (1603.09382).

    Shape: (B, C_0, H, W) -> (B, K).
    """

    part_knobs: ClassVar = {"alpha_in": "octave_alpha", "alpha_out": "octave_alpha", "alpha": "octave_alpha"}

    @passes_on(
        ResidualBlock,
        *("kernel_size", "layout", "groups", "width_per_group", "shrink_first", "shake"),
        *("se_ratio", "se_placement", "se_floor", "se_bias"),
        *("norm", "activation", "shortcut", "shortcut_kernel"),
        *("octave_alpha", "partial_ratio", "fusion", "dropout", "drop_path"),
    )
    def __init__(
        self,
        *,
        block: BlockKind = "basic",
        depths: Depths = (2, 2, 2, 2),
        widths: Widths = (64, 128, 256, 512),
        width_mult: WidenFactor = 1.0,
        width_per_group: WidthPerGroup = 64,
        octave_alpha: OctaveShare = 0.0,
        partial_ratio: PartialRatio = 0.0,
        fusion: Fusion = "both",
        stem: Stem = "imagenet",
        stem_width: StemWidth = 64,
        num_classes: NumClasses = 1000,
        in_channels: InChannels = 3,
        **block_knobs: Any,
    ) -> None:
        rule = "cannot split stages that carry two frequencies; set octave_alpha to 0 first"
        require(not (octave_alpha and partial_ratio), "partial_ratio", partial_ratio, rule, [0.0])
        made = RESIDUAL_BLOCKS[block]
        groups, activation = block_knobs["groups"], block_knobs["activation"]
        norm, drop_path = block_knobs.pop("norm"), block_knobs.pop("drop_path")

        def block_at(at: BlockPosition) -> nn.Module:
            c_mid = inner_width(at.c_out, made.expansion, width_per_group, groups)
            return made(
                at.c_in, c_mid, at.c_out, stride=at.stride, norm=at.norm(norm), drop_path=drop_path * at.depth, **at.octave(octave_alpha), **block_knobs
            )

        planes = scaled_widths(widths, width_mult)
        c_stem = scaled_widths((stem_width,), width_mult)[0]
        pre = issubclass(made, PreActivated)
        stem_norm = affine_instance_norm if norm == "ibn_b" else BLOCK_NORMS[norm].rest
        super().__init__(
            make_stem(stem, in_channels, c_stem, norm=stem_norm, act=activation, bare=pre),
            c_stem,
            block_at,
            [c * made.expansion for c in planes],
            depths,
            num_classes=num_classes,
            tail=norm_act(planes[-1] * made.expansion, BLOCK_NORMS[norm].rest, activation) if pre else None,
            cross_stage=CrossStage(partial_ratio, fusion, activation) if partial_ratio else None,
        )


_DEPTHS = {18: (2, 2, 2, 2), 26: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}


def of_depth(layers: int, **knobs: object) -> dict[str, object]:
    """The row of table 1 with this many layers, and ``knobs`` on top: basic blocks in 18 and 34, bottlenecks in the others."""
    return {"block": "basic" if layers in (18, 34) else "bottleneck", "depths": _DEPTHS[layers], **knobs}


presets(ResNet, "torchvision", resnet18=of_depth(18), resnet34=of_depth(34), resnet50=of_depth(50), resnet101=of_depth(101), resnet152=of_depth(152))
