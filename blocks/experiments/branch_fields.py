"""Inception's branches over one picture: how far each sees, and why padding 0, 1, 2 lets them be concatenated.

Szegedy et al. 2014, arXiv 1409.4842, figure 2 (a). The catalog's module has the padding; a copy of it has none.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from blocks.experiments import pictures
from blocks.experiments.base import ClaimVerdict, LiveExperiment, RunProgress, picture_option, seed_option
from blocks.experiments.gradients import extent, seen
from blocks.families.inception_v1 import InceptionNaive

SIDE, ROW, COLUMN, CHANNELS, TRIES = 21, 10, 10, 4, 24
BRANCHES = {"conv_1x1": "1x1", "conv_3x3": "3x3", "conv_large": "5x5", "pool": "pool 3x3"}


@dataclass(frozen=True)
class Branch:
    """One branch: side of its ``output``, and the (top, left, height, width) of the ``picture`` that output position (ROW, COLUMN) sees."""

    name: str
    padding: int
    output: int
    box: tuple[int, int, int, int]


@dataclass(frozen=True, eq=False)
class Branches:
    """``padded`` and ``bare`` branches, and what torch says to concatenating the bare ones (empty if it did not refuse)."""

    picture: Tensor
    padded: list[Branch]
    bare: list[Branch]
    refusal: str
    verdict: ClaimVerdict


def module(padded: bool) -> InceptionNaive:
    """The catalog's naive module for a picture; unpadded where asked for."""
    made = InceptionNaive(3, CHANNELS, CHANNELS, CHANNELS, pool="avg")
    for part in made.modules():
        if isinstance(part, (nn.Conv2d, nn.AvgPool2d)) and not padded:
            part.padding = 0
    return made


def looked(padded: bool, picture: Tensor, watch: RunProgress, base: float) -> list[Branch]:
    """Each branch's output size, and its field by gradients over several random weights (a ReLU may be closed in one of them)."""
    found: dict[str, tuple[int, int, Tensor]] = {}
    for n in range(TRIES):
        x = picture[None].clone().requires_grad_()
        for name, branch in module(padded).branches.items():
            out = branch(x)
            padding = next(p.padding for p in branch.modules() if isinstance(p, (nn.Conv2d, nn.AvgPool2d)))
            before = found[name][2] if name in found else torch.zeros(SIDE, SIDE, dtype=torch.float64)
            found[name] = (padding[0] if isinstance(padding, tuple) else int(padding), out.shape[-1], before + seen(out, x, ROW, COLUMN))
        watch.tick(base + 0.5 * (n + 1) / TRIES)
    return [Branch(BRANCHES[name], padding, size, extent(energy)) for name, (padding, size, energy) in found.items()]


def centre(branch: Branch) -> tuple[float, float]:
    """Middle of what the branch's position sees, in pixels of the picture."""
    top, left, height, width = branch.box
    return top + (height - 1) / 2, left + (width - 1) / 2


def run(watch: RunProgress, *, picture: str | pictures.Picture = "cat", seed: int = 1) -> Branches:
    """Both modules on the same picture."""
    torch.manual_seed(seed)
    shown = pictures.square(picture, SIDE)
    padded, bare = looked(True, shown, watch, 0.0), looked(False, shown, watch, 0.5)
    try:
        module(False)(shown[None])
        refusal = ""
    except RuntimeError as error:
        refusal = str(error).partition(". ")[0]
    aligned = all(b.output == SIDE and centre(b) == (ROW, COLUMN) for b in padded)
    apart = len({b.output for b in bare}) > 1 and bool(refusal)
    numbers = {"side": SIDE, "sizes": ", ".join(str(b.output) for b in bare), "fields": ", ".join(f"{b.box[2]}x{b.box[3]}" for b in padded)}
    return Branches(shown, padded, bare, refusal, ClaimVerdict(aligned and apart, numbers))


EXPERIMENT = LiveExperiment(
    title="One position, four branches",
    claim="With padding 0, 1, 2 every branch gives {side} x {side}, centred on the same pixel (receptive fields {fields}). Without padding the sides are {sizes}, and torch refuses to concatenate.",
    bound="confirmed if all centres and sizes agree exactly, and torch refuses without padding",
    run=run,
    options=(picture_option(default="cat"), seed_option()),
    seconds=1,
)
