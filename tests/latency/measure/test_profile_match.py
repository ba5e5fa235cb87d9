"""Matching called functions to trace nodes."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from blocks import analyse
from blocks.latency.measure.profile_match import match_functions, traced_op_name


def test_names_are_those_of_the_trace() -> None:
    assert traced_op_name(F.conv2d) == "conv2d"
    assert traced_op_name(torch.Tensor.__rmul__) in ("mul", "multiply")


def test_equal_sequences_match_one_to_one_and_strangers_are_left_out() -> None:
    graph = analyse("squeezenet1_1", (1, 3, 65, 67)).graph
    nodes = [n for n in graph.nodes if n.kind not in ("input", "output")]
    calls = [(n.op.strip("_"), tuple(map(int, n.shape))) for n in nodes]
    assert match_functions(graph, calls) == {i: n.index for i, n in enumerate(nodes)}
    stranger = [calls[0], ("another", (1,)), None, *calls[1:]]
    assert match_functions(graph, stranger) == {0: nodes[0].index} | {i + 2: n.index for i, n in enumerate(nodes) if i}
