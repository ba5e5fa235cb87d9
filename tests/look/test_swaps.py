"""Replaced activations: the same as a network that was built with the other one, and explained by it."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from blocks import analyse
from blocks.experiments.pictures import png
from blocks.look.gates import channel_gate
from blocks.look.samples import sample_pixels
from blocks.look.seen_network import SeenNetwork, SwitchedOff
from blocks.look.swaps import EVERY, SWAPS, replacements

CAT = png(sample_pixels("cat", 64))


def with_modules(network: nn.Module, old: type[nn.Module], new: nn.Module) -> nn.Module:
    """A copy of ``network`` with ``new`` for every module of the class ``old``."""
    made = copy.deepcopy(network)
    for parent in list(made.modules()):
        for name, child in parent.named_children():
            if type(child) is old:
                setattr(parent, name, new)
    return made


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("silu", nn.SiLU()),
        ("gelu", nn.GELU()),
        ("leaky_relu", nn.LeakyReLU()),
        ("hardswish", nn.Hardswish()),
        ("mish", nn.Mish()),
        ("tanh", nn.Tanh()),
        ("sigmoid", nn.Sigmoid()),
        ("relu6", nn.ReLU6()),
        ("identity", nn.Identity()),
    ],
)
def test_the_network_is_that_with_the_other_modules(name: str, module: nn.Module) -> None:
    seen = SeenNetwork("resnet18", {}, "", (3, 64, 64))
    inputs = seen.input_of(CAT)
    run = seen.run(inputs, lambda _, given: given.clone(), SwitchedOff(swapped=replacements(seen.analysis.graph, [(EVERY, name)])))
    with torch.no_grad():
        assert torch.allclose(run.output, with_modules(seen.network, nn.ReLU, module)(inputs), rtol=1e-4, atol=1e-5)
    assert run.notes.keys() == {n.index for n in seen.analysis.graph.nodes if n.kind not in ("input", "output")}
    assert run.error is None


def test_relu6_gives_way_too_and_the_untouched_network_stays() -> None:
    seen = SeenNetwork("efficientnet_lite0", {}, "", (3, 64, 64))
    inputs = seen.input_of(CAT)
    with torch.no_grad():
        own = seen.network(inputs)
        run = seen.run(inputs, lambda *_: None, SwitchedOff(swapped=replacements(seen.analysis.graph, [(EVERY, "silu")])))
        assert torch.allclose(run.output, with_modules(seen.network, nn.ReLU6, nn.SiLU())(inputs), rtol=1e-4, atol=1e-6)
        assert torch.equal(seen.network(inputs), own)


def test_one_operation_goes_before_all_and_gates_stay_unless_they_are_named() -> None:
    graph = analyse("seresnet18").graph
    gates = [n.index for n in graph.nodes if channel_gate(graph, n.index)]
    activations = [n.index for n in graph.nodes if n.kind == "activation"]
    found = replacements(graph, [(EVERY, "silu"), (3, "gelu")])
    assert sorted(found) == [n for n in activations if n not in gates]
    assert (found[3].name, found[7].name) == ("gelu", "silu")
    assert sorted(replacements(graph, [(gates[0], "tanh"), (2, "relu")])) == [gates[0]]  # operation 2 is a norm
    assert replacements(graph, []) == {}


def test_the_arithmetic_is_that_of_the_other_activation() -> None:
    seen = SeenNetwork("efficientnet_lite0", {}, "lite0", (3, 64, 64))
    inputs = seen.input_of(CAT)
    off = SwitchedOff(swapped=replacements(seen.analysis.graph, [(4, "gelu")]))
    chain = seen.chain(inputs, 4, (0, 6, 3, 5), off)
    assert [found.operation for _, found in chain] == ["gelu", "batch_norm", "conv2d"]
    (term,) = chain[0][1].terms
    assert chain[0][1].way == "function"
    assert chain[0][1].value == pytest.approx(float(SWAPS["gelu"](torch.tensor(term.value))), abs=1e-6)
    assert float(seen.given(inputs, 4, off)[0, 6, 3, 5]) == pytest.approx(chain[0][1].value, abs=1e-5)
    identity = seen.chain(inputs, 4, (0, 6, 3, 5), SwitchedOff(swapped=replacements(seen.analysis.graph, [(EVERY, "identity")])))
    assert identity[0][1].value == pytest.approx(identity[1][1].value, abs=1e-6)
