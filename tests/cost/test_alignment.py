"""Which operation is which: every node once and in order for any two networks, and the pairs that a reader would make."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from blocks import analyse
from blocks.cost.alignment import NodePair, align_graphs, operation_signature, resolution
from blocks.trace.graph import Graph

LAYERS = {
    "c": lambda: nn.Conv2d(4, 4, 3, padding=1),
    "p": lambda: nn.Conv2d(4, 4, 1),
    "r": nn.ReLU,
    "n": lambda: nn.BatchNorm2d(4),
    "b": lambda: nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU()),
}


def graph_of(word: str) -> Graph:
    """A chain of layers, one for each letter."""
    return analyse(nn.Sequential(*(LAYERS[letter]() for letter in word)).eval(), (1, 4, 6, 7)).graph


def named(pairs: list[NodePair], a: Graph, b: Graph) -> list[tuple[str, str]]:
    return [("" if i is None else a.nodes[i].op, "" if j is None else b.nodes[j].op) for i, j in pairs][1:-1]


WORDS = st.text("cprnb", min_size=1, max_size=5)


@settings(max_examples=30)
@given(WORDS, WORDS)
def test_every_operation_stands_once_and_in_order(one: str, other: str) -> None:
    a, b = graph_of(one), graph_of(other)
    pairs = align_graphs(a, b)
    assert [i for i, _ in pairs if i is not None] == list(range(len(a.nodes)))
    assert [j for _, j in pairs if j is not None] == list(range(len(b.nodes)))
    assert all(a.nodes[i].kind == b.nodes[j].kind for i, j in pairs if i is not None and j is not None)


@settings(max_examples=30)
@given(WORDS)
def test_a_network_stands_for_itself(word: str) -> None:
    graph = graph_of(word)
    assert align_graphs(graph, graph_of(word)) == [(i, i) for i in range(len(graph.nodes))]


def test_an_added_layer_moves_the_rest() -> None:
    a, b = graph_of("cr"), graph_of("cnr")
    assert named(align_graphs(a, b), a, b) == [("conv2d", "conv2d"), ("", "batch_norm"), ("relu", "relu")]


def test_an_added_block_is_added_as_a_whole() -> None:
    a, b = graph_of("bb"), graph_of("bbb")
    pairs = named(align_graphs(a, b), a, b)
    assert [p for p in pairs if not p[0]] == [("", "conv2d"), ("", "batch_norm"), ("", "relu")]


def test_another_kernel_is_the_same_convolution() -> None:
    a, b = graph_of("crn"), graph_of("prn")
    assert named(align_graphs(a, b), a, b) == [("conv2d", "conv2d"), ("relu", "relu"), ("batch_norm", "batch_norm")]


def test_what_makes_two_operations_equal() -> None:
    a, b, other = graph_of("c"), graph_of("c"), graph_of("p")
    assert operation_signature(a, a.nodes[1]) == operation_signature(b, b.nodes[1])
    assert operation_signature(a, a.nodes[1]) != operation_signature(other, other.nodes[1])
    assert resolution(a.nodes[1]) == (6, 7)
    flat = analyse(nn.Linear(3, 5), (2, 3)).graph
    assert resolution(flat.nodes[1]) == ()
