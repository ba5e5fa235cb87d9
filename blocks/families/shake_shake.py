"""Shake-Shake: two branches are mixed by a random share in the forward pass, and their gradients by another in the backward pass.

Gastaldi 2017, arXiv 1705.07485: x_{i+1} = x_i + α·F(x_i, W1) + (1-α)·F(x_i, W2), with β in place of α backwards and 1/2 in eval mode.
"""

from __future__ import annotations

from typing import Annotated, Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from blocks.catalog import Paper, block, family, model, presets
from blocks.families.resnet import StemWidth, WidenFactor, inner_width
from blocks.knobs import (
    DEPTH,
    EXTRA,
    Channels,
    Depths,
    InChannels,
    Named,
    NumClasses,
    Spec,
    WidthPerGroup,
    Widths,
    passes_on,
    require,
)
from blocks.layers.common import activation as activation_called
from blocks.layers.common import quotient
from blocks.layers.residual import ResidualBlock, fresh_activation
from blocks.layers.residual_network import BlockPosition, ResidualNetwork, scaled_widths
from blocks.layers.shake import Draw

PAPER = Paper("Shake-Shake regularization", "Gastaldi", 2017, "1705.07485")
FAMILY = family(
    "shake_shake", "Shake-Shake", "Two branches mixed at random, forwards by α and backwards by an independent β.", PAPER, tags=("shortcut", "regularisation")
)

_Share = Annotated[Draw, Named(label="Draw", help="A share for each picture, one for the whole batch, or always 1/2.", values=("image", "batch", "even"))]
IdleShortcut = Annotated[
    bool,
    Spec("", "Idle shortcuts", "A projection also where the identity is used: the published basic blocks hold one and never use it.", EXTRA),
]


class ShiftedShortcut(nn.Module):
    """Two strided views of the activated input, the second shifted by one pixel, each through a 1x1 convolution to half the channels.

    Source: arXiv 1705.07485, section 2.1 (as in its Torch code): so no position is left out by the stride.

    Shape: (B, C_in, H, W) -> (B, C_out, H/s, W/s).
    """

    def __init__(self, c_in: int, c_out: int, stride: int, act: str) -> None:
        super().__init__()
        require(c_out % 2 == 0, "c_out", c_out, "must be even, for the shortcut is made of two halves", [c_out - 1, c_out + 1])
        self.act = fresh_activation(act)
        self.pick = nn.AvgPool2d(1, stride)
        self.straight = nn.Conv2d(c_in, quotient(c_out, 2), 1, bias=False)
        self.shifted = nn.Conv2d(c_in, quotient(c_out, 2), 1, bias=False)
        self.norm = nn.BatchNorm2d(c_out)

    def forward(self, x: Tensor) -> Tensor:
        x = self.act(x)
        halves = self.straight(self.pick(x)), self.shifted(self.pick(F.pad(x, (-1, 1, -1, 1))))
        return self.norm(torch.cat(halves, 1))


class TwoBranches(ResidualBlock):
    """Shortcut plus the random mixture of two equal branches, and nothing after the addition.

    Source: arXiv 1705.07485, equation 2. A :class:`blocks.layers.residual.ResidualBlock` that is given a second branch, the paper's shortcut,
    and an activation in front of each branch.

    Shape: (B, C_in, H, W) -> (B, C_out, H/s, W/s).
    """

    activates_input = True
    activates_output = False

    @passes_on(ResidualBlock, "kernel_size", "stride", "groups", "layout", "draw", "se_ratio", "se_placement", "norm", "activation", "drop_path")
    def __init__(
        self,
        c_in: Channels,
        c_mid: Channels,
        c_out: Channels,
        *,
        draw: _Share = "image",
        idle_shortcut: IdleShortcut = False,
        **knobs: Any,
    ) -> None:
        super().__init__(c_in, c_mid, c_out, shake=draw, **knobs)
        if idle_shortcut and not self.projects:
            self.idle = self._projection(c_in, c_out, knobs["stride"], 1)

    def _body(self, *parts: Any) -> nn.Sequential:
        body = super()._body(*parts)
        return nn.Sequential(fresh_activation(self.act), *body) if self.activates_input else body

    def _projection(self, c_in: int, c_out: int, stride: int, _kernel: int) -> nn.Module:
        return ShiftedShortcut(c_in, c_out, stride, self.act)


@block(FAMILY, input=(1, "c_in", 32, 32), c_in=32, c_mid=32, c_out=32)
class ShakeBlock(TwoBranches):
    """Shake-Shake block: two branches of activation, k x k, norm, activation, k x k, norm, mixed at random.

    Source: arXiv 1705.07485, figure 1 and section 2.1. Shape: (B, C_in, H, W) -> (B, C_out, H/s, W/s).
    """


@block(FAMILY, input=(1, "c_in", 32, 32), c_in=256, c_mid=256, c_out=256, groups=4)
class ShakeBottleneck(TwoBranches):
    """Shake-Shake with ResNeXt branches: 1x1, grouped k x k, 1x1, mixed at random.

    Source: arXiv 1705.07485, section 3 (the 2x4x64d network for CIFAR-100). As in the published implementation, no activation stands
    in front of the branches. Shape: (B, C_in, H, W) -> (B, C_out, H/s, W/s).
    """

    own_layout = "1,k,1"
    expansion = 4
    activates_input = False


_BLOCKS: dict[str, type[TwoBranches]] = {"basic": ShakeBlock, "bottleneck": ShakeBottleneck}
_BranchKind = Annotated[str, Spec("", "Branch", "Two k x k convolutions, or ResNeXt's bottleneck.", DEPTH, values=tuple(_BLOCKS))]


@model(FAMILY)
class ShakeResNet(ResidualNetwork):
    """Shake-Shake network for small pictures: a 3x3 stem, three stages of two-branch blocks, activation, pool, classifier.

    Source: arXiv 1705.07485, table 1. ``widths`` are the planes of the stages; bottlenecks leave with four times as many, and
    C_mid = planes·(d/64)·g.

    Shape: (B, C_0, H, W) -> (B, K).
    """

    @passes_on(
        TwoBranches,
        *("kernel_size", "layout", "groups", "width_per_group", "draw"),
        *("se_ratio", "se_placement", "norm", "activation", "drop_path", "idle_shortcut"),
    )
    def __init__(
        self,
        *,
        block: _BranchKind = "basic",
        depths: Depths = (4, 4, 4),
        widths: Widths = (32, 64, 128),
        width_mult: WidenFactor = 1.0,
        width_per_group: WidthPerGroup = 64,
        stem_width: StemWidth = 16,
        num_classes: NumClasses = 10,
        in_channels: InChannels = 3,
        **block_knobs: Any,
    ) -> None:
        made = _BLOCKS[block]
        groups, activation = block_knobs["groups"], block_knobs["activation"]
        norm, drop_path = block_knobs.pop("norm"), block_knobs.pop("drop_path")

        def block_at(at: BlockPosition) -> nn.Module:
            c_mid = inner_width(at.c_out, made.expansion, width_per_group, groups)
            return made(at.c_in, c_mid, at.c_out, stride=at.stride, norm=at.norm(norm), drop_path=drop_path * at.depth, **block_knobs)

        super().__init__(
            nn.Conv2d(in_channels, stem_width, 3, padding=1),
            stem_width,
            block_at,
            [c * made.expansion for c in scaled_widths(widths, width_mult)],
            depths,
            num_classes=num_classes,
            tail=activation_called(activation),
        )


RESNET26: dict[str, Any] = {f"shake_resnet26_2x{w}d": {"widths": (w, 2 * w, 4 * w), "idle_shortcut": True} for w in (32, 64, 96)}
RESNEXT29: dict[str, object] = {"block": "bottleneck", "depths": (3, 3, 3), "widths": (64, 128, 256), "stem_width": 64}

presets(
    ShakeResNet,
    "owruby/shake-shake_pytorch",
    resolution=32,
    **RESNET26,
    shake_resnext29_2x4x64d=RESNEXT29 | {"groups": 4},
)
