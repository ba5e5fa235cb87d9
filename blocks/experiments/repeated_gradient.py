"""How often a gradient is repeated in dense layers, and how much bypassing channels save; counted in the trace.

Source: arXiv 1911.11929 (CSPNet), section 3.1, equations 1 to 4. A layer sends a gradient to every channel that it reads; a channel
that n layers read gets the sum of n gradients.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from blocks import analyse
from blocks.analysis import Analysis
from blocks.experiments.base import ClaimVerdict, ExperimentOption, LiveExperiment, RunProgress
from blocks.trace.graph import Node

C_IN, GROWTH, SIDE = 128, 32, 28


@dataclass(frozen=True)
class Copies:
    """By number of layers, for "dense" and "csp": ``arriving`` gradients (channels that the layers read) and ``copies`` of each
    channel's on average; ``verdict``."""

    layers: list[int]
    arriving: dict[str, list[int]]
    copies: dict[str, list[float]]
    verdict: ClaimVerdict


def _gradient_copies(analysis: Analysis) -> tuple[int, float]:
    """(channels that the dense layers read, the same over the channels that the block holds: its input and what the layers add)."""
    graph = analysis.graph
    arriving, added, seen = 0, 0, set()
    for node in graph.nodes:
        layer = _layer(node, analysis) if node.kind == "convolution" else -1
        if layer < 0:
            continue
        if layer not in seen:  # the layer's first convolution reads what came before; its last one adds the new channels
            seen.add(layer)
            producer, slot = node.inputs[0]
            arriving += graph.nodes[producer].outputs[slot][1]
            added += GROWTH
    return arriving, arriving / (C_IN + added)


def _layer(node: Node, analysis: Analysis) -> int:
    """The call of the dense layer that an operation lies in; -1 outside of any."""
    call = analysis.graph.calls[node.scope]
    while call.cls != "DenseLayer" and call.parent >= 0:
        call = analysis.graph.calls[call.parent]
    return call.index if call.cls == "DenseLayer" else -1


def run(watch: RunProgress, *, layers: int = 12, partial_ratio: float = 0.5) -> Copies:
    """Count both blocks from one layer to ``layers``."""
    counts = list(range(1, layers + 1))
    arriving: dict[str, list[int]] = {"dense": [], "csp": []}
    copies: dict[str, list[float]] = {"dense": [], "csp": []}
    shape = (1, C_IN, SIDE, SIDE)
    for n in counts:
        shared: dict[str, Any] = {"c_in": C_IN, "layers": n, "growth_rate": GROWTH}
        for name, a in (("dense", analyse("dense_block", shape, **shared)), ("csp", analyse("csp_dense_block", shape, partial_ratio=partial_ratio, **shared))):
            total, each = _gradient_copies(a)
            arriving[name].append(total)
            copies[name].append(each)
        watch.tick(n / layers)
    numbers = {"layers": layers, "dense": copies["dense"][-1], "csp": copies["csp"][-1], "share": 100 * arriving["csp"][-1] / arriving["dense"][-1]}
    return Copies(counts, arriving, copies, ClaimVerdict(arriving["csp"][-1] < arriving["dense"][-1] and copies["csp"][-1] < copies["dense"][-1], numbers))


EXPERIMENT = LiveExperiment(
    title="Gradients that repeat",
    claim="With {layers} dense layers, a channel receives {dense:.1f} gradients on average; with a bypass, {csp:.1f}. The total falls to {share:.0f} %.",
    bound="confirmed if the bypass lowers both",
    run=run,
    options=(
        ExperimentOption("layers", 12, "Number of layers", 2, 32, 1),
        ExperimentOption("partial_ratio", 0.5, "Bypassing fraction γ", 0.1, 0.9, 0.05),
    ),
    seconds=2,
)
