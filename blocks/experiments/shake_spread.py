"""Shake-Shake's draws: where the outputs lie between the two branches, their mean against eval mode, and the split of the gradient.

Gastaldi 2017, arXiv 1705.07485. Norms use fixed statistics here, so that α alone moves the output.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from blocks.experiments.base import ClaimVerdict, ExperimentOption, LiveExperiment, RunProgress, seed_option
from blocks.families.shake_shake import ShakeBlock
from blocks.language import translatable

CHANNELS, SIDE, IMAGES, SIGMAS = 8, 8, 4, 4


@dataclass(frozen=True, eq=False)
class Spread:
    """Mixing shares read from the tensors, one row per draw and one column per image: ``alpha`` (draws, 4) forward, ``beta`` (draws, 4) backward.

    ``value`` (draws,) is one number of the output; ``ends`` what it would be with one branch alone, ``use`` what eval mode gives.
    """

    mode: str
    alpha: Tensor
    beta: Tensor
    value: Tensor
    ends: tuple[float, float]
    use: float
    verdict: ClaimVerdict


def share(part: Tensor, a: Tensor, b: Tensor) -> tuple[Tensor, float]:
    """For each image the t in part = t·a + (1-t)·b by least squares, and the largest distance from it relative to a - b."""
    line = (a - b).flatten(1)
    off = (part - b).flatten(1)
    t = (off * line).sum(1) / line.square().sum(1)
    return t, float((off - t[:, None] * line).norm() / line.norm())


def run(watch: RunProgress, *, draws: int = 200, mode: str = "image", seed: int = 1) -> Spread:
    """``draws`` passes, forwards and backwards, of one input through one block."""
    torch.manual_seed(seed)
    block = ShakeBlock(CHANNELS, CHANNELS, CHANNELS, draw=mode).eval()
    assert block.shake is not None
    x = torch.randn(IMAGES, CHANNELS, SIDE, SIDE)
    kept: list[Tensor] = []

    def keep(_module: Any, inputs: tuple[Tensor, Tensor], output: Tensor) -> None:
        kept[:] = [*inputs, output]

    hook = block.shake.register_forward_hook(keep)
    try:
        use = block(x).detach()
        first, second = kept[0].detach(), kept[1].detach()
        block.shake.train()
        alphas, betas, outputs, off = [], [], [], 0.0
        for i in range(draws):
            out = block(x)
            a, b, mixed = kept
            pull = torch.randn_like(out)
            to_a, to_b, to_mixed = torch.autograd.grad(out, (a, b, mixed), pull)
            t, left = share(mixed.detach(), first, second)
            back, left_back = share(to_a, to_mixed, torch.zeros_like(to_mixed))
            off = max(off, left, left_back, float((to_a + to_b - to_mixed).abs().max()))
            alphas.append(t)
            betas.append(back)
            outputs.append(out.detach())
            watch.tick((i + 1) / draws)
    finally:
        hook.remove()
    alpha, beta = torch.stack(alphas), torch.stack(betas)
    error = float((torch.stack(outputs).mean(0) - use).norm() / (first - second).norm())
    # The mean of n uniform shares strays from 1/2 by 1/√(12n); the four images' strays add up as their norms do, at most all alike.
    bound = SIGMAS / math.sqrt(12 * draws)
    inside = bool(((alpha >= -1e-4) & (alpha <= 1 + 1e-4)).all())
    flat = int((first - second).abs().argmax())
    at = tuple(int(i) for i in torch.unravel_index(torch.tensor(flat), first.shape))
    rest = float(use[at] - 0.5 * (first[at] + second[at]))
    numbers = {"draws": draws, "error": error, "bound": bound, "low": float(alpha.min()), "high": float(alpha.max()), "match": correlation(alpha, beta)}
    value = torch.stack([out[at] for out in outputs])
    ends = (rest + float(second[at]), rest + float(first[at]))
    return Spread(mode, alpha, beta, value, ends, float(use[at]), ClaimVerdict(inside and off < 1e-4 and error <= bound, numbers))


def correlation(a: Tensor, b: Tensor) -> float:
    """Pearson's, over all numbers of two tensors of one shape; 0 where one of them does not vary."""
    pair = torch.stack([a.flatten(), b.flatten()]).double()
    found = float(torch.corrcoef(pair)[0, 1]) if pair.shape[1] > 1 else 0.0
    return found if math.isfinite(found) else 0.0


EXPERIMENT = LiveExperiment(
    title="Many draws, one mean",
    claim="In {draws} draws the output lies between the branches (α from {low:.2f} to {high:.2f}); the mean differs from eval mode's output by {error:.3f} of the distance between the branches. The correlation of α and β is {match:+.2f}.",
    bound="confirmed if the mean is within four standard errors, 4/√(12·draws)",
    run=run,
    options=(
        ExperimentOption("draws", 200, "Number of draws", 10, 500, 10),
        ExperimentOption(
            "mode", "image", "A new α", values=("image", "batch"),
            titles={"image": translatable("for each image"), "batch": translatable("for each batch")},
        ),
        seed_option(),
    ),
    seconds=2,
)  # fmt: skip
