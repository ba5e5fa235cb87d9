"""Following modules: the tree of their calls, the second try on meta tensors, and everything put back."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from blocks import analyse
from blocks.trace.errors import TraceError
from blocks.trace.follow import followed
from blocks.trace.tracer import Tracer


class Transformed(nn.Module):
    """A module that a proxy cannot pass through: torch.func maps over its batch."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(5, 7)

    def forward(self, x: Tensor) -> Tensor:
        return torch.func.vmap(self.linear)(x)


class Fails(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        x = x.exp()
        raise RuntimeError("out of order")


def test_calls_are_a_tree_with_the_shapes_that_they_were_given() -> None:
    inner = nn.Sequential(nn.Conv2d(3, 4, 2), nn.ReLU())
    calls = analyse(nn.Sequential(inner, nn.Flatten()), (2, 3, 5, 6)).graph.calls
    assert [(c.path, c.parent, c.cls, c.input_shape) for c in calls] == [
        ("", -1, "Sequential", (2, 3, 5, 6)),
        ("0", 0, "Sequential", (2, 3, 5, 6)),
        ("0.0", 1, "Conv2d", (2, 3, 5, 6)),
        ("0.1", 1, "ReLU", (2, 4, 4, 5)),
        ("1", 0, "Flatten", (2, 4, 4, 5)),
    ]


def test_what_torch_func_calls_is_counted() -> None:
    a = analyse(nn.Sequential(Transformed(), nn.ReLU()), (2, 3, 5))
    assert (a.macs, a.params, a.output_shape, a.not_counted) == (2 * 3 * 5 * 7, 5 * 7 + 7, (2, 3, 7), [])


def test_where_a_network_fails_the_operations_before_stay() -> None:
    with pytest.raises(TraceError, match="1: out of order") as caught:
        analyse(nn.Sequential(nn.ReLU(), Fails()), (2, 3))
    graph = caught.value.graph
    assert [n.op for n in graph.nodes] == ["input", "relu", "exp"]
    assert [(c.path, c.failed) for c in graph.calls if c.failed] == [("", "out of order"), ("1", "out of order")]


def test_forwards_are_put_back_also_one_of_the_modules_own() -> None:
    net = nn.Sequential(nn.ReLU(), nn.Tanh())
    own = net[1].__dict__["forward"] = lambda x: x
    modules = list(net.named_modules())
    with followed(modules, Tracer(), None):
        assert all("forward" in m.__dict__ and m.__dict__["forward"] is not own for _, m in modules)
    assert "forward" not in net.__dict__
    assert "forward" not in net[0].__dict__
    assert net[1].__dict__["forward"] is own


def test_outside_of_its_trace_a_followed_module_runs_as_ever() -> None:
    net = nn.ReLU()
    with followed([("", net)], tracer := Tracer(), None):
        np.testing.assert_array_equal(net(torch.tensor([-1.0, 2.0])).numpy(), [0, 2])
    assert tracer.calls == []
