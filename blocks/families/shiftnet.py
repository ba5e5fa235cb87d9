"""ShiftNet: channels are moved, each in one direction, and 1x1 convolutions mix them; no spatial convolution is left.

Wu, Wan, Yue, Jin, Zhao, Golmant, Gholaminejad, Gonzalez, Keutzer 2017, arXiv 1711.08141.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from blocks.catalog import Paper, block, family, model, presets
from blocks.knobs import (
    KERNEL,
    WIDTH,
    Activation,
    Channels,
    Depths,
    Dilation,
    Dropout,
    Expansion,
    InChannels,
    KernelSize,
    Named,
    NumClasses,
    Spec,
    UnitStride,
    WidthMultiplier,
    Widths,
    require,
    require_one_a_stage,
)
from blocks.layers.common import activation as make_activation
from blocks.layers.common import global_pool, make_divisible, named, quotient, whole
from blocks.trace.symbolic import plain

PAPER = Paper(
    "Shift: A Zero FLOP, Zero Parameter Alternative to Spatial Convolutions",
    "Wu, Wan, Yue, Jin, Zhao, Golmant, Gholaminejad, Gonzalez, Keutzer",
    2017,
    "1711.08141",
)
FAMILY = family(
    "shiftnet",
    "ShiftNet",
    "Move each channel by a pixel or two instead of convolving it; 1x1 convolutions do the rest.",
    PAPER,
    tags=("shift", "pointwise", "shortcut"),
)

_Ratio = Annotated[Expansion, Named("epsilon", "Expansion", "Channels that are shifted, over the channels that the module makes.")]
_Kernels = Annotated[tuple[int, ...], Spec("k", "Shift windows", "Side of the window of shifts in each stage; odd.", KERNEL, 1, 15, 2)]
Ratios = Annotated[tuple[int, ...], Spec("epsilon", "Expansions", "Shifted channels over made ones in each stage.", WIDTH, 1, 16, 1)]


@block(FAMILY, input=(1, 64, 56, 56))
class Shift(nn.Module):
    """Shift: the channels are dealt to the k² positions of a window, and each moves so that its position becomes the centre.

    Source: arXiv 1711.08141, section 3.1 and equation 2. It is a depthwise convolution whose kernels hold a single 1: no parameters,
    no arithmetic, only memory moved. Each position gets C // k² channels, and the centre the rest (section 3.1). Zeros come in
    at the border.

    Shape: (B, C, H, W) -> (B, C, H, W).
    """

    def __init__(self, *, kernel_size: KernelSize = 3, dilation: Dilation = 1) -> None:
        super().__init__()
        # Ordinary numbers: they say where to look, and neither sizes nor counts depend on them.
        self.kernel_size, self.dilation = plain(kernel_size), plain(dilation)

    def forward(self, x: Tensor) -> Tensor:
        """Shape: (B, C, H, W) -> (B, C, H, W)."""
        channels, height, width = x.shape[1:]
        places = offsets(self.kernel_size)
        share = quotient(channels, len(places))
        if share == 0:  # fewer channels than positions: all of them stay at the centre
            return x
        margin = (self.kernel_size - 1) // 2 * self.dilation
        padded = F.pad(x, (margin, margin, margin, margin))
        counts = [share] * (len(places) - 1) + [channels - share * (len(places) - 1)]
        groups = torch.split(padded, counts, dim=1)
        moved = [
            group.narrow(2, margin + dy * self.dilation, height).narrow(3, margin + dx * self.dilation, width)
            for group, (dy, dx) in zip(groups, places, strict=True)
        ]
        return torch.cat(moved, dim=1)


def offsets(kernel_size: int) -> list[tuple[int, int]]:
    """The (rows, columns) by which the groups of channels look away from the centre, row by row; the centre itself comes last."""
    reach = (kernel_size - 1) // 2
    around = [(dy, dx) for dy in range(-reach, reach + 1) for dx in range(-reach, reach + 1) if (dy, dx) != (0, 0)]
    return [*around, (0, 0)]


@block(FAMILY, input=(1, "c_in", 28, 28), c_in=128, c_out=128)
class ShiftModule(nn.Module):
    """Conv-shift-conv module (CSC): 1x1 to ε·C channels, shift, 1x1 back, each convolution after norm and activation.

    Source: arXiv 1711.08141, section 3.2 and figure 4. At stride 1 the input is added; at stride 2 it takes a 3x3 average pool and
    is concatenated, so the convolutions make C_out - C_in channels. ``shifts = 2`` shifts before the first convolution, too: the
    paper's SC².

    Shape: (B, C_in, H, W) -> (B, C_out, H/s, W/s).
    """

    def __init__(
        self,
        c_in: Channels,
        c_out: Channels,
        *,
        expansion: _Ratio = 3.0,
        kernel_size: KernelSize = 3,
        dilation: Dilation = 1,
        stride: UnitStride = 1,
        shifts: Annotated[int, Spec("n_s", "Shifts", "One shift between the convolutions, or one before each.", KERNEL, 1, 2, 1)] = 1,
        activation: Activation = "relu",
    ) -> None:
        super().__init__()
        if stride == 1:
            require(c_in == c_out, "c_out", c_out, f"must equal c_in = {plain(c_in)} at stride 1, where the input is added", [c_in])
            c_made = c_out
        else:
            require(c_out > c_in, "c_out", c_out, f"must exceed c_in = {plain(c_in)} at stride 2, where the input is concatenated", [2 * c_in])
            c_made = c_out - c_in
        c_mid = named("C_mid", whole(c_made * expansion))
        require(c_mid >= 1, "expansion", expansion, "must leave at least one channel to shift", [1.0])
        self.stride = stride
        parts: list[nn.Module] = [Shift(kernel_size=kernel_size, dilation=dilation)] if shifts == 2 else []
        parts += [nn.BatchNorm2d(c_in), make_activation(activation), nn.Conv2d(c_in, c_mid, 1, bias=False)]
        parts += [Shift(kernel_size=kernel_size, dilation=dilation)]
        # The stride sits on the second 1x1 convolution: what it skips has been shifted for nothing, but every input pixel is read.
        parts += [nn.BatchNorm2d(c_mid), make_activation(activation), nn.Conv2d(c_mid, c_made, 1, stride, bias=False)]
        self.body = nn.Sequential(*parts)

    def forward(self, x: Tensor) -> Tensor:
        """Shape: (B, C_in, H, W) -> (B, C_out, H/s, W/s)."""
        y = self.body(x)
        return x + y if self.stride == 1 else torch.cat([F.avg_pool2d(x, 3, stride=2, padding=1), y], dim=1)


def _require_growth(c_stem: int, widths: tuple[int, ...], width_mult: float) -> None:
    """Each stage needs more channels than it is given, for it concatenates its input."""
    grown: list[int] = []
    for width in widths:
        before = grown[-1] if grown else c_stem
        grown.append(width if width > before else 2 * before)
    require(grown == list(widths), "widths", widths, f"must grow from stage to stage, from c_stem = {c_stem}, for the input is concatenated", [tuple(grown)])

    def rounded(multiplier: float) -> list[int]:
        return [make_divisible(width * multiplier) for width in (c_stem, *widths)]

    def grows(multiplier: float) -> bool:
        return all(a < b for a, b in pairwise(rounded(multiplier)))

    larger = (width_mult + step / 20 for step in range(1, 200))
    require(
        grows(width_mult),
        "width_mult",
        width_mult,
        "must leave each stage wider than the one before it after rounding to 8",
        [m for m in larger if grows(m)][:1],
    )


@model(FAMILY)
class ShiftNet(nn.Module):
    """ShiftNet for classification: a 7x7 stem, four stages of conv-shift-conv modules, each beginning with stride 2.

    Source: arXiv 1711.08141, table 4. ``entry_expansions`` is ε of each stage's first module, ``expansions`` that of the others.

    Shape: (B, C_0, H, W) -> (B, K).
    """

    def __init__(
        self,
        *,
        width_mult: WidthMultiplier = 1.0,
        c_stem: Annotated[Channels, Named("C_stem", "Channels of the stem")] = 32,
        widths: Widths = (64, 128, 256, 512),
        depths: Depths = (5, 6, 7, 3),
        kernels: _Kernels = (5, 5, 3, 3),
        entry_expansions: Annotated[Ratios, Named("epsilon_1", "Entry expansions", "Shifted channels over made ones in each stage's first module.")] = (
            4,
            4,
            3,
            2,
        ),
        expansions: Ratios = (4, 3, 2, 1),
        activation: Activation = "relu",
        dropout: Dropout = 0.0,
        num_classes: NumClasses = 1000,
        in_channels: InChannels = 3,
    ) -> None:
        super().__init__()
        for name, values in {"depths": depths, "kernels": kernels, "entry_expansions": entry_expansions, "expansions": expansions}.items():
            require_one_a_stage(name, values, len(widths))
        require(all(k % 2 == 1 for k in kernels), "kernels", kernels, "each must be odd, so that a window has a centre", [tuple(plain(k) | 1 for k in kernels)])
        _require_growth(plain(c_stem), tuple(plain(w) for w in widths), plain(width_mult))
        c_in = make_divisible(c_stem * width_mult)
        self.stem = nn.Conv2d(in_channels, c_in, 7, 2, 3, bias=False)
        self.stages = nn.Sequential()
        for width, depth, kernel, entry, expansion in zip(widths, depths, kernels, entry_expansions, expansions, strict=True):
            c_out = make_divisible(width * width_mult)
            stage = nn.Sequential()
            for i in range(depth):
                epsilon, stride = (entry, 2) if i == 0 else (expansion, 1)
                stage.append(ShiftModule(c_in, c_out, expansion=1.0 * epsilon, kernel_size=kernel, stride=stride, activation=activation))
                c_in = c_out
            self.stages.append(stage)
        self.norm = nn.BatchNorm2d(c_in)
        self.act = make_activation(activation)
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(c_in, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        """Class scores. Shape: (B, C_0, H, W) -> (B, K)."""
        x = self.act(self.norm(self.stages(self.stem(x))))
        return self.classifier(self.dropout(global_pool(x)))


presets(ShiftNet, shiftnet_a={}, shiftnet_b={"width_mult": 0.5})
