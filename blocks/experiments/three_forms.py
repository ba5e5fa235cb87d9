"""ResNeXt's block in three forms: the weights of (a), copied to (b) and (c), give the same function at the same cost.

Xie et al. 2016, arXiv 1611.05431, figure 3. In double precision, so that rounding cannot hide a difference.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from blocks.analysis import analyse
from blocks.experiments.base import ClaimVerdict, ExperimentOption, LiveExperiment, RunProgress, seed_option
from blocks.families.resnext import Aggregated, ResNeXtPaths, as_grouped, concatenate_early

CHANNELS, SIDE, BATCH, BOUND = 64, 14, 2, 1e-12
FORMS = ("a", "b", "c")


@dataclass(frozen=True, eq=False)
class Forms:
    """By form: one channel of the ``output`` (H, W), the ``difference`` from (a) over the output's largest value, and the counts."""

    outputs: dict[str, Tensor]
    differences: dict[str, float]
    params: dict[str, int]
    macs: dict[str, int]
    operations: dict[str, int]
    verdict: ClaimVerdict


def forms(paths: int, width: int) -> dict[str, Aggregated]:
    """The three, in eval mode and double precision, with norms that do something."""
    a = ResNeXtPaths(CHANNELS, CHANNELS, cardinality=paths, width_per_group=width).double()
    for part in a.modules():
        if isinstance(part, nn.BatchNorm2d):
            for values in (part.weight, part.running_var):
                nn.init.uniform_(values, 0.5, 1.5)  # type: ignore[arg-type]
            for values in (part.bias, part.running_mean):
                nn.init.normal_(values, std=0.2)  # type: ignore[arg-type]
    b = concatenate_early(a.eval())
    return {"a": a, "b": b, "c": as_grouped(b)}


def run(watch: RunProgress, *, paths: int = 8, width: int = 4, seed: int = 1) -> Forms:
    """One input through all three, and the counts of each."""
    torch.manual_seed(seed)
    made = forms(paths, width)
    x = torch.randn(BATCH, CHANNELS, SIDE, SIDE, dtype=torch.float64)
    outputs: dict[str, Tensor] = {}
    counts = {}
    for i, (name, form) in enumerate(made.items()):
        with torch.no_grad():
            outputs[name] = form(x)
        counts[name] = analyse(form, tuple(x.shape))
        watch.tick((i + 1) / len(made))
    largest = outputs["a"].abs().max()
    differences = {name: float((out - outputs["a"]).abs().max() / largest) for name, out in outputs.items()}
    params = {name: found.params for name, found in counts.items()}
    macs = {name: found.macs for name, found in counts.items()}
    operations = {name: sum(n.kind not in ("input", "output") for n in found.graph.nodes) for name, found in counts.items()}
    equal = len(set(params.values())) == len(set(macs.values())) == 1
    numbers = {"difference": max(differences.values()), "params": params["a"], "macs": macs["a"] / 1e6, "operations": " / ".join(map(str, operations.values()))}
    shown = {name: out[0, 0].clone() for name, out in outputs.items()}
    return Forms(shown, differences, params, macs, operations, ClaimVerdict(equal and max(differences.values()) <= BOUND, numbers))


EXPERIMENT = LiveExperiment(
    title="Three forms, one function",
    claim="The outputs differ by {difference:.1g} of the largest value. Each form has {params:,} parameters and {macs:.2f} M MACs; operations: {operations}.",
    bound=f"confirmed if outputs agree to {BOUND:g} and both counts are equal",
    run=run,
    options=(
        ExperimentOption("paths", 8, "Number of paths", 1, 32, 1),
        ExperimentOption("width", 4, "Width per path", 1, 16, 1),
        seed_option(),
    ),
    seconds=1,
)
