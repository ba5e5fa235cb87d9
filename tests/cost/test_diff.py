"""The difference of two networks: what the papers say it is, and that nothing is lost or told twice."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from blocks import analyse
from blocks.analysis import Analysis
from blocks.cost.diff import STATUSES, Diff, diff


def named(analysis: Analysis) -> dict[str, int]:
    return {name: parameter.numel() for name, parameter in analysis.network.named_parameters()}


def check_accounts(d: Diff, a: Analysis, b: Analysis) -> None:
    """Added + removed + changed + equal is every node and every parameter of both sides, each once."""
    assert sorted(e.a for e in d.entries if e.a is not None) == [n.index for n in a.graph.nodes]
    assert sorted(e.b for e in d.entries if e.b is not None) == [n.index for n in b.graph.nodes]
    assert sum(len(d.of(s)) for s in STATUSES) == len(d.entries)
    for side, analysis in (("a", a), ("b", b)):
        tensors = [getattr(p, side) for p in d.parameters if getattr(p, side) is not None]
        assert sorted(tensors) == sorted(named(analysis))
        assert d.summary.loc["all", f"params_{side}"] == sum(named(analysis).values()) == analysis.params
        assert d.summary.loc["all", f"operations_{side}"] == len(analysis.graph.nodes)
    assert all(e.b is None for e in d.removed)
    assert all(e.a is None for e in d.added)
    assert [d.total(c) for c in ("macs", "flops", "bytes")] == [(a.macs, b.macs), (a.flops, b.flops), (a.bytes_moved, b.bytes_moved)]
    for cost in ("params", "macs", "flops", "bytes"):
        before, after = d.total(cost)
        for level in ("class", "module", "operation"):
            assert d.table(cost, level)[cost].sum() == after - before


@pytest.mark.parametrize("name", ["resnet18", "googlenet", "densenet121", "vit_ti_16", "shufflenet_v2_x0_5", "hourglass_1", "siamese", "bottleneck"])
def test_a_network_does_not_differ_from_itself(name: str) -> None:
    d = diff(analyse(name), analyse(name))
    assert not d
    assert d.table().empty
    assert {e.status for e in d.entries} == {"equal"}
    assert d.partner == {n.index: n.index for n in d.a.nodes}


def test_se_resnet50_is_resnet50_and_exactly_the_se_modules() -> None:
    from blocks.layers.common import SqueezeExcite

    a, b = analyse("resnet50"), analyse("seresnet50")
    d = diff(a, b)
    assert not d.removed
    assert not d.changed
    modules = {call.label for call in b.graph.calls if isinstance(call.module, SqueezeExcite)}
    assert len(modules) == 16
    inside = {n.index for n in b.graph.nodes if any(f"{b.graph.label(n)}.".startswith(f"{m}.") for m in modules)}
    assert {e.b for e in d.added} == inside
    assert [tuple(row) for row in d.table(level="class")[["status", "what", "params"]].itertuples(index=False)] == [
        ("added", "SqueezeExcite", b.params - a.params)
    ]
    assert set(d.table(level="module")["where"]) == modules
    back = diff(b, a)
    assert {e.a for e in back.removed} == inside
    assert not back.added
    assert not back.changed


def test_a_width_change_keeps_the_structure_and_changes_every_figure() -> None:
    a, b = analyse("resnet50"), analyse("resnet50", width_mult=0.5)
    d = diff(a, b)
    assert not d.added
    assert not d.removed
    for figure in ("params", "macs", "flops", "bytes_moved", "peak_memory"):
        assert getattr(a, figure) > getattr(b, figure)
    assert {e.kind for e in d.equal} == {"input", "output"}
    for e in d.changed:
        assert all(e.before[c] > e.after[c] for c in e.before if e.before[c])
    assert {p.status for p in d.parameters} == {"changed", "equal"}
    assert [p.b for p in d.parameters if p.status == "equal"] == ["classifier.bias"]


def test_deeper_is_the_same_and_more_blocks() -> None:
    d = diff(analyse("resnet50"), analyse("resnet101"))
    assert not d.removed
    assert not d.changed
    table = d.table(level="module")
    assert list(table["where"]) == [f"stages.2.{i}" for i in range(6, 23)]
    assert set(table["what"]) == {"Bottleneck"}


def test_norms_come_between_without_moving_the_rest() -> None:
    d = diff(analyse("vgg11"), analyse("vgg11_bn"))
    assert {e.kind for e in d.added} == {"norm"}
    assert len(d.added) == 8
    assert not d.removed
    assert not d.changed


def test_depthwise_meets_standard_layer_by_layer() -> None:
    d = diff(analyse("mobilenet_v1", norm=False), analyse("mobilenet_v1_standard"))
    convolutions = [e for e in d.changed if e.kind == "convolution"]
    assert len(convolutions) == 13
    assert all("g" in e.changes[0].split(" → ")[0] and e.changes[0].endswith("3×3" if "/2" not in e.changes[0] else "/2") for e in convolutions)
    assert len([e for e in d.removed if e.kind == "convolution"]) == 13


class Odd(nn.Module):
    """A module of pairwise distinct sizes, with a parameter that nothing uses."""

    def __init__(self, wide: bool = False, twice: bool = False, crossed: bool = False) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 5, 3, padding=1)
        self.second = nn.Conv2d(5, 11 if wide else 7, 1)
        self.idle = nn.Parameter(torch.zeros(13))
        self.twice, self.crossed = twice, crossed

    def forward(self, x: Tensor) -> Tensor:
        y = self.first(x)
        if self.twice:
            y = self.first(y[:, :3]) + y
        return self.second(x[:, :1].expand_as(y) if self.crossed else y)


def test_parameters_that_nothing_uses_are_accounted_for() -> None:
    a, b = analyse(Odd(), (1, 3, 8, 9)), analyse(Odd(wide=True, twice=True), (1, 3, 8, 9))
    d = diff(a, b)
    check_accounts(d, a, b)
    assert d.summary.loc["unused"].to_dict() == {"operations_a": 0, "operations_b": 0, "params_a": 13, "params_b": 13}
    assert {(p.a, p.status) for p in d.parameters} == {
        ("first.weight", "equal"),
        ("first.bias", "equal"),
        ("second.weight", "changed"),
        ("second.bias", "changed"),
        ("idle", "equal"),
    }


def test_an_input_from_elsewhere_is_a_change() -> None:
    class Fork(nn.Module):
        def __init__(self, crossed: bool) -> None:
            super().__init__()
            self.left, self.right, self.last = nn.Conv2d(3, 3, 1), nn.Conv2d(3, 3, 3, padding=1), nn.Conv2d(3, 3, 1)
            self.crossed = crossed

        def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
            left, right = self.left(x), self.right(x)
            return self.last(right if self.crossed else left), right

    d = diff(analyse(Fork(False), (1, 3, 4, 5)), analyse(Fork(True), (1, 3, 4, 5)))
    assert [(e.path, e.changes) for e in d.changed] == [("last", ("takes its input from elsewhere",))]
    assert not d.added
    assert not d.removed


def test_type_and_batch_change_every_operation_that_moves_bytes() -> None:
    a = analyse("resnet18")
    half = diff(a, analyse("resnet18", dtype="float16"))
    assert not half.added
    assert not half.removed
    assert all("float32 → float16" in e.changes[0] for e in half.changed if e.before["bytes"])
    batch = diff(a, analyse("resnet18", (2, 3, 224, 224)))
    assert all(e.after["macs"] == 2 * e.before["macs"] for e in batch.entries)


def test_a_graph_alone_is_enough_for_the_operations() -> None:
    a, b = analyse("resnet18"), analyse("resnet34")
    d = diff(a.graph, b.graph)
    assert d.parameters == []
    assert [e.status for e in d.entries] == [e.status for e in diff(a, b).entries]


def test_bad_questions_are_refused() -> None:
    d = diff(analyse("bottleneck"), analyse("bottleneck"))
    with pytest.raises(ValueError, match="by = 'latency'"):
        d.table(by="latency")
    with pytest.raises(ValueError, match="level = 'stage'"):
        d.table(level="stage")


NETWORKS: list[tuple[str, dict[str, list[Any]]]] = [
    ("resnet18", {"width_mult": [0.25, 0.5], "se_ratio": [0, 4, 16]}),
    ("resnet50", {"se_ratio": [0, 8], "num_classes": [7, 10], "width_per_group": [32, 64]}),
    ("mobilenet_v1", {"convolution": ["standard", "separable"], "kernel_size": [3, 5], "norm": [True, False], "middle": [0, 2]}),
    ("mobilenet_v2", {"width_mult": [0.35, 0.5]}),
    ("shufflenet_v2_x0_5", {}),
    ("squeezenet1_1", {}),
    ("vgg11", {}),
    ("vovnet27_slim", {}),
    ("vit_ti_16", {}),
    ("googlenet", {}),
    ("siamese_koch", {}),
    ("bottleneck", {"c_in": [32, 64], "stride": [1, 2]}),
    ("depthwise_separable", {"kernel_size": [3, 5], "se_ratio": [0, 4]}),
]


@st.composite
def networks(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    name, knobs = draw(st.sampled_from(NETWORKS))
    return name, {k: draw(st.sampled_from(values)) for k, values in knobs.items()}


@settings(max_examples=40, deadline=None)
@given(networks(), networks(), st.booleans())
def test_every_node_and_parameter_is_accounted_for(first: tuple[str, dict[str, Any]], second: tuple[str, dict[str, Any]], training: bool) -> None:
    a, b = (analyse(name, training=training, **knobs) for name, knobs in (first, second))
    d = diff(a, b)
    check_accounts(d, a, b)
    assert bool(d) == (first != second) or first[0] == second[0]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 4), max_size=12), st.lists(st.integers(0, 4), max_size=12))
def test_chains_keep_their_order(first: list[int], second: list[int]) -> None:
    """The pairs never cross, and a chain is told apart from another exactly where it differs."""

    def chain(kinds: list[int]) -> Analysis:
        made = [(lambda: nn.Conv2d(3, 3, 3, padding=1)), (lambda: nn.BatchNorm2d(3)), nn.ReLU, nn.Sigmoid, (lambda: nn.MaxPool2d(3, 1, 1))]
        return analyse(nn.Sequential(*(made[k]() for k in kinds)), (1, 3, 6, 7))

    a, b = chain(first), chain(second)
    d = diff(a, b)
    check_accounts(d, a, b)
    pairs = [(e.a, e.b) for e in d.entries if e.a is not None and e.b is not None]
    assert pairs == sorted(pairs)
    assert [p[1] for p in pairs] == sorted(p[1] for p in pairs)
    assert bool(d) == (first != second)
