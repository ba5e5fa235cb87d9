"""Gates of squeeze-and-excitation: found in every network that has some, and their values against the module computed by hand."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from blocks import analyse
from blocks.experiments.pictures import png
from blocks.knobs import KnobError
from blocks.layers.common import SqueezeExcite
from blocks.look.gates import channel_gate, gate_values
from blocks.look.samples import sample_pixels
from blocks.look.seen_network import SeenNetwork, SwitchedOff


def gates_of(network: str, **knobs: int) -> list[int]:
    graph = analyse(network, **knobs).graph
    return [n.index for n in graph.nodes if channel_gate(graph, n.index) is not None]


@pytest.mark.parametrize(("network", "count"), [("seresnet18", 8), ("mobilenet_v3_large", 8), ("efficientnet_b0", 16), ("ese_vovnet39b", 4), ("resnet18", 0)])
def test_every_gate_is_found_and_nothing_else(network: str, count: int) -> None:
    graph = analyse(network).graph
    found = gates_of(network)
    assert len(found) == count
    for node in found:
        gate = channel_gate(graph, node)
        assert gate is not None
        assert graph.nodes[gate.squeeze].kind == "pool"


@pytest.mark.parametrize("picture", ["cat", "coffee"])
@pytest.mark.parametrize("network", ["seresnet18", "mobilenet_v3_small"])
def test_values_are_those_of_the_module(network: str, picture: str) -> None:
    seen = SeenNetwork(network, {}, "", (3, 64, 96))
    inputs = seen.input_of(png(sample_pixels(picture, 96)))
    modules = [m for m in seen.network.modules() if isinstance(m, SqueezeExcite)]
    read: list[torch.Tensor] = []

    def keep(_module: nn.Module, given: tuple[torch.Tensor]) -> None:
        read.append(given[0].clone())

    hooks = [m.register_forward_pre_hook(keep) for m in modules]
    with torch.no_grad():
        seen.network(inputs)
    for hook in hooks:
        hook.remove()
    for number, node in list(enumerate(gates_of(network)))[::3]:
        squeezed, gates = gate_values(seen, inputs, node)
        block = modules[number]
        expected = read[number].mean((2, 3))[0]
        assert torch.allclose(squeezed, expected, atol=1e-5)
        with torch.no_grad():
            wide = block.expand.weight[..., 0, 0] @ block.act(block.reduce.weight[..., 0, 0] @ expected + block.reduce.bias) + block.expand.bias
            assert torch.allclose(gates, block.gate(wide), atol=1e-5)


def test_what_is_switched_off_before_reaches_the_gate() -> None:
    seen = SeenNetwork("seresnet18", {}, "", (3, 64, 64))
    inputs = seen.input_of(png(sample_pixels("cat", 64)))
    node = gates_of("seresnet18")[0]
    off = gate_values(seen, inputs, node, SwitchedOff({node: [2, 5]}))
    assert off.gates[[2, 5]].tolist() == [0, 0]
    assert torch.equal(off.squeezed, gate_values(seen, inputs, node).squeezed)


def test_another_operation_is_refused() -> None:
    seen = SeenNetwork("seresnet18", {}, "", (3, 64, 64))
    with pytest.raises(KnobError, match="is no gate on channels"):
        gate_values(seen, seen.input_of(png(sample_pixels("cat", 64))), 3)
