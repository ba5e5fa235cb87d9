"""Effective receptive fields: gradients against torch's own, never outside the exact field, and the region that holds a share of them."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from blocks import analyse
from blocks.experiments.pictures import png
from blocks.look.acting import CELLS_PER_SIDE, MOST_KEPT, acting_pixels, acting_region, gradient_memory
from blocks.look.samples import sample_pixels
from blocks.look.seen_network import SeenNetwork, SwitchedOff

CAT = png(sample_pixels("cat", 96))


@pytest.fixture(scope="module")
def lite() -> SeenNetwork:
    return SeenNetwork("efficientnet_lite0", {}, "lite0", (3, 64, 96))


def test_the_gradient_is_torchs(lite: SeenNetwork) -> None:
    inputs = lite.input_of(CAT)
    leaf = inputs.clone().requires_grad_()
    assert isinstance(lite.network.stem, nn.Module)
    given = lite.network.stem(leaf)
    place = tuple(((given > 1) & (given < 5)).nonzero()[100].tolist())  # elsewhere ReLU6 lets nothing through
    (slope,) = torch.autograd.grad(given[place], leaf)
    found = acting_pixels(lite, inputs, 4, place)
    assert torch.allclose(found, slope[0].abs().mean(0), atol=1e-7)
    assert int((found > 0).sum()) == 9


def test_an_activation_in_place_does_not_change_what_came_before() -> None:
    seen = SeenNetwork("resnet18", {}, "", (3, 64, 64))
    for module in seen.network.modules():
        if isinstance(module, nn.ReLU):
            module.inplace = True
    inputs = seen.input_of(CAT)
    given = seen.given(inputs, 2)
    place = tuple((given == given.min()).nonzero()[0].tolist())  # below zero: the activation after it would pass nothing
    assert acting_pixels(seen, inputs, 2, place).max() > 0
    assert acting_pixels(seen, inputs, 3, place).max() == 0


def test_memory_is_known_before_and_the_rest_of_the_network_does_not_run(lite: SeenNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = lite.analysis.graph
    assert gradient_memory(graph, 3) == 4 * (3 * 65 * 97 + 2 * 32 * 32 * 48)  # padded picture, convolution, norm
    assert gradient_memory(graph, len(graph.nodes) - 2) < MOST_KEPT
    b7 = analyse("efficientnet_b7").graph
    assert gradient_memory(b7, len(b7.nodes) - 2) > MOST_KEPT > gradient_memory(b7, 100)

    def fails(*_: object) -> None:
        raise RuntimeError("not wanted")

    monkeypatch.setattr(lite.network.classifier, "forward", fails)
    assert acting_pixels(lite, lite.input_of(CAT), 3, (0, 6, 11, 13)).max() > 0
    with pytest.raises(RuntimeError, match="not wanted"):
        acting_pixels(lite, lite.input_of(CAT), len(graph.nodes) - 2, (0, 5))


@pytest.mark.parametrize("share", [0.1, 0.4, 0.7])
def test_nothing_acts_from_outside_the_exact_field(lite: SeenNetwork, share: float) -> None:
    inputs = lite.input_of(CAT)
    nodes = [n for n in lite.analysis.graph.nodes if n.kind == "norm"]
    node = nodes[int(share * len(nodes))]
    position = (0, 2, node.shape[2] // 2, node.shape[3] // 3)
    found = acting_pixels(lite, inputs, node.index, position)
    fields = lite.analysis.receptive_fields[node.index]
    (top, bottom), (left, right) = (f.seen(position[f.dim or 0], n) for f, n in zip(fields, (64, 96), strict=True))
    inside = found[int(top) : int(bottom) + 1, int(left) : int(right) + 1]
    assert float(found.sum()) == pytest.approx(float(inside.sum()))
    assert float(inside.sum()) > 0


def test_what_is_switched_off_acts_no_more(lite: SeenNetwork) -> None:
    inputs = lite.input_of(CAT)
    assert acting_pixels(lite, inputs, 7, (0, 6, 3, 5), SwitchedOff({4: [6]})).max() == 0  # depthwise: it reads that channel alone
    assert acting_pixels(lite, inputs, 7, (0, 6, 3, 5), SwitchedOff({4: [5]})).max() > 0


def test_the_region_is_the_fewest_pixels_with_the_share() -> None:
    weight = torch.zeros(7, 11)
    weight[2, 3], weight[2, 4], weight[4, 8], weight[5, 5] = 60.0, 25.0, 12.0, 3.0
    found = acting_region(weight, 0.95)
    assert (found.pixels, found.box) == (3, (2, 4, 3, 8))
    assert found.rows == (2, 3, 4, 5, 6)
    assert found.columns == (3, 4, 5, 6, 7, 8, 9)
    assert found.cells.nonzero().tolist() == [[0, 0], [0, 1], [2, 5]]
    assert acting_region(weight, 0.6).pixels == 1
    assert acting_region(weight, 1.0).pixels == 4


def test_a_large_region_is_in_cells_that_hold_the_share() -> None:
    weight = torch.rand(130, 97, generator=torch.Generator().manual_seed(1)).pow(4)
    found = acting_region(weight, 0.95)
    assert max(found.cells.shape) == CELLS_PER_SIDE
    assert (found.rows[0], found.rows[-1], found.columns[-1]) == (0, 130, 97)
    mask = torch.zeros(130, 97, dtype=torch.bool)
    for i, j in found.cells.nonzero().tolist():
        mask[found.rows[i] : found.rows[i + 1], found.columns[j] : found.columns[j + 1]] = True
    assert int(mask.sum()) == found.pixels
    assert 0.95 <= float(weight[mask].sum() / weight.sum()) < 0.96


def test_where_nothing_acts_there_is_no_region() -> None:
    found = acting_region(torch.zeros(5, 6))
    assert (found.pixels, found.box, found.rows) == (0, None, ())
