from __future__ import annotations

import pytest
import torch

from blocks import analyse, catalog
from blocks.families.vovnet import EffectiveSE, OneShotAggregation, least_memory_access_cost, memory_access_cost
from blocks.knobs import KnobError

# VoVNet-57: timm's vovnet57a, the same network, has 36.64 M.
PUBLISHED = {"vovnet57": 36_640_296}


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_published_parameters(name: str) -> None:
    assert analyse(name).params == PUBLISHED[name]


def test_block_has_the_closed_forms_weights() -> None:
    c_in, c_mid, c_out, layers = 10, 6, 14, 4
    convs = 9 * c_mid * (c_in + (layers - 1) * c_mid) + (c_in + layers * c_mid) * c_out
    net = OneShotAggregation(c_in, c_mid, c_out, layers=layers)
    assert sum(p.numel() for p in net.parameters()) == convs + 2 * (layers * c_mid + c_out)


def test_features_are_aggregated_once_in_order() -> None:
    net = OneShotAggregation(4, 3, 5, layers=3).double().eval()
    x = torch.randn(2, 4, 6, 7, dtype=torch.float64)
    first = net.chain[0](x)
    second = net.chain[1](first)
    third = net.chain[2](second)
    torch.testing.assert_close(net(x), net.aggregate(torch.cat([x, first, second, third], 1)))


@pytest.mark.parametrize("kernel", [1, 3, 7])
def test_equal_widths_cost_the_least_memory_access_at_equal_macs(kernel: int) -> None:
    height, width, product = 28, 20, 96 * 96
    macs = kernel**2 * height * width * product
    bound = least_memory_access_cost(macs, kernel, height, width)
    costs = {c_in: memory_access_cost(c_in, product / c_in, kernel, height, width) for c_in in range(8, 1153)}
    assert min(costs, key=lambda c: costs[c]) == 96
    assert costs[96] == pytest.approx(bound, rel=1e-12)
    assert all(cost > bound for c_in, cost in costs.items() if c_in != 96)


def test_memory_access_cost_is_what_the_trace_reads_and_writes() -> None:
    """In elements; the trace counts bytes, four of them an element."""
    graph = analyse(torch.nn.Conv2d(12, 20, 3, padding=1, bias=False), (1, 12, 10, 14)).graph
    node = next(n for n in graph.nodes if n.kind == "convolution")
    assert node.reads + node.writes == 4 * memory_access_cost(12, 20, 3, 10, 14)


def test_identity_adds_the_input_and_needs_equal_widths() -> None:
    net = OneShotAggregation(8, 4, 8, layers=2, identity=True).eval()
    plain = OneShotAggregation(8, 4, 8, layers=2).eval()
    plain.load_state_dict(net.state_dict())
    x = torch.randn(1, 8, 5, 5)
    torch.testing.assert_close(net(x), plain(x) + x)
    with pytest.raises(KnobError, match="must be equal") as caught:
        OneShotAggregation(8, 4, 12, identity=True)
    assert caught.value.nearest == (False,)


def test_effective_se_gates_each_channel_by_one_number() -> None:
    net = EffectiveSE(6).double()
    x = torch.rand(2, 6, 4, 5, dtype=torch.float64) + 0.5
    gate = torch.clamp((x.mean((2, 3)) @ net.fc.weight[:, :, 0, 0].T + net.fc.bias) / 6 + 0.5, 0, 1)
    torch.testing.assert_close(net(x), x * gate[..., None, None])


def test_ese_costs_c_squared_in_the_last_block_of_each_stage() -> None:
    assert analyse("ese_vovnet39b").params - analyse("vovnet39").params == sum(c * c + c for c in (256, 512, 768, 1024))


def test_blocks_have_the_layers_of_the_name() -> None:
    """39 and 57 count the stem's three convolutions and each block's five and one."""
    for layers in (39, 57):
        with torch.device("meta"):
            net = catalog.build(f"vovnet{layers}")
        assert sum(isinstance(m, torch.nn.Conv2d) for m in net.modules()) == layers


@pytest.mark.parametrize(
    ("knobs", "argument"),
    [({"groups": 3}, "groups"), ({"widths": (64, 80)}, "widths"), ({"aggregates": (64,)}, "aggregates"), ({"ese": True, "se_ratio": 16}, "se_ratio")],
)
def test_bad_knobs_say_which_value_works(knobs: dict, argument: str) -> None:
    with torch.device("meta"):
        with pytest.raises(KnobError) as caught:
            catalog.build("vovnet39", **knobs)
        assert caught.value.argument == argument
        catalog.build("vovnet39", **{**knobs, argument: caught.value.nearest[0]})


def test_combined_parts_run_and_train() -> None:
    net = catalog.build(
        "vovnet39", depths=(1, 2), widths=(16, 24), aggregates=(32, 48), layers=2, kernel_size=5, groups=8, se_ratio=4, stem_width=16, num_classes=3
    )
    y = net.train()(torch.randn(2, 3, 37, 40))
    assert y.shape == (2, 3)
    y.sum().backward()
    assert all(p.grad is not None for p in net.parameters())
