"""Tracing once: the forms in which an input is given and a result returned, modes, and parameters that are not used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from blocks.trace.errors import TraceError
from blocks.trace.graph import Graph
from blocks.trace.run import trace
from tests.tracing import Calls


def run(network: nn.Module, given: Any, training: bool = False) -> tuple[Graph, tuple[int, ...]]:
    return trace(network, given, "float32", 4, training)


def inputs(graph: Graph) -> list[tuple[tuple[int, ...], str]]:
    return [(n.shape, n.dtype) for n in graph.nodes if n.op == "input"]


class Named(nn.Module):
    def forward(self, input_ids: Tensor, scale: Tensor, times: int = 1) -> Tensor:
        return input_ids * scale * times


@pytest.mark.parametrize(
    "given",
    [
        [(2, 3), (3,)],
        {"input_ids": (2, 3), "scale": (3,), "times": 2},
        [torch.zeros(2, 3, dtype=torch.int64), torch.zeros(3)],
    ],
)
def test_several_inputs_by_place_and_by_name(given: Any) -> None:
    graph, first = run(Named(), given)
    assert inputs(graph) == [((2, 3), "int64"), ((3,), "float32")]
    assert first == (2, 3)


def test_an_input_has_the_type_of_the_networks_weights() -> None:
    graph, _ = run(nn.Linear(3, 5).to(torch.bfloat16), (2, 3))
    assert inputs(graph) == [((2, 3), "bfloat16")]


@dataclass
class Result:
    features: Tensor
    logits: Tensor


class Holder:
    def __init__(self, x: Tensor) -> None:
        self.x, self.name = x, "held"


@pytest.mark.parametrize(
    ("function", "shapes"),
    [
        (lambda x: (x.sum(1), [x.sum(0)]), [(2,), (3,)]),
        (lambda x: {"a": x.sum(1), "b": {"c": x}}, [(2,), (2, 3)]),
        (lambda x: Result(x, x.sum(1)), [(2, 3), (2,)]),
        (lambda x: Holder(x.sum(0)), [(3,)]),
        (lambda x: (None, 7, x), [(2, 3)]),
    ],
)
def test_results_in_any_form(function: Any, shapes: list[tuple[int, ...]]) -> None:
    graph, _ = run(Calls(function), (2, 3))
    assert [n.shape for n in graph.nodes if n.kind == "output"] == shapes


def test_modes_are_put_back() -> None:
    net = nn.Sequential(nn.Dropout(0.5), nn.BatchNorm1d(3))
    net[1].eval()
    flops = [sum(n.flops for n in run(net, (2, 3), training)[0].nodes) for training in (False, True)]
    assert flops == [2 * 6, 2 * 6 + 7 * 6 + 1], "while training also a mask and a scale, statistics, and the number of batches"
    assert [m.training for m in net.modules()] == [True, True, False]


def test_parameters_that_nothing_used_are_told() -> None:
    net = nn.Sequential(nn.Linear(3, 5), nn.Linear(5, 7))
    net.forward = net[0].forward  # type: ignore[method-assign]
    graph, _ = run(net, (2, 3))
    assert (graph.params, graph.unused_params) == (20 + 42, 42)


def test_lazy_parameters_are_refused() -> None:
    with pytest.raises(TraceError, match="0: it has parameters that are not initialised yet"):
        run(nn.Sequential(nn.LazyLinear(5)), (2, 3))


def test_a_compiled_network_is_traced_as_what_it_wraps() -> None:
    graph, _ = run(torch.compile(nn.Sequential(nn.ReLU())), (2, 3))  # type: ignore[arg-type]
    assert [n.op for n in graph.nodes] == ["input", "relu", "output"]
