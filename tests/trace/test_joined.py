"""What torch takes apart is one operation again, the same as where it is called by name."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from blocks import analyse
from blocks.cost.check import check
from blocks.trace.joined import join_convolution

C = torch.complex64


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(("layer", "shape"), [(nn.Conv1d, (2, 3, 11)), (nn.Conv2d, (2, 3, 7, 9)), (nn.ConvTranspose2d, (2, 3, 5, 4))])
def test_a_scripted_convolution_is_the_one_that_it_was(layer: Any, shape: tuple[int, ...], bias: bool) -> None:
    """torch hands three real convolutions and their sums to a trace of a scripted module."""
    net = nn.Sequential(layer(3, 6, 3, stride=2, bias=bias, dtype=C), layer(6, 4, 2, bias=bias, dtype=C))
    x = torch.ones(shape, dtype=C)
    whole, *scripted = (analyse(n, [x]) for n in (net, torch.jit.script(net), torch.jit.trace(net, x)))
    read = [(n.macs, n.flops, n.params, n.reads, n.writes, n.inputs, n.shape, n.kind) for n in whole.graph.nodes]
    for a in scripted:
        assert [(n.macs, n.flops, n.params, n.reads, n.writes, n.inputs, n.shape, n.kind) for n in a.graph.nodes] == read
        assert [n.index for n in a.graph.nodes] == list(range(len(read)))
        assert a.peak_memory == whole.peak_memory
    agreed = [check(n, [x]) for n in (net, torch.jit.script(net))]
    assert [(d.ours, d.torchs) for d in agreed[1].differing] == [(d.ours, d.torchs) for d in agreed[0].differing]
    assert all(4 * d.torchs == 3 * d.ours for d in agreed[0].differing)  # torch's counter sees the three


def test_other_operations_stay_as_they_are() -> None:
    nodes = analyse(nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()), (1, 3, 8, 8)).graph.nodes
    before = list(nodes)
    join_convolution(nodes)
    assert nodes == before
