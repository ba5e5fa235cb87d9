"""Activation memory: a network whose lifetimes can be followed by hand, and real storages of any chain."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F

from blocks import Analysis, analyse
from blocks.cost.memory import allocations, peak_memory, saved_memory, storage_bytes, storages, timeline
from blocks.trace.graph import Graph
from tests.storages import real_peak, saved_bytes
from tests.tracing import Calls, Shape, traced

X = (2, 3, 5)  # 30 numbers, 120 bytes


def branched(x: Tensor) -> Tensor:
    a = x.exp()
    b = torch.cat([a, a], 1)
    return b.sum(1) + a.mean(1)


def traced_module(function: Callable[[Tensor], Any], part: nn.Module, shape: Shape = X) -> Analysis:
    """The trace in training mode of a function that uses ``part``."""
    net = Calls(function)
    net.part = part
    return analyse(net, shape, training=True)


def lives(graph: Graph, training: bool = False) -> list[tuple[int, int]]:
    """(operation that makes it, last operation that runs while it lives) of everything that takes memory."""
    return [(taken.born, taken.dies) for taken in allocations(graph, training)]


def test_a_tensor_lives_while_somebody_holds_it() -> None:
    graph = traced(branched, X).graph
    assert [n.op for n in graph.nodes] == ["input", "exp", "cat", "sum", "mean", "add", "output"]
    # The input and the result stay; the variables a and b hold theirs until the function returns, and so do the operands of the addition.
    assert lives(graph) == [(0, 6), (1, 5), (2, 5), (3, 5), (4, 5), (5, 6)]
    assert timeline(graph) == [120, 240, 480, 520, 560, 600, 160]
    assert peak_memory(graph) == 600


def test_nobody_holds_what_is_passed_on() -> None:
    graph = traced(lambda x: torch.cat([x.exp(), x.exp()], 1).sum(1).neg(), X).graph
    assert lives(graph) == [(0, 6), (1, 3), (2, 3), (3, 4), (4, 5), (5, 6)]


def test_a_callers_frame_holds_what_it_passed() -> None:
    net = nn.Sequential(nn.Sequential(nn.Conv2d(3, 5, 1, bias=False), nn.Sigmoid()), nn.Sequential(nn.Conv2d(5, 7, 1, bias=False), nn.Sigmoid()))
    graph = analyse(net, (1, 3, 4, 6)).graph
    # The second pair's input (5 channels) lives until that call returns, although its convolution alone reads it.
    assert timeline(graph) == [96 * n for n in (3, 3 + 5, 3 + 5 + 5, 3 + 5 + 7, 3 + 5 + 7 + 7, 3 + 7)]


def test_training_keeps_what_the_backward_pass_needs() -> None:
    scale = nn.Conv1d(3, 3, 1, bias=False)
    graph = traced_module(lambda x: scale(x).exp().add(1).sigmoid().sum(), scale).graph
    # Each gets 120 bytes: the convolution's input, exp's result and sigmoid's are kept; the convolution's own and the sum are not.
    assert saved_memory(graph) == 3 * 120
    assert lives(graph, training=True)[:5] == [(0, 7), (1, 2), (2, 7), (3, 4), (4, 7)]


def test_views_and_in_place_results_own_no_memory() -> None:
    graph = traced(lambda x: F.relu(x.exp().transpose(1, 2), inplace=True), X).graph
    assert [n.op for n in graph.nodes] == ["input", "exp", "transpose", "relu", "output"]
    assert set(storages(graph).values()) == {(0, 0), (1, 0)}
    assert storage_bytes(graph) == {(0, 0): 120, (1, 0): 120}
    assert timeline(graph) == [120, 240, 240, 240, 240]


def test_views_of_weights_and_what_is_written_into_them_own_no_memory() -> None:
    net = nn.BatchNorm2d(3)
    graph = traced_module(lambda x: net(x) * net.weight.view(3, 1, 1), net, shape=(2, 3, 5, 7)).graph
    assert [a.size for a in allocations(graph)] == [840, 840, 12, 12, 840]  # input, norm, mean, deviation, product


def test_nothing_traced_needs_nothing() -> None:
    assert peak_memory(Graph([], [], 0)) == 0


@given(st.lists(st.sampled_from(["exp", "double", "mean", "view", "in place", "max pool"]), min_size=1, max_size=8))
def test_the_peak_is_that_of_real_storages(steps: list[str]) -> None:
    does = {
        "exp": torch.exp,
        "double": lambda x: torch.cat([x, x], -1),
        "mean": lambda x: x.mean(-1, keepdim=True),
        "view": lambda x: x.flatten(1).unsqueeze(1),
        "in place": lambda x: x.exp().add_(1),
        "max pool": lambda x: F.max_pool2d(x[None], 3, 1, 1)[0],
    }

    def chain(x: Tensor) -> Tensor:
        for step in steps:
            x = does[step](x)
        return x

    assert peak_memory(traced(chain, X).graph) == real_peak(Calls(chain), torch.rand(X)).peak


@pytest.mark.parametrize(
    "step",
    [
        lambda x: x.sort(1)[0], lambda x: x.topk(2, 1).indices, lambda x: x.max(1)[0], lambda x: x.median(-1).values, lambda x: 2 / x,
        lambda x: torch.where(x > 0, x, 0.5), lambda x: torch.where(x > 0, 1.0, x),
    ],
)  # fmt: skip
def test_results_of_several_types_and_numbers_among_tensors(step: Callable[[Tensor], Tensor]) -> None:
    net = Calls(lambda x: step(x * 2))
    assert peak_memory(traced(net, X).graph) == real_peak(net, torch.rand(X)).peak


def test_what_a_division_by_a_tensor_keeps() -> None:
    net = nn.Sequential(nn.Linear(X[-1], 6), Calls(lambda x: 2 / x))
    assert analyse(net, X, training=True).saved_memory == saved_bytes(net, torch.rand(X))
