"""Squeeze-and-excitation: each channel is rescaled by a gate that sees the whole picture.

Hu, Shen, Albanie, Sun, Wu 2018, arXiv 1709.01507. The gate is :class:`blocks.layers.common.SqueezeExcite`; a residual network takes it by
``se_ratio`` and ``se_placement``, and :func:`attach` puts it on any block that has a body.
"""

from __future__ import annotations

from typing import Annotated, Any

from torch import Tensor, nn

from blocks.catalog import Paper, block, family, presets
from blocks.families.inception_v1 import InceptionModule
from blocks.families.resnet import ResNet, of_depth
from blocks.knobs import EXTRA, Channels, KnobError, Named, SERatio, Spec
from blocks.layers.common import SqueezeExcite
from blocks.layers.residual import ResidualBlock, squeeze_width

PAPER = Paper("Squeeze-and-Excitation Networks", "Hu, Shen, Albanie, Sun, Wu", 2018, "1709.01507")
FAMILY = family(
    "senet", "SENet", "Squeeze each channel to one number, excite a gate from them all, rescale the channels.", PAPER, tags=("attention", "SE", "gate")
)

_Ratio = Annotated[SERatio, Named(low=1, help="Squeeze-and-excitation reduction C/r.")]
Gate = Annotated[str, Spec("", "Gate", "Function that turns the excitation into a scale factor.", EXTRA, values=("sigmoid", "hardsigmoid", "tanh", "relu"))]


@block(FAMILY, c_in=256)
class SqueezeExcitation(nn.Module):
    """The gate alone: pool, C to C/r, ReLU, C/r to C, sigmoid, scale; 2C²/r weights and C/r + C biases.

    Source: arXiv 1709.01507, section 3 and figure 1; other gates from its table 11. Shape: (B, C_in, H, W) -> (B, C_in, H, W).
    """

    def __init__(
        self,
        c_in: Channels,
        *,
        se_ratio: _Ratio = 16,
        gate: Gate = "sigmoid",
        bias: Annotated[bool, Spec("", "Bias", "Biases in the gate's two layers.", EXTRA)] = True,
    ) -> None:
        super().__init__()
        self.gate = SqueezeExcite(c_in, squeeze_width(c_in, se_ratio), gate=gate, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        return self.gate(x)


@block(FAMILY, c_in=256, c_mid=64, c_out=256, se_ratio=16)
class SEBottleneck(ResidualBlock):
    """SE bottleneck: the gate rescales the branch before the addition, or sits elsewhere by ``se_placement``.

    Source: arXiv 1709.01507, figure 3 (standard) and figure 5 (pre, post, identity). Shape: (B, C_in, H, W) -> (B, C_out, H/s, W/s).
    """

    own_layout = "1,k,1"
    expansion = 4


@block(FAMILY, c_in=64, c_mid=64, c_out=64, se_ratio=16)
class SEBasicBlock(ResidualBlock):
    """SE basic block: two k x k convolutions and a gate beside a shortcut.

    Source: arXiv 1709.01507, figure 3. Shape: (B, C_in, H, W) -> (B, C_out, H/s, W/s).
    """

    own_layout = "k,k"
    expansion = 1


@block(FAMILY, input=(1, "c_in", 28, 28), c_in=192, c_1=64, c_3_reduce=96, c_3=128, c_5_reduce=16, c_5=32, c_pool=32, se_ratio=16, title="SE-Inception module")
class SEInceptionModule(InceptionModule):
    """SE-Inception: an Inception module whose concatenated branches are rescaled by one gate.

    Source: arXiv 1709.01507, figure 2. Shape: (B, C_in, H, W) -> (B, C_1 + C_3 + C_5 + C_p, H, W).
    """


def attach(to: nn.Module, se_ratio: int = 16, placement: str = "standard") -> nn.Module:
    """A gate on any block that has a ``body``: on it ("standard"), before it ("pre"), after the block ("post") or on its ``shortcut`` ("identity").

    Source: arXiv 1709.01507, section 6.5 and figure 5. Changes ``to`` and returns the module to use in its place. ``KnobError`` for
    a block without a body, or without a shortcut module where the gate would sit on it.
    """
    body = getattr(to, "body", None)
    convolutions = [m for m in body.modules() if isinstance(m, nn.Conv2d)] if isinstance(body, nn.Module) else []
    if not isinstance(body, nn.Module) or not convolutions:
        raise KnobError("to", type(to).__name__, "has no body of convolutions that a gate could be put on")
    c_in, c_out = convolutions[0].in_channels, convolutions[-1].out_channels
    if placement == "standard":
        to.body = nn.Sequential(body, SqueezeExcite(c_out, squeeze_width(c_out, se_ratio)))
    elif placement == "pre":
        to.body = nn.Sequential(SqueezeExcite(c_in, squeeze_width(c_in, se_ratio)), body)
    elif placement == "post":
        return nn.Sequential(to, SqueezeExcite(c_out, squeeze_width(c_out, se_ratio)))
    elif placement == "identity":
        shortcut = getattr(to, "shortcut", None)
        if not isinstance(shortcut, nn.Module):
            raise KnobError("placement", placement, f"{type(to).__name__} has no shortcut module that a gate could be put on", ["standard", "pre"])
        to.shortcut = nn.Sequential(shortcut, SqueezeExcite(c_out, squeeze_width(c_out, se_ratio)))
    else:
        raise KnobError("placement", placement, "must be one of standard, pre, post, identity", ["standard"])
    return to


#: timm's SE-ResNets never squeeze to fewer than 8 channels, which shows in the 64-channel stage of the shallow ones.
TIMM = {"se_ratio": 16, "se_floor": 8}

SE_RESNETS: dict[str, Any] = {f"seresnet{depth}": of_depth(depth, **TIMM) for depth in (18, 34, 50, 101, 152)}
SE_RESNEXTS: dict[str, Any] = {f"seresnext{depth}_32x4d": of_depth(depth, groups=32, width_per_group=4, **TIMM) for depth in (50, 101)}
SENET_154 = of_depth(152, groups=64, width_per_group=4, shrink_first=2, shortcut_kernel=3, stem="deep", stem_width=128, **TIMM)

presets(ResNet, "timm", of=FAMILY, **SE_RESNETS, **SE_RESNEXTS, senet154=SENET_154)
