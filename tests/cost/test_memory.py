"""Activation memory: a network whose lifetimes can be followed by hand, and the timeline against the lifetimes of any chain."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional as F

from blocks.cost.memory import lifetimes, peak_memory, storage_bytes, storages, timeline
from blocks.trace.graph import Graph
from tests.tracing import traced

X = (2, 3, 5)  # 30 numbers, 120 bytes


def branched(x: Tensor) -> Tensor:
    a = x.exp()
    b = torch.cat([a, a], 1)
    return b.sum(1) + a.mean(1)


def test_a_tensor_dies_after_its_last_reader() -> None:
    graph = traced(branched, X).graph
    assert [n.op for n in graph.nodes] == ["input", "exp", "cat", "sum", "mean", "add", "output"]
    born, dying = lifetimes(graph)
    assert born == [[(0, 0)], [(1, 0)], [(2, 0)], [(3, 0)], [(4, 0)], [(5, 0)], []]
    # The input and the result stay; exp is read by mean last, cat by sum.
    assert dying == [[], [], [], [(2, 0)], [(1, 0)], [(3, 0), (4, 0)], []]
    assert timeline(graph) == [120, 240, 480, 520, 320, 240, 160]
    assert peak_memory(graph) == 520


def test_training_keeps_everything() -> None:
    graph = traced(branched, X).graph
    assert lifetimes(graph, training=True)[1] == [[]] * 7
    assert peak_memory(graph, training=True) == sum(storage_bytes(graph).values()) == 120 + 120 + 240 + 3 * 40


def test_views_and_in_place_results_own_no_memory() -> None:
    graph = traced(lambda x: F.relu(x.exp().transpose(1, 2), inplace=True), X).graph
    assert [n.op for n in graph.nodes] == ["input", "exp", "transpose", "relu", "output"]
    assert set(storages(graph).values()) == {(0, 0), (1, 0)}
    assert storage_bytes(graph) == {(0, 0): 120, (1, 0): 120}
    assert timeline(graph) == [120, 240, 240, 240, 240]


def test_nothing_traced_needs_nothing() -> None:
    assert peak_memory(Graph([], [], 0)) == 0


@given(st.lists(st.sampled_from(["exp", "double", "mean", "view", "in place"]), min_size=1, max_size=8), st.booleans())
def test_the_timeline_is_the_sum_of_what_lives(steps: list[str], training: bool) -> None:
    does = {
        "exp": torch.exp,
        "double": lambda x: torch.cat([x, x], -1),
        "mean": lambda x: x.mean(-1, keepdim=True),
        "view": lambda x: x.flatten(1).unsqueeze(1),
        "in place": lambda x: x.exp().add_(1),
    }

    def chain(x: Tensor) -> Tensor:
        for step in steps:
            x = does[step](x)
        return x

    graph = traced(chain, X).graph
    born, dying = lifetimes(graph, training)
    size, alive, expected = storage_bytes(graph), 0, []
    for made, gone in zip(born, dying, strict=True):
        alive += sum(size[ref] for ref in made)
        expected.append(alive)
        alive -= sum(size[ref] for ref in gone)
    assert timeline(graph, training) == expected
    assert max(expected) <= sum(size.values())
