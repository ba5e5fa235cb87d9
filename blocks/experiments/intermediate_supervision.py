"""Gradients in each stack of an hourglass network, with a loss for every stack and with the last one's only.

Newell et al. 2016, arXiv 1603.06937, sections 3.3 and 4.3. The task is real: find coloured dots, one heat map per colour.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from blocks.experiments.base import ClaimVerdict, ExperimentOption, LiveExperiment, RunProgress, seed_option
from blocks.families.hourglass import HourglassNet, heat_maps, stack_losses

SIDE, JOINTS, FEATURES, BATCH, BATCHES = 64, 4, 16, 4, 3
INKS = ((1.0, 0.25, 0.2), (0.2, 0.9, 0.35), (0.3, 0.5, 1.0), (1.0, 0.85, 0.2))
SUPERVISION_WAYS = ("every", "last")


@dataclass(frozen=True, eq=False)
class Supervision:
    """By way ("every" stack has a loss, "last" only) the gradient's root mean square in each stack's weights; one ``picture`` (3, S, S) with its ``target`` (H, W)."""

    gradients: dict[str, list[float]]
    picture: Tensor
    target: Tensor
    verdict: ClaimVerdict


def dots(count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Pictures of coloured dots on noise (B, 3, S, S), and the heat maps of their places (B, J, S/4, S/4)."""
    points = 8 + torch.rand(count, JOINTS, 2, generator=generator) * (SIDE - 16)
    ink = torch.tensor(INKS)
    drawn = torch.einsum("bjhw,jc->bchw", heat_maps(points, SIDE, SIDE, 2.5), ink)
    noise = 0.12 + 0.08 * torch.randn(count, 3, SIDE, SIDE, generator=generator)
    return (drawn + noise).clamp(0, 1), heat_maps(points / 4 - 0.375, SIDE // 4, SIDE // 4)


def by_stack(net: HourglassNet) -> list[float]:
    """Root mean square of the gradients of each stack's hourglass, its convolutions' weights taken together."""
    found = []
    for stack in net.stacks:
        parts = [m.weight.grad.flatten() for m in stack.hourglass.modules() if isinstance(m, nn.Conv2d) and m.weight.grad is not None]  # type: ignore[union-attr]
        found.append(float(torch.cat(parts).double().square().mean().sqrt()))
    return found


def run(watch: RunProgress, *, stacks: int = 4, seed: int = 1) -> Supervision:
    """The same network and the same batches, both ways, before any training."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    net = HourglassNet(stacks=stacks, depth=2, features=FEATURES, num_classes=JOINTS).train()
    x, target = dots(BATCH, generator)
    first = x[0], target[0].amax(0)
    sums = {way: torch.zeros(stacks, dtype=torch.float64) for way in SUPERVISION_WAYS}
    for n in range(BATCHES):
        for k, way in enumerate(SUPERVISION_WAYS):
            net.zero_grad()
            losses = stack_losses(net(x), target)
            (losses.sum() if way == "every" else losses[-1]).backward()
            sums[way] += torch.tensor(by_stack(net), dtype=torch.float64) / BATCHES
            watch.tick((n + (k + 1) / 2) / BATCHES)
        x, target = dots(BATCH, generator)
    gradients = {way: values.tolist() for way, values in sums.items()}
    ratios = [a / b for a, b in zip(gradients["every"], gradients["last"], strict=True)]
    same = abs(ratios[-1] - 1) < 1e-3
    numbers = {"stacks": stacks, "first": ratios[0], "last": ratios[-1]}
    return Supervision(gradients, *first, ClaimVerdict(ratios[0] >= 1.2 and same, numbers))


EXPERIMENT = LiveExperiment(
    title="Gradient in each stack",
    claim="With a loss at every stack, the first of {stacks} stacks gets {first:.2f} times the gradient that it gets from the last loss alone; the last stack gets {last:.2f} times.",
    bound="confirmed if at least 1.2 times in the first stack, with the last unchanged",
    run=run,
    options=(ExperimentOption("stacks", 4, "Number of stacks", 2, 8, 1), seed_option()),
    seconds=3,
)
