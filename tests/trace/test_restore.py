"""A network is left as it was, whatever its forward changed."""

from __future__ import annotations

from collections import deque
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from blocks.trace.restore import restore_values, restoring


def network() -> nn.Module:
    net = nn.Sequential(nn.Linear(3, 5), nn.ReLU())
    net.cache, net.seen, net.state = {"list": [1, 2]}, {4}, SimpleNamespace(step=0, last=deque([7]))
    return net


def test_attributes_containers_and_objects_are_given_back() -> None:
    net = network()
    weight = net[0].weight
    with restoring(net.named_modules()):
        net.cache["list"].append(3)
        net.cache["more"] = 1
        net.seen.clear()
        net.state.step += 1
        net.state.last.append(8)
        net.extra = nn.Identity()
        net[0].weight = nn.Parameter(torch.zeros(5, 3))
        del net[0].bias
    assert net.cache == {"list": [1, 2]}
    assert (net.seen, net.state.step, list(net.state.last)) == ({4}, 0, [7])
    assert list(net._modules) == ["0", "1"]
    assert net[0].weight is weight
    assert net[0].bias is not None


def test_it_is_given_back_after_an_error() -> None:
    net = network()

    def fail() -> None:
        with restoring(net.named_modules()):
            net.state.step = 9
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert net.state.step == 0


def test_an_object_that_holds_itself_is_held_once() -> None:
    net = network()
    net.state.me = net.state
    with restoring(net.named_modules()):
        net.state.me = None
    assert net.state.me is net.state


def test_overwritten_values_are_written_back() -> None:
    tensor = torch.tensor([1.0, 2.0])
    held = tensor.clone()
    tensor.add_(5)
    restore_values({id(tensor): (tensor, held)})
    assert tensor.tolist() == [1.0, 2.0]
