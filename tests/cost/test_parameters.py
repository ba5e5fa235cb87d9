"""Trainable, frozen, unused and hidden parameters; sizes pairwise distinct."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from blocks import analyse
from blocks.cost.parameters import HiddenLayer, hidden_layers, trainable, unused


class Forgetful(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.used, self.forgotten = nn.Linear(6, 5), nn.Linear(7, 3)
        self.gain = nn.Parameter(torch.ones(11))

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.used(x)
        return made


class Lists(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stages = [nn.Linear(6, 5), [nn.Linear(5, 4, bias=False)]]
        self.heads = {"class": nn.Linear(4, 3)}
        self.kept = nn.ModuleList([nn.Linear(3, 2)])
        self.also_kept = [self.kept[0]]
        self.activations = (nn.ReLU(),)

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.kept[0](self.heads["class"](self.stages[1][0](self.stages[0](x))))  # type: ignore[index]
        return made


@given(frozen=st.lists(st.booleans(), min_size=4, max_size=4))
@settings(max_examples=8, deadline=None)
def test_frozen_parameters_are_told_apart(frozen: list[bool]) -> None:
    net = nn.Sequential(nn.Linear(6, 4), nn.Linear(4, 3))
    for parameter, still in zip(net.parameters(), frozen, strict=True):
        parameter.requires_grad = not still
    a = analyse(net, (2, 6))
    learning = sum(n for n, still in zip((24, 4, 12, 3), frozen, strict=True) if not still)
    assert (a.params, a.trainable_params) == (43, learning) == (43, trainable(net))
    assert any("frozen" in note for note in a.notes) is any(frozen)


def test_what_forward_never_reads_is_named() -> None:
    net = Forgetful()
    a = analyse(net, (2, 6))
    assert a.unused_parameters == ("gain", "forgotten.weight", "forgotten.bias") == unused(net, a.graph)
    assert a.notes == ["forward never reads 3 parameters: gain, forgotten.weight, forgotten.bias."]


def test_a_tied_parameter_is_read_by_either_name() -> None:
    net = nn.Sequential(nn.Linear(5, 5, bias=False), nn.Linear(5, 5, bias=False))
    net[1].weight = net[0].weight
    assert analyse(net, (2, 5)).unused_parameters == ()


def test_layers_in_plain_lists_are_noticed() -> None:
    a = analyse(Lists(), (2, 6))
    assert a.hidden_layers == (HiddenLayer("stages[0]", 35), HiddenLayer("stages[1][0]", 20), HiddenLayer("heads['class']", 15)) == hidden_layers(a.network)
    assert (a.params, a.macs) == (8, 2 * (30 + 20 + 12 + 6))
    assert "stages[0]" in a.notes[0]
    assert "35" in a.notes[0]


@pytest.mark.parametrize("name", ["resnet18", "bottleneck"])
def test_names_of_the_catalog_learn_and_are_read(name: str) -> None:
    a = analyse(name)
    assert (a.trainable_params, a.unused_parameters, a.notes) == (a.params, (), [])


def test_a_head_of_training_alone_is_not_read_in_eval() -> None:
    assert {name.partition(".")[0] for name in analyse("inception_v3", aux=True).unused_parameters} == {"aux"}
    assert analyse("inception_v3", aux=True, training=True).unused_parameters == ()
