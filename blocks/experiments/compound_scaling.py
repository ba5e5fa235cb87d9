"""Depth, width and resolution alone, and all three by one exponent: MACs of EfficientNet-B0 as each grows.

Source: arXiv 1905.11946 (EfficientNet), section 3.3, equations 2 and 3: depth α^φ, width β^φ, resolution γ^φ with α·β²·γ² ≈ 2.
Alone, each is enlarged so that the rule says the same: depth 2^φ, width and resolution 2^(φ/2).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from blocks import analyse
from blocks.experiments.base import ClaimVerdict, ExperimentOption, LiveExperiment, RunProgress

_NETWORK = "efficientnet_b0"
PHI = (0.0, 1.0, 2.0, 3.0)
Scales = tuple[float, float, float]  # of depth, width, resolution


@dataclass(frozen=True)
class Scaling:
    """MACs at each φ for "depth", "width", "resolution" and "compound"; ``scales`` are the compound's factors; ``verdict``."""

    phi: list[float]
    macs: dict[str, list[int]]
    scales: list[Scales]
    product: float
    verdict: ClaimVerdict


def rules(alpha: float, beta: float, gamma: float) -> dict[str, Callable[[float], Scales]]:
    """(depth, width, resolution) factors at φ, for each way to grow."""
    return {
        "depth": lambda phi: (2**phi, 1.0, 1.0),
        "width": lambda phi: (1.0, 2 ** (phi / 2), 1.0),
        "resolution": lambda phi: (1.0, 1.0, 2 ** (phi / 2)),
        "compound": lambda phi: (alpha**phi, beta**phi, gamma**phi),
    }


def run(watch: RunProgress, *, alpha: float = 1.2, beta: float = 1.1, gamma: float = 1.15) -> Scaling:
    """Count every network."""
    found: dict[str, list[int]] = {}
    ways = rules(alpha, beta, gamma)
    for i, (name, scales) in enumerate(ways.items()):
        found[name] = []
        for j, phi in enumerate(PHI):
            depth, width, resolution = scales(phi)
            side = round(224 * resolution)
            found[name].append(analyse(_NETWORK, (1, 3, side, side), depth_mult=depth, width_mult=width).macs)
            watch.tick((i + (j + 1) / len(PHI)) / len(ways))
    product = alpha * beta**2 * gamma**2
    growth = (found["compound"][-1] / found["compound"][0]) ** (1 / PHI[-1])
    numbers = {"product": product, "growth": growth}
    return Scaling(list(PHI), found, [ways["compound"](phi) for phi in PHI], product, ClaimVerdict(abs(growth / product - 1) < 0.12, numbers))


EXPERIMENT = LiveExperiment(
    title="One exponent for depth, width and resolution",
    claim="α·β²·γ² = {product:.2f}; the counted MACs grow by a factor of {growth:.2f} with each step of φ.",
    bound="confirmed if the two agree within 12 %: depths and widths are rounded",
    run=run,
    options=(
        ExperimentOption("alpha", 1.2, "Depth α", 1.0, 2.0, 0.05),
        ExperimentOption("beta", 1.1, "Width β", 1.0, 1.5, 0.05),
        ExperimentOption("gamma", 1.15, "Resolution γ", 1.0, 1.5, 0.05),
    ),
    seconds=2,
)
