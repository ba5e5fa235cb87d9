"""The effective field by a backward pass: inside of the theoretical one, and strongest in the middle."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from blocks import analyse
from blocks.cost.effective_field import effective_field
from blocks.trace.build import on_meta
from tests.cost.fields.gradients import positive


def test_it_lies_in_the_theoretical_field() -> None:
    net = positive(nn.Sequential(*(nn.Conv2d(3, 3, 3, padding=1) for _ in range(3)))).train()
    found = effective_field(net, (1, 3, 17, 15), (8, 6), pictures=2)
    assert net.training
    assert all(p.grad is None for p in net.parameters())
    analysis = analyse(net, (1, 3, 17, 15))
    vertical, horizontal = analysis.receptive_fields[analysis.graph.nodes[-1].index]
    rows, columns = found.sum(1).nonzero().flatten(), found.sum(0).nonzero().flatten()
    assert (int(rows[0]), int(rows[-1])) == vertical.seen(8, 17)
    assert (int(columns[0]), int(columns[-1])) == horizontal.seen(6, 15)
    assert found[8, 6] == found.max()


def test_a_module_inside_and_the_middle_by_itself() -> None:
    net = nn.Sequential(nn.Conv1d(2, 3, 5), nn.Conv1d(3, 4, 3))
    assert effective_field(net, (1, 2, 21), module="0").nonzero().flatten().tolist() == [8, 9, 10, 11, 12]


def test_bad_requests_get_a_sentence() -> None:
    net = nn.Sequential(nn.Conv2d(3, 3, 3), nn.Flatten())
    with pytest.raises(ValueError, match="'2': the network has no module"):
        effective_field(net, (1, 3, 9, 9), module="2")
    with pytest.raises(ValueError, match="must lie in an output of 7×7"):
        effective_field(net, (1, 3, 9, 9), (7, 0), module="0")
    with on_meta(), pytest.raises(ValueError, match="has no values"):
        effective_field(nn.Conv2d(3, 3, 3), (1, 3, 9, 9))
    assert torch.equal(effective_field(nn.Sequential(nn.Conv2d(1, 1, 1)), (1, 1, 1, 1)) > 0, torch.ones(1, 1, dtype=torch.bool))
