"""Which input reaches which output through two grouped 1x1 convolutions, by gradients: without a shuffle, fully connected, with the shuffle.

Zhang et al. 2018, arXiv 1707.01083, figure 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from blocks.experiments.base import ClaimVerdict, ExperimentOption, LiveExperiment, RunProgress, seed_option
from blocks.layers.common import channel_shuffle

CHANNELS = 24
SHUFFLE_WAYS = ("none", "full", "shuffled")


@dataclass(frozen=True, eq=False)
class Reach:
    """By way: ``gradients`` (outputs, inputs), their sizes; ``seen`` the least number of input groups that an output sees; ``weights`` the two layers' weights."""

    groups: int
    gradients: dict[str, Tensor]
    seen: dict[str, int]
    weights: dict[str, int]
    verdict: ClaimVerdict


def jacobian(net: Callable[[Tensor], Tensor]) -> Tensor:
    """Sizes of every output channel's gradient by every input channel, (C, C), at one position."""
    found = torch.autograd.functional.jacobian(lambda x: net(x.view(1, -1, 1, 1)).flatten(), torch.randn(CHANNELS))
    return found.abs()


def run(watch: RunProgress, *, groups: int = 3, seed: int = 1) -> Reach:
    """Two layers the three ways, with random weights."""
    torch.manual_seed(seed)

    def layer(g: int) -> nn.Conv2d:
        return nn.Conv2d(CHANNELS, CHANNELS, 1, groups=g, bias=False)

    gradients, seen, weights = {}, {}, {}
    for i, way in enumerate(SHUFFLE_WAYS):
        first, second = layer(1 if way == "full" else groups), layer(1 if way == "full" else groups)
        between: Callable[[Tensor], Tensor] = (lambda x: channel_shuffle(x, groups)) if way == "shuffled" else (lambda x: x)
        found = jacobian(lambda x, a=first, b=second, shuffle=between: b(shuffle(a(x))))  # type: ignore[misc]
        gradients[way] = found
        by_group = (found.reshape(CHANNELS, groups, -1) > 0).any(2).sum(1)
        seen[way] = int(by_group.min())
        weights[way] = first.weight.numel() + second.weight.numel()
        watch.tick((i + 1) / len(SHUFFLE_WAYS))
    holds = seen == {"none": 1, "full": groups, "shuffled": groups}
    numbers = {"groups": groups, **seen, "share": weights["shuffled"] / weights["full"]}
    return Reach(groups, gradients, seen, weights, ClaimVerdict(holds, numbers))


EXPERIMENT = LiveExperiment(
    title=f"Which input reaches which output ({CHANNELS} channels, two layers)",
    claim="With {groups} groups, an output sees {none} group of inputs without the shuffle and {shuffled} of {groups} with it, at {share:.0%} of the weights of a full connection.",
    bound="confirmed if every output sees one group without the shuffle and every group with it",
    run=run,
    options=(ExperimentOption("groups", 3, "Groups", values=(2, 3, 4, 6, 8, 12)), seed_option()),
    seconds=0.5,
)
