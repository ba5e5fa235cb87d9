"""Attention over a picture: weights against torch's own output, distances and rollout against a few lines."""

from __future__ import annotations

import math

import pytest
import torch
from torch.nn import functional as F

from blocks.experiments.pictures import png
from blocks.knobs import KnobError
from blocks.look.activations import SeenCall, seen_calls
from blocks.look.attention import PatchGrid, head_weights, is_attention, looked_at, mean_distance, patch_grid, rollout
from blocks.look.samples import sample_pixels
from blocks.look.seen_network import SeenNetwork, SwitchedOff

HEADS, TOKENS, WIDTH = 3, 11, 5


@pytest.fixture(scope="module")
def vit() -> SeenNetwork:
    return SeenNetwork("vit_ti_16", {"image_size": 80, "depth": 4}, "", (3, 80, 80))


@pytest.fixture(scope="module")
def cat(vit: SeenNetwork) -> torch.Tensor:
    return vit.input_of(png(sample_pixels("cat", 80)))


def layers(vit: SeenNetwork) -> list[int]:
    return [n.index for n in vit.analysis.graph.nodes if is_attention(n)]


def test_weights_times_values_are_torchs_output(vit: SeenNetwork, cat: torch.Tensor) -> None:
    for call in seen_calls(vit.analysis, vit.network, cat, layers(vit)).values():
        weights = torch.stack(list(head_weights(call)))
        assert weights.shape == (3, 26, 26)
        assert torch.allclose(weights.sum(-1), torch.ones(3, 26), atol=1e-6)
        assert (weights @ call.arguments[2][0] - call.result[0]).abs().max() < 1e-5


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"scale": 0.7},
        {"is_causal": True},
        {"attn_mask": torch.rand(TOKENS, TOKENS, generator=torch.Generator().manual_seed(3)) > 0.4},
        {"attn_mask": torch.randn(1, HEADS, TOKENS, TOKENS, generator=torch.Generator().manual_seed(4))},
    ],
    ids=["plain", "scale", "causal", "mask", "bias"],
)
def test_masks_and_scales_are_torchs_own(vit: SeenNetwork, more: dict[str, object]) -> None:
    q, k, v = torch.randn(3, 1, HEADS, TOKENS, WIDTH, generator=torch.Generator().manual_seed(2))
    if isinstance(mask := more.get("attn_mask"), torch.Tensor) and mask.dtype == torch.bool:
        mask.fill_diagonal_(True)  # each query sees something
    given = F.scaled_dot_product_attention(q, k, v, **more)  # type: ignore[arg-type]
    call = SeenCall(vit.analysis.graph.nodes[layers(vit)[0]], F.scaled_dot_product_attention, (q, k, v), more, given)
    assert torch.allclose(torch.stack(list(head_weights(call))) @ v[0], given[0], atol=1e-5)


def test_heads_that_share_keys() -> None:
    vit = SeenNetwork("vit_ti_16", {"image_size": 32, "depth": 1}, "", (3, 32, 32))
    g = torch.Generator().manual_seed(5)
    q, k, v = torch.randn(1, 6, 7, 4, generator=g), torch.randn(1, 2, 7, 4, generator=g), torch.randn(1, 2, 7, 4, generator=g)
    given = F.scaled_dot_product_attention(q, k, v, enable_gqa=True)
    call = SeenCall(vit.analysis.graph.nodes[layers(vit)[0]], F.scaled_dot_product_attention, (q, k, v), {"enable_gqa": True}, given)
    assert torch.allclose(torch.stack(list(head_weights(call))) @ v[0].repeat_interleave(3, 0), given[0], atol=1e-5)


def test_tokens_lie_on_the_picture() -> None:
    assert patch_grid(197, (224, 224)) == PatchGrid(14, 14, 1, 16, 16)
    assert patch_grid(196, (224, 224)) == PatchGrid(14, 14, 0, 16, 16)
    assert patch_grid(16, (32, 128)) == PatchGrid(2, 8, 0, 16, 16)
    assert patch_grid(195, (224, 224)) is None
    assert patch_grid(1, (224, 224)) is None
    grid = PatchGrid(3, 5, 1, 16, 16)
    assert (grid.token(None), grid.token((0, 0)), grid.token((2, 3))) == (0, 1, 14)
    assert [grid.place(token) for token in (0, 1, 14)] == [None, (0, 0), (2, 3)]
    assert PatchGrid(3, 5, 0, 16, 16).token(None) == 7
    with pytest.raises(KnobError, match="must lie in 3x5 patches"):
        grid.token((3, 0))


def test_a_head_that_stays_looks_0_pixels_far_and_one_that_looks_at_its_neighbour_a_patch() -> None:
    grid = PatchGrid(3, 5, 1, 16, 8)
    stays = torch.eye(16)
    assert mean_distance(stays, grid) == 0
    right = torch.zeros(16, 16)
    right[0, 0] = 1
    for row in range(3):
        for column in range(5):
            right[1 + row * 5 + column, 1 + row * 5 + (column + 1) % 5] = 0.25
            right[1 + row * 5 + column, 0] = 0.75  # what goes to the class token is no distance
    assert mean_distance(right, grid) == pytest.approx((4 * 8 + 32) / 5)  # the last column looks back to the first
    everywhere = torch.full((16, 16), 1 / 16)
    places = [(16 * r, 8 * c) for r in range(3) for c in range(5)]
    assert mean_distance(everywhere, grid) == pytest.approx(sum(math.dist(a, b) for a in places for b in places) / 15**2)


def test_the_rollout_is_the_product_of_the_layers() -> None:
    g = torch.Generator().manual_seed(6)
    means = [torch.rand(7, 7, generator=g, dtype=torch.float64).softmax(1) for _ in range(5)]
    whole = torch.eye(7, dtype=torch.float64)
    for mean in means:
        whole = (0.5 * mean + 0.5 * torch.eye(7, dtype=torch.float64)) @ whole
    for query in (0, 4):
        assert torch.allclose(rollout(means, query), whole[query], atol=1e-12)
        assert float(rollout(means, query).sum()) == pytest.approx(1)


def test_one_query_has_a_row_for_each_head_and_everything_of_the_layers_before(vit: SeenNetwork, cat: torch.Tensor) -> None:
    third = layers(vit)[2]
    found = looked_at(vit, cat, third, (4, 2))
    assert (found.grid, found.query, found.layers) == (PatchGrid(5, 5, 1, 16, 16), 23, tuple(layers(vit)[:3]))
    calls = seen_calls(vit.analysis, vit.network, cat, layers(vit)[:3])
    weights = [torch.stack(list(head_weights(calls[layer]))) for layer in layers(vit)[:3]]
    assert torch.equal(found.heads, weights[2][:, 23])
    assert torch.allclose(found.rollout, rollout([w.mean(0) for w in weights], 23), atol=1e-6)
    assert found.distances.shape == (3, 3)
    assert float(found.distances[1, 2]) == pytest.approx(mean_distance(weights[1][2], found.grid))
    assert looked_at(vit, cat, third).query == 0


def test_what_is_switched_off_before_changes_the_weights(vit: SeenNetwork, cat: torch.Tensor) -> None:
    first, second = layers(vit)[:2]
    own, off = looked_at(vit, cat, second), looked_at(vit, cat, second, None, SwitchedOff({first: [0, 1]}))
    assert not torch.equal(own.heads, off.heads)
    assert torch.equal(looked_at(vit, cat, first).heads, looked_at(vit, cat, first, None, SwitchedOff({first: [0, 1]})).heads)


def test_without_a_class_token_the_middle_patch_asks() -> None:
    vit = SeenNetwork("vit_ti_16", {"image_size": 80, "depth": 1, "pooling": "mean"}, "", (3, 80, 80))
    node = layers(vit)[0]
    found = looked_at(vit, vit.input_of(png(sample_pixels("cat", 80))), node)
    assert (found.grid.first, found.query, found.grid.place(found.query)) == (0, 12, (2, 2))


def test_another_operation_is_refused(vit: SeenNetwork, cat: torch.Tensor) -> None:
    with pytest.raises(KnobError, match="is no attention over tokens"):
        looked_at(vit, cat, 1)
