"""Exact sets of positions, and which outputs an input position reaches: against gradients and by hand."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from blocks import analyse
from blocks.cost.projective_field import CHUNK, UnknownField, positions_read, projective_field
from tests.cost.fields.gradients import Applied, positive

DILATED = nn.Sequential(nn.Conv2d(2, 3, 3, dilation=2), nn.Conv2d(3, 2, (3, 2), dilation=(4, 5), stride=2))
SHAPE = (1, 2, 19, 23)


def test_a_dilated_stack_reads_every_other_row() -> None:
    graph = analyse(DILATED, SHAPE).graph
    rows, columns = positions_read(graph, graph.nodes[-1].index, (0, None, 1, 2))
    assert rows.tolist() == [2, 4, 6, 8, 10, 12, 14]
    assert columns.tolist() == [4, 6, 8, 9, 11, 13]


def test_an_input_position_reaches_what_its_gradients_say() -> None:
    net = positive(DILATED)
    graph = analyse(net, SHAPE).graph
    x = torch.rand(SHAPE, dtype=torch.float64, requires_grad=True)
    y = net(x)
    for row, column in ((0, 0), (6, 9), (7, 8), (18, 22)):
        reached = projective_field(graph, graph.nodes[-1].index, (row, column))
        for axis, position in ((0, row), (1, column)):
            expected = []
            for i, part in enumerate(y.unbind(2 + axis)):
                (gradient,) = torch.autograd.grad(part.sum(), x, retain_graph=True)
                if gradient.select(2 + axis, position).abs().sum() > 0:
                    expected.append(i)
            assert reached[axis].tolist() == expected


def test_a_long_signal_is_followed_in_parts() -> None:
    graph = analyse(nn.Conv1d(1, 1, 2, dilation=CHUNK), (1, 1, 2 * CHUNK + 9)).graph
    (read,) = positions_read(graph, 1, (0, 0, 5))
    assert read.tolist() == [5, CHUNK + 5]


def test_what_has_no_field_says_why() -> None:
    graph = analyse(Applied(lambda _, x: torch.sort(x, 2).values), (1, 2, 5, 6)).graph
    with pytest.raises(UnknownField, match="no rule says which positions of its input sort reads"):
        projective_field(graph, 1, (0, 0))
    with pytest.raises(ValueError, match="must lie in a picture of 5×6"):
        projective_field(graph, 0, (5, 0))
    with pytest.raises(UnknownField, match="no input of this network is a picture"):
        positions_read(analyse(nn.Linear(3, 4), (2, 3)).graph, 0, (0, 0))
    constant = analyse(Applied(lambda _, x: F.pad(x, (1, 0)) * torch.zeros_like(x).mean()), (1, 2, 5, 6)).graph
    with pytest.raises(UnknownField, match="sees nothing of the picture"):
        positions_read(constant, next(n.index for n in constant.nodes if n.op == "bernoulli"), (0, 0, 0, 0))  # what fills a tensor
