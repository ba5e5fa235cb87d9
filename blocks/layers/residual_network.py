"""The residual network: a stem, stages of whatever blocks it is given, a pooled linear classifier.

What a paper changes in the whole network (its stem, which blocks stand where, stages around a cross-stage split) is a part handed to
:class:`ResidualNetwork`; what it changes in a block is a part of :class:`blocks.layers.residual.ResidualBlock`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from blocks.knobs import require_one_a_stage
from blocks.layers.common import ConvNormAct, CrossStagePartial, Layer, global_pool, quotient, whole


@dataclass(frozen=True, slots=True)
class BlockPosition:
    """Where a block stands: its widths and stride, its stage of how many, and its number among the stage's blocks."""

    c_in: int
    c_out: int
    stride: int
    stage: int
    stages: int
    index: int
    repeats: int
    depth: float  # share of the network's blocks that come before it

    @property
    def last_stage(self) -> bool:
        """Whether this is a block of the last stage."""
        return self.stage == self.stages - 1

    def octave(self, alpha: float) -> dict[str, Any]:
        """Low shares of the block here: the first block of all starts from one tensor, the last stage ends in one."""
        starts_high = self.index > 0 if self.last_stage and self.stage > 0 else self.stage == 0 and self.index == 0
        return {"alpha_in": 0.0 if starts_high else alpha, "alpha_out": 0.0 if self.last_stage else alpha}

    def norm(self, kind: str) -> str:
        """IBN as published: a in all stages but the last, b at the end of all stages but the last two; batch norm elsewhere."""
        if kind == "ibn_a" and self.last_stage:
            return "batch"
        if kind == "ibn_b" and not (self.stage < self.stages - 2 and self.index == self.repeats - 1):
            return "batch"
        return kind


@dataclass(frozen=True, slots=True)
class CrossStage:
    """A cross-stage split for every stage: the share γ that goes around, and where the transitions are (arXiv 1911.11929)."""

    ratio: float
    fusion: str
    act: str


def make_stem(kind: str, in_channels: int, width: int, *, norm: Layer | None, act: str, bare: bool = False) -> nn.Sequential:
    """The network's entrance: "imagenet" (7x7 of stride 2, pool), "deep" (three 3x3, pool) or "cifar" (3x3); ``bare`` leaves the last without norm.

    Shape: (B, C_0, H, W) -> (B, C, H/4, W/4), or (B, C, H, W) for "cifar".
    """
    if kind == "cifar":
        return nn.Sequential(nn.Conv2d(in_channels, width, 3, padding=1, bias=False) if bare else ConvNormAct(in_channels, width, 3, norm=norm, act=act))
    if kind == "imagenet":
        return nn.Sequential(ConvNormAct(in_channels, width, 7, 2, norm=norm, act=act), nn.MaxPool2d(3, 2, 1))
    half = max(1, quotient(width, 2))
    convs = [ConvNormAct(a, b, 3, s, norm=norm, act=act) for a, b, s in ((in_channels, half, 2), (half, half, 1), (half, width, 1))]
    return nn.Sequential(*convs, nn.MaxPool2d(3, 2, 1))


class StagedNetwork(nn.Module):
    """Stem, stages, an optional tail, average pool, an optional dropout, classifier.

    Shape: (B, C_0, H, W) -> (B, K).
    """

    def __init__(
        self, stem: nn.Module, stages: nn.Sequential, c_out: int, *, num_classes: int, tail: nn.Module | None = None, dropout: float | None = None
    ) -> None:
        super().__init__()
        self.stem, self.stages, self.tail = stem, stages, tail
        self.dropout = None if dropout is None else nn.Dropout(dropout)
        self.classifier = nn.Linear(c_out, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stages(self.stem(x))
        if self.tail is not None:
            x = self.tail(x)
        x = global_pool(x)
        return self.classifier(x if self.dropout is None else self.dropout(x))


def in_turn(c_in: int, widths: Sequence[int], depths: Sequence[int], stage: Callable[[int, int, int, int], nn.Module]) -> nn.Sequential:
    """``stage(c_in, c_out, repeats, number)`` for each width and depth, each from the width of the one before it."""
    require_one_a_stage("widths", tuple(widths), len(depths))
    stages = nn.Sequential()
    for number, (c_out, repeats) in enumerate(zip(widths, depths, strict=True)):
        stages.append(stage(c_in, c_out, repeats, number))
        c_in = c_out
    return stages


class ResidualNetwork(StagedNetwork):
    """Stem, stages of residual blocks, average pool, classifier. The blocks are whatever ``block`` builds for a :class:`BlockPosition`.

    Shape: (B, C_0, H, W) -> (B, K).
    """

    def __init__(
        self,
        stem: nn.Module,
        c_stem: int,
        block: Callable[[BlockPosition], nn.Module],
        widths: Sequence[int],
        depths: Sequence[int],
        *,
        num_classes: int,
        tail: nn.Module | None = None,
        cross_stage: CrossStage | None = None,
    ) -> None:
        require_one_a_stage("depths", tuple(depths), len(widths))
        before, total = [sum(depths[:i]) for i in range(len(depths))], sum(depths)

        def stage(c_in: int, c_out: int, repeats: int, number: int) -> nn.Module:
            stride = 1 if number == 0 else 2
            build = functools.partial(_stage, block, number=number, stages=len(depths), repeats=repeats, done=before[number], total=total)
            return build(c_in, c_out, stride) if cross_stage is None else _partial_stage(build, c_in, c_out, stride, cross_stage)

        super().__init__(stem, in_turn(c_stem, widths, depths, stage), widths[-1], num_classes=num_classes, tail=tail)


def _stage(
    block: Callable[[BlockPosition], nn.Module], c_in: int, c_out: int, stride: int, *, number: int, stages: int, repeats: int, done: int, total: int
) -> nn.Sequential:
    stage = nn.Sequential()
    for index in range(repeats):
        stage.append(block(BlockPosition(c_in, c_out, stride, number, stages, index, repeats, (done + index) / total)))
        c_in, stride = c_out, 1
    return stage


def _partial_stage(build: Callable[[int, int, int], nn.Module], c_in: int, c_out: int, stride: int, cross: CrossStage) -> nn.Module:
    def through(width: int) -> tuple[nn.Module, int]:
        return build(width, width, 1), width

    return CrossStagePartial(c_in, c_out, through, partial_ratio=cross.ratio, fusion=cross.fusion, stride=stride, act=cross.act)


def scaled_widths(widths: Sequence[int], factor: float) -> list[int]:
    """Each width times ``factor``, rounded down but at least 1."""
    return [max(1, whole(width * factor)) for width in widths]
