"""Receptive fields: the recurrence by hand, and against the gradients of a real network."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F

from blocks import analyse
from blocks.cost.receptive_field import Field, receptive_fields
from tests.tracing import traced

SIDE = (41, 37)


def fields(net: nn.Module, side: tuple[int, int] = SIDE) -> tuple[Field, Field]:
    """The fields of what the network returns."""
    graph = analyse(net, (1, 1, *side)).graph
    return receptive_fields(graph)[next(n for n in graph.nodes if n.kind == "output").index]


def seen_by_gradients(net: nn.Module, place: tuple[int, int], side: tuple[int, int] = SIDE) -> list[tuple[int, int]]:
    """First and last row and column that one output position depends on, in a network of ones."""
    x = torch.ones(1, 1, *side, requires_grad=True)
    net(x)[0, 0, place[0], place[1]].backward()
    assert x.grad is not None
    rows, columns = (x.grad[0, 0].abs().sum(d).nonzero().flatten() for d in (1, 0))
    return [(int(rows[0]), int(rows[-1])), (int(columns[0]), int(columns[-1]))]


def ones(*layers: nn.Module) -> nn.Sequential:
    net = nn.Sequential(*layers)
    for parameter in net.parameters():
        nn.init.ones_(parameter)
    return net


def test_two_layers_by_hand() -> None:
    vertical, horizontal = fields(ones(nn.Conv2d(1, 1, (3, 5), (2, 1), (1, 0)), nn.AvgPool2d((3, 2), (3, 2))))
    assert vertical == Field(3 + 2 * 2, 6, -1)
    assert horizontal == Field(5 + 1, 2, 0)
    assert vertical.start == 2
    assert vertical.seen(0, 41) == (0, 5)
    assert vertical.seen(6, 41) == (35, 40)


LAYERS: dict[str, Callable[[], nn.Module]] = {
    "3x3": lambda: nn.Conv2d(1, 1, 3, padding=1),
    "strided": lambda: nn.Conv2d(1, 1, (3, 2), stride=(2, 1)),
    "dilated": lambda: nn.Conv2d(1, 1, 3, dilation=(1, 2), padding=(1, 2)),
    "pooled": lambda: nn.AvgPool2d(2),
    "relu": nn.ReLU,
    "doubled": lambda: nn.ConvTranspose2d(1, 1, 2, stride=2),
}


@settings(max_examples=25)
@given(st.lists(st.sampled_from([name for name in LAYERS if name != "doubled"]), min_size=1, max_size=3))
def test_any_stack_sees_what_its_gradients_reach(names: list[str]) -> None:
    """In the middle: at a border an inner map's padding is seen in the place of pixels."""
    net = ones(*(LAYERS[name]() for name in names))
    height, width = net(torch.ones(1, 1, *SIDE)).shape[2:]
    place = (height // 2, width // 2)
    assert [f.seen(p, length) for f, p, length in zip(fields(net), place, SIDE, strict=True)] == seen_by_gradients(net, place)


def test_a_transposed_convolution_sees_less_the_finer_its_positions() -> None:
    vertical, _ = fields(ones(nn.Conv2d(1, 1, 3, stride=2), nn.ConvTranspose2d(1, 1, 4, stride=2, padding=1)))
    assert (vertical.size, vertical.stride) == (3 + 2 * 1, 1)  # two of its four taps at each position


def test_branches_see_what_either_sees() -> None:
    wide = nn.Conv2d(1, 1, (7, 1), padding=(3, 0))
    tall = nn.Conv2d(1, 1, (1, 5), padding=(0, 2))
    graph = traced(lambda x: wide(x) + tall(x), (1, 1, *SIDE)).graph
    vertical, horizontal = receptive_fields(graph)[len(graph.nodes) - 1]
    assert (vertical, horizontal) == (Field(7, 1, -3), Field(5, 1, -2))


@pytest.mark.parametrize(
    "function",
    [
        lambda x: F.adaptive_avg_pool2d(x, 1),
        lambda x: x.mean((2, 3)),
        lambda x: F.linear(x.flatten(1), torch.zeros(3, 41 * 37)),
        lambda x: F.scaled_dot_product_attention(*[x.flatten(2).transpose(1, 2)] * 3),
    ],
)
def test_what_mixes_all_positions_sees_the_whole_picture(function: Callable[[Tensor], Tensor]) -> None:
    graph = traced(function, (1, 1, *SIDE)).graph
    found = receptive_fields(graph)[len(graph.nodes) - 1]
    assert found == (Field(41, 41, 0, True), Field(37, 37, 0, True))
    assert found[0].seen(0, 41) == (0, 40)


def test_upsampling_divides_the_stride() -> None:
    vertical, horizontal = fields(nn.Sequential(nn.MaxPool2d((4, 2)), nn.Upsample(scale_factor=2.0)))
    assert (vertical, horizontal) == (Field(4, 2, 0), Field(2, 1, 0))


def test_without_a_picture_there_is_no_field() -> None:
    assert receptive_fields(traced(lambda x: x.exp(), (2, 7)).graph) == {}
