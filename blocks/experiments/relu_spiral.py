"""A spiral embedded in n dimensions, through ReLU, and back: what is lost.

Sandler et al. 2018, arXiv 1801.04381, figure 1. A point can be recovered where at least two of its n coordinates stay positive (they are
two equations for its two unknowns); with random directions each stays so with chance 1/2, so (n + 1)/2^n of the points are lost.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from blocks.experiments.base import ClaimVerdict, ExperimentOption, LiveExperiment, RunProgress, seed_option

POINTS, DRAWS, SIGMAS = 400, 400, 4
ROW = (2, 3, 5, 10, 15, 30)


@dataclass(frozen=True, eq=False)
class Spiral:
    """``points`` (N, 2); for each number of dimensions in ``back`` what comes back (N, 2) by the pseudo-inverse, and in ``lost`` which points cannot (N,).

    ``shares`` and ``expected``: the lost share over all draws, and (n + 1)/2^n, by n.
    """

    dims: int
    points: Tensor
    back: dict[int, Tensor]
    lost: dict[int, Tensor]
    shares: dict[int, float]
    expected: dict[int, float]
    verdict: ClaimVerdict


def spiral() -> Tensor:
    """Two turns and a half, centred, (N, 2)."""
    angle = torch.linspace(0.6, 5 * math.pi, POINTS, dtype=torch.float64)
    return torch.stack([angle * angle.cos(), angle * angle.sin()], 1) / (5 * math.pi)


def through(points: Tensor, embed: Tensor) -> tuple[Tensor, Tensor]:
    """(what the pseudo-inverse gives back of relu(points · embedᵀ), which points have fewer than two equations left).

    ``embed`` is (n, 2).
    """
    kept = torch.relu(points @ embed.T)
    return kept @ torch.linalg.pinv(embed).T, (kept > 0).sum(1) < 2


def run(watch: RunProgress, *, dims: int = 2, seed: int = 1) -> Spiral:
    """The chosen number of dimensions beside a row of others; the share of lost points over many embeddings."""
    generator = torch.Generator().manual_seed(seed)
    points = spiral()
    shares, expected, back, lost = {}, {}, {}, {}
    strays: dict[int, float] = {}
    counts = sorted({*ROW, dims})
    for i, n in enumerate(counts):
        embed = torch.randn(DRAWS, n, 2, generator=generator, dtype=torch.float64)
        back[n], lost[n] = through(points, embed[0])
        share = ((points @ embed.transpose(1, 2) > 0).sum(2) < 2).double().mean(1)  # (DRAWS,)
        shares[n], expected[n] = float(share.mean()), (n + 1) / 2**n
        strays[n] = float(share.std()) / math.sqrt(DRAWS)
        watch.tick((i + 1) / len(counts))
    # Where hardly a point is lost in any draw the spread of draws says little: one point in one draw more or less is then allowed for.
    off = max(abs(shares[n] - expected[n]) / (SIGMAS * strays[n] + 1 / DRAWS) for n in counts)
    numbers = {"dims": dims, "lost": shares[dims], "expected": expected[dims], "few": shares[2], "many": shares[30], "draws": DRAWS}
    return Spiral(dims, points, back, lost, shares, expected, ClaimVerdict(off <= 1, numbers))


EXPERIMENT = LiveExperiment(
    title="A spiral through ReLU and back",
    claim="With n = {dims}, ReLU makes {lost:.1%} of the points unrecoverable (mean of {draws} embeddings; theory, (n + 1)/2ⁿ: {expected:.1%}). With n = 2 it is {few:.0%}, with n = 30 {many:.1%}.",
    bound="confirmed if every n agrees within four standard errors",
    run=run,
    options=(ExperimentOption("dims", 2, "Dimensions n", 2, 50, 1), seed_option()),
    seconds=2,
)
