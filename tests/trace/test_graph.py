"""The graph as data: edges, readers and the modules of a small graph written by hand."""

from __future__ import annotations

import pytest

from blocks.trace.graph import OPERATION_KINDS, Call, Graph, Node


def node(index: int, op: str, inputs: tuple[tuple[int, int], ...], *outputs: tuple[int, ...], scope: int = 0, kind: str = "other") -> Node:
    return Node(index, op, kind, scope, inputs, outputs, "float32", 4)


@pytest.fixture
def graph() -> Graph:
    nodes = [
        node(0, "input", (), (2, 6, 5), kind="input", scope=-1),
        node(1, "split", ((0, 0),), (2, 1, 5), (2, 3, 5), scope=1),
        node(2, "mul", ((1, 1), (1, 1)), (2, 3, 5), scope=2),
        node(3, "add", ((2, 0), (1, 0)), (2, 3, 5)),
    ]
    calls = [Call(0, "", "", -1, "Net", None), Call(1, "part", "part", 0, "Part", None), Call(2, "part", "part#2", 0, "Part", None)]
    return Graph(nodes, calls, 7)


def test_an_edge_for_every_tensor_handed_on(graph: Graph) -> None:
    assert list(graph.edges()) == [
        (0, 1, (2, 6, 5)),
        (1, 2, (2, 3, 5)),
        (1, 2, (2, 3, 5)),
        (2, 3, (2, 3, 5)),
        (1, 3, (2, 1, 5)),
    ]


def test_readers_of_each_output(graph: Graph) -> None:
    assert graph.consumers() == {(0, 0): [1], (1, 1): [2, 2], (2, 0): [3], (1, 0): [3]}


def test_the_module_of_an_operation(graph: Graph) -> None:
    assert [graph.path(n) for n in graph.nodes] == ["", "part", "part", ""]
    assert [graph.label(n) for n in graph.nodes] == ["", "part", "part#2", ""]


def test_the_shape_is_that_of_the_first_output(graph: Graph) -> None:
    assert graph.nodes[1].shape == (2, 1, 5)
    assert node(4, "none", ()).shape == ()


def test_kinds_are_named_once() -> None:
    assert len(set(OPERATION_KINDS)) == len(OPERATION_KINDS)
    assert (OPERATION_KINDS[0], OPERATION_KINDS[-1]) == ("input", "output")
