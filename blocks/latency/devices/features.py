"""What a network asks of a device, kind by kind, fused as inference runtimes fuse: a norm or an activation behind a convolution costs nothing of its own."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import numpy as np

from blocks import analyse, catalog
from blocks.analysis import Analysis
from blocks.latency.roofline.work import OperationCost, operation_costs
from blocks.trace.graph import Graph
from blocks.trace.symbolic import plain

#: Kinds of operation whose speed differs between devices, in the order of a network's work, and the share of the nominal roof that each is taken to reach where nothing is known:
#: 3 x 3 convolutions of stride 1 (runtimes compute them by Winograd's method), other dense ones, ..., and launches, in milliseconds each.
KINDS: dict[str, float] = {
    "winograd": 0.6, "dense": 1.0, "pointwise": 1.0, "grouped": 2.0, "depthwise": 2.0, "matrix": 1.0, "elementwise": 1.0, "pool": 1.0, "move": 1.0, "launches": 0.02,
}  # fmt: skip

#: A processor of the middle of the tables: arithmetic a second and bytes a second. Only their ratio matters; a device's level is fitted.
NOMINAL_FLOPS, NOMINAL_BYTES = 5e10, 1e10
_FOLDED = frozenset({"norm", "activation", "dropout"})
_HOLDS = frozenset({"convolution", "linear", "add"})


def fused(graph: Graph) -> frozenset[int]:
    """Nodes that a runtime folds into the one before them: norms and activations behind a convolution, a linear layer or an addition."""
    found: set[int] = set()
    for node in graph.nodes:
        if node.kind in _FOLDED and node.inputs:
            before = graph.nodes[node.inputs[0][0]]
            if before.kind in _HOLDS or before.index in found:
                found.add(node.index)
    return frozenset(found)


def _kind(cost: OperationCost, graph: Graph) -> str:
    attributes = graph.nodes[cost.node].attrs
    if cost.group == "dense" and tuple(map(plain, attributes.get("kernel", ()))) == (3, 3) and all(plain(s) == 1 for s in attributes.get("stride", (1,))):
        return "winograd"
    return cost.group


def fused_work(analysis: Analysis) -> np.ndarray:
    """Milliseconds at the nominal roof by group, in the order of :data:`KINDS`, and the number of launches last; for one picture."""
    inside = fused(analysis.graph)
    sums = dict.fromkeys(KINDS, 0.0)
    for cost in operation_costs(analysis.graph):
        if cost.node not in inside:
            sums[_kind(cost, analysis.graph)] += 1e3 * max(cost.flops / NOMINAL_FLOPS, cost.bytes / NOMINAL_BYTES)
            sums["launches"] += 1
    images = analysis.input_shape[0] if analysis.input_shape else 1
    work = np.array(list(sums.values()))
    work[:-1] /= images
    return work


def network_work(preset: str, side: int | None = None, knobs: Mapping[str, object] | None = None) -> np.ndarray:
    """:func:`fused_work` a network of the catalog at a picture's side (None: its own)."""
    return _work(preset, side, tuple(sorted((knobs or {}).items())))


@functools.lru_cache(maxsize=512)
def _work(preset: str, side: int | None, knobs: tuple[tuple[str, Any], ...]) -> np.ndarray:
    given = dict(knobs)
    if side is not None and any(k.name == "image_size" for k in catalog.knobs(preset)):
        given.setdefault("image_size", side)
    batch, channels, *sides = catalog.input_shape(preset, **given)
    shape = (batch, channels, *sides) if side is None else (batch, channels, side, side)
    return fused_work(analyse(preset, shape, **given))
