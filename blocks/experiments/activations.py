"""Activations for small devices and their derivatives: ReLU, ReLU6, swish and h-swish.

Ramachandran et al. 2017, arXiv 1710.05941 (swish); Howard et al. 2019, arXiv 1905.02244, section 5.2 (h-swish). The derivatives are
autograd's, checked against differences of the functions themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from blocks.experiments.base import ClaimVerdict, LiveExperiment, RunProgress
from blocks.layers.common import activation

ACTIVATION_TITLES = {"relu": "ReLU", "relu6": "ReLU6", "silu": "swish", "hardswish": "h-swish"}
LOW, HIGH, POINTS, STEP, CLOSE, AGREE = -8.0, 8.0, 1601, 1e-4, 0.15, 1e-3
KINKS = (-3.0, 0.0, 3.0, 6.0)


@dataclass(frozen=True, eq=False)
class Curves:
    """``x`` (N,), and by name of the activation its ``values`` and its ``slopes`` there."""

    x: Tensor
    values: dict[str, Tensor]
    slopes: dict[str, Tensor]
    verdict: ClaimVerdict


def run(watch: RunProgress) -> Curves:
    """Every activation on one grid, with autograd's derivative."""
    x = torch.linspace(LOW, HIGH, POINTS, dtype=torch.float64)
    smooth = torch.stack([(x - k).abs() > 2 * STEP for k in KINKS]).all(0)
    values, slopes, error = {}, {}, 0.0
    for i, name in enumerate(ACTIVATION_TITLES):
        function = activation(name)
        at = x.clone().requires_grad_()
        y = function(at * 1)  # some work in place, which a leaf forbids
        (slopes[name],) = torch.autograd.grad(y.sum(), at)
        values[name] = y.detach()
        differences = (function(x + STEP) - function(x - STEP)) / (2 * STEP)
        error = max(error, float((differences - slopes[name])[smooth].abs().max()))
        watch.tick((i + 1) / len(ACTIVATION_TITLES))
    gap = (values["hardswish"] - values["silu"]).abs()
    least = values["silu"].argmin()
    numbers = {"gap": float(gap.max()), "at": float(x[gap.argmax()].abs()), "dip": float(values["silu"][least]), "where": float(x[least])}
    return Curves(x, values, slopes, ClaimVerdict(numbers["gap"] <= CLOSE and error <= AGREE, numbers))


EXPERIMENT = LiveExperiment(
    title="Four activations and their slopes",
    claim="h-swish stays within {gap:.3f} of swish everywhere (largest at ±{at:.2f}), without an exponential. swish is not monotonic: it dips to {dip:.3f} at x = {where:.2f}.",
    bound=f"confirmed if within {CLOSE:g}, with autograd's slopes equal to finite differences within {AGREE:g}",
    run=run,
    seconds=0.1,
)
