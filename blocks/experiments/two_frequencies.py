"""An image as a low-frequency part at half the resolution plus the high-frequency rest, and what an octave convolution saves by it.

Chen et al. 2019, arXiv 1904.05049, figure 1 and section 3.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from blocks.analysis import analyse
from blocks.experiments import pictures
from blocks.experiments.base import ClaimVerdict, ExperimentOption, LiveExperiment, RunProgress, picture_option
from blocks.layers.octave import OctaveConv

SIDE, CHANNELS, LEAST = 128, 16, 0.85
ALPHAS = (0.0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875)


@dataclass(frozen=True, eq=False)
class Halves:
    """``picture``, ``low`` (3, S/2, S/2) and ``high`` (3, S, S) with picture = enlarged low + high; by α the shares of ``values`` kept and of ``macs`` spent."""

    picture: Tensor
    low: Tensor
    high: Tensor
    alpha: float
    values: dict[float, float]
    macs: dict[float, float]
    verdict: ClaimVerdict


def split_frequencies(picture: Tensor) -> tuple[Tensor, Tensor]:
    """(low part at half the resolution, what is left of the picture without it)."""
    low = F.avg_pool2d(picture[None], 2)
    return low[0], (picture[None] - F.interpolate(low, scale_factor=2, mode="nearest"))[0]


def octave_share(alpha: float) -> tuple[float, float]:
    """(values of the output, MACs) of an octave convolution over those of an ordinary one, counted in its trace."""
    found = analyse(OctaveConv(CHANNELS, CHANNELS, alpha_in=alpha, alpha_out=alpha).eval(), (1, CHANNELS, SIDE, SIDE))
    kept = sum(int(torch.Size(n.shape).numel()) for n in found.graph.nodes if n.kind == "output")
    return kept / (CHANNELS * SIDE * SIDE), found.macs / (9 * CHANNELS * CHANNELS * SIDE * SIDE)


def run(watch: RunProgress, *, alpha: float = 0.5, picture: str | pictures.Picture = "cat") -> Halves:
    """Split the picture; count the convolution at every α."""
    shown = pictures.square(picture, SIDE)
    low, high = split_frequencies(shown)
    back = F.interpolate(low[None], scale_factor=2, mode="nearest")[0] + high
    values, macs = {}, {}
    counts = sorted({*ALPHAS, alpha})
    for i, a in enumerate(counts):
        values[a], macs[a] = octave_share(a)
        watch.tick((i + 1) / len(counts))
    around = shown - shown.mean((1, 2), keepdim=True)
    share = 1 - float(high.square().sum() / around.square().sum().clamp_min(1e-12))
    error = float((back - shown).abs().max())
    numbers = {"share": share, "alpha": alpha, "values": values[alpha], "macs": macs[alpha]}
    return Halves(shown, low, high, alpha, values, macs, ClaimVerdict(share >= LEAST and error < 1e-6, numbers))


EXPERIMENT = LiveExperiment(
    title="An image in two frequencies",
    claim="The low-frequency part, with a quarter of the pixels, has {share:.1%} of the image's variance. At α = {alpha:g}, an octave convolution keeps {values:.0%} of the values and {macs:.0%} of the MACs.",
    bound=f"confirmed if at least {LEAST:.0%}, with both parts adding up to the image",
    run=run,
    options=(ExperimentOption("alpha", 0.5, "Low-frequency fraction α", 0.0, 0.875, 0.125), picture_option(default="cat")),
    seconds=1,
)
