"""The engine for anybody's network: it agrees with the catalog's, refuses what torch refuses, and leaves the network as it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

from blocks import Analysis, analyse, catalog
from blocks.trace.build import on_meta
from blocks.trace.errors import TraceError
from blocks.trace.fake import FakeTracer
from blocks.trace.run import trace
from tests.tracing import Calls

#: Every block, and of the models one of each family.
NAMES = sorted({*catalog.names(kind="block"), *{catalog.entry(n).family.name: n for n in reversed(catalog.names(kind="model"))}.values()})


@pytest.mark.parametrize("name", NAMES)
def test_both_engines_agree_operation_by_operation(name: str) -> None:
    ours = analyse(name, training=True)
    with on_meta():
        net = catalog.build(name)
    graph, shape = trace(net, catalog.input_shape(name), "float32", 4, True)
    fake = Analysis(graph, shape, "float32", True, net)
    for one, other in zip(fake.graph.nodes, ours.graph.nodes, strict=True):
        assert (one.op, one.kind, one.outputs, one.inputs, one.alias) == (other.op, other.kind, other.outputs, other.inputs, other.alias)
        assert (one.macs, one.flops, one.params, one.weights, one.reads, one.writes) == (
            other.macs, other.flops, other.params, other.weights, other.reads, other.writes,
        ), one  # fmt: skip
    assert (fake.params, fake.saved_memory, fake.peak_memory) == (ours.params, ours.saved_memory, ours.peak_memory)


#: Torch raises on all of these; sizes pairwise distinct where they can be.
IMPOSSIBLE: dict[str, nn.Module] = {
    "batch norm of the wrong width": nn.Sequential(nn.Conv2d(8, 4, 1), nn.BatchNorm2d(16)),
    "layer norm of the wrong width": nn.LayerNorm(5),
    "RMS norm of the wrong width": nn.RMSNorm(5),
    "group norm of the wrong width": nn.GroupNorm(2, 6),
    "PReLU of the wrong width": nn.PReLU(5),
    "transposed convolution of the wrong width": nn.ConvTranspose2d(6, 4, 2),
    "an output padding of a whole stride": nn.ConvTranspose2d(8, 4, 3, 2, output_padding=2),
    "reflection beyond the picture": nn.ReflectionPad2d(7),
    "a shuffle that does not divide": nn.PixelShuffle(3),
    "bilinear of three dimensions": Calls(lambda x: F.interpolate(x[0], scale_factor=2, mode="bilinear")),
    "unflatten that does not divide": nn.Unflatten(1, (3, -1)),
    "view out of order": Calls(lambda x: x.transpose(1, 2).view(2, -1)),
    "more keys than values": Calls(lambda x: F.scaled_dot_product_attention(x, x, x[:, :, :3])),
    "a target that would have to grow": Calls(lambda x: x[:, :1].clone().add_(x)),
    "a slice of another size": Calls(lambda x: x.clone().__setitem__((slice(None), slice(0, 2)), x[:, :3])),
    "floats as ids": nn.Embedding(9, 4),
    "a dimension twice": Calls(lambda x: x.permute(0, 1, 1, 2)),
    "an index beyond the end": Calls(lambda x: x.select(1, 9)),
    "half weights": nn.Conv2d(8, 4, 1).half(),
    "a product that does not fit": Calls(lambda x: x @ x.flatten(2)),
}


@pytest.mark.parametrize("net", IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_what_torch_refuses_is_refused_in_one_sentence(net: nn.Module) -> None:
    shape = (2, 8, 6, 7)
    with torch.no_grad(), sdpa_kernel(SDPBackend.MATH), pytest.raises((RuntimeError, ValueError, IndexError, NotImplementedError)):
        net.eval()(torch.rand(shape))
    given: Any = torch.rand(shape) if next((p.dtype for p in net.parameters()), torch.float32) is torch.float16 else shape
    with pytest.raises(TraceError) as caught:
        analyse(net, given)
    assert "\n" not in str(caught.value)
    assert caught.value.graph.nodes[0].op == "input"


RESHAPED: dict[str, Callable[[Tensor], Tensor]] = {
    "unsqueeze_": lambda x: (x * 1).unsqueeze_(1),
    "squeeze_": lambda x: x.mean((2, 3), keepdim=True).squeeze_(),
    "transpose_": lambda x: (x * 1).transpose_(1, 2),
    "t_": lambda x: (x * 1).flatten(1).t_(),
    "resize_": lambda x: (x * 1).resize_(4, 168),
    "then a convolution": lambda x: F.conv2d((x * 1).transpose_(1, 2), torch.ones(5, 6, 1, 1)),
}


@pytest.mark.parametrize("function", RESHAPED.values(), ids=RESHAPED)
def test_methods_in_place_that_change_the_shape(function: Callable[[Tensor], Tensor]) -> None:
    assert analyse(Calls(function), (2, 8, 6, 7)).output_shape == tuple(function(torch.rand(2, 8, 6, 7)).shape)


NUMPY_STYLE: dict[str, Callable[[Tensor], Any]] = {
    "mean(axis=, keepdims=)": lambda x: x.mean(axis=(2, 3), keepdims=True),
    "sum([])": lambda x: x.sum([]),
    "cat(axis=)": lambda x: torch.cat([x, x], axis=1),
    "var(1, True)": lambda x: x.var(1, True),
    "argmax(keepdims=)": lambda x: x.argmax(dim=1, keepdims=True),
    "an empty slice": lambda x: x[:, 5:2],
    "distances": lambda x: torch.cdist(x[0, 0], x[0, 1]),
}


@pytest.mark.parametrize("function", NUMPY_STYLE.values(), ids=NUMPY_STYLE)
def test_other_spellings_of_arguments(function: Callable[[Tensor], Any]) -> None:
    assert analyse(Calls(function), (2, 8, 6, 7)).output_shape == tuple(function(torch.rand(2, 8, 6, 7)).shape)


def test_an_empty_slice_costs_nothing() -> None:
    layer = nn.Linear(5, 3)
    assert analyse(Calls(lambda x: layer(x[:, 5:2, :5])), (2, 8, 6)).macs == 0


def test_the_device_is_the_networks_own_and_meta_stands_for_the_cpu() -> None:
    seen: list[torch.device] = []
    for device in ("cpu", "meta"):
        layer = nn.Linear(6, 3, device=device)
        net = Calls(lambda x, layer=layer: (seen.append(x.device), layer(x + torch.arange(6, device=layer.weight.device) + torch.arange(6)))[1])
        assert analyse(net, (2, 6)).macs == 36
    assert seen == [torch.device("cpu")] * 2


def test_a_check_of_a_distributions_arguments_does_not_end_the_trace() -> None:
    assert analyse(Calls(lambda x: torch.distributions.Normal(x, 1.0).mean), (2, 5)).output_shape == (2, 5)


def test_users_code_may_catch_torchs_errors() -> None:
    def forward(x: Tensor) -> Tensor:
        try:
            return x @ x
        except RuntimeError:
            return x @ x.T

    a = analyse(Calls(forward), (2, 5))
    assert (a.macs, [n.op for n in a.graph.nodes if n.failed]) == (20, [])


def test_a_trace_is_of_its_own_thread() -> None:
    with FakeTracer() as tracer:
        made = torch.zeros(3)
    assert type(made) is not Tensor
    assert type(torch.zeros(3)) is Tensor
    assert tracer.nodes == []


def test_a_known_number_in_a_key_is_its_value() -> None:
    class Routed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.experts = nn.ModuleDict({f"expert_{i}": nn.Linear(3, 4 + i) for i in range(3)})

        def forward(self, x: Tensor) -> list[Tensor]:
            assert f"{x.sum()}"  # words of a message, whose values nobody knows
            return [self.experts[f"expert_{index}"](x) for index in torch.tensor([0, 2])]

    assert analyse(Routed(), (2, 3)).macs == 2 * 3 * (4 + 6)


def test_a_network_on_the_meta_device_takes_inputs_from_there() -> None:
    with torch.device("meta"):
        analysis = analyse(nn.Sequential(nn.Linear(3, 4), nn.Softshrink()).append(Calls(lambda x: x + torch.ones(4))), torch.empty(2, 3))
    assert (analysis.macs, analysis.output_shape) == (24, (2, 4))
