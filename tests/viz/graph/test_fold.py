"""Fold states: what is seen, what flows, and that every cost sums to the network's at every state."""

from __future__ import annotations

import random
from functools import cache
from math import prod

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from blocks import analyse
from blocks.analysis import Analysis
from blocks.cost.table import operations
from viz.graph.fold import MAX_BOXES, Fold, TooManyBoxes
from viz.graph.readings import Readings

NETWORKS = ("resnet18", "googlenet", "densenet121", "shufflenet_v2_x0_5", "vit_ti_16", "hourglass_1", "csp_stage", "se_inception_module")


@cache
def opened(name: str) -> tuple[Analysis, Fold, Readings]:
    analysis = analyse(name)
    times = {node.index: 0.001 * (node.index % 7) for node in analysis.graph.nodes}
    return analysis, Fold(analysis.graph), Readings(analysis, times)


@given(name=st.sampled_from(NETWORKS), seed=st.integers(0, 2**32), share=st.floats(0, 1))
@settings(max_examples=60, deadline=None)
def test_costs_sum_to_the_totals_at_any_fold_state(name: str, seed: int, share: float) -> None:
    analysis, fold, readings = opened(name)
    draw = random.Random(seed)
    open = {id for id in fold.items if draw.random() < share}
    nodes, clusters = fold.visible(open)
    totals = {"params": analysis.params, "macs": analysis.macs, "flops": analysis.flops, "bytes": analysis.bytes_moved}
    for reading, total in totals.items():
        assert sum(readings.total(item, reading) for item in nodes) == total, reading
    # Where every operation is a box of its own, the same must come out as where the whole network is one.
    assert sum(readings.total(item, "memory") for item in nodes) == readings.total(fold.root, "memory")
    assert sum(n.itemsize * prod(map(int, s)) for n in operations(analysis.graph) if n.alias is None for s in n.outputs) == readings.total(fold.root, "memory")
    assert sum(readings.of(item)["flops"] for item in nodes) / sum(readings.of(item)["bytes"] for item in nodes) == pytest.approx(analysis.intensity)
    assert sum(readings.of(item)["time"] for item in nodes) == pytest.approx(sum(0.001 * (n.index % 7) for n in analysis.graph.nodes))
    covered = [index for item in nodes for index in range(item.start, item.stop)]
    assert covered == list(range(len(analysis.graph.nodes)))
    assert {c.id for c in clusters} <= open


@given(name=st.sampled_from(NETWORKS), seed=st.integers(0, 2**32))
@settings(max_examples=30, deadline=None)
def test_what_flows_between_boxes_is_what_flows_between_their_operations(name: str, seed: int) -> None:
    analysis, fold, _ = opened(name)
    draw = random.Random(seed)
    folded = fold.folded({id for id in fold.items if draw.random() < 0.5})
    box = {index: item.id for item in folded.nodes for index in range(item.start, item.stop)}
    wanted = {(box[ref[0]], box[n.index], ref) for n in analysis.graph.nodes for ref in n.inputs if box[ref[0]] != box[n.index]}
    assert {(e.source, e.target, e.ref) for e in folded.edges} == wanted
    for edge in folded.edges:
        assert edge.shape == analysis.graph.nodes[edge.ref[0]].outputs[edge.ref[1]]


def test_presets_open_more_and_more() -> None:
    for name in NETWORKS:
        _, fold, _ = opened(name)
        counts = [len(fold.visible(fold.preset(level))[0]) for level in ("stage", "block", "operation")]
        assert counts == sorted(counts), name
        assert counts[0] <= 40, name


def test_open_items_outlive_a_knob() -> None:
    before, after = Fold(analyse("resnet50").graph), Fold(analyse("resnet50", se_ratio=16, kernel_size=5).graph)
    state = before.preset("block")
    kept = {id for id in state if id in after.items}
    assert len(kept) >= 0.9 * len(state)


def test_thousands_of_boxes_are_refused_with_the_number_and_what_to_do() -> None:
    count = MAX_BOXES + 60
    net = nn.Sequential(*(m for i in range(count // 2) for m in (nn.Linear(3 + i % 2, 4 - i % 2), nn.ReLU())))
    fold = Fold(analyse(net, (1, 3)).graph)
    with pytest.raises(TooManyBoxes, match=r"would draw 2,5\d\d boxes.*Close some modules") as refused:
        fold.folded(fold.preset("operation"))
    assert refused.value.count > MAX_BOXES
