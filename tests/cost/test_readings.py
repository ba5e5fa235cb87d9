"""Memory, receptive field, sums: against hand calculations with pairwise distinct sizes."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from blocks import analyse


def test_peak_memory_of_a_chain() -> None:
    net = nn.Sequential(nn.Conv2d(3, 5, 1), nn.Conv2d(5, 7, 1), nn.Conv2d(7, 2, 1))
    # The input stays; at the second convolution 5 and 7 channels live beside it.
    assert analyse(net, (1, 3, 4, 6)).peak_memory == (3 + 5 + 7) * 24 * 4
    assert analyse(net, (1, 3, 4, 6), dtype="float16").peak_memory == (3 + 5 + 7) * 24 * 2
    assert analyse(net, (1, 3, 4, 6), training=True).peak_memory == (3 + 5 + 7 + 2) * 24 * 4


def test_in_place_and_views_take_no_memory() -> None:
    net = nn.Sequential(nn.Conv2d(3, 5, 1), nn.ReLU(inplace=True), nn.Flatten())
    assert analyse(net, (2, 3, 4, 6)).peak_memory == 2 * (3 + 5) * 24 * 4


@pytest.mark.parametrize(("layers", "size", "stride"), [([(3, 1)] * 2, 5, 1), ([(3, 1)] * 3, 7, 1), ([(7, 2), (3, 2), (3, 1)], 19, 4)])
def test_receptive_field_of_convolutions(layers: list[tuple[int, int]], size: int, stride: int) -> None:
    net = nn.Sequential(*(nn.Conv2d(1, 1, k, s, k // 2) for k, s in layers))
    analysis = analyse(net, (1, 1, 64, 65))
    field = analysis.receptive_fields[analysis.graph.nodes[-2].index][0]
    assert (field.size, field.stride, field.start) == (size, stride, 0)


def test_receptive_field_is_where_gradients_reach() -> None:
    net = nn.Sequential(nn.Conv2d(1, 1, 5, 2, 1), nn.MaxPool2d(3, 2), nn.Conv2d(1, 1, 3, 1, 1)).double()
    nn.init.constant_(net[0].weight, 1.0)
    nn.init.constant_(net[2].weight, 1.0)
    picture = torch.rand(1, 1, 41, 41, dtype=torch.float64, requires_grad=True)
    analysis = analyse(net, (1, 1, 41, 41))
    field = analysis.receptive_fields[analysis.graph.nodes[-2].index][0]
    avg = nn.Sequential(net[0], nn.AvgPool2d(3, 2), net[2])  # as the maximum's window, but every element matters
    avg(picture)[0, 0, 4, 4].backward()
    assert picture.grad is not None
    rows = picture.grad[0, 0].abs().sum(1).nonzero().flatten()
    assert field.seen(4, 41) == (rows.min().item(), rows.max().item())


@pytest.mark.parametrize(("kernel", "stride", "padding"), [(2, 2, 0), (4, 2, 1), (3, 1, 1), (5, 3, 2)])
def test_receptive_field_after_a_transposed_convolution(kernel: int, stride: int, padding: int) -> None:
    net = nn.Sequential(nn.Conv2d(1, 1, 3, 2, 1), nn.ConvTranspose2d(1, 1, kernel, stride, padding), nn.Conv2d(1, 1, 3, 1, 1)).double()
    for layer in net:
        nn.init.constant_(layer.weight, 1.0)
    picture = torch.rand(1, 1, 47, 47, dtype=torch.float64, requires_grad=True)
    analysis = analyse(net, (1, 1, 47, 47))
    field = analysis.receptive_fields[analysis.graph.nodes[-2].index][0]
    for position in (7, 8, 9, 10, 11):
        (gradient,) = torch.autograd.grad(net(picture)[0, 0, position, position], picture)
        rows = gradient[0, 0].abs().sum(1).nonzero().flatten()
        first, last = field.seen(position, 47)
        # Where the steps do not divide evenly, positions differ by less than one step of the map below; never is a seen row left out.
        assert 0 <= rows.min().item() - first <= 2
        assert 0 <= last - rows.max().item() <= 2


def test_sums_by_stage_and_kind_are_the_totals() -> None:
    for name in ("resnet18", "googlenet", "vit_ti_16", "shufflenet_v2_x1_0"):
        analysis = analyse(name)
        for frame in (analysis.by_stage(), analysis.by_kind(), analysis.table):
            assert frame["macs"].sum() == analysis.macs
            assert frame["flops"].sum() == analysis.flops
            assert frame["bytes"].sum() == analysis.bytes_moved
            assert frame["params"].sum() + analysis.graph.unused_params == analysis.params
