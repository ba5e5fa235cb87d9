"""Random networks from MnasNet's search space, counted exactly: how much a MAC budget leaves undetermined.

Source: arXiv 1807.11626 (MnasNet), section 4.1: kernel, expansion, depth, width and gate, drawn for each stage.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from blocks import analyse, catalog
from blocks.experiments.base import ClaimVerdict, ExperimentOption, LiveExperiment, RunProgress

SEARCH_SPACE = "mnasnet1_0"
SEARCH_SIDE = 224
PUBLISHED = ("mnasnet0_5", "mnasnet0_75", "mnasnet1_0", "mnasnet1_3", "mnasnet_a1", "mobilenet_v2", "mobilenet_v3_large", "mobilenet_v3_small")


@dataclass(frozen=True)
class Sample:
    """Random networks and published ones: (MACs, parameters) each; ``best`` holds the knobs of the largest within ``budget`` MACs."""

    budget: float
    drawn: list[tuple[int, int]]
    published: dict[str, tuple[int, int]]
    best: dict[str, Any]
    verdict: ClaimVerdict


def draw(dice: random.Random) -> dict[str, Any]:
    """One network of the space, around MnasNet's own widths."""
    base = catalog.settings(SEARCH_SPACE)
    stages = len(base["depths"])
    return {
        "widths": tuple(max(8, round(w * dice.choice((0.75, 1.0, 1.25)) / 8) * 8) for w in base["widths"]),
        "depths": tuple(dice.choice((1, 2, 3, 4)) for _ in range(stages)),
        "kernels": tuple(dice.choice((3, 5)) for _ in range(stages)),
        "expansions": tuple(dice.choice((3, 6)) for _ in range(stages)),
        "se_ratios": tuple(dice.choice((0, 4)) for _ in range(stages)),
    }


def run(watch: RunProgress, *, budget: int = 320, samples: int = 64, seed: int = 1) -> Sample:
    """Draw ``samples`` networks and count them; ``budget`` in millions of MACs."""
    dice = random.Random(seed)
    limit = budget * 1e6
    published = {name: _counts(name, {}) for name in PUBLISHED}
    drawn: list[tuple[int, int]] = []
    best: tuple[int, dict[str, Any]] = (0, {})
    for i in range(samples):
        knobs = draw(dice)
        macs, params = _counts(SEARCH_SPACE, knobs)
        drawn.append((macs, params))
        if best[0] < macs <= limit:
            best = (macs, knobs)
        if i % 8 == 7:
            watch.tick((i + 1) / samples, Sample(limit, list(drawn), published, best[1], _verdict(drawn, limit)))
    return Sample(limit, drawn, published, best[1], _verdict(drawn, limit))


def _counts(name: str, knobs: dict[str, Any]) -> tuple[int, int]:
    a = analyse(name, (1, 3, SEARCH_SIDE, SEARCH_SIDE), **knobs)
    return a.macs, a.params


def _verdict(drawn: list[tuple[int, int]], limit: float) -> ClaimVerdict:
    inside = [(m, p) for m, p in drawn if m <= limit]
    near = [p for m, p in drawn if 0.85 * limit <= m <= 1.15 * limit]
    spread = max(near) / min(near) if near else 1.0
    return ClaimVerdict(len(near) > 1 and spread >= 1.3, {"samples": len(drawn), "inside": len(inside), "budget": limit / 1e6, "spread": spread})


EXPERIMENT = LiveExperiment(
    title="Random networks under a budget",
    claim="{inside} of {samples} random networks have at most {budget:.0f} M MACs; near the budget, parameters still differ by a factor of {spread:.1f}.",
    bound="confirmed if, within 15 % of the budget, parameters differ by a factor of at least 1.3",
    run=run,
    options=(
        ExperimentOption("budget", 320, "Budget (M MACs)", 100, 800, 20),
        ExperimentOption("samples", 64, "Number of networks", 16, 240, 8),
        ExperimentOption("seed", 1, "Seed", 0, 999, 1),
    ),
    seconds=4,
)
