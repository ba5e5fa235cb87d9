"""Stacked hourglass: the picture shrinks to a few pixels and grows again, with a skip branch at every scale, several times over.

Newell, Yang, Deng 2016, arXiv 1603.06937. Every stack gives a prediction of its own, which is supervised and fed back into the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from blocks.catalog import Paper, block, family, model, presets
from blocks.knobs import Activation, Channels, Groups, InChannels, KernelSize, KnobError, Named, NumClasses, Repeats, SERatio, require, require_divides
from blocks.layers.common import ConvNormAct, SqueezeExcite, named, quotient, same_padding
from blocks.layers.common import activation as act_layer

PAPER = Paper("Stacked Hourglass Networks for Human Pose Estimation", "Newell, Yang, Deng", 2016, "1603.06937")
FAMILY = family(
    "hourglass",
    "Stacked Hourglass",
    "Pool down to a few pixels and upsample again, keep every scale in a skip branch, predict, repeat.",
    PAPER,
    tags=("pose", "heat map", "heatmap", "dense prediction"),
)

_Scales = Annotated[Repeats, Named("n", "Depth", "How many times the hourglass halves the resolution.", high=8)]
Blocks = Annotated[Repeats, Named("m", "Residual blocks per level", "Residual blocks at each place of a level of the hourglass.", high=16)]
Stacks = Annotated[Repeats, Named("S", "Stacks", "Hourglasses one after another, each with a prediction.", high=16)]
Width = Annotated[Channels, Named("F", "Features", "Channels of the hourglass.")]


@block(FAMILY, input=(1, "c_in", 64, 64), title="Hourglass residual", c_in=128, c_out=256)
class HourglassResidual(nn.Module):
    """Pre-activation bottleneck: norm, activation and convolution three times (1x1 to C_out/2, k x k, 1x1 to C_out), added to the input.

    Source: arXiv 1603.06937, figure 4 (left), after He et al. 2016, arXiv 1603.05027. The convolutions have biases and the shortcut
    becomes a 1x1 convolution where the widths differ, as in the published networks. Departures: groups and squeeze-and-excitation are extras.

    Shape: (B, C_in, H, W) -> (B, C_out, H, W).
    """

    def __init__(
        self,
        c_in: Channels,
        c_out: Channels,
        *,
        kernel_size: KernelSize = 3,
        groups: Groups = 1,
        se_ratio: SERatio = 0,
        activation: Activation = "relu",
    ) -> None:
        super().__init__()
        require(c_out % 2 == 0, "c_out", c_out, "must be even: the middle of the block has half of its channels", [c_out + 1, max(2, c_out - 1)])
        c_mid = named("C_mid", quotient(c_out, 2))
        require_divides("groups", groups, c_mid=c_mid)
        self.body = nn.Sequential(
            *_pre_activated(c_in, c_mid, 1, 1, activation),
            *_pre_activated(c_mid, c_mid, kernel_size, groups, activation),
            *_pre_activated(c_mid, c_out, 1, 1, activation),
        )
        if se_ratio:
            self.body.append(SqueezeExcite(c_out, max(1, quotient(c_out, se_ratio))))
        self.shortcut = nn.Identity() if c_in == c_out else nn.Conv2d(c_in, c_out, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.shortcut(x) + self.body(x)


def _pre_activated(c_in: int, c_out: int, kernel_size: int, groups: int, act: str) -> tuple[nn.Module, ...]:
    return nn.BatchNorm2d(c_in), act_layer(act), nn.Conv2d(c_in, c_out, kernel_size, padding=same_padding(kernel_size), groups=groups)


@block(FAMILY, input=(1, "channels", 64, 64), channels=256)
class Hourglass(nn.Module):
    """One hourglass of depth n: at each scale a skip branch, and a branch at half the resolution that holds the next smaller hourglass.

    Source: arXiv 1603.06937, section 3.1 and figure 3. Max pooling goes down, nearest-neighbour upsampling goes up, addition joins.
    An odd size is rounded down when pooled and met exactly when upsampled.

    Shape: (B, F, H, W) -> (B, F, H, W) with H, W >= 2^n.
    """

    part_knobs: ClassVar = {"c_out": "channels"}

    def __init__(
        self,
        channels: Width,
        *,
        depth: _Scales = 4,
        blocks: Blocks = 1,
        kernel_size: KernelSize = 3,
        groups: Groups = 1,
        se_ratio: SERatio = 0,
        activation: Activation = "relu",
    ) -> None:
        super().__init__()

        def residuals() -> nn.Sequential:
            return nn.Sequential(
                *(
                    HourglassResidual(channels, channels, kernel_size=kernel_size, groups=groups, se_ratio=se_ratio, activation=activation)
                    for _ in range(blocks)
                )
            )

        self.depth = depth
        self.skip = residuals()
        self.pool = nn.MaxPool2d(2, 2)
        self.down = residuals()
        if depth > 1:
            self.inner: nn.Module = Hourglass(
                channels, depth=depth - 1, blocks=blocks, kernel_size=kernel_size, groups=groups, se_ratio=se_ratio, activation=activation
            )
        else:
            self.inner = residuals()
        self.up = residuals()

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[-2:]
        require(
            min(height, width) >= 2**self.depth,
            "depth",
            self.depth,
            f"halves a {height} x {width} map more often than it can be halved",
            [_halvings(min(height, width))],
        )
        low = self.up(self.inner(self.down(self.pool(x))))
        return self.skip(x) + F.interpolate(low, size=(height, width), mode="nearest")


def _halvings(size: int) -> int:
    return max(1, int(size).bit_length() - 1)


@model(FAMILY)
class HourglassNet(nn.Module):
    """Stacked hourglass for pose estimation: a stem to a quarter of the resolution, then S hourglasses with a prediction each.

    Source: arXiv 1603.06937, sections 3.2 and 3.3, figure 4 (right). Between stacks, the features and the prediction come back by
    1x1 convolutions and are added to what entered the stack. Departures (those of the pytorch-pose networks): the inner branches are
    as wide as the skip branches, with ``blocks`` residuals each.

    Shape: (B, C_0, H, W) -> a list of S heat maps (B, J, H/4, W/4), in training and in evaluation; the last is the answer.
    """

    part_knobs: ClassVar = {"c_out": "features", "channels": "features"}

    def __init__(
        self,
        *,
        stacks: Stacks = 2,
        depth: _Scales = 4,
        features: Width = 256,
        blocks: Blocks = 1,
        kernel_size: KernelSize = 3,
        groups: Groups = 1,
        se_ratio: SERatio = 0,
        activation: Activation = "relu",
        num_classes: Annotated[NumClasses, Named("J", "Joints", "Heat maps, one for each joint.")] = 16,
        in_channels: InChannels = 3,
    ) -> None:
        super().__init__()
        nearest = [max(4, int(features) // 4 * 4), (int(features) // 4 + 1) * 4]
        require(features % 4 == 0, "features", features, "must be a multiple of 4: the stem starts with a quarter of them", nearest)
        knobs: dict[str, Any] = {"kernel_size": kernel_size, "groups": groups, "se_ratio": se_ratio, "activation": activation}
        quarter, half = quotient(features, 4), quotient(features, 2)
        self.stem = nn.Sequential(
            ConvNormAct(in_channels, quarter, 7, 2, act=activation, bias=True),
            HourglassResidual(quarter, half, **knobs),
            nn.MaxPool2d(2, 2),
            HourglassResidual(half, features, **knobs),
            HourglassResidual(features, features, **knobs),
        )
        self.stacks = nn.ModuleList(_Stack(features, num_classes, depth, blocks, i < stacks - 1, knobs) for i in range(stacks))

    def forward(self, x: Tensor) -> list[Tensor]:
        x = self.stem(x)
        predictions = []
        for stack in self.stacks:
            x, prediction = stack(x)
            predictions.append(prediction)
        return predictions


class _Stack(nn.Module):
    """One hourglass with its prediction; gives what enters the next stack, and the heat maps."""

    def __init__(self, features: int, joints: int, depth: int, blocks: int, feeds_back: bool, knobs: dict[str, Any]) -> None:
        super().__init__()
        self.hourglass = Hourglass(features, depth=depth, blocks=blocks, **knobs)
        self.residuals = nn.Sequential(*(HourglassResidual(features, features, **knobs) for _ in range(blocks)))
        self.mix = ConvNormAct(features, features, 1, act=knobs["activation"], bias=True)
        self.predict = nn.Conv2d(features, joints, 1)
        self.feeds_back = feeds_back
        if feeds_back:
            self.features_back = nn.Conv2d(features, features, 1)
            self.prediction_back = nn.Conv2d(joints, features, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        y = self.mix(self.residuals(self.hourglass(x)))
        prediction = self.predict(y)
        if self.feeds_back:
            x = x + self.features_back(y) + self.prediction_back(prediction)
        return x, prediction


def stack_losses(predictions: Sequence[Tensor], target: Tensor, visible: Tensor | None = None) -> Tensor:
    """Intermediate supervision: the mean squared error of every stack's heat maps, shape (S,); train on the sum.

    Source: arXiv 1603.06937, sections 3.3 and 3.4. ``target`` is (B, J, H, W); ``visible`` (B, J), where given, is 0 for joints that count
    nothing. Raises :class:`KnobError` where a prediction and the target have different shapes.
    """
    for prediction in predictions:
        if prediction.shape != target.shape:
            raise KnobError("target", tuple(target.shape), "must have the predictions' shape (batch, joints, height, width)", [tuple(prediction.shape)])
    weight = torch.ones_like(target) if visible is None else visible[..., None, None].expand_as(target)
    return torch.stack([(weight * (prediction - target) ** 2).mean() for prediction in predictions])


def heat_maps(points: Tensor, height: int, width: int, sigma: float = 1.0) -> Tensor:
    """Training targets: a Gaussian of height 1 around every joint. Source: arXiv 1603.06937, section 3.4.

    Shape: ``points`` (B, J, 2) as (x, y) in pixels of the heat map -> (B, J, H, W).
    """
    x = torch.arange(width, dtype=points.dtype, device=points.device)
    y = torch.arange(height, dtype=points.dtype, device=points.device)
    distance = (x - points[..., 0, None])[..., None, :] ** 2 + (y - points[..., 1, None])[..., :, None] ** 2
    return torch.exp(-distance / (2 * sigma**2))


presets(HourglassNet, "bearpaw/pytorch-pose", resolution=256, hourglass_1={"stacks": 1}, hourglass_2={"stacks": 2}, hourglass_8={"stacks": 8})
